# SPDX-License-Identifier: MIT
"""home_material: everything models/home learns from, as one manifest for `hearken train`.

Recordings as they are; the same through rooms and microphones, at other levels and speeds, with other
recordings behind them; synthesised sounds.
"""

import csv

import numpy as np
from scipy.signal import resample_poly

from . import material, sound_file
from .backgrounds import Backgrounds, load, piece
from .places import at_level, band, microphone, place
from .recordings import NEAR, NOT_A_BACKGROUND, all_recordings
from .signals import RATE, gain

COPY_S = 5.0  # longest piece of a recording that is copied
SHORTEST_S = 2.05  # a piece that is shorter is repeated

# How many copies of a recording, by label.
COPIES = {"fire_alarm": 4, "music": 2, "silence": 3, "vacuum_cleaner": 10, "other": 1}
NEAR_COPIES = 3

# Synthesised clips of 3 s (two windows), by their source (material.SOURCES).
SYNTHESISED = {"fire_alarm": 1800, "other": 1050, "steady": 1200, "vacuum_cleaner": 300, "silence": 150}


def active_part(recording):
    samples = load(recording.path)
    if recording.start:
        samples = samples[int(float(recording.start) * RATE) : int(float(recording.end) * RATE)]
    return samples


def at_other_speed(samples, rng):
    """Up to a quarter faster or slower, pitch and all."""
    return resample_poly(samples, int(rng.integers(80, 126)), 100)


def copy_of(label, samples, rng, backgrounds):
    """SAMPLES as another microphone in another room would have them."""
    if rng.random() < 0.6 and label != "silence":
        samples = at_other_speed(samples, rng)
    n = int(np.clip(len(samples), SHORTEST_S * RATE, COPY_S * RATE))
    samples = piece(samples, n, rng)
    if label == "silence":
        return microphone(samples, rng) * gain(rng.uniform(-12, 8))
    if label == "music" and rng.random() < 0.5:  # a small loudspeaker
        samples = band(samples, "high", 2, rng.uniform(150, 600))
    background = snr_db = None
    if rng.random() < (0.25 if label == "other" else 0.5):
        background, snr_db = backgrounds.draw(n, rng)[1], rng.uniform(4, 30)
    return at_level(place(samples, rng, background, snr_db), rng.uniform(-50, -10))


class Maker:
    """Writes files into a folder and keeps the rows of its manifest."""

    def __init__(self, folder):
        self.folder = folder
        self.rows = []

    def recording(self, recording):
        self.rows.append((recording.path, recording.label, recording.group, recording.start, recording.end))

    def write(self, name, label, group, samples):
        path = f"{label}/{name}.wav"
        (self.folder / label).mkdir(exist_ok=True)
        noisy = samples + 2e-5 * np.random.default_rng(len(self.rows)).standard_normal(len(samples))
        sound_file.write(self.folder / path, noisy)
        self.rows.append((path, label, group, "", ""))

    def manifest(self):
        path = self.folder / "MANIFEST.tsv"
        with open(path, "w", newline="") as f:
            table = csv.writer(f, delimiter="\t", lineterminator="\n")
            table.writerow(["path", "class", "group", "start", "end"])
            table.writerows(self.rows)
        return path


def write_backgrounds(recordings, folder):
    path = folder / "backgrounds.tsv"
    with open(path, "w", newline="") as f:
        table = csv.writer(f, delimiter="\t", lineterminator="\n")
        table.writerow(["path", "class", "group"])
        table.writerows((r.path, r.kind, r.group) for r in recordings if r.kind not in NOT_A_BACKGROUND)
    return Backgrounds(path)


def add_recordings(maker, recordings, backgrounds, seed):
    for i, recording in enumerate(recordings):
        maker.recording(recording)
        samples = active_part(recording)
        peak = np.max(np.abs(samples), initial=0)
        if len(samples) < RATE / 2 or (peak < 1e-3 and recording.label != "silence"):
            continue
        n_copies = NEAR_COPIES if recording.kind in NEAR else COPIES[recording.label]
        for k in range(n_copies):
            rng = np.random.default_rng([seed, i, k])
            samples_k = copy_of(recording.label, samples, rng, backgrounds)
            maker.write(f"copy-{i:04}-{k}", recording.label, recording.group, samples_k)


def add_synthesis(maker, backgrounds, seed):
    for source, count in SYNTHESISED.items():
        label = material.label_of(source)
        clips = material.clips(source, count, 3.0, seed, backgrounds)
        for i, (kind, group, samples) in enumerate(clips):
            maker.write(f"{kind}-{i:05}", label, group, samples)


def make(data, folder, seed):
    """Write the material into FOLDER. Returns the manifest's path."""
    recordings = all_recordings(data)
    backgrounds = write_backgrounds(recordings, folder)
    maker = Maker(folder)
    add_recordings(maker, recordings, backgrounds, seed)
    add_synthesis(maker, backgrounds, seed)
    return maker.manifest()
