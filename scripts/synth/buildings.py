# SPDX-License-Identifier: MIT
"""buildings: fire alarms of buildings: horns, bells, national evacuation tones, voice alarms.

NF S 32-001 (France): 554 Hz for 0.1 s, 440 Hz for 0.4 s. DIN 33404-3 (Germany): 1200 falling to 500 Hz
once a second. NEN 2575 (Netherlands): 500 rising to 1200 Hz in 3.5 s, 0.5 s of silence. BS 5839-1
(Britain): 800 and 970 Hz in turn, a quarter or half a second each, or one of them. AS 1670.4 (Australia):
a tone of 420 Hz, 0.6 s on and off, then rising tones of 500 to 1200 Hz in threes. SS 03 17 11 (Sweden):
660 Hz, 0.15 s on and off. UL 464 (USA): horns in temporal three, march time or without end.
"""

import numpy as np

from .signals import (
    RATE,
    gain,
    gate,
    log_uniform,
    repeat,
    slow_walk,
    struck,
    sweep,
    time_axis,
    tone,
    unit,
    wandering,
)


def coded(y, rng):
    """Y as it is, in temporal three, in march time, or in another steady beat."""
    seconds, draw = len(y) / RATE, rng.random()
    if draw < 0.35:
        return y
    on, off = rng.uniform(0.4, 0.6, 2)
    if draw < 0.65:
        return y * gate(len(y), repeat(seconds, on, off, rng, 3, rng.uniform(0.9, 1.1)), rng)
    if draw < 0.85:
        return y * gate(len(y), repeat(seconds, on / 2, off / 2, rng), rng)
    period, duty = rng.uniform(0.6, 1.6), rng.uniform(0.4, 0.85)
    return y * gate(len(y), repeat(seconds, period * duty, period * (1 - duty), rng), rng)


def building_horn(seconds, rng):
    """A diaphragm struck 60 to 120 times a second by its magnet, through a horn: a rough, rich tone."""
    n, t = int(seconds * RATE), time_axis(seconds)
    frequency = wandering(n, log_uniform(rng, 300, 1200), rng) * (1 + rng.uniform(0, 0.006) * slow_walk(n, rng, 0.02))
    y = tone(frequency, "horn", rng)
    if rng.random() < 0.6:
        rough = np.sin(2 * np.pi * rng.uniform(60, 120) * (1 + 0.01 * slow_walk(n, rng)) * t)
        y *= 1 + rng.uniform(0.2, 1.0) * rough
    if rng.random() < 0.5:  # the horn's own resonance
        y += rng.uniform(0.3, 1.5) * tone(wandering(n, log_uniform(rng, 900, 3200), rng), "sine", rng)
    return coded(unit(y), rng)


def mixed_horn(seconds, rng):
    """An electronic horn: two or three tones that are no harmonics, 0.5 to 3.5 kHz, or a comb of them."""
    n = int(seconds * RATE)
    y = np.zeros(n)
    for _ in range(rng.integers(2, 4)):
        frequency, timbre = wandering(n, log_uniform(rng, 450, 3500), rng), rng.choice(["square", "horn", "piezo"])
        y += gain(rng.uniform(-8, 0)) * tone(frequency, timbre, rng)
    return coded(unit(y), rng)


def building_bell(seconds, rng):
    """A gong with a hammer, 10 to 30 strokes a second: inharmonic partials that hardly have time to decay."""
    n, length = int(seconds * RATE), int(rng.uniform(0.3, 1.2) * RATE)
    lowest = log_uniform(rng, 300, 1800)
    ratios = np.sort(np.r_[1, rng.uniform(1.2, 12, rng.integers(4, 14))])
    levels = gain(-rng.uniform(0, 2.2) * (ratios - 1) + rng.uniform(-12, 3, len(ratios)))
    decay = log_uniform(rng, 0.03, 0.9) / ratios ** rng.uniform(0.2, 1)
    ring = struck(length, 0, lowest * ratios, levels, decay, rng)
    ring[:200] += rng.uniform(0, 0.5) * rng.standard_normal(200) * np.exp(-np.arange(200) / 40)
    y = np.zeros(n + length)
    rate, at = log_uniform(rng, 9, 30), -0.5
    while at < seconds:
        i = int(at * RATE)
        if i >= 0:
            y[i : i + length] += ring * rng.uniform(0.75, 1)
        at += (1 + rng.normal() * 0.03) / rate
    return unit(y[:n]) if rng.random() < 0.7 else coded(unit(y[:n]), rng)


def any_timbre(rng):
    return rng.choice(["square", "square", "horn", "sine", "piezo"])


def alternating(seconds, low, high, first_s, second_s, rng):
    turn = (time_axis(seconds) + rng.uniform(0, 3)) % (first_s + second_s) < first_s
    return tone(np.where(turn, low, high) * rng.uniform(0.97, 1.03), any_timbre(rng), rng)


