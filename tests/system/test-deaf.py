#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Never deaf: hearkend with a microphone that fails. It says so everywhere, recovers by itself, and keeps its events and clients."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import numpy as np

import microphones
import sounds
from daemon import Daemon, Systemd
from follower import Follower, get_status
from probe import children
from times import check_promise, note
from varlink import Client

RATE = 16000
FAULTMIC = os.environ["FAULTMIC"]

# What is promised, in seconds.
SAID = 2.0
RECOVERED = 2.0
RECOVERED_FROM_GONE = 5.0
SILENT = 12.0  # ten of zeros, and what it takes to say so


def tone(seconds, rate=RATE):
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)


def summary(events):
    """What of events must be the same however the sound came."""
    keys = ("label", "state", "start_frame", "end_frame", "peak_probability", "mean_probability", "level_dbfs", "windows")
    return [{key: event[key] for key in keys} for event in events if event["state"] != "ongoing"]


class Case(unittest.TestCase):
    def setUp(self):
        if not FAULTMIC:
            self.skipTest("needs libasound2-dev")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-deaf-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.model = self.folder / "model"
        subprocess.run([os.environ["MAKE_BUNDLE"], self.model, "tone", str(RATE)], check=True)

    def microphone(self, samples, rate=RATE, **options):
        wav = self.folder / "sound.wav"
        sounds.write_s16(wav, samples, rate)
        self.mic = microphones.FaultMicrophone(self.folder, wav, FAULTMIC, **options)
        self.mic.__enter__()
        return wav

    def start(self, *args, release=10):
        """A daemon, its follower and what it tells systemd; it hears the microphone."""
        config = self.folder / "hearken.conf"
        config.write_text(f"[class tone]\nrelease = {release} s\n")
        self.systemd = Systemd(str(self.folder))
        self.addCleanup(self.systemd.close)
        options = ["--model", self.model, "--config", config, "--socket", self.folder / "s", "--device", "ALSA: mic"]
        daemon = Daemon(*options, *args, env={**self.mic.env, **self.systemd.env})
        daemon.__enter__()
        self.addCleanup(daemon.__exit__)
        self.systemd.wait_for("READY")
        self.follower = Follower(self.folder / "s")
        self.follower.__enter__()
        self.addCleanup(self.follower.__exit__)
        return daemon

    def ask(self, method):
        with Client(self.folder / "s") as client:
            return client.call(f"io.hearken.{method}")

    def status(self):
        return get_status(self.folder / "s")

    def wait_for_state(self, state, since, promised):
        """Until a follower is told, which is after SINCE; how long it took."""
        found = lambda: next((at for at, reply in self.follower.heard if at >= since and reply.get("source", {}).get("state") == state), None)
        self.assertTrue(microphones.until(found), f"never {state}: {self.follower.heard}")
        took = found() - since
        check_promise(took, promised, f"to say {state}", since)
        return took

    def events(self, daemon):
        return {event["id"]: event for event in daemon.events}

    def stop(self, daemon):
        self.assertFalse(self.follower.gone, "a client was cut off")
        self.assertEqual(daemon.stop(), 0)
        self.assertLess(len(daemon.log), 20, daemon.log)
        # Its own words and events; nothing of PortAudio, ALSA and JACK.
        noise = [line for line in daemon.log if not re.match(r"hearkend: |\d{4}-\d\d-\d\d ", line)]
        self.assertEqual(noise, [])


class FaultCase(Case):
    def fault(self, daemon, word, state, seconds, recovered=RECOVERED):
        """WORD for so many SECONDS; said everywhere, and recovered from."""
        ordered = self.mic.order(word)
        said = self.wait_for_state(state, ordered, SAID)
        source = self.status()["source"]
        self.assertNotEqual(source["state"], "hearing")
        self.assertNotEqual(source["why"], "")
        self.systemd.wait_for("STATUS", "Not hearing")
        time.sleep(max(0.0, seconds - (time.monotonic() - ordered)))
        returned = self.mic.order("loop")
        recovered = self.wait_for_state("hearing", returned, recovered)
        self.systemd.wait_for("STATUS", "Hearing")
        self.assertEqual(self.status()["source"]["state"], "hearing")
        note(f"{word}: {state} said after {said:.2f} s, hearing {recovered:.2f} s after the return")


