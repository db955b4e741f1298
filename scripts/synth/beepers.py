# SPDX-License-Identifier: MIT
"""beepers: further sounds that resemble an alarm and go on for as long as one: alarm clocks, reversing
vehicles, appliances, consoles, pagers, telephones, sirens that pass, birds. They are trained as `other`."""

import numpy as np
from scipy.signal import lfilter

from .neighbours import melody
from .signals import (
    RATE,
    gain,
    gate,
    log_uniform,
    noise,
    repeat,
    slow_walk,
    struck,
    sweep,
    time_axis,
    tone,
    unit,
    wandering,
)


def alarm_clock(seconds, rng):
    """Groups of two to five short beeps, about once a second."""
    n = int(seconds * RATE)
    hz = rng.choice([2048, 2730, 4096]) if rng.random() < 0.5 else rng.uniform(800, 4400)
    on = rng.uniform(0.03, 0.12)
    count = rng.integers(2, 6)
    cycle = rng.uniform(0.8, 1.4)
    pause = max(0.25, cycle - count * 2 * on)
    segments = repeat(seconds, on, on * rng.uniform(0.7, 1.3), rng, count, pause)
    return tone(wandering(n, hz, rng), rng.choice(["piezo", "square", "sine"]), rng) * gate(n, segments, rng, attack=0.001)


def twin_bell(seconds, rng):
    """A mechanical alarm clock: a little hammer between two small bells."""
    n, length = int(seconds * RATE), int(0.25 * RATE)
    rings = []
    for _ in range(2):
        hz = log_uniform(rng, 1500, 4000) * np.array([1, rng.uniform(1.4, 2), rng.uniform(2.1, 3)])
        rings.append(struck(length, 0, hz, gain(rng.uniform(-15, 0, 3)), rng.uniform(0.02, 0.15, 3), rng))
    y, at, k = np.zeros(n + length), 0.0, 0
    rate = rng.uniform(12, 28)
    while at < seconds:
        i = int(at * RATE)
        y[i : i + length] += rings[k % 2] * rng.uniform(0.4, 1)
        at, k = at + (1 + 0.12 * rng.normal()) / rate, k + 1
    return y[:n]


def telephone_bell(seconds, rng):
    """The bell of an old telephone: 20 to 25 strokes a second, in bursts with long pauses."""
    y = twin_bell(seconds, rng)
    on, off = (rng.uniform(1.5, 2.2), rng.uniform(2, 4)) if rng.random() < 0.5 else (0.4, rng.uniform(0.2, 2))
    return y * gate(len(y), repeat(seconds, on, off, rng, rng.integers(1, 3)), rng, release=0.1)


def reversing(seconds, rng):
    """Lorries, forklifts: half a second on, half a second off, about 1.2 kHz; or bursts of hiss."""
    n, half = int(seconds * RATE), rng.uniform(0.25, 0.6)
    segments = repeat(seconds, half, half * rng.uniform(0.8, 1.2), rng)
    if rng.random() < 0.25:
        return noise(n, rng, rng.uniform(0, 0.6)) * gate(n, segments, rng)
    return tone(wandering(n, rng.uniform(900, 1600), rng), rng.choice(["square", "piezo", "horn"]), rng) * gate(n, segments, rng)


def appliance(seconds, rng):
    """Oven, washing machine, dishwasher, refrigerator: beeps with pauses of seconds, or a little tune."""
    n = int(seconds * RATE)
    if rng.random() < 0.4:
        return melody(seconds, rng, rng.uniform(0.1, 0.4), rng.uniform(600, 2400), seconds)
    if rng.random() < 0.5:  # two at most, or none would know it from temporal three
        segments = repeat(seconds, rng.uniform(0.06, 0.6), rng.uniform(0.1, 0.8), rng, rng.integers(1, 3), rng.uniform(1.5, 4))
    else:
        on = rng.uniform(0.06, 0.25)
        segments = repeat(seconds, on, on * rng.uniform(0.8, 1.5), rng, rng.integers(3, 6), rng.uniform(1, 4))
    return tone(wandering(n, rng.uniform(900, 3200), rng), rng.choice(["piezo", "square", "sine"]), rng) * gate(n, segments, rng)


def console(seconds, rng):
    """The music of old game consoles: square waves in quick broken chords, jumps and slides."""
    y = melody(seconds, rng, log_uniform(rng, 0.03, 0.15), rng.uniform(300, 1600), seconds)
    if rng.random() < 0.5:
        y = y + 0.6 * melody(seconds, rng, log_uniform(rng, 0.1, 0.3), rng.uniform(120, 500), seconds)
    if rng.random() < 0.3:
        y = y + 0.4 * noise(len(y), rng, 0.3) * gate(len(y), repeat(seconds, 0.03, rng.uniform(0.1, 0.4), rng), rng)
    return y


def ringing(seconds, rng):
    """A melody of a mobile phone, again and again, some notes together."""
    note_s, hz = log_uniform(rng, 0.07, 0.3), rng.uniform(400, 1800)
    length = rng.uniform(1, 3)
    once = melody(length, rng, note_s, hz, length)
    if rng.random() < 0.4:
        once = once + 0.7 * melody(length, rng, note_s * 2, hz / 2, length)
    return np.resize(np.r_[once, np.zeros(int(rng.uniform(0, 0.6) * RATE))], int(seconds * RATE))


