# SPDX-License-Identifier: MIT
"""The original pipeline as a Debian user gets it: numpy, scipy, OpenCV and scikit-learn with OpenBLAS, one core. librosa
is not in Debian: its functions are written here after librosa 0.10.2, two STFTs included, and checked against the values
that it made itself (tests/golden/features)."""

import json
import os
import pickle
from pathlib import Path

# before numpy: one core, as one core is what the daemon takes
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import cv2  # noqa: E402
import numpy as np  # noqa: E402
import scipy.fft  # noqa: E402
import scipy.signal  # noqa: E402
import scipy.stats  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.svm import SVC  # noqa: E402

import sounds  # noqa: E402

cv2.setNumThreads(1)
GOLDENS = Path(__file__).resolve().parent.parent / "golden" / "features"
RATE, WINDOW, STEP = 44100, 88200, 44100
N_FFT, HOP = 2048, 512
N_ROWS, N_COLUMNS = 32, 256
MAX_MEM_BLOCK = 2**8 * 2**10  # librosa.util.MAX_MEM_BLOCK: frames are transformed in blocks that fit into a cache
LABELS = ["alarm", "hum", "noise", "mix"]


def stft(y):
    """librosa.stft(y, n_fft=2048, hop_length=512, center=True, pad_mode="constant")."""
    window = scipy.signal.get_window("hann", N_FFT, fftbins=True).astype(np.float32)[:, None]
    padded = np.pad(y, N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP].T
    spectrum = np.empty((1 + N_FFT // 2, frames.shape[1]), np.complex64, order="F")
    n_columns = max(1, MAX_MEM_BLOCK // (spectrum.shape[0] * spectrum.itemsize))
    for start in range(0, spectrum.shape[1], n_columns):
        block = slice(start, min(start + n_columns, spectrum.shape[1]))
        spectrum[:, block] = scipy.fft.rfft(window * frames[:, block], axis=0)
    return spectrum


def amplitude_to_db(magnitude):
    """librosa.amplitude_to_db(magnitude, ref=np.max)."""
    power = np.square(magnitude)
    reference = np.max(magnitude) ** 2
    db = 10.0 * np.log10(np.maximum(1e-10, power))
    db -= 10.0 * np.log10(np.maximum(1e-10, reference))
    return np.maximum(db, db.max() - 80.0)


def spectral_flatness(y):
    """librosa.feature.spectral_flatness(y=y), which has an STFT of its own."""
    power = np.maximum(1e-10, np.abs(stft(y)) ** 2.0)
    return np.exp(np.mean(np.log(power), axis=-2)) / np.mean(power, axis=-2)


def zero_crossings(y):
    """librosa.zero_crossings(y, pad=False)."""
    signs = np.signbit(np.where(np.abs(y) <= 1e-10, 0, y))
    return np.count_nonzero(signs[1:] != signs[:-1])


def features(y):
    """The 8198 values of one window."""
    picture = cv2.resize(amplitude_to_db(np.abs(stft(y))), (N_COLUMNS, N_ROWS))
    scalars = [zero_crossings(y), np.mean(spectral_flatness(y)), np.max(y), np.min(y), scipy.stats.kurtosis(y),
               scipy.stats.skew(y)]
    return np.concatenate([scalars, picture.ravel()])


def golden_errors():
    """The worst differences from librosa's own values: dB of a cell, flatness relative, zero crossings. None without
    the goldens."""
    index = GOLDENS / "index.json"
    if not index.exists():
        return None
    worst = [0.0, 0.0, 0]
    n_signals = 0
    for signal in json.loads(index.read_text())["signals"]:
        if signal["n_fft"] != N_FFT or signal["n"] / signal["sr"] != 2 or signal["name"].startswith("constant"):
            continue  # a constant's moments depend on SciPy's version
        name = signal["files"]["samples"][0]
        raw = (GOLDENS / name).read_bytes()
        y = (np.frombuffer(raw, "<i2") / 32768 if name.endswith("s16") else np.frombuffer(raw, "<f4")).astype(np.float32)
        with np.errstate(all="ignore"):
            ours = features(y)
        theirs = np.fromfile(GOLDENS / signal["files"]["features"][0], "<f4")
        worst[0] = max(worst[0], float(np.abs(ours[6:] - theirs[6:]).max()))
        worst[1] = max(worst[1], float(abs(ours[1] / theirs[1] - 1)))
        worst[2] = max(worst[2], int(abs(ours[0] - theirs[0])))
        n_signals += 1
    return {"signals": n_signals, "picture_db": worst[0], "flatness": worst[1], "zero_crossings": worst[2]}


def windows_of(samples):
    return [samples[i:i + WINDOW] for i in range(0, len(samples) - WINDOW + 1, STEP)]


def recording(seed, seconds):
    """Pieces of four kinds, never the same twice, as 16-bit audio holds them."""
    rng = np.random.default_rng(seed)
    pieces = []
    while sum(map(len, pieces)) < seconds * RATE:
        hz = rng.uniform(200, 4000)
        kind = rng.integers(4)
        piece = sounds.noise(6, RATE, rng.uniform(0.001, 0.1), rng)
        if kind in (0, 3):
            piece += rng.uniform(0.1, 1) * sounds.beeps(6, RATE, hz)
        if kind in (1, 3):
            piece += rng.uniform(0.1, 1) * sounds.hum(6, RATE, hz / 20)
        pieces.append(np.clip(piece, -1, 1))
    samples = np.rint(np.concatenate(pieces)[:seconds * RATE] * 32767) / 32768
    return samples.astype(np.float32)


def train(path, n_windows=400):
    """A pipeline of StandardScaler and SVC on so many windows, pickled to PATH. Labels without a pattern make every
    window a support vector."""
    x = np.array([features(w) for w in windows_of(recording(1, n_windows + 1))])
    model = make_pipeline(StandardScaler(), SVC(C=10, gamma="scale"))
    model.fit(x, np.arange(len(x)) % len(LABELS))
    Path(path).write_bytes(pickle.dumps(model))
    return model


def decide(model, window):
    """What is timed: from the samples of one window to its label."""
    return LABELS[model.predict(features(window)[None])[0]]