class Stalls(FaultCase):
    def test_the_device_in_use_is_marked(self):
        self.microphone(tone(10))
        daemon = self.start("--instance", "kitchen")
        env = {**os.environ, **self.mic.env, "HEARKEN_SOCKET": str(self.folder / "s")}
        result = subprocess.run([os.environ["HEARKEN"], "devices", "--json"], env=env, capture_output=True, check=True)
        users = {device["name"]: device["used_by"] for device in map(json.loads, result.stdout.splitlines())}
        self.assertEqual(users, {"ALSA: mic": ["kitchen"], "ALSA: default": []})
        table = subprocess.run([os.environ["HEARKEN"], "devices"], env=env, capture_output=True, text=True, check=True)
        self.assertRegex(table.stdout, r"(?m)^ +kitchen +1 +16000 +16000  ALSA: mic$")
        devices = {device["name"]: device["in_use"] for device in self.ask("ListDevices")["devices"]}
        self.assertEqual(devices, {"ALSA: mic": True, "ALSA: default": False})
        self.stop(daemon)

    def test_an_event_is_bridged_over_a_stall_shorter_than_its_release(self):
        self.microphone(tone(10))
        daemon = self.start()
        daemon.wait_for_event(state="ongoing")
        self.fault(daemon, "stall", "stalled", 3)
        time.sleep(4)
        self.mic.order("silence")
        daemon.wait_for_event(state="ended")
        events = self.events(daemon)
        self.assertEqual(len(events), 1)
        (event,) = events.values()
        self.assertTrue(event["gap"])
        self.assertGreater(event["duration_ms"], 6000)
        lost = self.status()["source"]["lost_frames"]
        self.assertGreater(lost, 2.5 * RATE)
        note(f"{lost} frames lost and counted, event of {event['duration_ms']} ms with gap")
        self.stop(daemon)

    def test_an_event_is_interrupted_by_a_stall_longer_than_its_release(self):
        self.microphone(tone(10))
        daemon = self.start(release=1)
        daemon.wait_for_event(state="ongoing")
        self.fault(daemon, "stall", "stalled", 3)
        daemon.wait_for_event(state="interrupted")
        daemon.wait_for(lambda: len(self.events(daemon)) == 2, "the event after the stall")
        self.stop(daemon)


class Losses(FaultCase):
    def test_an_event_does_not_stay_on_while_the_microphone_is_away(self):
        self.microphone(tone(10))
        daemon = self.start(release=2)
        daemon.wait_for_event(state="ongoing")
        self.mic.order("unplug")
        daemon.wait_for_event(state="interrupted")
        self.assertEqual(self.status()["source"]["state"], "lost")
        self.assertEqual(self.status()["ongoing"], [])
        self.mic.order("loop")
        daemon.wait_for(lambda: len(self.events(daemon)) == 2, "the event after the return")
        self.stop(daemon)

    def test_unplugged_and_plugged_in_again(self):
        self.microphone(tone(10))
        daemon = self.start()
        daemon.wait_for_event(state="ongoing")
        self.fault(daemon, "unplug", "lost", 5)
        time.sleep(4)
        self.assertEqual(len(self.events(daemon)), 1)
        self.stop(daemon)

    def test_gone_while_portaudio_spins(self):
        self.microphone(tone(10))
        daemon = self.start()
        daemon.wait_for_event(state="ongoing")
        self.fault(daemon, "gone", "lost", 5, RECOVERED_FROM_GONE)
        time.sleep(4)
        self.assertEqual(len(self.events(daemon)), 1)
        self.stop(daemon)

    def test_a_helper_that_is_killed_costs_neither_event_nor_client(self):
        self.microphone(tone(10))
        daemon = self.start()
        daemon.wait_for_event(state="ongoing")
        before = self.status()["source"]
        for helper in children(daemon.process.pid):
            os.kill(helper, signal.SIGKILL)
        killed = time.monotonic()
        said = self.wait_for_state("lost", killed, SAID)
        recovered = self.wait_for_state("hearing", killed, SAID + RECOVERED)
        note(f"killed: lost said after {said:.2f} s, hearing after {recovered:.2f} s")
        time.sleep(3)
        after = self.status()["source"]
        self.assertEqual(after["restarts"], before["restarts"] + 1)
        self.assertGreater(after["lost_frames"], 0)
        self.mic.order("silence")
        daemon.wait_for_event(state="ended")
        self.assertEqual([event["gap"] for event in self.events(daemon).values()], [True])
        self.stop(daemon)


