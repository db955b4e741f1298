# SPDX-License-Identifier: MIT
"""alarms: smoke, heat, CO and fire alarm signals after the standards and as they are built.

ISO 8201 / NFPA 72 temporal-three: 3 x (0.5 s on, 0.5 s off), then 1.5 s of silence (a cycle of 4 s),
from piezo sounders at 2.9 to 3.4 kHz or as a 520 Hz square wave (NFPA 72 18.4.6, UL 217 low
frequency). Temporal-four (carbon monoxide, NFPA 720): 4 x (0.1 s on, 0.1 s off), 5 s of silence.
EN 54-3 and BS 5839 sounders: continuous, fast beeps, sweeps (800-970 Hz at 1 to 9 Hz), slow whoop
(500-1200 Hz in 3.5 s, NEN 2575), Hi-Lo, the French 554/440 Hz (NF S 32-001), the German DIN 33404
sawtooth 1200-500 Hz. Horns, march time, bells, buzzers as found in buildings.
"""

import numpy as np

from .signals import (
    RATE,
    gain,
    gate,
    log_uniform,
    repeat,
    settling,
    slow_walk,
    struck,
    sweep,
    time_axis,
    tone,
    unit,
    wandering,
)

# High and low tone of two-tone sounders.
TWO_TONES = (
    (440, 554), (554, 440), (800, 970), (825, 1025), (800, 1000), (510, 610), (544, 440),
    (900, 1200), (2400, 2900), (2500, 3100), (2850, 3200),
)  # fmt: skip


def sounder_hz(rng):
    """Where alarms sound: most near 3.1 kHz, some anywhere a piezo disc or a horn can be."""
    draw = rng.random()
    if draw < 0.55:
        return rng.normal(3150, 200)
    if draw < 0.92:
        return rng.uniform(1900, 4800)
    return rng.uniform(450, 2200)


def beeping(seconds, hz, timbre, segments, rng, **edges):
    n = int(seconds * RATE)
    frequency = settling(wandering(n, hz, rng), segments, rng)
    return tone(frequency, timbre, rng) * gate(n, segments, rng, **edges)


def t3_piezo(seconds, rng, hz=None):
    on, off = rng.uniform(0.42, 0.6, 2)
    segments = repeat(seconds, on, off, rng, 3, rng.uniform(0.8, 1.2), 0.01)
    y = beeping(seconds, hz or sounder_hz(rng), "piezo", segments, rng)
    if rng.random() < 0.15:  # the beep itself warbles
        y *= 0.5 + 0.5 * (np.sin(2 * np.pi * rng.uniform(10, 60) * time_axis(seconds)) > 0)
    return y


def t3_520(seconds, rng):
    segments = repeat(seconds, rng.uniform(0.42, 0.6), rng.uniform(0.42, 0.6), rng, 3, rng.uniform(0.8, 1.2), 0.01)
    return beeping(seconds, rng.uniform(490, 560), "square", segments, rng)


def t4(seconds, rng):
    on, off = rng.uniform(0.08, 0.13, 2)
    segments = repeat(seconds, on, off, rng, 4, rng.uniform(3.5, 5.2))
    return beeping(seconds, sounder_hz(rng), "piezo", segments, rng)


def continuous(seconds, rng):
    n = int(seconds * RATE)
    hz = sounder_hz(rng) if rng.random() < 0.8 else rng.uniform(450, 2200)
    return tone(wandering(n, hz, rng), rng.choice(["piezo", "piezo", "horn", "square"]), rng)


def fast_beep(seconds, rng):
    period, duty = log_uniform(rng, 0.08, 0.5), rng.uniform(0.3, 0.75)
    segments = repeat(seconds, period * duty, period * (1 - duty), rng)
    return beeping(seconds, sounder_hz(rng), "piezo", segments, rng, attack=log_uniform(rng, 0.0005, 0.005))


def slow_beep(seconds, rng):
    period, duty = rng.uniform(0.5, 1.4), rng.uniform(0.35, 0.85)
    segments = repeat(seconds, period * duty, period * (1 - duty), rng)
    return beeping(seconds, sounder_hz(rng), "piezo", segments, rng)


def march_time(seconds, rng):
    half = rng.uniform(0.2, 0.55)
    segments = repeat(seconds, half, half, rng)
    return beeping(seconds, rng.uniform(450, 2400), rng.choice(["horn", "square"]), segments, rng)


def sweeping(seconds, rng):
    t = time_axis(seconds)
    if rng.random() < 0.65:
        low, high = rng.uniform(2000, 2700), rng.uniform(2900, 3900)
    else:
        low, high = rng.uniform(450, 900), rng.uniform(950, 1500)
    position = sweep(t, log_uniform(rng, 0.8, 20), rng.choice([0, 0.5, 1]), rng)
    y = tone(low * (high / low) ** position, rng.choice(["piezo", "square", "horn"]), rng)
    if rng.random() < 0.25:  # in the temporal-three pattern
        on = rng.uniform(0.4, 0.6)
        y *= gate(len(t), repeat(seconds, on, on, rng, 3, 1.0), rng)
    return y


