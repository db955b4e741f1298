# SPDX-License-Identifier: MIT
"""neighbours: what resembles an alarm and is none: doorbells, clocks, microwaves, phones,
reversing vehicles, sirens, birds, whistles. They are trained as `other`.

The difference is in time: an alarm goes on; these end after a beep or a melody, come in the short
groups of a clock, wail slowly over an octave, or decay as struck metal does.
"""

import numpy as np

from .signals import RATE, gain, gate, log_uniform, repeat, struck, sweep, time_axis, tone, wandering


def once(seconds, rng, low, high):
    """One segment of LOW to HIGH seconds, somewhere in the clip."""
    length = rng.uniform(low, high)
    start = rng.uniform(-0.3 * length, max(0.1, seconds - 0.5))
    return [(start, start + length)]


def clock_beeps(seconds, rng):
    """A digital clock: 2048 or 4096 Hz crystals, groups of short beeps."""
    n = int(seconds * RATE)
    draw = rng.random()
    hz = 2048 if draw < 0.3 else 4096 if draw < 0.55 else rng.uniform(900, 4300)
    on = rng.uniform(0.04, 0.15)
    segments = repeat(seconds, on, on * rng.uniform(0.6, 1.6), rng, rng.integers(1, 6), rng.uniform(0.25, 0.9))
    timbre = rng.choice(["piezo", "piezo", "square"])
    return tone(wandering(n, hz, rng), timbre, rng) * gate(n, segments, rng, attack=0.001)


def microwave(seconds, rng):
    """The end of a programme: one to five long beeps, then nothing."""
    n = int(seconds * RATE)
    hz = rng.uniform(1900, 2900) if rng.random() < 0.5 else rng.uniform(900, 2200)
    on, off = rng.uniform(0.2, 1.0), rng.uniform(0.3, 1.2)
    start = rng.uniform(-0.5, 1.2)
    count = rng.integers(1, 4)
    segments = [(start + k * (on + off), start + k * (on + off) + on) for k in range(count)]
    return tone(wandering(n, hz, rng), "piezo", rng) * gate(n, segments, rng)


