#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""train-large: does `hearken train` learn from very many windows in bounded memory, and how long does it take?

  train-large.py HEARKEN [--windows 100000] [--memory-gib 4] [--work DIR] [-- OPTION...]

Synthesises hours of five kinds of sound that are not easy to tell apart (each in noise, at any level, now and then
with another kind behind it), lets `hearken train` read them from four starting points a second (the windows of one
file are one group), with its address space limited to so much, and prints how long it took, the peak of its resident
memory, and what it says. OPTIONs go to `hearken train`.
"""

import argparse
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import wave

import numpy as np

RATE = 16000
FILE_S = 600
PIECE_S = 4
STARTS_S = (0, 0.25, 0.5, 0.75)


def hum(random, t):
    f = random.uniform(60, 400)
    return sum(np.sin(2 * np.pi * f * k * t + random.uniform(0, 6)) / k ** random.uniform(0.5, 2) for k in range(1, 9))


def beeps(random, t):
    period, on = random.uniform(0.15, 1.5), random.uniform(0.2, 0.8)
    return np.sin(2 * np.pi * random.uniform(600, 4000) * t) * ((t / period + random.uniform()) % 1 < on)


def sweep(random, t):
    f, depth, rate = random.uniform(400, 3000), random.uniform(0.1, 0.8), random.uniform(0.5, 8)
    return np.sin(2 * np.pi * f * t + f * depth / rate * np.sin(2 * np.pi * rate * t))


def clicks(random, t):
    train = np.zeros(len(t))
    train[random.integers(0, len(t), random.integers(4, 60))] = 1
    decay = np.exp(-np.arange(2000) / random.uniform(40, 600)) * random.standard_normal(2000)
    return np.fft.irfft(np.fft.rfft(train) * np.fft.rfft(decay, len(t)), len(t))


def hiss(random, t):
    spectrum = np.fft.rfft(random.standard_normal(len(t)))
    f = np.linspace(0.01, 1, len(spectrum))
    return np.fft.irfft(spectrum * f ** random.uniform(-1.5, 0.5), len(t))


KINDS = [hum, beeps, sweep, clicks, hiss]


def piece(random, kind):
    t = np.arange(PIECE_S * RATE) / RATE
    sound = kind(random, t)
    sound = sound / (np.std(sound) + 1e-9)
    if random.uniform() < 0.2:
        other = KINDS[random.integers(len(KINDS))](random, t)
        sound = sound + random.uniform(0.1, 0.5) * other / (np.std(other) + 1e-9)
    sound = sound + 10 ** (random.uniform(-40, 0) / 20) * random.standard_normal(len(t))
    return 10 ** (random.uniform(-50, -20) / 20) * sound


def synthesise(folder, n_windows):
    """Write the recordings and their manifest; its path."""
    n_files = -(-n_windows // (len(STARTS_S) * (FILE_S - 1)))
    rows = ["path\tclass\tgroup\tstart\tend"]
    for number in range(n_files):
        random = np.random.default_rng([7, number])
        kind = KINDS[number % len(KINDS)]
        path = folder / f"{kind.__name__}-{number:03}.wav"
        samples = np.concatenate([piece(random, kind) for _ in range(FILE_S // PIECE_S)])
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(np.clip(np.rint(32767 * samples), -32768, 32767).astype("<i2").tobytes())
        rows += [f"{path.name}\t{kind.__name__}\t{number}\t{start}\t" for start in STARTS_S]
    manifest = folder / "MANIFEST.tsv"
    manifest.write_text("\n".join(rows) + "\n")
    return manifest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hearken", type=pathlib.Path)
    parser.add_argument("--windows", type=int, default=100000)
    parser.add_argument("--memory-gib", type=float, default=4)
    parser.add_argument("--work", type=pathlib.Path, help="keep the recordings here, and take those that are there")
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    args, options = parser.parse_args(words[:end]), words[end + 1:]
    with tempfile.TemporaryDirectory(prefix="train-large-") as scratch:
        work = args.work or pathlib.Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        manifest = work / "MANIFEST.tsv"
        if not manifest.exists():
            synthesise(work, args.windows)
        limit = int(args.memory_gib * 2**30)
        start = time.monotonic()
        result = subprocess.run(
            [args.hearken, "train", manifest, "--output", pathlib.Path(scratch) / "bundle", "--name", "large", *options],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{time.monotonic() - start:.0f} s, {spent.ru_utime + spent.ru_stime:.0f} s of a processor, "
              f"at most {spent.ru_maxrss / 2**20:.2f} GiB resident of {args.memory_gib:g} GiB of addresses")
        bundle = pathlib.Path(scratch) / "bundle"
        if bundle.exists():
            print(f"bundle: {sum(path.stat().st_size for path in bundle.iterdir()) / 1e6:.1f} MB")
    sys.exit(result.returncode)


if __name__ == "__main__":
    main()