def slow_whoop(seconds, rng):
    t = time_axis(seconds)
    rise, pause = rng.uniform(0.8, 3.8), rng.uniform(0.05, 0.6)
    low, high = rng.uniform(400, 650), rng.uniform(1000, 1500)
    position = ((t + rng.uniform(0, 4)) % (rise + pause)) / rise
    if rng.random() < 0.2:  # DIN 33404: downwards
        low, high = high, low
    frequency = low + (high - low) * np.minimum(position, 1)
    return tone(frequency, rng.choice(["square", "horn", "sine"]), rng) * (position < 1)


def two_tone(seconds, rng):
    a, b = np.array(TWO_TONES[rng.integers(len(TWO_TONES))]) * rng.uniform(0.93, 1.07)
    half = rng.uniform(0.2, 1.1) if rng.random() < 0.5 else rng.uniform(0.04, 0.2)
    first = ((time_axis(seconds) + rng.uniform(0, 3)) // half).astype(int) % 2 == 0
    return tone(np.where(first, a, b), rng.choice(["square", "horn", "piezo", "sine"]), rng)


def horn(seconds, rng):
    n = int(seconds * RATE)
    frequency = wandering(n, log_uniform(rng, 420, 2400), rng)
    frequency *= 1 + rng.uniform(0, 0.004) * slow_walk(n, rng, 0.01)
    y = tone(frequency, "horn", rng)
    if rng.random() < 0.3:
        y *= 1 + rng.uniform(0.2, 0.9) * np.sin(2 * np.pi * rng.uniform(20, 130) * time_axis(seconds))
    draw = rng.random()
    if draw < 0.4:
        return y
    on, off = rng.uniform(0.4, 0.6, 2)
    count, pause = (3, 1.0) if draw < 0.8 else (1, 0.0)
    return y * gate(n, repeat(seconds, on, off, rng, count, pause), rng)


def buzz(seconds, rng):
    """Fast FM or AM, 8 to 160 Hz: electronic sounders, buzzers, warbles too fast to follow."""
    t = time_axis(seconds)
    rate = log_uniform(rng, 8, 160)
    hz = sounder_hz(rng) if rng.random() < 0.7 else rng.uniform(450, 2400)
    shape = sweep(t, rate, rng.choice([0, 0.5, 1]), rng)
    if rng.random() < 0.5:
        shape = (shape > rng.uniform(0.3, 0.7)).astype(float)
    if rng.random() < 0.6:
        frequency = hz * (1 + rng.uniform(0.03, 0.35) * (shape - 0.5))
        y = tone(frequency, rng.choice(["piezo", "square", "horn"]), rng)
    else:
        y = tone(wandering(len(t), hz, rng), rng.choice(["piezo", "horn"]), rng)
        y *= 1 - rng.uniform(0.4, 1) * shape
    draw = rng.random()
    if draw < 0.5:
        return y
    on, off = rng.uniform(0.1, 0.7, 2)
    count, pause = (3, 1.0) if draw < 0.75 else (1, 0.0)
    return y * gate(len(t), repeat(seconds, on, off, rng, count, pause), rng)


def bell(seconds, rng):
    """A fire bell: a gong struck 7 to 25 times a second."""
    n = int(seconds * RATE)
    length = int(0.6 * RATE)
    hz = np.exp(rng.uniform(np.log(500), np.log(6300), 12))
    ring = struck(length, 0, hz, gain(rng.uniform(-20, 0, 12)), rng.uniform(0.03, 0.4, 12), rng)
    y = np.zeros(n + length)
    rate, at = rng.uniform(7, 25), 0.0
    while at < seconds:
        i = int(at * RATE)
        y[i : i + length] += ring * rng.uniform(0.7, 1)
        at += 1 / rate * (1 + rng.normal() * 0.02)
    return y[:n]


def several(seconds, rng):
    """Interconnected alarms: two or three at once, not in step."""
    makers = [t3_piezo, fast_beep, continuous, t3_piezo]
    parts = [unit(makers[rng.integers(4)](seconds, rng)) * gain(rng.uniform(-10, 0)) for _ in range(rng.integers(2, 4))]
    return sum(parts)


# name: (weight among all alarms, maker)
KINDS = {
    "t3_piezo": (9, t3_piezo),
    "t3_520": (4, t3_520),
    "t4": (4, t4),
    "continuous": (3, continuous),
    "fast_beep": (5, fast_beep),
    "slow_beep": (2, slow_beep),
    "march_time": (2, march_time),
    "sweep": (4, sweeping),
    "slow_whoop": (2, slow_whoop),
    "two_tone": (4, two_tone),
    "horn": (5, horn),
    "buzz": (5, buzz),
    "bell": (2, bell),
    "several": (3, several),
}
