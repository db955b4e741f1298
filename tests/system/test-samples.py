#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Samples are judged before they are mixed, the same way in files, on stdin, in a FIFO, offline and in the daemon: a DC
offset, channels that cancel, samples that are not samples, inputs that do not change."""

import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

import numpy as np

import sounds
from daemon import Daemon
from times import PATIENCE
from varlink import Client

HEARKEN = os.environ["HEARKEN"]
HOME = pathlib.Path(os.environ["HEARKEN_SOURCE"]) / "models" / "home"
RATE = 16000
STEP = 1 / 32768


def hearken(*args, **options):
    return subprocess.run([HEARKEN, *map(str, args)], capture_output=True, text=True, timeout=PATIENCE, **options)


def write(path, samples, rate=RATE, bits=16):
    """A WAV file of SAMPLES[frames] or [frames, channels]; BITS 32: float."""
    samples = samples.reshape(len(samples), -1)
    if bits == 32:
        data = samples.astype("<f4").tobytes()
    elif bits == 24:
        data = np.round(samples * 2**23).astype("<i4").reshape(-1, 1).view(np.uint8)[:, :3].tobytes()
    else:
        data = np.clip(np.round(samples * 2**15), -2**15, 2**15 - 1).astype("<i2").tobytes()
    width = samples.shape[1] * bits // 8
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3 if bits == 32 else 1,
                         samples.shape[1], rate, rate * width, width, bits, b"data", len(data))
    path.write_bytes(header + data)
    return path


def alarm():
    """Beeps of an alarm at 6 to 18 s in a quiet room."""
    samples = sounds.noise(24, RATE, 0.002)
    beeps = sounds.beeps(12, RATE)
    samples[6 * RATE:6 * RATE + len(beeps)] += beeps
    return samples


def inverted(kind):
    """The alarm in two channels that cancel."""
    left = np.floor(alarm() / STEP) * STEP
    right = {"exactly": -left, "rounded down": np.floor(-alarm() / STEP) * STEP,
             "with noise": -left + STEP * np.random.default_rng(1).standard_normal(len(left)),
             "on an offset": 0.1 - left, "a little weaker": -0.9 * left}[kind]
    return np.column_stack([left, right])


INVERTED = ("exactly", "rounded down", "with noise", "on an offset", "a little weaker")


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-samples-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.wav = self.folder / "sound.wav"

    def detect(self, path, *words):
        result = hearken("detect", "--json", "-m", HOME, *words, path)
        self.assertEqual(result.returncode, 0, result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()], result.stderr

    def classify(self, path):
        result = hearken("classify", "--json", "-m", HOME, path)
        self.assertEqual(result.returncode, 0, result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()], result.stderr

    def assert_alarm(self, events, source):
        self.assertEqual([event["label"] for event in events], ["fire_alarm"], source)
        start, end = events[0]["start_s"], events[0]["end_s"]
        self.assertTrue(5 <= start <= 10 and 15 <= end <= 20, (start, end))


class Offline(Case):
    def test_an_offset_changes_neither_the_level_nor_the_events(self):
        for rate, bits in ((8000, 16), (16000, 24), (48000, 32), (48000, 16)):
            t = np.arange(20 * rate) / rate
            hiss = sounds.noise(20, rate, 0.0005)
            slow = {"none": 0 * t, "constant": 0.02 + 0 * t, "large": -0.1 + 0 * t, "ramp": 0.005 * t,
                    "slow wave": 0.05 * np.sin(2 * np.pi * 0.1 * t), "settling": 0.02 + 0.3 * np.exp(-t / 0.2)}
            levels = {}
            for kind, offset in slow.items():
                with self.subTest(rate=rate, bits=bits, offset=kind):
                    write(self.wav, hiss + offset, rate, bits)
                    self.assertEqual(self.detect(self.wav)[0], [])
                    levels[kind] = [window["level_dbfs"] for window in self.classify(self.wav)[0]]
                    # 0.5 dB: 16 bits round differently on another offset, and settling ends in the first window
                    np.testing.assert_allclose(levels[kind][1:], levels["none"][1:], atol=0.5)
                    self.assertEqual(len(levels[kind]), 19)

    def test_an_alarm_on_an_offset_is_the_same_event(self):
        plain = self.detect(write(self.wav, alarm()))[0]
        self.assert_alarm(plain, "no offset")
        shifted = self.detect(write(self.wav, alarm() * 0.5 + 0.2, bits=24))[0]
        self.assert_alarm(shifted, "offset")

    def test_the_protected_profile_gets_the_samples_as_they_are_and_a_level_without_offset(self):
        hiss = sounds.noise(3, RATE, 0.01)
        rows = {}
        for profile in ("spectrogram", "mel-modulation"):
            for offset in (0, 0.1):
                write(self.wav, hiss + offset, bits=32)
                text = hearken("features", "--profile", profile, "--rate", RATE, self.wav, check=True).stdout
                rows[profile, offset] = np.array([float(v) for v in text.splitlines()[1].split(",")])
        maximum = [rows["spectrogram", offset].max() for offset in (0, 0.1)]
        self.assertFalse(np.allclose(rows["spectrogram", 0], rows["spectrogram", 0.1], atol=0.01), maximum)
        np.testing.assert_allclose(rows["mel-modulation", 0], rows["mel-modulation", 0.1], atol=0.01)

    def test_an_alarm_in_channels_that_cancel_is_detected_and_they_are_reported_once(self):
        for kind in INVERTED:
            with self.subTest(kind):
                events, said = self.detect(write(self.wav, inverted(kind), bits=24))
                self.assert_alarm(events, kind)
                self.assertEqual(len(re.findall("the channels cancel each other", said)), 1, said)
                self.assertRegex(said, r"channel [12] is used by itself.*--channel")
        events, said = self.detect(self.wav, "--channel", 2)
        self.assert_alarm(events, "channel 2")
        self.assertNotIn("cancel", said)

    def test_channels_that_do_not_cancel_are_not_reported(self):
        room = [sounds.noise(24, RATE, 0.002, seed) for seed in (1, 2, 3)]
        sound = alarm()
        for kind, channels in {"the same": [sound, sound], "apart": [sound + room[1], sound + room[2]],
                               "only noise": room, "one dead of three": [sound, 0 * sound + 0.5, sound * 0.5],
                               "one dead of two": [0 * sound, sound]}.items():
            with self.subTest(kind):
                events, said = self.detect(write(self.wav, np.column_stack(channels)))
                self.assertNotIn("cancel", said)
                self.assertNotIn("do not change", said)
                self.assertNotIn("digital zeros", said)
                if kind != "only noise":
                    self.assert_alarm(events, kind)

    def test_what_is_not_a_sample_is_reported_and_never_loud(self):
        holes = alarm()
        holes[::7] = np.nan
        once = alarm()
        once[100000] = np.inf
        integers = np.round(alarm() * 32767)
        for kind, samples, words in (("all NaN", holes * np.nan, r"384000 samples are NaN or infinite"),
                                     ("some NaN", holes, r"54858 samples are NaN or infinite"),
                                     ("one infinite", once, r"1 sample is NaN or infinite"),
                                     ("integers", integers, r"samples reach \d+, full scale is 1")):
            with self.subTest(kind):
                windows, said = self.classify(write(self.wav, samples, bits=32))
                self.assertRegex(said, words)
                self.assertNotIn("digital zeros", said)
                self.assertTrue(all((window["level_dbfs"] or -999) < 0 for window in windows))
                events, _ = self.detect(self.wav)
                self.assertEqual(len(events), 1 if kind in ("some NaN", "one infinite") else 0, events)

    def test_windows_in_which_nothing_changes_have_no_class_whatever_their_value(self):
        n, rng = 6 * RATE, np.random.default_rng(1)
        bits = rng.integers(-1, 1, (n, 2)) * STEP
        for kind, samples, rate in (("zeros", np.zeros(n), RATE), ("-1", np.full(n, -STEP), RATE),
                                    ("full scale", np.full(n, 1 - STEP), RATE), ("a toggling bit", bits[:, 0], RATE),
                                    ("toggling bits, mixed", bits, RATE),
                                    ("toggling bits, mixed and resampled", bits, 44100)):
            with self.subTest(kind):
                windows, said = self.classify(write(self.wav, samples, rate))
                self.assertTrue(windows and all(window["zeros"] for window in windows))
                self.assertTrue(all(window["label"] is None for window in windows))
                self.assertRegex(said, r"(\d+) of \1 windows are digital zeros or another constant \(a muted or dead")

    def test_train_and_evaluate_take_a_channel_and_report_by_recording(self):
        """The sounds are in channel 2; the first has the same noise in both classes."""
        for label, sound in (("alarm", sounds.beeps(8, RATE)), ("hum", sounds.hum(8, RATE))):
            (self.folder / "in" / label).mkdir(parents=True)
            for i in range(4):
                noise = sounds.noise(8, RATE, 0.1, 1 + i)
                write(self.folder / "in" / label / f"{i}.wav", np.column_stack([noise, sound + 0.01 * noise]))
        right = {}
        for channel in (1, 2):
            bundle = self.folder / f"model{channel}"
            result = hearken("train", self.folder / "in", "-o", bundle, "-q", "--channel", channel)
            self.assertEqual(result.returncode, 0, result.stderr)
            for heard in (1, 2):
                result = hearken("evaluate", bundle, self.folder / "in", "--json", "-q", "--channel", heard)
                self.assertEqual(result.returncode, 0, result.stderr)
                right[channel, heard] = json.loads(result.stdout)["runs"]["as-recorded"]["windows"]["accuracy"]
        self.assertGreater(right[2, 2], 0.95)
        self.assertLess(right[2, 1], 0.7)
        self.assertLess(right[1, 1], 0.7)

        names = {"holes": "3 samples are NaN or infinite", "cancel": "the channels cancel each other"}
        samples = np.column_stack([sounds.beeps(8, RATE)] * 2)
        holes = samples.copy()
        holes[:3, 1] = np.nan
        write(self.folder / "in" / "alarm" / "holes.wav", holes, bits=32)
        write(self.folder / "in" / "alarm" / "cancel.wav", samples * [1, -1])
        for said in (hearken("train", self.folder / "in", "-o", self.folder / "again", "-q").stderr,
                     hearken("evaluate", self.folder / "model2", self.folder / "in", "--json", "-q").stderr):
            for name, words in names.items():
                self.assertRegex(said, rf"faulty samples.*{name}\.wav: {words}")
        result = hearken("train", self.folder / "in", "-o", self.folder / "again", "-q", "--channel", 3)
        self.assertRegex(result.stderr, r"channel 3 does not exist; expected 1 to 2")


class Live(Case):
    def daemon(self, samples, format, channels=1, *words):
        """A daemon that was given SAMPLES on stdin, which stays open."""
        daemon = Daemon("--model", HOME, "--input", "-", "--rate", RATE, "--format", format, "--channels", channels,
                        "--socket", self.folder / "sock", "--history", "none", *words, stdin=subprocess.PIPE)
        self.addCleanup(daemon.__exit__)
        if format == "s16le":
            samples = np.round(samples / STEP)
        daemon.process.stdin.write(samples.astype("<i2" if format == "s16le" else "<f4").tobytes())
        daemon.process.stdin.flush()
        return daemon

    def source(self):
        with Client(self.folder / "sock") as client:
            return client.call("io.hearken.GetStatus")["status"]["source"]

    def test_faults_are_in_the_log_once_in_the_status_and_in_the_metrics(self):
        integers = np.round(alarm() * 32767)
        holes = alarm()
        holes[::7] = np.nan
        for kind, samples, channels, words, field, metric in (
                ("integers", integers, 1, "samples reach 10", "off_scale_samples", "off_scale_samples"),
                ("NaN", holes, 1, "samples are NaN or infinite", "not_number_samples", "not_number_samples"),
                ("cancel", inverted("rounded down"), 2, "the channels cancel", "cancelled_frames", "cancelled_frames")):
            with self.subTest(kind):
                daemon = self.daemon(samples, "f32le", channels)
                daemon.wait_for_log(words)
                if kind != "integers":
                    daemon.wait_for_event(label="fire_alarm", state="ended")
                daemon.wait_for(lambda: self.source()["frames"] == len(samples), "all frames")
                source = self.source()
                self.assertIn(words, source["samples_note"])
                self.assertGreater(source[field], 10000)
                metrics = hearken("metrics", "-S", self.folder / "sock", check=True).stdout
                self.assertRegex(metrics, rf"hearken_{metric}_total\S* {source[field]}\b")
                self.assertIn(words, hearken("status", "-S", self.folder / "sock").stderr)
                daemon.stop()
                self.assertEqual(sum(words in line for line in daemon.log), 1, daemon.log)

    def test_a_short_stream_and_a_file_are_reported_before_the_end(self):
        holes = alarm()[:3 * RATE]
        holes[5] = np.nan
        for source in ("-", write(self.wav, holes, bits=32)):
            raw = source == "-"
            with Daemon("--model", HOME, "--input", source, *(["--rate", RATE, "--format", "f32le"] if raw else ["--fast"]),
                        "--socket", "none", "--history", "none", stdin=subprocess.PIPE) as daemon:
                if raw:
                    daemon.process.stdin.write(holes.astype("<f4").tobytes())
                daemon.process.stdin.close()
                daemon.process.stdin = None
                self.assertEqual(daemon.wait(), 0, daemon.log)
            self.assertEqual(sum("1 sample is NaN or infinite" in line for line in daemon.log), 1, daemon.log)

    def test_a_source_that_does_not_change_is_silent_digital_whatever_its_value(self):
        n = 11 * RATE
        for kind, samples, format, words in (
                ("zeros", np.zeros(n), "s16le", "only exact zeros arrive: muted, or the input is dead"),
                ("-1", np.full(n, -STEP), "s16le", "the samples do not change: muted, or the input is dead"),
                ("full scale", np.full(n, 1 - STEP), "s16le", "the samples do not change: muted"),
                ("a toggling bit", np.arange(n) % 2 * STEP, "s16le", "the samples do not change: muted"),
                ("NaN", np.full(n, np.nan), "f32le", "only NaN or infinite samples arrive"),
                ("integers", np.arange(n) % 100 * 100.0, "f32le", "the samples are not in the range -1 to 1")):
            with self.subTest(kind):
                daemon = self.daemon(samples, format)
                daemon.wait_for_log(f"silent-digital: {words}")
                daemon.stop()
                self.assertEqual(daemon.events, [])


if __name__ == "__main__":
    unittest.main()
