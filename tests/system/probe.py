# SPDX-License-Identifier: MIT
"""capture-probe as a test uses it: what it says is kept with the time at which it was said."""

import json
import os
import pathlib
import subprocess
import threading
import time

from times import PATIENCE

PROBE = os.environ["CAPTURE_PROBE"]
HELPER = os.environ["HEARKEN_CAPTURE"]


def stat(pid):
    """The fields of /proc/PID/stat from the state on."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def children(pid):
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = stat(folder.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(folder.name))
    return found


def cpu_seconds(pid):
    fields = stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Probe:
    """A running probe. A context manager: it and its helper are gone at the end."""

    def __init__(self, *options, env=None, stdin=None, wrapper=()):
        command = [*wrapper, PROBE, "--helper", HELPER, *map(str, options)]
        self.process = subprocess.Popen(
            command, env={**os.environ, **(env or {})}, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.lines = []
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for text in self.process.stdout:
            with self.news:
                self.lines.append(json.loads(text))
                self.news.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()

    @property
    def states(self):
        return [line for line in self.lines if "state" in line]

    @property
    def holes(self):
        return [line for line in self.lines if "hole" in line]

    def wait_for(self, state, after=0.0):
        """The first line since AFTER that says STATE."""
        end = time.monotonic() + PATIENCE
        with self.news:
            while True:
                for line in self.lines:
                    if line.get("state") == state and line["t"] >= after:
                        return line
                left = end - time.monotonic()
                if left <= 0 or not self.news.wait(left):
                    raise AssertionError(f"never {state}; it said: {self.lines}")

    def helper(self):
        """Process id of hearken-capture; None between two of them."""
        return next(iter(children(self.process.pid)), None)

    def finish(self):
        """Stop it (or wait for its own end); its summary."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.summary()

    def summary(self):
        self.process.wait(PATIENCE)
        self.reader.join()
        errors = self.process.stderr.read()
        assert self.process.returncode == 0, errors
        return self.lines[-1]
