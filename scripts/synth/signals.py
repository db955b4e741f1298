# SPDX-License-Identifier: MIT
"""signals: the parts all synthesised sounds are made of: tones, envelopes, beep patterns, noise."""

import numpy as np
from scipy.signal import lfilter

RATE = 16000
TOP_HZ = 7600  # no partial above: the models listen up to 8 kHz


def time_axis(seconds):
    return np.arange(int(round(seconds * RATE))) / RATE


def unit(x):
    """X with an RMS of 1."""
    return x / (np.sqrt(np.mean(x * x)) + 1e-9)


def gain(db):
    return 10 ** (db / 20)


def log_uniform(rng, low, high):
    return np.exp(rng.uniform(np.log(low), np.log(high)))


def partials(timbre, n, rng):
    """Amplitudes of N harmonics."""
    k = np.arange(1, n + 1)
    if timbre == "sine":
        a = gain(rng.uniform(-60, -25, n))
    elif timbre == "piezo":  # a resonant disc: nearly a sine, its overtones at random
        a = gain(rng.uniform(-45, -8, n))
    elif timbre == "square":  # a driven speaker, duty 30 to 50 %
        duty = rng.uniform(0.3, 0.5) if rng.random() < 0.4 else 0.5
        a = np.abs(np.sin(np.pi * k * duty)) / k * gain(rng.uniform(-3, 3, n))
    elif timbre == "horn":  # an electromechanical horn: rich, no rule in the upper partials
        a = gain(rng.uniform(-8, 8, n)) / k ** rng.uniform(0.3, 1.3)
    else:
        raise ValueError(timbre)
    if timbre in ("sine", "piezo"):
        a[0] = 1
    return a


def tone(frequency, timbre, rng):
    """A tone whose fundamental follows FREQUENCY (Hz, one value a sample); RMS 1."""
    angle = 2 * np.pi * np.cumsum(frequency) / RATE + rng.uniform(0, 2 * np.pi)
    n = min(40, max(1, int(TOP_HZ // max(np.max(frequency), 60))))
    out = np.zeros(len(frequency))
    for k, a in enumerate(partials(timbre, n, rng), 1):
        if a > 1e-3:
            out += a * np.sin(k * angle + rng.uniform(0, 2 * np.pi))
    return unit(out)


def wandering(n, hz, rng):
    """A frequency of about HZ that drifts and wavers as a cheap oscillator does."""
    t = np.arange(n) / RATE
    waver = rng.uniform(0, 0.004) * np.sin(2 * np.pi * rng.uniform(0.05, 3) * t + rng.uniform(0, 6))
    return hz * (1 + rng.normal() * 0.001 * t + waver)


def settling(frequency, segments, rng):
    """FREQUENCY with a glide at the start of every segment: a sounder that swings in."""
    depth, tau = rng.normal() * 0.01, rng.uniform(0.01, 0.15)
    t = np.arange(len(frequency)) / RATE
    out = frequency.copy()
    for start, end in segments:
        here = (t >= start) & (t < min(end, start + 0.6))
        out[here] *= 1 + depth * np.exp(-(t[here] - start) / tau)
    return out


def repeat(seconds, on, off, rng, count=1, pause=0.0, jitter=0.0):
    """Segments (start, end) of groups of COUNT beeps, PAUSE between groups, from a random phase."""
    t = -rng.uniform(0, (on + off) * count + pause)
    segments = []
    while t < seconds:
        for _ in range(count):
            segments.append((t, t + on))
            t += (on + off) * (1 + rng.normal() * jitter)
        t += pause
    return segments


def gate(n, segments, rng, attack=None, release=None):
    """Envelope of N samples: 1 within the segments, exponential attack and release (seconds)."""
    attack = attack or log_uniform(rng, 0.0005, 0.025)
    release = release or log_uniform(rng, 0.0005, 0.03)
    t = np.arange(n) / RATE
    out = np.zeros(n)
    for start, end in segments:
        first, last = np.searchsorted(t, [start, end + 8 * release])
        if last <= first:
            continue
        here = t[first:last]
        rise = 1 - np.exp(-(here - start) / attack)
        top = 1 - np.exp(-(end - start) / attack)
        fall = top * np.exp(-np.maximum(here - end, 0) / release)
        out[first:last] = np.maximum(out[first:last], np.where(here < end, rise, fall))
    return out


def noise(n, rng, slope=None):
    """Noise whose power falls with frequency to the power of -SLOPE (0 white, 2 brown)."""
    slope = rng.uniform(0, 2) if slope is None else slope
    spectrum = np.fft.rfft(rng.standard_normal(n))
    spectrum *= np.maximum(np.fft.rfftfreq(n, 1 / RATE), 30) ** (-slope / 2)
    return unit(np.fft.irfft(spectrum, n))


def shaped_noise(n, points_hz, levels_db, rng):
    """Noise with the spectrum through (points_hz, levels_db)."""
    f = np.maximum(np.fft.rfftfreq(n, 1 / RATE), points_hz[0])
    shape = np.interp(np.log(f), np.log(points_hz), levels_db)
    return unit(np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * gain(shape), n))


def hum(n, rng):
    """Mains hum with its harmonics."""
    t = np.arange(n) / RATE
    mains = rng.choice([50, 60])
    parts = [
        gain(rng.uniform(-25, 0)) * np.sin(2 * np.pi * k * mains * t + rng.uniform(0, 6))
        for k in range(1, 9)
    ]
    return unit(sum(parts))


def struck(n, at, partial_hz, partial_gain, decay, rng):
    """Decaying partials from second AT on: a bar, a bell, a string."""
    t = np.arange(n) / RATE - at
    after = np.maximum(t, 0)
    out = np.zeros(n)
    for hz, a, tau in zip(partial_hz, partial_gain, decay):
        if 30 < hz < TOP_HZ:
            out += a * np.sin(2 * np.pi * hz * after + rng.uniform(0, 6)) * np.exp(-after / tau)
    return out * (t >= 0)


def slow_walk(n, rng, seconds=0.3):
    """A slowly wandering value of about +-1."""
    pole = np.exp(-1 / (seconds * RATE))
    return lfilter([np.sqrt(1 - pole * pole)], [1, -pole], rng.standard_normal(n))


def sweep(t, rate_hz, shape, rng):
    """0..1 and back: SHAPE 1 rises and falls back at once, 0 falls, 0.5 goes up and down."""
    phase = (t * rate_hz + rng.random()) % 1
    if shape == 1:
        return phase
    if shape == 0:
        return 1 - phase
    return 1 - np.abs(2 * phase - 1)
