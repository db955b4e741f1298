# SPDX-License-Identifier: MIT
"""Sounds for tests, made from formulas, and WAV files of any shape."""

import struct
import wave

import numpy as np


def beeps(seconds, rate, hz=3100):
    """Three beeps of half a second, half a second apart, then a pause of 1.5 s, over and over (ISO 8201)."""
    t = np.arange(int(seconds * rate)) / rate
    phase = t % 4.0
    return 0.3 * np.sin(2 * np.pi * hz * t) * ((phase < 3.0) & (phase % 1.0 < 0.5))


def hum(seconds, rate, hz=120):
    t = np.arange(int(seconds * rate)) / rate
    return 0.1 * sum(np.sin(2 * np.pi * hz * k * t) / k for k in range(1, 12))


def noise(seconds, rate, level=0.01, seed=1):
    return level * np.random.default_rng(seed).standard_normal(int(seconds * rate))


def scene(seconds, tones, rate=16000):
    """A quiet room with a loud tone in each span of TONES."""
    samples = noise(seconds, rate, 0.0005)
    t = np.arange(len(samples)) / rate
    for start, end in tones:
        samples[(t >= start) & (t < end)] += 0.5 * np.sin(2 * np.pi * 440 * t[(t >= start) & (t < end)])
    return samples


def write_s16(path, samples, rate):
    """Samples of one channel, or frames x channels, as 16 bit PCM."""
    samples = np.atleast_2d(np.asarray(samples).T).T
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes())


def write_f32(path, samples, rate):
    """The same as 32 bit floats, which Python's wave module cannot write."""
    samples = np.atleast_2d(np.asarray(samples).T).T
    data = samples.astype("<f4").tobytes()
    n_channels = samples.shape[1]
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, n_channels, rate,
                         rate * n_channels * 4, n_channels * 4, 32, b"data", len(data))
    with open(path, "wb") as file:
        file.write(header + data)
