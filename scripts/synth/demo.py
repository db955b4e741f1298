# SPDX-License-Identifier: MIT
"""demo: an alarm exactly as ISO 8201 has it, in a quiet room; a vacuum cleaner there."""

import numpy as np
from scipy.signal import fftconvolve

from .machines import vacuum_cleaner
from .places import quiet_room, room
from .signals import RATE, gain, gate, time_axis, tone, unit

HZ = 3100
LEVEL_DBFS, VACUUM_DBFS, ROOM_DBFS = -26, -30, -68
BEFORE_S, AFTER_S = 4.0, 4.0
SWITCH_S = 0.5  # until a vacuum cleaner runs at full speed


def temporal_three(seconds):
    """Segments of 3 x (0.5 s on, 0.5 s off) and 1 s more of silence: cycles of 4 s."""
    starts = np.arange(0, seconds, 4.0)[:, None] + np.arange(3.0)[None, :]
    return [(s, min(s + 0.5, seconds)) for s in starts.ravel() if s < seconds]


def alarm_scene(seconds, rng):
    """A quiet room in which a smoke alarm begins after BEFORE_S and ends AFTER_S before the end."""
    y = quiet_room(seconds, rng, ROOM_DBFS)
    alarm_s = max(0.0, seconds - BEFORE_S - AFTER_S)
    t = time_axis(alarm_s)
    beeps = tone(np.full(len(t), float(HZ)), "piezo", rng)
    beeps *= gate(len(t), temporal_three(alarm_s), rng, attack=0.002, release=0.004)
    heard = unit(fftconvolve(beeps, room(rng, False))) * gain(LEVEL_DBFS)
    first = int(BEFORE_S * RATE)
    heard = heard[: len(y) - first]
    y[first : first + len(heard)] += heard
    return y


def vacuum_scene(seconds, rng):
    """A quiet room in which a vacuum cleaner runs all the time."""
    machine = vacuum_cleaner(seconds, rng) * gain(VACUUM_DBFS)
    n = int(SWITCH_S * RATE)
    machine[:n] *= np.linspace(0, 1, n)
    machine[-n:] *= np.linspace(1, 0, n)
    return quiet_room(seconds, rng, ROOM_DBFS) + machine
