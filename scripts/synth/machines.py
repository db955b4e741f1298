# SPDX-License-Identifier: MIT
"""machines: vacuum cleaners: turbulent noise with a motor's whine and its harmonics."""

import numpy as np

from .signals import RATE, TOP_HZ, gain, log_uniform, shaped_noise, slow_walk, time_axis, unit


def vacuum_cleaner(seconds, rng):
    n = int(seconds * RATE)
    t = time_axis(seconds)
    points = np.geomspace(50, 8000, rng.integers(4, 12))
    levels = rng.normal(0, 5, len(points)) - np.linspace(0, rng.uniform(0, 25), len(points))
    y = shaped_noise(n, points, levels, rng)
    # Universal motors turn at 10,000 to 45,000 a minute; load makes them waver.
    waver = 0.004 * slow_walk(n, rng, 1.0) + 0.01 * rng.random() * np.sin(2 * np.pi * rng.uniform(0.1, 1) * t)
    angle = 2 * np.pi * np.cumsum(rng.uniform(180, 750) * (1 + waver)) / RATE
    step = np.max(np.diff(angle)) * RATE / (2 * np.pi)
    whine = gain(rng.uniform(-25, -2))
    for k in range(1, int(TOP_HZ // step) + 1):
        y += whine * gain(-rng.uniform(0, 25)) * np.sin(k * angle + rng.uniform(0, 6))
    if rng.random() < 0.4:  # fan blades
        y += gain(rng.uniform(-30, -8)) * np.sin(2 * np.pi * log_uniform(rng, 2500, 6500) * t)
    strokes = 1 + 0.1 * rng.random() * np.sin(2 * np.pi * rng.uniform(0.3, 3) * t + rng.uniform(0, 6))
    return unit(y * strokes)


KINDS = {"vacuum": (1, vacuum_cleaner)}
