# SPDX-License-Identifier: MIT
"""machines: vacuum cleaners: turbulent noise with a motor's whine and its harmonics, at work on a floor."""

import numpy as np

from .signals import RATE, TOP_HZ, gain, log_uniform, noise, shaped_noise, slow_walk, time_axis, unit


def turns(seconds, rng):
    """Turns a second of a universal motor, 10,000 to 45,000 a minute, as the brush is pushed to and fro."""
    n, t = int(seconds * RATE), time_axis(seconds)
    strokes = np.sin(2 * np.pi * rng.uniform(0.25, 1.2) * t + slow_walk(n, rng, 1.0))
    load = 0.004 * slow_walk(n, rng, 1.0) + rng.uniform(0, 0.02) * strokes
    out = rng.uniform(180, 750) * (1 + load)
    if rng.random() < 0.12:  # it starts, or another power is chosen
        at = rng.uniform(0, seconds)
        out *= 1 - rng.uniform(0.05, 0.4) * np.exp(-np.maximum(t - at, 0) / rng.uniform(0.2, 0.6)) * (t > at)
    return out, strokes


def whine(hz, rng):
    """The motor's tone and its harmonics, one of them perhaps far above its neighbours (the fan's blades)."""
    angle = 2 * np.pi * np.cumsum(hz) / RATE
    n_harmonics = int(TOP_HZ // np.max(hz))
    levels = gain(-rng.uniform(0, 25, n_harmonics))
    if rng.random() < 0.5:
        levels[rng.integers(n_harmonics)] *= gain(rng.uniform(5, 15))
    return sum(a * np.sin(k * angle + rng.uniform(0, 6)) for k, a in enumerate(levels, 1))


def brush(n, rng):
    """A turning brush: a row of low harmonics, rough."""
    rate = rng.uniform(25, 110) * (1 + 0.01 * slow_walk(n, rng, 0.5))
    beat = np.clip(np.sin(2 * np.pi * np.cumsum(rate) / RATE), 0, 1)
    return unit(noise(n, rng, rng.uniform(0.5, 1.5)) * (0.3 + beat))


def vacuum_cleaner(seconds, rng):
    n, t = int(seconds * RATE), time_axis(seconds)
    points = np.geomspace(50, 8000, rng.integers(4, 12))
    levels = rng.normal(0, 5, len(points)) - np.linspace(0, rng.uniform(0, 25), len(points))
    air = shaped_noise(n, points, levels, rng)
    hz, strokes = turns(seconds, rng)
    y = air * (1 + rng.uniform(0, 0.15) * strokes) + gain(rng.uniform(-20, 0)) * unit(whine(hz, rng))
    if rng.random() < 0.4:  # fan blades
        y += gain(rng.uniform(-30, -8)) * np.sin(2 * np.pi * log_uniform(rng, 2500, 6500) * t)
    if rng.random() < 0.4:
        y += gain(rng.uniform(-18, -2)) * brush(n, rng)
    if rng.random() < 0.5:  # the mouth closes on a carpet and opens again: the treble comes and goes
        bright = unit(noise(n, rng, -0.5)) * np.clip(strokes, 0, 1)
        y += gain(rng.uniform(-18, -6)) * bright
    return unit(y)


KINDS = {"vacuum": (1, vacuum_cleaner)}
