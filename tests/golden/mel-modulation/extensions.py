#!/usr/bin/python3
"""Definition of the extensions of the `mel-modulation` profile (numpy, float64), and maker of their goldens.

extensions.py --goldens OUT      write NAME.ext.f64 for the signals of reference.py: 3 windows x 61 values,
                                 in the profile's order: level 1, bands 16, crest0 32, tonal 12

The tonal values are those of the experiments' tonal(), with floors that follow the window's mean power (so
that gain does not matter) in place of one after normalising the window, the peak's neighbours never counted
twice at the edge of the range, the energy of a frame counted from fmin up (so that an offset does not
matter), and the lowest of equally strong bins as the peak (so that rounding does not matter: all bins of an
impulse are alike).
"""
import sys
import numpy as np
from reference import (CREST_BINS, FRAMES, HOP, N_FFT, N_GROUP, N_MEL, RATE, STEP, golden_signals, hz_to_mel,
                       mel_to_hz, mel_weights, power_frames)

FLOOR_POWER = 1e-12  # -120 dBFS
EPSILON = 1e-9       # relative to mu


def dbfs(mean_square):
    return 10 * np.log10(np.maximum(mean_square, FLOOR_POWER))


def band_widths():
    """Area in bins of each mel triangle before it was made to sum to 1."""
    edge = mel_to_hz(np.linspace(hz_to_mel(50), hz_to_mel(8000), N_MEL + 2))
    f = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
    rise = (f - edge[:-2, None]) / (edge[1:-1] - edge[:-2])[:, None]
    fall = (edge[2:, None] - f) / (edge[2:] - edge[1:-1])[:, None]
    return np.maximum(0, np.minimum(rise, fall)).sum(1)


def level(x):
    return [dbfs(np.mean(x ** 2))]


def bands(M):
    """Mean over time of each group's level: mean square of the sound in the group, in dBFS."""
    power = (M * band_widths()).reshape(FRAMES, N_GROUP, -1).sum(2) / N_FFT
    return dbfs(power).mean(0)


def crest0(P, mu):
    edges = list(zip(CREST_BINS, CREST_BINS[1:]))
    hi = np.stack([P[:, a:b].max(1) for a, b in edges], 1)
    av = np.stack([P[:, a:b].mean(1) for a, b in edges], 1)
    R = np.log((hi / mu + EPSILON) / (av / mu + EPSILON))
    return np.concatenate([R.mean(0), R.std(0)])


def longest(flags, value):
    best = run = 0
    for flag in flags:
        run = run + 1 if flag == value else 0
        best = max(best, run)
    return best


def tonal(P, mu):
    bin_hz = RATE / N_FFT
    lo, hi, lowest = int(300 / bin_hz), int(5200 / bin_hz), int(np.ceil(50 / bin_hz))
    strongest = P[:, lo:hi].max(1, keepdims=True)
    peak = (P[:, lo:hi] >= 0.999 * strongest).argmax(1) + lo
    power = P[np.arange(len(P)), peak]
    median = np.median(P[:, lo:hi:4], axis=1)
    total = P[:, lowest:].sum(1)
    around = np.array([row[max(lowest, k - 2):k + 3].sum() for row, k in zip(P, peak)])
    share = np.divide(around, total, out=np.zeros(len(P)), where=total > 0)
    octaves = np.log2(peak * bin_hz)
    prominence = np.log10((power / mu + EPSILON) / (median / mu + EPSILON))
    on = (share > 0.3) & (power > power.max() * 10 ** -1.5)
    w = share * on + 1e-6
    pitch = (w * octaves).sum() / w.sum()
    spread = np.sqrt((w * (octaves - pitch) ** 2).sum() / w.sum())
    steady = (np.abs(np.diff(octaves)) < 0.03) & on[1:]
    return [share.mean(), np.quantile(share, 0.9), np.quantile(share, 0.5), prominence.mean(),
            np.quantile(prominence, 0.9), pitch, spread, on.mean(), steady.mean(),
            np.log1p(np.abs(np.diff(on.astype(int))).sum()), longest(on, True) / FRAMES, longest(on, False) / FRAMES]


def extensions(x):
    """x: 16 kHz mono -> (n_windows, 61)."""
    P = power_frames(x)
    W = mel_weights()
    rows = []
    for k in range(0, len(P) - FRAMES + 1, STEP):
        frames = P[k:k + FRAMES]
        M = frames @ W.T
        mu = M.mean() + 1e-9
        window = np.asarray(x, float)[k * HOP:(k + FRAMES) * HOP]
        rows.append(np.concatenate([level(window), bands(M), crest0(frames, mu), tonal(frames, mu)]))
    return np.stack(rows)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--goldens":
        sys.exit(__doc__)
    for name, x in golden_signals().items():
        extensions(x).astype("<f8").tofile(f"{sys.argv[2]}/{name}.ext.f64")