def pager(seconds, rng):
    """Pagers, patient monitors: pairs or groups of short beeps at 1 to 3 kHz, some in two pitches."""
    n = int(seconds * RATE)
    on = rng.uniform(0.05, 0.2)
    segments = repeat(seconds, on, on * rng.uniform(0.5, 2), rng, rng.integers(1, 5), rng.uniform(0.3, 2))
    hz = rng.uniform(700, 3200)
    turn = (time_axis(seconds) // (2 * on)).astype(int) % 2 == 0
    frequency = np.where(turn, hz, hz * rng.choice([1, 1.25, 0.8])) if rng.random() < 0.5 else wandering(n, hz, rng)
    return tone(frequency, rng.choice(["piezo", "square", "sine"]), rng) * gate(n, segments, rng)


def passing_siren(seconds, rng):
    """Two tones, a wail or a yelp that comes near and goes: its pitch falls as it passes, its level swells."""
    t = time_axis(seconds)
    speed, at = rng.uniform(5, 25), rng.uniform(-4, seconds + 4)
    distance = np.sqrt(rng.uniform(5, 60) ** 2 + (speed * (t - at)) ** 2)
    towards = -speed * speed * (t - at) / distance
    draw = rng.random()
    if draw < 0.4:
        low = rng.uniform(350, 750)
        turn = (t // rng.uniform(0.4, 0.9)).astype(int) % 2 == 0
        frequency = np.where(turn, low, low * rng.uniform(1.25, 1.45))
    else:
        rate = rng.uniform(0.08, 0.4) if draw < 0.75 else rng.uniform(2, 5)
        low, high = rng.uniform(400, 750), rng.uniform(1100, 1800)
        frequency = low * (high / low) ** sweep(t, rate, 0.5, rng)
    y = tone(frequency * (1 + towards / 343), "horn", rng) * (np.min(distance) / distance)
    if rng.random() < 0.6:  # the air, corners and windows take the treble
        a = rng.uniform(0.5, 0.9)
        y = lfilter([1 - a], [1, -a], y)
    street = noise(len(y), rng, rng.uniform(1, 2)) * gain(rng.uniform(-35, -8))
    return unit(y) + street


def bird_song(seconds, rng):
    """Phrases of whistles and trills, sung again and again."""
    n = int(seconds * RATE)
    phrase_s = rng.uniform(0.3, 1.5)
    m = int(phrase_s * RATE)
    phrase, at = np.zeros(m), 0.0
    while at < phrase_s - 0.06:
        length = int(min(rng.uniform(0.03, 0.35), phrase_s - at) * RATE)
        t = np.arange(length) / RATE
        low, high = np.sort(rng.uniform(1800, 6500, 2))
        frequency = low + (high - low) * sweep(t, log_uniform(rng, 1.5, 40), rng.choice([0, 0.5, 1]), rng)
        i = int(at * RATE)
        phrase[i : i + length] += tone(frequency, "sine", rng) * np.hanning(length)
        at += length / RATE + rng.uniform(0.01, 0.15)
    pause = np.zeros(int(rng.uniform(0.1, 1.5) * RATE))
    return np.roll(np.resize(np.r_[phrase, pause], n), rng.integers(n))


def kettle(seconds, rng):
    """A whistle with steam behind it, which rises and wavers."""
    n = int(seconds * RATE)
    hz = rng.uniform(900, 3200) * (1 + rng.uniform(-0.1, 0.2) * np.linspace(0, 1, n) + 0.01 * slow_walk(n, rng))
    y = tone(hz, "horn", rng) * (1 + 0.3 * slow_walk(n, rng, 0.1))
    return unit(y) + unit(noise(n, rng, rng.uniform(-0.5, 0.5))) * gain(rng.uniform(-6, 6))


def squeak(seconds, rng):
    """Hinges, brakes, rubber: tones that slide and break off, never twice the same."""
    n = int(seconds * RATE)
    frequency = log_uniform(rng, 500, 3500) * np.exp(0.25 * slow_walk(n, rng, rng.uniform(0.05, 0.4)))
    level = np.clip(slow_walk(n, rng, rng.uniform(0.05, 0.3)), 0, 2)
    return tone(np.clip(frequency, 200, 7000), rng.choice(["horn", "sine"]), rng) * level


# name: (weight among all neighbours, maker)
KINDS = {
    "alarm_clock": (0.7, alarm_clock),
    "twin_bell": (0.2, twin_bell),
    "telephone_bell": (0.5, telephone_bell),
    "reversing": (0.5, reversing),
    "appliance": (0.7, appliance),
    "console": (0.8, console),
    "ringing": (1.5, ringing),
    "pager": (0.5, pager),
    "passing_siren": (0.7, passing_siren),
    "bird_song": (0.8, bird_song),
    "kettle": (0.2, kettle),
    "squeak": (0.4, squeak),
}
