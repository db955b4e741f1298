# SPDX-License-Identifier: MIT
"""bench-core as a partner that takes turns with others, and what repeated measurements say."""

import os
import statistics
import subprocess
import time
from pathlib import Path


def stolen_s():
    """Seconds that this virtual machine's host has kept its processors from it."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")


class Core:
    """A running bench-core. A context manager."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def time(self, piece, calls):
        """Milliseconds of processor time of each call of PIECE ("name word ...")."""
        self.process.stdin.write(f"{calls} {piece}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"bench: bench-core ended at: {piece}")
        return [float(us) / 1000 for us in answer.split()]

    def has(self, name):
        """Was the piece NAME built (FFTW may not be there)?"""
        listed = subprocess.run([self.process.args[0], "--list"], check=True, stdout=subprocess.PIPE, text=True).stdout
        return name in [line.split()[0] for line in listed.splitlines()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def time_python(function, *arguments):
    """Milliseconds of processor time of one call."""
    start = time.thread_time()
    function(*arguments)
    return (time.thread_time() - start) * 1000


def take_turns(runs, n_turns):
    """RUNS: {name: function that returns milliseconds}. Every turn runs all of them once, so that what else the machine
    does falls on all alike. Returns {name: [list of a turn, ...]}; the first turn warms up and is left out."""
    turns = {name: [] for name in runs}
    for turn in range(n_turns + 1):
        for name, run in runs.items():
            values = run()
            if turn > 0:
                turns[name].append(values)
    return turns


def spread(values):
    """Median and quartiles."""
    values = sorted(values)
    return {"median": statistics.median(values), "low": values[len(values) // 4], "high": values[-1 - len(values) // 4]}


def summary(turns):
    return {name: spread([ms for turn in lists for ms in turn]) for name, lists in turns.items()}


def ratio(turns, slow, fast):
    """How many times FAST is faster than SLOW: the median of the turns' own ratios, and their quartiles."""
    return spread([statistics.median(a) / statistics.median(b) for a, b in zip(turns[slow], turns[fast])])
