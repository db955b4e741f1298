# SPDX-License-Identifier: MIT
"""steady: noise that goes on and is no vacuum cleaner: hiss, fans, rain, hoods, hair dryers, water, wind,
engines. What they lack is the whine of a motor at 10,000 to 45,000 turns a minute and its harmonics.
They are trained as `other`."""

import numpy as np
from scipy.signal import lfilter

from .places import band
from .signals import RATE, TOP_HZ, gain, hum, log_uniform, noise, shaped_noise, slow_walk, time_axis, unit


def hiss(seconds, rng):
    """White, pink, brown and what is between: tape, radio, amplifiers, a microphone's own."""
    return noise(int(seconds * RATE), rng, rng.uniform(-0.5, 2.5))


def shaped(seconds, rng):
    n = int(seconds * RATE)
    points = np.geomspace(50, 8000, rng.integers(4, 12))
    return shaped_noise(n, points, rng.normal(0, 6, len(points)) - np.linspace(0, rng.uniform(-5, 35), len(points)), rng)


def fan(seconds, rng):
    """Air, with the beat of blades at 15 to 160 Hz and perhaps mains hum."""
    n, t = int(seconds * RATE), time_axis(seconds)
    y = unit(noise(n, rng, rng.uniform(0.6, 2.4)))
    blades = rng.uniform(15, 160) * (1 + 0.002 * slow_walk(n, rng, 1))
    angle = 2 * np.pi * np.cumsum(blades) / RATE
    for k in range(1, rng.integers(2, 7)):
        y += gain(rng.uniform(-30, -8)) * np.sin(k * angle + rng.uniform(0, 6))
    y *= 1 + rng.uniform(0, 0.3) * np.sin(angle)
    if rng.random() < 0.4:
        y += gain(rng.uniform(-25, -6)) * hum(n, rng)
    return y * (1 + rng.uniform(0, 0.15) * np.sin(2 * np.pi * rng.uniform(0.05, 0.4) * t))


def rain(seconds, rng):
    """Drops, a few or so many that they are noise, on leaves, glass or tin."""
    n = int(seconds * RATE)
    drops = np.zeros(n)
    count = int(seconds * log_uniform(rng, 20, 5000))
    drops[rng.integers(0, n, count)] = rng.standard_normal(count) * rng.exponential(1, count)
    pole = np.exp(-1 / (rng.uniform(0.0003, 0.006) * RATE))
    y = lfilter([1], [1, -pole], drops * (1 + 0 * pole))
    y = band(y, "high", 1, rng.uniform(100, 1500))
    return unit(y) + unit(noise(n, rng, rng.uniform(0, 1.5))) * gain(rng.uniform(-20, 6))


def hood(seconds, rng):
    """An extractor hood, a fan heater, air conditioning: low motor tones of the mains, much air."""
    n, t = int(seconds * RATE), time_axis(seconds)
    y = unit(shaped(seconds, rng)) * 1.0
    mains = rng.choice([100, 120]) * rng.uniform(0.9, 1)
    for k in range(1, rng.integers(2, 8)):
        y += gain(rng.uniform(-28, -6)) * np.sin(2 * np.pi * k * mains * t + rng.uniform(0, 6))
    return y


def hair_dryer(seconds, rng):
    """A small motor's whine, higher and purer than a vacuum cleaner's, in a rush of bright air; it is waved."""
    n, t = int(seconds * RATE), time_axis(seconds)
    y = unit(band(noise(n, rng, rng.uniform(-0.4, 0.8)), "high", 1, rng.uniform(300, 1500)))
    turns = rng.uniform(150, 330) * (1 + 0.002 * slow_walk(n, rng, 1))
    angle = 2 * np.pi * np.cumsum(turns) / RATE
    for k in (1, 2, rng.integers(3, 9)):
        y += gain(rng.uniform(-30, -14)) * np.sin(k * angle)
    return y * (1 + rng.uniform(0, 0.4) * np.sin(2 * np.pi * rng.uniform(0.2, 1.2) * t))


def water(seconds, rng):
    """A tap, a shower: bright noise that flutters, with bubbles."""
    n = int(seconds * RATE)
    y = unit(band(noise(n, rng, rng.uniform(-0.3, 1)), "high", 1, rng.uniform(200, 2000)))
    y *= 1 + rng.uniform(0, 0.4) * np.clip(slow_walk(n, rng, rng.uniform(0.005, 0.1)), -1, 2)
    for _ in range(int(seconds * rng.uniform(0, 12))):
        at, m = rng.integers(0, n - 800), int(rng.uniform(200, 800))
        hz = rng.uniform(300, 1800) * (1 + 0.3 * np.arange(m) / m)
        y[at : at + m] += rng.uniform(0.2, 1.5) * np.sin(2 * np.pi * np.cumsum(hz) / RATE) * np.hanning(m)
    return y


def wind(seconds, rng):
    n = int(seconds * RATE)
    y = unit(noise(n, rng, rng.uniform(1, 2.5)))
    return y * np.exp(0.6 * slow_walk(n, rng, rng.uniform(0.2, 1.5)))


def engine(seconds, rng):
    """Cars, lawn mowers, aeroplanes, compressors: a row of harmonics of 15 to 120 Hz in noise."""
    n = int(seconds * RATE)
    turns = log_uniform(rng, 15, 120) * (1 + 0.01 * slow_walk(n, rng, 0.5))
    angle = 2 * np.pi * np.cumsum(turns) / RATE
    y = np.zeros(n)
    for k in range(1, min(60, int(TOP_HZ / np.max(turns)))):
        y += gain(rng.uniform(-12, 0)) / k ** rng.uniform(0.6, 1.2) * np.sin(k * angle + rng.uniform(0, 6))
    return unit(y) + unit(noise(n, rng, rng.uniform(0.5, 2))) * gain(rng.uniform(-15, 6))


# name: (weight, maker)
KINDS = {
    "hiss": (4, hiss),
    "shaped": (4, shaped),
    "fan": (4, fan),
    "rain": (3, rain),
    "hood": (3, hood),
    "hair_dryer": (2, hair_dryer),
    "water": (3, water),
    "wind": (1.5, wind),
    "engine": (2, engine),
}
