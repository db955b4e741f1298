#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A wall clock that is wrong, is set, or jumps: no event is kept back, forgotten or dated in another century for it."""

import contextlib
import datetime
import mmap
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np

from daemon import Daemon
from follower import get_status
from player import Sound
from times import PATIENCE
from varlink import Client

RATE = 2000
HOUR_S = 3600
DAY_S = 24 * HOUR_S


def seconds(text):
    return datetime.datetime.fromisoformat(text).timestamp()


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


class History(Case):
    """Nothing is forgotten on the word of a wrong clock."""

    def run_once(self, ahead_s, synchronised=False, heard=True, max_age="365 d"):
        """A daemon from its start to its end, with one event or none: its log."""
        (self.folder / "hearken.conf").write_text(f"[history]\nmax_age = {max_age}\n")
        self.clock.set(ahead_s, synchronised)
        with self.daemon() as daemon:
            sound = self.play(daemon)
            for tone in (True, False) if heard else ():
                sound.tone = tone
                daemon.wait_for_event(state="ongoing" if tone else "ended")
            self.wait_for_list(lambda events: len(events) >= heard and all(event["state"] == "ended" for event in events), "the end")
            events = self.listed()
            sound.end()
            self.assertEqual(daemon.stop(), 0)
            return events, "\n".join(daemon.log)

    def test_one_start_in_2099_forgets_nothing(self):
        events, _ = self.run_once(0)
        for heard in (False, True, False):
            _, log = self.run_once(73 * 365 * DAY_S, heard=heard)
            self.assertNotIn("forgotten", log)
        again, _ = self.run_once(0, heard=False)
        self.assertEqual(again[0], events[0])
        self.assertEqual(len(again), 2)

    def test_what_was_heard_in_1970_stays_when_the_clock_is_right_again(self):
        in_1970, _ = self.run_once(100 - time.time())
        self.assertTrue(in_1970[0]["start"].startswith("1970"), in_1970)
        for synchronised in (False, True):
            again, log = self.run_once(0, synchronised, heard=False)
            self.assertEqual(again, in_1970)
            self.assertNotIn("forgotten", log)

    def test_time_that_passed_by_synchronised_clocks_makes_old_and_is_told(self):
        self.run_once(0, True)
        with contextlib.closing(sqlite3.connect(self.folder / "h.db")) as db, db:
            db.execute("UPDATE events SET heard_us = heard_us - ?", (20 * HOUR_S * 1000000,))
        kept, log = self.run_once(3 * HOUR_S, True, max_age="1 d")
        self.assertEqual(len(kept), 2)
        self.assertNotIn("forgotten", log)
        left, log = self.run_once(5 * HOUR_S, True, heard=False, max_age="1 d")
        self.assertEqual(left, kept[1:])
        self.assertIn("events forgotten: 1 older than max_age, 0 beyond max_events", log)

    def test_a_clock_that_is_ahead_by_more_than_the_history_spans_has_to_stay_so(self):
        for heard in (True, False):
            events, log = self.run_once(0 if heard else 30 * DAY_S, True, heard, "1 d")
            self.assertEqual(len(events), 1)
            self.assertNotIn("forgotten", log)
        self.assertRegex(log, r"the clock is 30\.0 days ahead of the newest events")


class Redating(Case):
    """What was heard before the clock was right is dated again by the steps that set it right."""

    def check(self, steps):
        """Two events, one over and one that goes on, under a clock that is wrong; then STEPS: pairs for Clock.set."""
        with self.daemon() as daemon:
            sound = self.play(daemon)
            follower = self.follower()
            began = time.time()
            for tone in (True, False, True):
                self.change(follower, sound, tone)
            for i, step in enumerate(steps):
                self.clock.set(*step)
                daemon.wait_for_log("the wall clock was set", n=i + 1)
            self.clock.set(0, True)
            daemon.wait_for_log("dated again")
            events = self.wait_for_list(lambda events: len(events) == 2 and abs(
                seconds(events[0]["start"]) - began) < PATIENCE, "the right time")
            with Client(self.folder / "s", timeout=PATIENCE) as client:
                ongoing = client.call("io.hearken.GetStatus")["status"]["ongoing"]
            self.assertEqual([event["start"] for event in ongoing], [events[1]["start"]])
            last = self.change(follower, sound, False)
            self.assertEqual((last["id"], last["start"]), (events[1]["id"], events[1]["start"]))
            self.assertLess(events[0]["end"], last["start"])
            events = self.wait_for_list(lambda events: events[1]["state"] == "ended", "the end")
            self.assertEqual((events[1]["start"], events[1]["end"]), (last["start"], last["end"]))
            sound.end()

    def test_what_was_heard_in_1970_is_dated_by_the_step_out_of_it(self):
        self.clock.set(100 - time.time())
        self.check([(0, False)])

    def test_what_was_heard_under_an_old_time_is_dated_when_the_clock_is_synchronised(self):
        self.clock.set(-40 * DAY_S)
        self.check([(3 * DAY_S, False), (0, False)])