def french(seconds, rng):
    return alternating(seconds, 554, 440, rng.uniform(0.09, 0.12), rng.uniform(0.36, 0.44), rng)


def british(seconds, rng):
    half = rng.choice([0.25, 0.5]) * rng.uniform(0.9, 1.1)
    low, high = (800, 970) if rng.random() < 0.7 else (660, 880)
    return alternating(seconds, low, high, half, half, rng)


def any_two_tones(seconds, rng):
    low = log_uniform(rng, 330, 2800)
    high = low * rng.uniform(1.06, 1.6)
    half = log_uniform(rng, 0.05, 1.2)
    return alternating(seconds, low, high, half, half * rng.choice([1, 1, rng.uniform(0.5, 2)]), rng)


def german(seconds, rng):
    t = time_axis(seconds)
    position = sweep(t, rng.uniform(0.85, 1.2), 0, rng)
    return tone(rng.uniform(450, 550) * (rng.uniform(2.2, 2.6) ** position), any_timbre(rng), rng)


def dutch(seconds, rng):
    t, rise, pause = time_axis(seconds), rng.uniform(2.5, 3.8), rng.uniform(0.3, 0.6)
    position = ((t + rng.uniform(0, 4)) % (rise + pause)) / rise
    low, high = rng.uniform(450, 550), rng.uniform(1100, 1300)
    risen = np.minimum(position, 1)
    shape = low * (high / low) ** risen if rng.random() < 0.5 else low + (high - low) * risen
    return tone(shape, any_timbre(rng), rng) * (position < 1)


def australian(seconds, rng):
    n = int(seconds * RATE)
    if rng.random() < 0.3:  # alert
        half = rng.uniform(0.55, 0.68)
        return tone(wandering(n, rng.uniform(400, 440), rng), any_timbre(rng), rng) * gate(n, repeat(seconds, half, half, rng), rng)
    segments = repeat(seconds, 0.5, 0.5, rng, 3, rng.uniform(0.9, 1.1))
    t, frequency = np.arange(n) / RATE, np.full(n, 500.0)
    for start, end in segments:
        here = (t >= start) & (t < end)
        frequency[here] = 500 + 700 * (t[here] - start) / (end - start)
    return tone(frequency, any_timbre(rng), rng) * gate(n, segments, rng)


def swedish(seconds, rng):
    n, half = int(seconds * RATE), rng.uniform(0.13, 0.17)
    return tone(wandering(n, rng.uniform(630, 690), rng), any_timbre(rng), rng) * gate(n, repeat(seconds, half, half, rng), rng)


def steady(seconds, rng):
    """One tone without end at any pitch that sounders have."""
    hz = log_uniform(rng, 400, 4500)
    return tone(wandering(int(seconds * RATE), hz, rng), rng.choice(["piezo", "square", "horn"]), rng)


def syllables(seconds, rng):
    """Something like a voice: pulses of a throat through resonances that move, in syllables."""
    n, t = int(seconds * RATE), time_axis(seconds)
    pitch = rng.uniform(90, 240) * (1 + 0.15 * slow_walk(n, rng, 0.3))
    y = np.zeros(n)
    throat = 2 * np.pi * np.cumsum(np.maximum(pitch, 60)) / RATE
    peaks = [rng.uniform(*limits) for limits in ((300, 800), (900, 2200), (2300, 3200))]
    moves = [1 + 0.2 * slow_walk(n, rng, 0.12) for _ in peaks]
    for k in range(1, 30):
        hz = k * pitch
        level = sum(np.exp(-(((hz - p * m) / (90 + 0.08 * p)) ** 2)) for p, m in zip(peaks, moves))
        y += level * np.sin(k * throat) * (hz < 7000)
    return y * np.clip(0.4 + np.sin(2 * np.pi * rng.uniform(2.5, 5) * t + 2 * slow_walk(n, rng, 0.2)), 0, 1)


def voice_alarm(seconds, rng):
    """A sounder's tone, then a spoken message, then the tone again; a tone in every window of 2 s."""
    maker = [french, british, any_two_tones, steady, dutch, german][rng.integers(6)]
    signal, voice = maker(seconds, rng), unit(syllables(seconds, rng)) * gain(rng.uniform(-8, 3))
    turn = gate(len(signal), repeat(seconds, rng.uniform(0.7, 2), rng.uniform(0.6, 1.2), rng), rng)
    return turn * signal + (1 - turn) * voice


# name: (weight among all alarms, maker)
KINDS = {
    "building_horn": (1.6, building_horn),
    "mixed_horn": (0.8, mixed_horn),
    "building_bell": (0.8, building_bell),
    "french": (0.3, french),
    "british": (0.3, british),
    "any_two_tones": (0.8, any_two_tones),
    "german": (0.3, german),
    "dutch": (0.3, dutch),
    "australian": (0.5, australian),
    "swedish": (0.2, swedish),
    "steady": (0.6, steady),
    "voice_alarm": (0.3, voice_alarm),
}
