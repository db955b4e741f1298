#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A wall clock that is wrong, is set, or jumps: no event is kept back, forgotten or dated in another century for it."""

import mmap
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from daemon import Daemon
from follower import get_status
from player import Sound
from times import PATIENCE
from varlink import Client

RATE = 2000
HOUR_S = 3600
DAY_S = 24 * HOUR_S


class Clock:
    """What the shim shows as the time, and whether it is synchronised."""

    def __init__(self, path):
        path.write_bytes(bytes(16))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 16)
        self.env = {"FAKECLOCK": str(path)}

    def set(self, ahead_s, synchronised=False):
        self.map[:] = struct.pack("dd", ahead_s, synchronised)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-clock-"))
        self.addCleanup(shutil.rmtree, self.folder)
        subprocess.run([os.environ["MAKE_BUNDLE"], self.folder / "tone", "tone", str(RATE)], check=True)
        (self.folder / "hearken.conf").write_text("")
        self.clock = Clock(self.folder / "clock")
        self.stall = self.folder / "stall"

    def daemon(self, *args, history=True):
        shims = os.environ["FAKECLOCK_SHIM"] + ":" + os.environ["SLOWDISK_SHIM"]
        env = {**self.clock.env, "LD_PRELOAD": shims, "SLOWDISK": str(self.stall),
               # the runtime of AddressSanitizer wants to be the first library
               "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        return Daemon("--model", self.folder / "tone", "--config", self.folder / "hearken.conf", "--input", "-", "--rate",
                      RATE, "--socket", self.folder / "s", "--history", self.folder / "h.db" if history else "none", *args,
                      stdin=subprocess.PIPE, env=env)

    def play(self, daemon, pace_s=0.1):
        sound = Sound(daemon.process.stdin, RATE, pace_s)
        self.addCleanup(sound.end)
        daemon.wait_for_log("hearing")
        return sound

    def follower(self, **parameters):
        client = Client(self.folder / "s", timeout=PATIENCE)
        self.addCleanup(client.socket.close)
        client.send("io.hearken.FollowEvents", more=True, **parameters)
        get_status(self.folder / "s")  # asked after it, so the stream has begun
        return client

    def change(self, follower, sound, tone):
        """Turn the tone on or off: the event that FOLLOWER gets."""
        sound.tone = tone
        event = follower.receive()["event"]
        self.assertEqual(event["state"], "ongoing" if tone else "ended", event)
        return event

    def listed(self, **parameters):
        with Client(self.folder / "s", timeout=PATIENCE) as client:
            return client.call("io.hearken.ListEvents", limit=1000, **parameters)["events"]

    def wait_for_list(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition(events := self.listed()):
            self.assertLess(time.monotonic(), end, f"waited for {what} in vain: {events}")
            time.sleep(0.02)
        return events


class Followers(Case):
    """The cursor counts and the order is kept, whatever the clock does between two events."""

    def check(self, history, stalled=False):
        with self.daemon(history=history) as daemon:
            sound = self.play(daemon)
            follower = self.follower()
            events = [self.change(follower, sound, True)]
            if stalled:
                self.stall.write_text("")
                self.addCleanup(self.stall.unlink, missing_ok=True)
            for i, ahead_s in enumerate((-HOUR_S, -2 * HOUR_S, 3 * DAY_S, 0, -50 * 365 * DAY_S)):
                self.clock.set(ahead_s)
                events.append(self.change(follower, sound, i % 2 == 1))
            self.stall.unlink(missing_ok=True)
            self.assertEqual(sorted(event["cursor"] for event in events), [event["cursor"] for event in events])
            self.assertEqual(len({event["cursor"] for event in events}), len(events))
            for start, end in zip(events[0::2], events[1::2]):
                self.assertEqual(start["id"], end["id"])
                self.assertEqual(start["start"], end["start"])
                self.assertLess(end["duration_ms"], 1000 * sound.n_seconds)
            if history:
                end = time.monotonic() + PATIENCE
                while get_status(self.folder / "s")["store"]["queued"] > 0:
                    self.assertLess(time.monotonic(), end, "waited for the history in vain")
                    time.sleep(0.02)
                # who was away meanwhile gets each event once, in the same order
                late = self.follower(after_cursor=events[0]["cursor"])
                seen = [late.receive()["event"]["cursor"] for _ in range(len(events) // 2)]
                self.assertEqual(seen, [event["cursor"] for event in events if event["state"] == "ended"])
            sound.end()

    def test_a_clock_that_is_set_back_silences_no_follower_without_a_history(self):
        self.check(history=False)

    def test_a_clock_that_is_set_back_silences_no_follower_with_a_history(self):
        self.check(history=True)

    def test_a_clock_that_is_set_back_silences_no_follower_while_the_disk_stalls(self):
        self.check(history=True, stalled=True)

    def test_cursors_ascend_over_a_restart_with_an_earlier_clock(self):
        cursors = []
        for ahead_s in (0, -HOUR_S, -50 * 365 * DAY_S):
            self.clock.set(ahead_s)
            with self.daemon() as daemon:
                sound = self.play(daemon)
                follower = self.follower(**({"after_cursor": cursors[-1]} if cursors else {}))
                cursors += [self.change(follower, sound, tone)["cursor"] for tone in (True, False)]
                sound.end()
                daemon.stop()
        self.assertEqual(sorted(set(cursors)), cursors)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
