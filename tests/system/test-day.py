#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An hour of sound (HEARKEN_LONG=1: a day), read as fast as it can be analysed: nothing is lost, memory and file
descriptors stay as they were."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np

import microphones
import sounds
from daemon import Daemon
from follower import Follower, get_status
from probe import children
from times import LONG

RATE = 16000

LOOKS = 24 if LONG else 6
EVENTS = 6 if LONG else 1  # between two looks: an hour or ten minutes


def resident_bytes(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def n_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Day(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-day-"))
        self.addCleanup(shutil.rmtree, self.folder)
        subprocess.run([os.environ["MAKE_BUNDLE"], self.folder / "model", "tone", str(RATE)], check=True)

    def status(self):
        return get_status(self.folder / "s")

    def test_hours_lose_nothing_and_leave_nothing_behind(self):
        """Ten minutes hold one event."""
        ten_minutes = sounds.noise(600, RATE, 0.0005)
        ten_minutes[:10 * RATE] += 0.5 * np.sin(2 * np.pi * 440 * np.arange(10 * RATE) / RATE)
        data = np.rint(ten_minutes * 32767).astype("<i2").tobytes()
        options = ["--model", self.folder / "model", "--socket", self.folder / "s", "--history", self.folder / "h.db"]
        command = [*options, "--input", "-", "--rate", RATE]
        begin = time.monotonic()
        resident, files, helper_resident = [], [], []
        with Daemon(*command, stdin=subprocess.PIPE) as daemon, contextlib.ExitStack() as stack:
            self.assertTrue(microphones.until((self.folder / "s").exists, 60))
            follower = stack.enter_context(Follower(self.folder / "s"))
            self.assertTrue(microphones.until(lambda: children(daemon.process.pid), 60))
            helper = children(daemon.process.pid)[0]
            for look in range(1, LOOKS + 1):
                for _ in range(EVENTS):
                    daemon.process.stdin.write(data)
                daemon.process.stdin.flush()
                # What the pipe and the ring hold is not analysed yet; it is less than a minute and a half.
                daemon.wait_for(lambda: self.status()["windows"] > look * EVENTS * 600 - 90, f"look {look}", seconds=600)
                resident.append(resident_bytes(daemon.process.pid))
                helper_resident.append(resident_bytes(helper))
                # The connection that asked for the status is closed in the daemon's own time.
                microphones.until(lambda: n_files(daemon.process.pid) <= min(files, default=0), 1)
                files.append(n_files(daemon.process.pid))
            status = self.status()
            daemon.process.stdin.close()
            self.assertEqual(daemon.wait(), 0)
        seconds = time.monotonic() - begin
        print(f"      {LOOKS * EVENTS / 6:.0f} h in {seconds:.0f} s, resident at the 2nd look {resident[1] / 2**20:.2f} MB, at the last "
              f"{resident[-1] / 2**20:.2f} MB; files {files[1]} and {files[-1]}; helper {helper_resident[1] / 2**20:.2f} and "
              f"{helper_resident[-1] / 2**20:.2f} MB", file=sys.stderr)
        self.assertEqual(status["source"]["lost_frames"] + status["gaps"] + status["source"]["restarts"], 0)
        self.assertEqual(len([event for event in daemon.events if event["state"] == "ended"]), LOOKS * EVENTS)
        self.assertFalse(any(event["gap"] for event in daemon.events))
        # Every event reached the one who followed, start and end.
        self.assertEqual(len([reply for _, reply in follower.heard if reply.get("event")]), 2 * LOOKS * EVENTS)
        self.assertLess(abs(resident[-1] / resident[1] - 1), 0.01)
        self.assertLess(abs(helper_resident[-1] / helper_resident[1] - 1), 0.01)
        self.assertEqual(set(files), {files[0]})

    def test_reloads_give_their_memory_back(self):
        """The text of a model is larger than all else that the daemon holds."""
        model = pathlib.Path(__file__).resolve().parents[2] / "models" / "home"
        with Daemon("--model", model, "--input", "-", "--rate", RATE, stdin=subprocess.PIPE) as daemon:
            daemon.wait_for_log("model home")
            resident = []
            for n in range(1, 6):
                resident.append(resident_bytes(daemon.process.pid))
                daemon.signal(signal.SIGHUP)
                daemon.wait_for_log("model reloaded", n)
            before = resident[0]
            microphones.until(lambda: resident_bytes(daemon.process.pid) < 1.5 * before, 20)
            after = resident_bytes(daemon.process.pid)
            self.assertEqual(daemon.stop(), 0)
        print(f"      resident before {before / 2**20:.2f} MB, after five reloads {after / 2**20:.2f} MB", file=sys.stderr)
        self.assertLess(after, 1.5 * before)


if __name__ == "__main__":
    unittest.main()
