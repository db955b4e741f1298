# SPDX-License-Identifier: MIT
"""A source of sound that a test turns on and off."""

import threading
import time

import numpy as np

from times import PATIENCE


class Sound(threading.Thread):
    """Plays on without a pause, a tone or quiet, to the daemon's stdin: a second of sound every PACE_S."""

    def __init__(self, pipe, rate, pace_s=0.1):
        super().__init__(daemon=True)
        self.pipe, self.rate, self.pace_s = pipe, rate, pace_s
        self.tone, self.ends = False, False
        self.n_seconds = 0
        self.start()

    def run(self):
        t = np.arange(self.rate) / self.rate
        sounds = {tone: (16000 * tone * np.sin(2 * np.pi * 440 * t) + 30 * np.cos(300 * t)).astype("<i2").tobytes()
                  for tone in (True, False)}
        while not self.ends:
            self.pipe.write(sounds[self.tone])
            self.pipe.flush()
            self.n_seconds += 1
            time.sleep(self.pace_s)

    def end(self):
        self.ends = True
        self.join(PATIENCE)
