# SPDX-License-Identifier: MIT
"""patterns: does a recording beep in the temporal-three or temporal-four pattern of ISO 8201?

An experiment (docs/accuracy.md says what came of it): a second opinion beside the model. The strongest
tone of 10 ms frames is on or off; its runs are compared with the pattern's.
"""

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import stft

from .signals import RATE

FRAME_S = 0.01
LOWEST_HZ, HIGHEST_HZ = 400, 5200
SAME_HZ = 60  # beeps of one sounder
# name: (beeps, shortest and longest beep, gap between beeps, pause between groups), seconds
PATTERNS = {
    "temporal three": (3, (0.35, 0.75), (0.25, 0.75), (1.0, 2.2)),
    "temporal four": (4, (0.05, 0.2), (0.05, 0.2), (3.0, 6.5)),
}


def beeps(samples):
    """[(start, end, Hz)] of the runs in which one tone stands out."""
    f, t, bins = stft(samples, RATE, nperseg=512, noverlap=512 - int(FRAME_S * RATE))
    power = np.abs(bins) ** 2
    band = (f >= LOWEST_HZ) & (f <= HIGHEST_HZ)
    inside = power[band]
    top = inside.argmax(axis=0)
    rows = np.clip(top[None, :] + np.arange(-2, 3)[:, None], 0, len(inside) - 1)
    peak = np.take_along_axis(inside, rows, axis=0).sum(axis=0)
    loud = np.quantile(peak, 0.95)
    on = (peak > 0.3 * power[3:].sum(axis=0)) & (peak > loud * 10**-1.2)
    edges = np.flatnonzero(np.diff(np.r_[0, median_filter(on.astype(int), 3), 0]))
    return [(t[a], t[min(b, len(t) - 1)], f[band][int(np.median(top[a:b]))]) for a, b in edges.reshape(-1, 2)]


def within(value, limits):
    return limits[0] <= value <= limits[1]


def matches(samples, name):
    """Is there one whole group of beeps at one pitch with its pause before or behind it?"""
    count, on, gap, pause = PATTERNS[name]
    runs = beeps(samples)
    for i in range(len(runs) - count + 1):
        group = runs[i : i + count]
        gaps = [b[0] - a[1] for a, b in zip(group, group[1:])]
        alike = max(r[2] for r in group) - min(r[2] for r in group) <= SAME_HZ
        if not alike or not all(within(r[1] - r[0], on) for r in group) or not all(within(g, gap) for g in gaps):
            continue
        before = group[0][0] - runs[i - 1][1] if i > 0 else None
        behind = runs[i + count][0] - group[-1][1] if i + count < len(runs) else None
        if any(p is not None and within(p, pause) for p in (before, behind)):
            return True
    return False


def matched(samples):
    return [name for name in PATTERNS if matches(samples, name)]