class Xruns(Case):
    def test_20_xruns_leave_the_events_right(self):
        # The world is a loop of 24 s; the daemon meets it anywhere, so the distances are what counts.
        samples = np.concatenate([tone(3), np.zeros(6 * RATE), tone(4), np.zeros(11 * RATE)])
        self.microphone(samples + sounds.noise(24, RATE, 0.0005))
        daemon = self.start(release=2)
        for i in range(20):
            self.mic.order(f"xrun{i}")
            self.assertTrue(microphones.until(lambda: self.status()["source"]["overruns"] > i), f"overrun {i} was not counted")
            time.sleep(0.7)  # each empties the window
        ended = lambda: [event for event in daemon.events if event["state"] == "ended"]
        daemon.wait_for(lambda: len(ended()) >= 4, "the world to turn")
        source = self.status()["source"]
        self.assertEqual((source["overruns"], source["restarts"]), (20, 0))
        note(f"20 xruns: {source['overruns']} counted, {source['lost_frames']} frames lost")
        # Of two beginnings of tones, 9 s and 15 s apart in turn; a window step is one second.
        starts = [event["start_frame"] / RATE for event in self.events(daemon).values()][1:]
        for a, b in zip(starts, starts[1:]):
            self.assertTrue(min(abs(b - a - 9), abs(b - a - 15)) <= 2, starts)
        self.stop(daemon)


class Sound(Case):
    """What is heard in spite of all."""

    def test_digital_silence_and_clipping_are_said_once_and_their_ends_once(self):
        loud = np.where(np.arange(RATE) % 40 < 20, 1.0, -1.0)
        self.microphone(loud)
        daemon = self.start()
        time.sleep(8)
        ordered = self.mic.order("silence")
        self.wait_for_state("silent-digital", ordered, SILENT)
        time.sleep(4)
        returned = self.mic.order("loop")
        self.wait_for_state("hearing", returned, RECOVERED)
        time.sleep(3)
        said = lambda words: sum(words in line for line in daemon.log)
        self.assertEqual((said("input is clipping"), said("no longer clipping")), (1, 1), daemon.log)
        self.assertEqual((said("silent-digital"), said("audio source recovered")), (1, 1), daemon.log)
        self.stop(daemon)

    def test_48_kHz_by_microphone_and_by_file_give_the_same_events_bit_by_bit(self):
        pieces = [np.zeros(48000 * 3), tone(4, 48000), np.zeros(48000 * 5), 0.3 * tone(3, 48000), np.zeros(48000 * 6)]
        samples = np.concatenate(pieces)
        samples += sounds.noise(len(samples) / 48000, 48000, 0.0005)
        wav = self.microphone(samples, 48000, word="run", begins_with_capture=True)
        with Daemon("--model", self.model, "--input", wav) as from_file:
            self.assertEqual(from_file.wait(), 0)
        daemon = self.start(release=2)
        # The file heard it with the rules of the bundle, whose release is 2 s too.
        daemon.wait_for(lambda: len(summary(daemon.events)) == 2, "both events")
        self.assertEqual(self.status()["source"]["rate_hz"], 48000)
        self.assertEqual(summary(daemon.events), summary(from_file.events))
        self.assertEqual(len(summary(from_file.events)), 2)
        self.stop(daemon)


if __name__ == "__main__":
    unittest.main()