def phone(seconds, rng):
    """An electronic telephone: two tones alternating 12 to 30 times a second, then a long pause."""
    t = time_axis(seconds)
    low, high = rng.uniform(800, 1400), rng.uniform(1000, 1800)
    first = (t // rng.uniform(0.03, 0.08)).astype(int) % 2 == 0
    return tone(np.where(first, low, high), "square", rng) * gate(len(t), once(seconds, rng, 0.4, 1.2), rng)


def ringtone(seconds, rng):
    """A melody of a mobile phone."""
    return melody(seconds, rng, log_uniform(rng, 0.06, 0.25), rng.uniform(600, 2000), rng.uniform(1, 4))


def melody(seconds, rng, note_s, base_hz, length_s):
    n = int(seconds * RATE)
    frequency, level = np.full(n, base_hz), np.zeros(n)
    decay = rng.uniform(0.1, 2.0)
    at = 0.0
    while at < seconds:
        i, j = int(at * RATE), min(n, int((at + note_s) * RATE))
        frequency[i:j] = base_hz * 2 ** (rng.integers(-7, 8) / 12)
        level[i:j] = np.exp(-np.arange(j - i) / RATE / decay)
        at += note_s * rng.choice([1, 1, 1, 2])
    level *= gate(n, [(0, length_s)], rng)
    return tone(frequency, rng.choice(["square", "sine", "piezo"]), rng) * level


def electronic_doorbell(seconds, rng):
    return melody(seconds, rng, rng.uniform(0.06, 0.45), rng.uniform(500, 1600), rng.uniform(0.4, seconds))


def door_chime(seconds, rng):
    """Ding-dong: struck bars, each ringing out."""
    n = int(seconds * RATE)
    y = np.zeros(n)
    at = rng.uniform(-0.4, 0.6)
    for _ in range(rng.integers(1, 6)):
        hz = rng.uniform(350, 1800) * np.array([1, rng.choice([2, 2.4, 2.76]), rng.uniform(3, 6)])
        decay = rng.uniform(0.15, 1.5) / np.array([1.3, 1.8, 2.5])
        y += struck(n, at, hz, gain(np.array([0, rng.uniform(-25, 0), rng.uniform(-25, 0)])), decay, rng)
        at += rng.uniform(0.12, 0.9)
    return y


def reverse_beeper(seconds, rng):
    n = int(seconds * RATE)
    half = rng.uniform(0.35, 0.6)
    return tone(wandering(n, rng.uniform(900, 1500), rng), "square", rng) * gate(n, repeat(seconds, half, half, rng), rng)


def siren(seconds, rng):
    """Police, ambulance: wail, or yelp, over more than an octave."""
    rate = rng.uniform(0.1, 0.4) if rng.random() < 0.5 else rng.uniform(2, 5)
    low, high = rng.uniform(450, 700), rng.uniform(1200, 1700)
    return tone(low + (high - low) * sweep(time_axis(seconds), rate, 0.5, rng), "horn", rng)


def blips(seconds, rng):
    """Keys, card readers, a low battery: one to three short beeps."""
    n = int(seconds * RATE)
    on = rng.uniform(0.02, 0.2)
    starts = rng.uniform(0, seconds - 0.2, rng.integers(1, 4))
    segments = [(s, s + on) for s in starts]
    return tone(wandering(n, rng.uniform(700, 4500), rng), rng.choice(["piezo", "sine"]), rng) * gate(n, segments, rng)


def glides(seconds, rng, count, low_s, high_s):
    n = int(seconds * RATE)
    y = np.zeros(n)
    for _ in range(count):
        length = int(rng.uniform(low_s, high_s) * RATE)
        at = rng.integers(0, n - length)
        t = np.arange(length) / RATE
        glide = 1 + rng.normal() * 0.2 * np.linspace(-1, 1, length)
        trill = 0.03 * rng.normal() * np.sin(2 * np.pi * rng.uniform(5, 40) * t)
        frequency = np.clip(rng.uniform(1500, 5500) * (glide + trill), 300, 7000)
        y[at : at + length] += tone(frequency, "sine", rng) * np.hanning(length)
    return y


def chirps(seconds, rng):
    return glides(seconds, rng, rng.integers(2, 16), 0.04, 0.2)


def whistle(seconds, rng):
    return glides(seconds, rng, rng.integers(1, 4), 0.3, 0.9)


def crickets(seconds, rng):
    """Trills of 3 to 5 kHz pulses: the insect nearest to a piezo sounder."""
    n = int(seconds * RATE)
    period = log_uniform(rng, 0.02, 0.08)
    pulses = repeat(seconds, period * 0.5, period * 0.5, rng, rng.integers(2, 30), rng.uniform(0.1, 0.9), 0.03)
    return tone(wandering(n, rng.uniform(2800, 5500), rng), "sine", rng) * gate(n, pulses, rng, attack=0.006, release=0.008)


def door_buzzer(seconds, rng):
    n = int(seconds * RATE)
    return tone(wandering(n, rng.uniform(90, 420), rng), "horn", rng) * gate(n, once(seconds, rng, 0.2, 1.8), rng)


# name: (weight among all neighbours, maker)
KINDS = {
    "clock_beeps": (4, clock_beeps),
    "microwave": (3, microwave),
    "phone": (2, phone),
    "ringtone": (2, ringtone),
    "electronic_doorbell": (3, electronic_doorbell),
    "door_chime": (4, door_chime),
    "reverse_beeper": (1, reverse_beeper),
    "siren": (2, siren),
    "blips": (3, blips),
    "chirps": (2, chirps),
    "whistle": (1, whistle),
    "crickets": (1, crickets),
    "door_buzzer": (1, door_buzzer),
}
