# SPDX-License-Identifier: MIT
"""backgrounds: pieces of real recordings to be heard behind synthesised sounds."""

from contextlib import nullcontext
from math import gcd
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from .checked import BadInput, rows
from .signals import RATE


def load(path):
    """The recording at RATE, mono; PATH may be an open binary file."""
    import soundfile  # python3-soundfile; needed for recordings only

    try:
        with nullcontext(path) if hasattr(path, "read") else open(path, "rb") as f:
            samples, rate = soundfile.read(f, dtype="float64", always_2d=True)
    except RuntimeError as error:
        raise BadInput(f"{path}: cannot be read as a recording: {error}") from None
    mono = samples.mean(axis=1)
    if rate == RATE:
        return mono
    common = gcd(rate, RATE)
    return resample_poly(mono, RATE // common, rate // common)


def piece(recording, n, rng):
    """N samples of RECORDING from a random place; a short one is repeated."""
    if len(recording) < n:
        recording = np.tile(recording, -(-n // len(recording)))
    start = rng.integers(0, len(recording) - n + 1)
    return recording[start : start + n]


class Backgrounds:
    """The recordings that a manifest (path, class, group) lists."""

    def __init__(self, manifest):
        root = Path(manifest).parent
        self.takes = []
        for row in rows(manifest, "path", "group"):
            samples = load(root / row["path"])
            if np.max(np.abs(samples), initial=0) > 1e-3:
                self.takes.append((row["group"], samples))
        if not self.takes:
            raise BadInput(f"{manifest}: no recording that could be a background")

    def draw(self, n, rng):
        """(group, N samples)."""
        for _ in range(20):
            group, recording = self.takes[rng.integers(len(self.takes))]
            samples = piece(recording, n, rng)
            if np.max(np.abs(samples)) > 1e-3:
                break
        return group, samples
