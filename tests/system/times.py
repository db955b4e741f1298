# SPDX-License-Identifier: MIT
"""How long things take. What a test waits for must come in the end, and in its order: only a hang runs into PATIENCE.
How long it took is printed, and held against what is promised by the long campaign alone (HEARKEN_LONG=1): in an
ordinary run that time belongs to whatever else the machine does. What is asserted there is a multiple of the promise,
counted in turns: naps of a thread of ours, which come late when everything does. A busy machine does not fail it."""

import bisect
import os
import sys
import threading
import time

PATIENCE = 60  # seconds that anything may take on a busy machine before a test gives up
LONG = bool(os.environ.get("HEARKEN_LONG"))

# A sanitizer slows starts down several times; the promises are made for the program that is installed.
SLOW = float(os.environ.get("SLOWNESS", "1"))


def note(text):
    print(f"      {text}", file=sys.stderr, flush=True)


TURN_S = 0.02  # at least
LOOSE = 5  # times what is promised, in an ordinary run


class Turns(threading.Thread):
    """Notes when it gets its turns."""

    def __init__(self):
        super().__init__(daemon=True)
        self.at = []
        self.start()

    def run(self):
        while True:
            time.sleep(TURN_S)
            self.at.append(time.monotonic())

    def seconds(self, since, until):
        """As many as there were turns for."""
        return TURN_S * (bisect.bisect(self.at, until) - bisect.bisect(self.at, since))


TURNS = Turns()


def check_promise(took_s, promised_s, what, since=None):
    """SINCE: when it began, by time.monotonic(); then a loose multiple holds in an ordinary run too."""
    if LONG and took_s > promised_s * SLOW:
        raise AssertionError(f"{what} took {took_s:.2f} s, promised: {promised_s * SLOW:g} s")
    turns_s = 0 if since is None else TURNS.seconds(since, since + took_s)
    if turns_s > LOOSE * promised_s * SLOW:
        raise AssertionError(f"{what} took {took_s:.2f} s, at least {turns_s:.2f} s of them undisturbed; promised: "
                             f"{promised_s * SLOW:g} s, at most {LOOSE} times that in any run")
