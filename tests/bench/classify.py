#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
What a window costs: `hearken classify` with the profile spectrogram at 44.1 kHz and about 400 support vectors, and
the same pipeline in NumPy, SciPy and scikit-learn in the same run. The runs of both take turns and the medians are
compared, in seconds of processor time; loading the model is taken off by a run over one window. Both must decide
alike.

    tests/bench/classify.py [HEARKEN]        default: build/clients/hearken
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402
import scipy.fft  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.svm import SVC  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "system"))
sys.dont_write_bytecode = True
import bundles  # noqa: E402
import sounds  # noqa: E402

HEARKEN = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build", "clients", "hearken")
RATE, WINDOW, STEP = 44100, 88200, 44100
N_FFT, HOP, N_ROWS, N_COLUMNS = 2048, 512, 32, 256
SECONDS, N_TURNS, N_REPEATS = 241, 5, 5
LABELS = ["alarm", "hum", "noise", "mix"]
HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)


def resize_weights(n_from, n_to):
    """OpenCV's INTER_LINEAR."""
    at = np.clip((np.arange(n_to) + 0.5) * (n_from / n_to) - 0.5, 0, n_from - 1)
    low = np.minimum(at.astype(int), n_from - 2)
    return low, (at - low).astype(np.float32)


def python_features(x):
    """The original pipeline's 8198 values of one window, with every bin's logarithm and one STFT for both uses."""
    padded = np.pad(x, N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP] * HANN
    power = np.abs(scipy.fft.rfft(frames, axis=1)).T ** 2
    floored = np.maximum(1e-10, power)
    flatness = np.mean(np.exp(np.log(floored).mean(axis=0)) / floored.mean(axis=0))
    db = 10 * np.log10(floored) - 10 * np.log10(floored.max())
    db = np.maximum(db, db.max() - 80)
    row, row_part = resize_weights(db.shape[0], N_ROWS)
    column, column_part = resize_weights(db.shape[1], N_COLUMNS)
    wide = db[:, column] * (1 - column_part) + db[:, column + 1] * column_part
    picture = wide[row] * (1 - row_part[:, None]) + wide[row + 1] * row_part[:, None]
    signs = np.signbit(np.where(np.abs(x) <= 1e-10, 0, x))
    centred = x.astype(np.float64) - x.mean(dtype=np.float64)
    square = centred * centred
    variance = square.mean()
    values = [np.count_nonzero(signs[1:] != signs[:-1]), flatness, x.max(), x.min(),
              (square * square).mean() / variance ** 2 - 3, (square * centred).mean() / variance ** 1.5]
    return np.concatenate([np.array(values, np.float32), picture.ravel().astype(np.float32)])


def windows_of(samples):
    return [samples[i:i + WINDOW] for i in range(0, len(samples) - WINDOW + 1, STEP)]


def recording(seed):
    """Pieces of four kinds, never the same twice."""
    rng = np.random.default_rng(seed)
    pieces = []
    while sum(map(len, pieces)) < SECONDS * RATE:
        hz = rng.uniform(200, 4000)
        kind = rng.integers(4)
        piece = sounds.noise(6, RATE, rng.uniform(0.001, 0.1), rng)
        if kind in (0, 3):
            piece += rng.uniform(0.1, 1) * sounds.beeps(6, RATE, hz)
        if kind in (1, 3):
            piece += rng.uniform(0.1, 1) * sounds.hum(6, RATE, hz / 20)
        pieces.append(np.clip(piece, -1, 1))
    return np.rint(np.concatenate(pieces)[:SECONDS * RATE] * 32767) / 32768


def write_bundle(folder, scaler, svc, names):
    """The scikit-learn pipeline as a bundle: a libsvm file with scikit-learn's numbers."""
    lines = ["svm_type c_svc", "kernel_type rbf", f"gamma {svc._gamma!r}", f"nr_class {len(svc.classes_)}",
             f"total_sv {len(svc.support_)}", "rho " + " ".join(repr(-b) for b in svc.intercept_.tolist()),
             "label " + " ".join(map(str, svc.classes_)), "nr_sv " + " ".join(map(str, svc.n_support_)), "SV"]
    for coefs, vector in zip(svc.dual_coef_.T.tolist(), svc.support_vectors_):
        lines.append(" ".join([repr(c) for c in coefs] + [f"{i + 1}:{v:.9g}" for i, v in enumerate(vector)]))
    bundles.write_files(folder, LABELS, names, scaler.mean_, scaler.scale_, "\n".join(lines) + "\n", "spectrogram",
                        RATE, calibration="method = none")


def seconds(command):
    """Processor time of COMMAND, and the labels it printed."""
    def spent():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime
    before = spent()
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return spent() - before, [json.loads(line)["label"] for line in out.splitlines()]


def main():
    training = np.array([python_features(w.astype(np.float32)) for w in windows_of(recording(1)) + windows_of(recording(2))])
    scaler = StandardScaler().fit(training)
    # labels without a pattern make nearly every window a support vector
    svc = SVC(C=10, gamma="scale").fit(scaler.transform(training), np.arange(len(training)) % len(LABELS))
    heard = recording(3)
    with tempfile.TemporaryDirectory() as folder:
        path, one, bundle = (os.path.join(folder, name) for name in ("long.wav", "one.wav", "bundle"))
        sounds.write_s16(path, heard * 32768 / 32767, RATE)
        sounds.write_s16(one, heard[:WINDOW] * 32768 / 32767, RATE)
        names = subprocess.run([HEARKEN, "features", "--profile", "spectrogram", one], check=True,
                               stdout=subprocess.PIPE, text=True).stdout.split("\n")[0].split(",")
        write_bundle(bundle, scaler, svc, names)
        windows = [w.astype(np.float32) for w in windows_of(heard)]
        command = [HEARKEN, "classify", "--json", "--model", bundle]
        ours, theirs = [], []
        for _ in range(N_TURNS):
            load_s, _ = seconds([*command, one])
            all_s, labels = seconds([*command, *[path] * N_REPEATS])
            ours.append((all_s - load_s) / (len(labels) - 1) * 1000)
            start = time.process_time()
            python = [svc.predict(scaler.transform(python_features(w)[None]))[0] for w in windows]
            theirs.append((time.process_time() - start) / len(windows) * 1000)
    differ = sum(LABELS[k] != label for k, label in zip(python, labels))
    print(f"{len(svc.support_)} support vectors, {len(windows)} windows, {differ} decided otherwise")
    print(f"hearken classify {statistics.median(ours):6.2f} ms a window ({min(ours):.2f} to {max(ours):.2f}), "
          f"loading {load_s:.2f} s")
    print(f"Python           {statistics.median(theirs):6.2f} ms a window ({min(theirs):.2f} to {max(theirs):.2f})")
    print(f"ratio            {statistics.median(theirs) / statistics.median(ours):6.1f}")
    return differ > 0


if __name__ == "__main__":
    sys.exit(main())
