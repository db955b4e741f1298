# SPDX-License-Identifier: MIT
"""home_material: everything models/home learns from, as one manifest for `hearken train`.

Recordings as they are; the same through rooms and microphones, at other levels and speeds, with other
recordings behind them; synthesised sounds.
"""

import csv
import multiprocessing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from . import material, sound_file
from .backgrounds import Backgrounds, load, piece
from .places import at_level, band, microphone, place
from .recordings import NEAR, NOT_A_BACKGROUND, Recording, all_recordings
from .signals import RATE, gain

COPY_S = 5.0  # longest piece of a recording that is copied
SHORTEST_S = 2.05  # a piece that is shorter is repeated

# How many copies of a recording, by label.
COPIES = {"fire_alarm": 4, "music": 2, "silence": 3, "vacuum_cleaner": 10, "other": 1}
NEAR_COPIES = 3

CLIP_S = 3.0  # two windows
# Synthesised clips, by label.
SYNTHESISED = {"fire_alarm": 1800, "other": 1300, "vacuum_cleaner": 300, "silence": 150}


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


@dataclass
class Copy:
    """A recording as it is heard elsewhere."""

    number: int  # of the recording
    k: int  # of its copies
    recording: Recording

    @property
    def name(self):
        return f"{self.recording.label}/copy-{self.number:04}-{self.k}.wav"

    def make(self, seed, backgrounds):
        """(group, samples); None: nothing to be heard."""
        rng = np.random.default_rng([seed, self.number, self.k])
        samples = active_part(self.recording)
        peak = np.max(np.abs(samples), initial=0)
        if len(samples) < RATE / 2 or (peak < 1e-3 and self.recording.label != "silence"):
            return None
        return self.recording.group, copy_of(self.recording.label, samples, rng, backgrounds)


@dataclass
class Synthesised:
    """A clip that is computed."""

    label: str
    number: int

    @property
    def name(self):
        return f"{self.label}/synth-{self.number:05}.wav"

    def make(self, seed, backgrounds):
        _, group, samples = material.numbered_clip(self.label, self.number, CLIP_S, seed, backgrounds)
        return group, samples


class Workshop:
    """Makes clips on some processes; what comes out depends on the seed alone."""

    def __init__(self, folder, seed, backgrounds):
        self.folder, self.seed, self.backgrounds = folder, seed, backgrounds

    def write(self, clip):
        """The clip's row of the manifest, or None."""
        made = clip.make(self.seed, self.backgrounds)
        if not made:
            return None
        group, samples = made
        dither = np.random.default_rng([self.seed, *clip.name.encode()]).standard_normal(len(samples))
        sound_file.write(self.folder / clip.name, samples + 2e-5 * dither)
        return clip.name, clip.name.split("/")[0], group, "", ""

    def write_all(self, clips, jobs):
        for label in {clip.name.split("/")[0] for clip in clips}:
            (self.folder / label).mkdir(exist_ok=True)
        with multiprocessing.get_context("fork").Pool(jobs, _employ, (self,)) as pool:
            return [row for row in pool.map(_write, clips, chunksize=64) if row]


_workshop = None  # of this process: its backgrounds are too large to be sent with every clip


def _employ(workshop):
    global _workshop
    _workshop = workshop


def _write(clip):
    return _workshop.write(clip)


def write_backgrounds(recordings, folder):
    path = folder / "backgrounds.tsv"
    with open(path, "w", newline="") as f:
        table = csv.writer(f, delimiter="\t", lineterminator="\n")
        table.writerow(["path", "class", "group"])
        table.writerows((r.path, r.kind, r.group) for r in recordings if r.kind not in NOT_A_BACKGROUND)
    return Backgrounds(path)


def n_copies(recording):
    return NEAR_COPIES if recording.kind in NEAR else COPIES[recording.label]


def make(data, folder, seed, jobs):
    """Write the material into FOLDER on JOBS processes. Returns the manifest's path."""
    recordings = all_recordings(data)
    workshop = Workshop(Path(folder), seed, write_backgrounds(recordings, folder))
    clips = [Copy(i, k, r) for i, r in enumerate(recordings) for k in range(n_copies(r))]
    clips += [Synthesised(label, i) for label, count in SYNTHESISED.items() for i in range(count)]
    path = folder / "MANIFEST.tsv"
    with open(path, "w", newline="") as f:
        table = csv.writer(f, delimiter="\t", lineterminator="\n")
        table.writerow(["path", "class", "group", "start", "end"])
        table.writerows((r.path, r.label, r.group, r.start, r.end) for r in recordings)
        table.writerows(workshop.write_all(clips, jobs))
    return path
