# SPDX-License-Identifier: MIT
"""places: rooms, distances, microphones and quiet: how a sound reaches a model."""

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from .signals import RATE, gain, hum, log_uniform, noise, unit


def room(rng, far):
    """Impulse response of a room: direct sound, early reflections, exponential tail."""
    reverberation_s = rng.uniform(0.12, 1.1)
    n = int(min(reverberation_s, 1.0) * RATE)
    tail = rng.standard_normal(n) * 10 ** (-3 * np.arange(n) / RATE / reverberation_s)
    if rng.random() < 0.5:  # soft furniture takes the treble
        tail = lfilter([0.65], [1, -0.35], tail)
    tail[: int(rng.uniform(0.001, 0.01) * RATE)] = 0
    for _ in range(rng.integers(2, 7)):
        tail[rng.integers(20, int(0.03 * RATE))] += rng.normal() * 16 * np.sqrt(np.mean(tail**2))
    tail /= np.sqrt(np.sum(tail**2)) + 1e-9
    direct_to_reverberant_db = rng.uniform(-12, 3) if far else rng.uniform(-6, 15)
    response = tail * gain(-direct_to_reverberant_db)
    response[0] += 1
    return response / np.sqrt(np.sum(response**2))


def corridor(rng):
    """Impulse response of a stairwell or a long corridor: seconds of tail, hardly anything direct."""
    reverberation_s = rng.uniform(1.0, 3.0)
    n = int(1.5 * RATE)
    tail = rng.standard_normal(n) * 10 ** (-3 * np.arange(n) / RATE / reverberation_s)
    tail = lfilter([0.6], [1, -0.4], tail)
    tail /= np.sqrt(np.sum(tail**2))
    tail[0] += gain(rng.uniform(-15, 3))
    return tail / np.sqrt(np.sum(tail**2))


def band(x, kind, order, hz):
    return sosfilt(butter(order, hz, kind, fs=RATE, output="sos"), x)


def peaking(x, hz, q, db):
    """A resonance or a dip (RBJ audio EQ cookbook, peaking)."""
    a, w = gain(db / 2), 2 * np.pi * hz / RATE
    alpha = np.sin(w) / 2 / q
    b = [1 + alpha * a, -2 * np.cos(w), 1 - alpha * a]
    return lfilter(b, [1 + alpha / a, -2 * np.cos(w), 1 - alpha / a], x)


def microphone(x, rng):
    """A small microphone: no bass, sometimes no treble, a few resonances."""
    if rng.random() < 0.8:
        x = band(x, "high", rng.integers(1, 3), rng.uniform(60, 500))
    if rng.random() < 0.6:
        x = band(x, "low", rng.integers(1, 5), rng.uniform(3600, 7800))
    for _ in range(rng.integers(0, 4)):
        x = peaking(x, log_uniform(rng, 200, 7000), rng.uniform(0.7, 4), rng.uniform(-10, 10))
    return x


def wall(x, rng):
    """Through a door or a wall: the treble goes."""
    return band(x, "low", rng.integers(1, 3), log_uniform(rng, 900, 4000))


def floor_noise(n, rng):
    """What a room and its microphone sound like when nothing happens; RMS 1."""
    y = noise(n, rng)
    if rng.random() < 0.3:
        y = y + hum(n, rng) * rng.uniform(0.2, 1.5)
    return unit(y)


def place(source, rng, background=None, snr_db=None):
    """SOURCE in a room, among noise and perhaps BACKGROUND, through a microphone; RMS 1."""
    y = unit(source)
    if rng.random() < 0.85:
        response = corridor(rng) if rng.random() < 0.04 else room(rng, rng.random() < 0.4)
        y = unit(fftconvolve(y, response)[: len(y)])
    if rng.random() < 0.1:
        y = unit(wall(y, rng))
    y = y + floor_noise(len(y), rng) * gain(-rng.uniform(5, 60))
    if background is not None:
        snr_db = rng.uniform(-3, 35) if snr_db is None else snr_db
        y = y + unit(background) * gain(-snr_db)
    if rng.random() < 0.9:
        y = microphone(y, rng)
    y = unit(y)
    if rng.random() < 0.12:  # overdriven
        y = unit(np.tanh(y * rng.uniform(0.5, 3)))
    return y


def at_level(x, dbfs):
    """X (RMS 1) at DBFS, limited as a converter limits it."""
    return np.clip(x * gain(dbfs), -1, 1)


def quiet_room(seconds, rng, dbfs=None):
    """Nothing: a room between -95 and -55 dBFS, through a microphone."""
    n = int(seconds * RATE)
    dbfs = rng.uniform(-95, -55) if dbfs is None else dbfs
    y = floor_noise(n, rng)
    if rng.random() < 0.7:
        y = microphone(y, rng)
    return unit(y) * gain(dbfs)
