# SPDX-License-Identifier: MIT
"""material: labelled clips for training: which sound, where, how loud, with what behind it."""

import numpy as np

from . import alarms, beepers, buildings, machines, neighbours, steady
from .places import at_level, place, quiet_room
from .signals import RATE, unit

WINDOW_S, STEP_S = 2.0, 1.0
LONG_S = 4.0
N_GROUPS = 40  # clips without a recording behind them are spread over so many groups


class Source:
    """How clips of one class are made: its label, its kinds of sound."""

    def __init__(self, label, kinds, min_active, background_share, snr_db, level_db):
        self.label = label
        self.kinds = kinds
        self.min_active = min_active  # share of every window in which the sound must be on
        self.background_share = background_share
        self.snr_db = snr_db
        self.level_db = level_db

    def draw_kind(self, rng):
        names = list(self.kinds)
        weights = np.array([self.kinds[name][0] for name in names], float)
        return names[rng.choice(len(names), p=weights / weights.sum())]


SOURCES = {
    "fire_alarm": Source("fire_alarm", alarms.KINDS | buildings.KINDS, 0.07, 0.55, (-3, 35), (-55, -8)),
    "other": Source("other", neighbours.KINDS | beepers.KINDS, 0.02, 0.6, (-3, 35), (-55, -8)),
    "steady": Source("other", steady.KINDS, 0.5, 0.15, (6, 35), (-70, -6)),
    "vacuum_cleaner": Source("vacuum_cleaner", machines.KINDS, 0.9, 0.4, (6, 30), (-50, -8)),
}


def label_of(source):
    return SOURCES[source].label if source in SOURCES else source


def active_in_every_window(x, share):
    """A clip that is longer than the pauses of an alarm needs to be active as a whole only."""
    on = np.abs(x) > 0.05
    n, step = int(WINDOW_S * RATE), int(STEP_S * RATE)
    if len(x) > LONG_S * RATE:
        return on.mean() >= share
    return all(on[i : i + n].mean() >= share for i in range(0, len(x) - n + 1, step))


def audible_cut(make, seconds, share, rng):
    """SECONDS of what MAKE makes, with the sound on in every window."""
    n = int(seconds * RATE)
    while True:
        y = unit(make(seconds + 2, rng))
        for _ in range(8):
            start = rng.integers(0, len(y) - n + 1)
            cut = unit(y[start : start + n])
            if active_in_every_window(cut, share):
                return cut


def clip(source, kind, seconds, rng, backgrounds=None):
    """(samples, group of the recording behind it or None)."""
    sound = audible_cut(source.kinds[kind][1], seconds, source.min_active, rng)
    group = background = snr = None
    if backgrounds and rng.random() < source.background_share:
        group, background = backgrounds.draw(len(sound), rng)
        snr = rng.uniform(*source.snr_db)
    level = rng.uniform(*source.level_db)
    if rng.random() < 0.1:  # as a file on a computer: no room, no microphone
        return at_level(sound, level), None
    return at_level(place(sound, rng, background, snr), level), group


def quiet_clip(seconds, rng):
    """A quiet room; sometimes nothing but the last bit of a converter."""
    if rng.random() < 0.15:
        n = int(seconds * RATE)
        return (rng.integers(0, 2, n) + rng.integers(0, 2, n) - 1) / 32768
    return quiet_room(seconds, rng)


def clips(name, count, seconds, seed, backgrounds=None):
    """COUNT clips of the source NAME: (kind, group, samples). Each depends on SEED and its number only."""
    for i in range(count):
        rng = np.random.default_rng([seed, sorted([*SOURCES, "silence"]).index(name), i])
        group = None
        if name == "silence":
            kind, samples = "room", quiet_clip(seconds, rng)
        else:
            source = SOURCES[name]
            kind = source.draw_kind(rng)
            samples, group = clip(source, kind, seconds, rng, backgrounds)
        yield kind, group or f"synth:{i % N_GROUPS}", samples + 2e-5 * rng.standard_normal(len(samples))
