# SPDX-License-Identifier: MIT
"""tunes: simple music: chords, a melody, a bass and perhaps a drum. Enough to tell music from a
machine where no recordings are at hand, not enough to learn music from."""

import numpy as np

from .signals import RATE, gain, noise, time_axis, unit

SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9))
PROGRESSIONS = ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 4, 0), (5, 3, 0, 4))


def note(hz, seconds, timbre):
    """A plucked or blown note: harmonics that fall off by TIMBRE dB each."""
    t = time_axis(seconds)
    k = np.arange(1, min(12, max(2, int(7000 // hz))))[:, None]
    y = np.sum(gain(-timbre * (k - 1)) * np.sin(2 * np.pi * k * hz * t), axis=0)
    return y * np.minimum(1, t / 0.01) * np.exp(-t / (0.7 * seconds))


def add(y, at, part):
    first = int(at * RATE)
    part = part[: len(y) - first]
    y[first : first + len(part)] += part


def tune(seconds, rng):
    y = np.zeros(int(round(seconds * RATE)))
    scale = SCALES[rng.integers(len(SCALES))]
    progression = PROGRESSIONS[rng.integers(len(PROGRESSIONS))]
    beat, root = rng.uniform(0.3, 0.7), rng.uniform(130, 260)
    timbre, drums = rng.uniform(3, 10), rng.random() < 0.6

    def pitch(degree, octave=0):
        degree, up = degree % len(scale), degree // len(scale)
        return root * 2 ** (octave + up + scale[degree] / 12)

    for i in range(int(seconds / beat)):
        chord = progression[i // 4 % len(progression)]
        if i % 4 == 0:
            for degree in (chord, chord + 2, chord + 4):
                add(y, i * beat, 0.3 * note(pitch(degree), 4 * beat, timbre))
            add(y, i * beat, 0.6 * note(pitch(chord, -1), 3 * beat, timbre))
        if rng.random() < 0.8:
            add(y, i * beat, 0.5 * note(pitch(chord + rng.integers(0, 8), 1), beat, timbre))
        if drums and (i % 2 == 1 or rng.random() < 0.2):
            n = int(0.12 * RATE)
            add(y, i * beat, 0.4 * noise(n, rng, 0.5) * np.exp(-np.arange(n) / (0.03 * RATE)))
    return unit(y)


KINDS = {"tune": (1, tune)}