class Ongoing(Case):
    """An event that goes on is shown the same everywhere, and counts on with what is heard, not with a clock."""

    def shown(self, event_id):
        """What the methods say, of one moment: asked again when a window came in between."""
        keys = "duration_ms", "windows", "end_frame", "peak_probability", "mean_probability", "level_dbfs"
        while True:
            with Client(self.folder / "s", timeout=PATIENCE) as client, Client(self.folder / "s", timeout=PATIENCE) as follower:
                before, listed, explained, after = (client.call(*call, **parameters) for *call, parameters in (
                    ("io.hearken.GetStatus", {}), ("io.hearken.ListEvents", {"state": "ongoing"}),
                    ("io.hearken.ExplainEvent", {"id": event_id}), ("io.hearken.GetStatus", {})))
                follower.send("io.hearken.FollowEvents", more=True, after_id=event_id - 1)
                events = [before["status"]["ongoing"][0], listed["events"][0], explained["event"],
                          follower.receive()["event"], after["status"]["ongoing"][0]]
                last = client.call("io.hearken.GetStatus")["status"]["ongoing"][0]
            if last["windows"] == events[0]["windows"]:
                return [[event[key] for key in keys] for event in events]

    def test_an_ongoing_event_counts_on_and_is_the_same_in_status_lists_explanations_and_streams(self):
        with self.daemon() as daemon:
            sound = self.play(daemon, pace_s=0.5)
            event = self.change(self.follower(), sound, True)
            self.wait_for_list(lambda events: events, "the history")
            first = self.shown(event["id"])
            self.assertEqual(first[1:], first[:-1])
            self.clock.set(-HOUR_S)
            events = self.wait_for_list(lambda events: events[0]["windows"] > first[0][1] + 3, "windows")
            self.assertEqual((events[0]["id"], events[0]["start"]), (event["id"], event["start"]))
            second = self.shown(event["id"])
            self.assertEqual(second[1:], second[:-1])
            self.assertGreater(second[0][0], first[0][0])
            self.assertEqual(second[0][0] * RATE // 1000, second[0][2] - event["start_frame"])
            sound.end()


class FastPipe(Case):
    """Sound that comes through a pipe faster than it was heard is dated as if it were played."""

    def test_events_of_a_pipe_that_is_fed_at_once_do_not_overlap(self):
        began = time.time()
        with self.daemon() as daemon:
            t = np.arange(RATE) / RATE
            tone, quiet = ((16000 * on * np.sin(2 * np.pi * 440 * t) + 30 * np.cos(300 * t)).astype("<i2").tobytes()
                           for on in (True, False))
            daemon.process.stdin.write((quiet * 10 + tone * 10) * 6 + quiet * 10)
            daemon.process.stdin.close()
            self.assertEqual(daemon.wait(), 0)
            starts = [event for event in daemon.events if event["state"] == "ongoing"]
            ends = [event for event in daemon.events if event["state"] == "ended"]
            self.assertEqual((len(starts), len(ends)), (6, 6))
            for event in ends:
                first_s = seconds(event["start"]) - event["start_frame"] / RATE
                self.assertAlmostEqual(first_s, seconds(ends[0]["start"]) - ends[0]["start_frame"] / RATE, delta=0.002)
                self.assertTrue(began - 5 < first_s < began + PATIENCE, event)  # a block counts as captured before it came
                self.assertAlmostEqual(seconds(event["end"]) - seconds(event["start"]),
                                       (event["end_frame"] - event["start_frame"]) / RATE, delta=0.002)
            for one, next_one in zip(ends, ends[1:]):
                self.assertLess(one["end"], next_one["start"])
            self.assertEqual(sum("faster than real time" in line for line in daemon.log), 1, daemon.log)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
