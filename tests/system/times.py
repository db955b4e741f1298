# SPDX-License-Identifier: MIT
"""How long things take. What a test waits for must come in the end, and in its order: only a hang runs into PATIENCE.
How long it took is printed, and held against what is promised by the long campaign alone (HEARKEN_LONG=1): in an
ordinary run that time belongs to whatever else the machine does."""

import os
import sys

PATIENCE = 60  # seconds that anything may take on a busy machine before a test gives up
LONG = bool(os.environ.get("HEARKEN_LONG"))

# A sanitizer slows starts down several times; the promises are made for the program that is installed.
SLOW = float(os.environ.get("SLOWNESS", "1"))


def note(text):
    print(f"      {text}", file=sys.stderr, flush=True)


def check_promise(took_s, promised_s, what):
    if LONG and took_s > promised_s * SLOW:
        raise AssertionError(f"{what} took {took_s:.2f} s, promised: {promised_s * SLOW:g} s")
