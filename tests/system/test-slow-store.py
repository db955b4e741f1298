#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A disk that stalls for five seconds delays the history, and nothing else: analysis, watchdog, events, answers; and a
stop, which waits for it."""

import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np

from daemon import Daemon, Systemd
from follower import get_status
from player import Sound
from times import PATIENCE, check_promise
from varlink import Client

RATE = 2000
N_FED = 10  # WATCHDOG messages while the disk stalls: five seconds of it
LONG_STOP_S = 4
WATCHDOG_S = 2


class SlowStore(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-slow-"))
        self.addCleanup(shutil.rmtree, self.folder)
        subprocess.run([os.environ["MAKE_BUNDLE"], self.folder / "tone", "tone", str(RATE)], check=True)
        (self.folder / "hearken.conf").write_text("")
        self.systemd = Systemd(self.folder, WATCHDOG_S)
        self.addCleanup(self.systemd.close)
        self.stall = self.folder / "stall"

    def daemon(self):
        env = {**self.systemd.env, "LD_PRELOAD": os.environ["SLOWDISK_SHIM"], "SLOWDISK": str(self.stall),
               # the runtime of AddressSanitizer wants to be the first library
               "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        return Daemon("--model", self.folder / "tone", "--config", self.folder / "hearken.conf", "--input", "-", "--rate",
                      RATE, "--socket", self.folder / "s", "--history", self.folder / "h.db", stdin=subprocess.PIPE,
                      env=env)

    def wait_for_status(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition(status := get_status(self.folder / "s")):
            self.assertLess(time.monotonic(), end, f"waited for {what} in vain: {status}")
            time.sleep(0.02)
        return status

    def tell(self, follower, sound, tone):
        """Play TONE until the follower is told of it: the event, and how long that took."""
        sound.tone = tone
        began = time.monotonic()
        event = follower.receive()["event"]
        self.assertEqual(event["state"], "ongoing" if tone else "ended")
        return event, time.monotonic() - began

    def test_a_disk_that_stalls_delays_nothing_but_the_history(self):
        with self.daemon() as daemon:
            sound = Sound(daemon.process.stdin, RATE)
            self.addCleanup(sound.end)
            self.systemd.wait_for("READY")
            with Client(self.folder / "s", timeout=PATIENCE) as follower:
                follower.send("io.hearken.FollowEvents", more=True)
                told = [self.tell(follower, sound, tone) for tone in (True, False)]
                self.assertEqual([event["stored"] for event, _ in told], [True, True])
                self.wait_for_status(lambda status: status["store"]["queued"] == 0, "the history")

                self.stall.write_text("")
                self.addCleanup(self.stall.unlink, missing_ok=True)
                stalled_at, first = time.monotonic(), get_status(self.folder / "s")
                late = [self.tell(follower, sound, tone) for tone in (True, False)]
                n_windows = [first["windows"]]
                self.systemd.collect(0.1)  # what was sent before
                for _ in range(N_FED):
                    self.systemd.wait_for("WATCHDOG")
                    status = self.wait_for_status(lambda status: status["windows"] > n_windows[-1], "a window")
                    n_windows.append(status["windows"])
                    self.assertGreater(status["store"]["queued"], 0, "the disk does not stall")
                stalled_s = time.monotonic() - stalled_at
                self.assertTrue(self.stall.exists())  # all of this happened before the disk went on
                self.stall.unlink()

                self.assertEqual([event["stored"] for event, _ in late], [False, False])
                fed = [at for at, message in self.systemd.heard if "WATCHDOG" in message]
                fed = [at for at in fed if stalled_at - WATCHDOG_S <= at]
                pauses = np.diff([*fed, stalled_at + stalled_s])
                check_promise(max(pauses), WATCHDOG_S, "to feed the watchdog")

                self.wait_for_status(lambda status: status["store"]["queued"] == 0, "the history")
                after, _ = self.tell(follower, sound, True)
                self.assertTrue(after["stored"])
                cursors = [event["cursor"] for event, _ in [*told, *late]] + [after["cursor"]]
                self.assertEqual(cursors, sorted(set(cursors)), "told twice")
            with Client(self.folder / "s") as client:
                listed = client.call("io.hearken.ListEvents")["events"]
            self.assertEqual([event["id"] for event in listed], [told[0][0]["id"], late[0][0]["id"], after["id"]])
            self.assertEqual(listed[1], {**late[1][0], "stored": True})

            sound.end()
            status = self.wait_for_status(lambda status: status["windows"] >= sound.n_seconds - 1, "the last window")
            self.assertEqual(status["windows"], sound.n_seconds - 1)
            self.assertEqual((status["source"]["lost_frames"], status["gaps"], status["source"]["overruns"]), (0, 0, 0))
            self.assertEqual((status["source"]["frames"], status["store"]["lost"]), (sound.n_seconds * RATE, 0))
            self.assertEqual(daemon.stop(), 0)
        database = sqlite3.connect(self.folder / "h.db")
        self.assertEqual(database.execute("SELECT count(*) FROM events WHERE id = ?", [late[0][0]["id"]]).fetchone(), (1,))
        database.close()
        print(f"a stall of {stalled_s:.1f} s: {len(fed)} WATCHDOG messages, at most {max(pauses):.2f} s apart; "
              f"{n_windows[-1] - n_windows[0]} windows; told after {late[0][1]:.2f} s and {late[1][1]:.2f} s",
              file=sys.stderr)

    def test_a_stop_waits_for_a_slow_disk_and_loses_no_event(self):
        with self.daemon() as daemon:
            sound = Sound(daemon.process.stdin, RATE)
            self.addCleanup(sound.end)
            self.systemd.wait_for("READY")
            with Client(self.folder / "s", timeout=PATIENCE) as follower:
                follower.send("io.hearken.FollowEvents", more=True)
                event, _ = self.tell(follower, sound, True)
                self.wait_for_status(lambda status: status["store"]["queued"] == 0, "the history")
                self.stall.write_text("")
                self.addCleanup(self.stall.unlink, missing_ok=True)
                sound.end()
                daemon.signal(signal.SIGTERM)
                self.systemd.wait_for("STOPPING", "1")
                granted_us = int(self.systemd.wait_for("EXTEND_TIMEOUT_USEC")["EXTEND_TIMEOUT_USEC"])
                time.sleep(LONG_STOP_S)
                self.assertIsNone(daemon.process.poll(), "it did not wait for the disk")
                self.stall.unlink()
                self.assertEqual(daemon.wait(), 0)
        self.assertGreater(granted_us, LONG_STOP_S * 1e6)
        database = sqlite3.connect(self.folder / "h.db")
        self.assertEqual(database.execute("SELECT id FROM events WHERE state = 2").fetchall(), [(event["id"],)])
        database.close()


if __name__ == "__main__":
    unittest.main()
