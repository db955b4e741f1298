#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A day in ten minutes: alarms and a vacuum cleaner in a quiet room, heard many times faster than they sound. Whoever
asks is told the same events: events, follow, explain, metrics, plot, stdout, and a real journal. And rooms in which
nothing happens."""

import collections
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import xml.etree.ElementTree

import numpy as np

import journal
import sounds
from daemon import Daemon, run
from follower import get_status
from times import PATIENCE, check_promise

SOURCE = pathlib.Path(os.environ["HEARKEN_SOURCE"])
sys.path.insert(0, str(SOURCE / "scripts"))
from synth import alarms, demo, machines, places, signals  # noqa: E402

HEARKEN = os.environ["HEARKEN"]
MODEL = SOURCE / "models" / "home"
RATE = signals.RATE
DAY_S = 600
SPEED = 50  # times real time, at the least, of the daemon's own CPU time: the promise of the long campaign
WINDOW_S, STEP_S = 2, 1  # of the model
RELEASE_S = 1  # of its classes
LAG_S = 2  # of its smoothing
MORE = LAG_S * RATE + RATE // 2  # frames after the day, without which a live stream's last window is not told
PROGRAMME = [  # label, start, seconds
    ("fire_alarm", 20, 16),
    ("vacuum_cleaner", 60, 40),
    ("fire_alarm", 130, 24),
    ("vacuum_cleaner", 190, 60),
    ("fire_alarm", 290, 12),
    ("fire_alarm", 330, 32),
    ("vacuum_cleaner", 400, 30),
    ("fire_alarm", 460, 20),
    ("fire_alarm", 540, 24),
]


def sound(label, seconds, rng):
    if label == "vacuum_cleaner":
        return places.at_level(signals.unit(machines.vacuum_cleaner(seconds, rng)), -24)
    beeps = signals.tone(np.full(seconds * RATE, float(demo.HZ)), "piezo", rng)
    beeps *= signals.gate(len(beeps), demo.temporal_three(seconds), rng, attack=0.002, release=0.004)
    return places.at_level(signals.unit(beeps), demo.LEVEL_DBFS)


def day():
    rng = np.random.default_rng(4)
    samples = places.quiet_room(DAY_S, rng, demo.ROOM_DBFS)
    for label, start, seconds in PROGRAMME:
        samples[start * RATE:(start + seconds) * RATE] += sound(label, seconds, rng)
    return samples


def hearken(*args):
    return subprocess.run([HEARKEN, *map(str, args)], capture_output=True, check=True, timeout=PATIENCE).stdout.decode()


def in_frames(event):
    return event["id"], event["label"], event["state"], event["start_frame"], event["end_frame"]


def in_time(event):
    return in_frames(event) + (event["start"], event.get("end"), event["windows"], event["model_hash"])


def event_bars(path):
    """(fill, start in s, end in s) of each bar in the lowest plot of the SVG at PATH."""
    frames, filled = [], []
    for element in xml.etree.ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}path"):
        style, n = element.get("style") or "", r" ([\d.]+)"
        box = re.fullmatch(f"M{n}{n} L{n}{n} L{n}{n} L{n}{n} Z M{n}{n} ", element.get("d"))
        if box:
            left, top, right, _, _, bottom = map(float, box.groups()[:6])
            fill = re.search(r"fill:(\w+(?:\([^)]*\))?)", style)
            (frames if "fill:none" in style else filled).append((left, top, right, bottom, fill and fill[1]))
    left, top, right, bottom, _ = max(frames, key=lambda frame: frame[1])
    scale = DAY_S / (right - left)
    origin = left - 0.5  # a line's middle is half a pixel from the plot's edge
    return [(fill, (x0 - origin) * scale, (x1 - origin) * scale) for x0, y0, x1, y1, fill in filled
            if top <= y0 and y1 <= bottom and left <= x0 and x1 <= right + 1]


class QuietRoom(unittest.TestCase):
    def test_nothing_is_heard_where_nothing_is_to_be_heard(self):
        """Through microphones that are quiet and such that are noisy."""
        with tempfile.TemporaryDirectory() as folder:
            for number, dbfs in enumerate(range(-78, -44, 3)):
                room = pathlib.Path(folder, f"{number}.wav")
                sounds.write_s16(room, places.quiet_room(60, np.random.default_rng(number), dbfs), RATE)
                told = hearken("detect", "--model", MODEL, "--json", room)
                self.assertEqual(told, "", f"a room at {dbfs} dBFS")


class Follow:
    """`hearken follow`, from before the daemon is there."""

    def __init__(self, path):
        self.process = subprocess.Popen([HEARKEN, "follow", "--since", "0", "--json", "--socket", path],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.changes = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        self.changes.extend(map(json.loads, self.process.stdout))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()


class Day(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-scene-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.scene = cls.folder / "day.wav"
        sounds.write_s16(cls.scene, day(), RATE)
        cls.socket = cls.folder / "day.sock"
        cls.journal_missing = journal.missing()
        cls.follow = Follow(cls.socket)
        cls.addClassCleanup(cls.follow.end)
        cls.live()
        cls.told = [event for event in cls.daemon.events if event["state"] != "ongoing"]

    @classmethod
    def live(cls):
        """The day as raw PCM through a pipe that stays open: the daemon waits for more, and answers."""
        (cls.folder / "hearken.conf").write_text("")
        under = () if cls.journal_missing else journal.service(cls.folder / "journal", cls.folder / "stderr")
        with Daemon("--model", MODEL, "--input", "-", "--format", "s16le", "--rate", RATE, "--socket", cls.socket,
                    "--history", cls.folder / "day.db", "--config", cls.folder / "hearken.conf", stdin=subprocess.PIPE,
                    under=under) as cls.daemon:
            cls.wait_for(lambda s: s["clients"] == 2, "the follower")
            before = time.monotonic(), cls.cpu_s()
            cls.daemon.process.stdin.write(cls.scene.read_bytes()[44:] + bytes(2 * MORE))
            cls.daemon.process.stdin.flush()
            cls.wait_for(lambda s: s["windows"] == DAY_S // STEP_S - 1, "the last window")
            cls.took_s, cls.cpu_took_s = time.monotonic() - before[0], cls.cpu_s() - before[1]
            cls.status = cls.wait_for(lambda s: s["store"]["queued"] == 0, "the history")
            cls.daemon.wait_for(lambda: len(cls.follow.changes) >= len(cls.daemon.events), "follow")
            cls.listed = [json.loads(line) for line in
                          hearken("events", "--json", "--limit", 1000, "--socket", cls.socket).splitlines()]
            cls.explained = [json.loads(hearken("explain", "--json", "--socket", cls.socket, event["id"]))
                             for event in cls.listed]
            cls.metrics = hearken("metrics", "--socket", cls.socket)
            os.kill(cls.status["pid"], signal.SIGTERM)
            cls.code = cls.daemon.wait()
            cls.follow.end()

    @classmethod
    def wait_for(cls, condition, what):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                status = get_status(cls.socket)
                if condition(status):
                    return status
            except (FileNotFoundError, ConnectionRefusedError):
                status = None
            if time.monotonic() > end:
                raise AssertionError(f"waited for {what} in vain; the status: {status}; log: {cls.daemon.log}")
            time.sleep(0.02)

    @classmethod
    def cpu_s(cls):
        """Of the daemon, all its threads."""
        fields = pathlib.Path(f"/proc/{get_status(cls.socket)['pid']}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_each_sound_of_the_programme_is_one_event_and_nothing_else_is(self):
        self.assertEqual([e["label"] for e in self.told], [label for label, _, _ in PROGRAMME])
        for event, (label, start, seconds) in zip(self.told, PROGRAMME):
            with self.subTest(label=label, start=start):
                self.assertEqual(event["state"], "ended")
                self.assertFalse(event["gap"])
                # from the first window that reaches into the sound, and at the latest the alarm's next group of beeps
                self.assertAlmostEqual(event["start_frame"] / RATE, start, delta=WINDOW_S + RELEASE_S + LAG_S)
                self.assertAlmostEqual(event["end_frame"] / RATE, start + seconds, delta=WINDOW_S + RELEASE_S + LAG_S)

    def test_not_a_frame_is_lost_at_many_times_real_time(self):
        source = self.status["source"]
        self.assertEqual((source["frames"], source["lost_frames"]), (DAY_S * RATE + MORE, 0))
        self.assertEqual((self.status["windows"], self.status["gaps"]), (DAY_S // STEP_S - 1, 0))
        self.assertEqual(self.code, 0, self.daemon.log)
        print(f"{DAY_S} s in {self.took_s:.2f} s: {DAY_S / self.took_s:.0f} times real time; "
              f"{self.cpu_took_s:.2f} s of CPU", file=sys.stderr)
        check_promise(self.cpu_took_s, DAY_S / SPEED, "to hear the day")

    def test_follow_was_told_what_stdout_was_told(self):
        self.assertEqual([in_time(e) for e in self.follow.changes], [in_time(e) for e in self.daemon.events])
        self.assertEqual([e["cursor"] for e in self.follow.changes], [e["cursor"] for e in self.daemon.events])

    def test_events_lists_what_was_told(self):
        self.assertEqual([in_time(e) for e in self.listed], [in_time(e) for e in self.told])

    def test_the_history_tells_a_daemon_that_comes_later_the_same(self):
        with Daemon("--model", MODEL, "--input", "-", "--rate", RATE, "--socket", self.socket, "--history",
                    self.folder / "day.db", "--config", self.folder / "hearken.conf", stdin=subprocess.PIPE) as later:
            self.wait_for(lambda status: status["store"]["events"] == len(self.told), "the history")
            for label in {e["label"] for e in self.told}:
                lines = hearken("events", "--json", "--label", label, "--socket", self.socket).splitlines()
                self.assertEqual([in_time(json.loads(line)) for line in lines],
                                 [in_time(e) for e in self.told if e["label"] == label])
            self.assertEqual(later.stop(), 0)

    def test_explain_shows_the_windows_that_made_each_event(self):
        self.assertEqual([in_time(reply["event"]) for reply in self.explained], [in_time(e) for e in self.told])
        for reply in self.explained:
            event, windows = reply["event"], reply["windows"]
            starts = [w["start_frame"] for w in windows]
            self.assertEqual(starts, sorted(set(starts)))
            self.assertIn(event["start_frame"], starts)
            self.assertIn(event["end_frame"], [w["end_frame"] for w in windows])
            own = [c.get("smoothed", c["probability"]) for w in windows if not w["zeros"] for c in w["classes"]
                   if c["label"] == event["label"] and event["start_frame"] <= w["start_frame"]
                   and w["end_frame"] <= event["end_frame"]]
            self.assertEqual(reply["omitted"], 0)
            self.assertAlmostEqual(max(own), event["peak_probability"], delta=1e-6)

    def test_metrics_count_what_was_told(self):
        counted = {label: int(n) for label, n in re.findall(r'hearken_events_total\{instance="default",label="(\w+)"\} (\d+)', self.metrics)}
        expected = collections.Counter(e["label"] for e in self.told)
        self.assertEqual({label: n for label, n in counted.items() if n}, expected)
        self.assertIn(f'hearken_windows_total{{instance="default"}} {DAY_S // STEP_S - 1}\n', self.metrics)
        self.assertIn(f'hearken_frames_total{{instance="default"}} {DAY_S * RATE + MORE}\n', self.metrics)
        self.assertIn(f'hearken_store_events{{instance="default"}} {len(self.told)}\n', self.metrics)

    def test_the_same_sound_from_a_file_makes_the_same_events(self):
        code, events, log = run("--model", MODEL, "--input", self.scene, "--fast", "--config",
                                self.folder / "hearken.conf", "--history", "none", "--socket", "none")
        self.assertEqual(code, 0, log)
        self.assertEqual([in_frames(e)[1:] for e in events], [in_frames(e)[1:] for e in self.daemon.events])
        for event in events:
            self.assertEqual(event["start_s"], event["start_frame"] / RATE)

    def test_plot_draws_a_bar_for_each_event(self):
        picture = self.folder / "day.svg"
        hearken("plot", self.scene, "--model", MODEL, "--output", picture)
        bars = sorted(event_bars(picture), key=lambda bar: bar[1])
        self.assertEqual([(round(start, 1), round(end, 1)) for _, start, end in bars],
                         [(e["start_frame"] / RATE, e["end_frame"] / RATE) for e in self.told])
        pairs = {(fill, e["label"]) for (fill, _, _), e in zip(bars, self.told)}
        self.assertEqual(len(pairs), len({fill for fill, _ in pairs}), "one colour, two classes")
        self.assertEqual(len(pairs), len({label for _, label in pairs}), "one class, two colours")

    def test_the_journal_has_each_start_and_end(self):
        if self.journal_missing:
            self.skipTest(self.journal_missing)
        records = [r for r in journal.records(self.folder / "journal") if "HEARKEN_EVENT_ID" in r]
        self.assertEqual(
            [(int(r["HEARKEN_EVENT_ID"]), r["HEARKEN_LABEL"], r["HEARKEN_STATE"], int(r["HEARKEN_START_FRAME"]),
              int(r["HEARKEN_END_FRAME"]), r["HEARKEN_START"], r.get("HEARKEN_END"), int(r["HEARKEN_WINDOWS"]),
              r["HEARKEN_MODEL_HASH"]) for r in records],
            [in_time(e) for e in self.daemon.events])


if __name__ == "__main__":
    unittest.main()
