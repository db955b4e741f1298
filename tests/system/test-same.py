#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What was trained is what runs: the same recording through train, features, classify, evaluate, and the daemon at a
microphone has the same windows, features and probabilities."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np

import microphones
import sounds
from daemon import Daemon
from varlink import Client

HEARKEN, FAULTMIC = os.environ["HEARKEN"], os.environ["FAULTMIC"]
RATE = 48000  # a microphone's; the model works at 16 kHz
SECONDS = 25
TOLERANCE = 1e-4
CLASSES = ("hiss", "hum")


def hearken(*args):
    return subprocess.run([HEARKEN, *map(str, args)], capture_output=True, text=True, timeout=280, check=True).stdout


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


class Same(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Two classes in each other's noise, so that no probability is plainly 0 or 1."""
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-same-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for k in range(6):
            name = CLASSES[k % 2]
            gains = (0.12, 1) if name == "hum" else (0.08, 1)
            hum, hiss = sounds.hum(SECONDS, RATE, 110 + 5 * k), sounds.noise(SECONDS, RATE, 0.02, k)
            slow = 1 + 0.5 * np.sin(2 * np.pi * np.arange(len(hum)) / RATE / 7)
            path = cls.folder / "in" / name / f"{k}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            sounds.write_s16(path, gains[0] * slow * hum + gains[1] * hiss, RATE)
        cls.files = sorted((cls.folder / "in").glob("*/*.wav"))
        cls.bundle = cls.folder / "bundle"
        cls.report = json.loads(hearken("train", cls.folder / "in", "-o", cls.bundle, "-q", "--json"))
        cls.windows = {path: lines(hearken("classify", path, "--model", cls.bundle, "--json")) for path in cls.files}

    def probabilities(self, window):
        return np.array([window["probabilities"][name] for name in CLASSES])

    def test_train_saw_the_windows_and_features_that_features_shows(self):
        rows = []
        for path in self.files:
            npy = self.folder / "rows.npy"
            with open(npy, "wb") as file:
                subprocess.run([HEARKEN, "features", path, "--model", self.bundle, "--format", "npy"], stdout=file, check=True)
            rows.append(np.load(npy).astype(float))
            self.assertEqual(len(rows[-1]), len(self.windows[path]))
        rows = np.concatenate(rows)
        self.assertEqual(len(rows), self.report["windows"])
        scaler = np.loadtxt(self.bundle / "scaler.csv", delimiter=",", skiprows=1, usecols=(1, 2))
        self.assertLess(np.abs(rows.mean(axis=0) - scaler[:, 0]).max(), TOLERANCE)
        varied = scaler[:, 1] != 1  # a constant feature has the scale 1
        self.assertGreater(varied.sum(), 500)
        self.assertLess(np.abs(rows.std(axis=0) - scaler[:, 1])[varied].max(), TOLERANCE)

    def test_evaluate_measures_the_probabilities_that_classify_shows(self):
        run = json.loads(hearken("evaluate", self.bundle, self.folder / "in", "-q", "--json"))["runs"]["as-recorded"]
        rows = [(path.parent.name, window) for path in self.files for window in self.windows[path]]
        truth = np.array([[name == label for label in CLASSES] for name, _ in rows], dtype=float)
        got = np.array([self.probabilities(window) for _, window in rows])
        self.assertEqual(run["windows"]["windows"], len(rows))
        self.assertGreater(np.abs(got - truth).max(), 0.05)  # there is something to measure
        self.assertAlmostEqual(run["windows"]["brier"], ((got - truth) ** 2).sum(axis=1).mean(), delta=TOLERANCE)
        self.assertAlmostEqual(run["windows"]["accuracy"], np.mean([name == window["decided"] for name, window in rows]))

    @unittest.skipUnless(FAULTMIC, "needs libasound2-dev")
    def test_the_daemon_hears_by_microphone_what_classify_hears_in_the_file(self):
        path = self.files[-1]
        expected = self.windows[path]
        heard = {}
        mic = microphones.FaultMicrophone(self.folder, path, FAULTMIC, word="run", begins_with_capture=True)
        with mic, Daemon("--model", self.bundle, "--socket", self.folder / "s", "--device", "ALSA: mic", env=mic.env) as daemon:
            daemon.wait_for(lambda: (self.folder / "s").exists(), "the socket")
            with Client(self.folder / "s") as client:
                for reply in client.stream("io.hearken.Monitor"):
                    window = reply["window"]
                    heard[window["start_frame"]] = window
                    if len(heard) >= len(expected) - 6:
                        break
            self.assertEqual(daemon.stop(), 0)
        n_compared = 0
        for start, window in heard.items():
            at = [other for other in expected if abs(other["start_s"] - start / RATE) < 0.01]
            self.assertEqual(len(at), 1, (start, [other["start_s"] for other in expected]))
            live = {gate["label"]: gate["probability"] for gate in window["classes"]}
            for label, p in at[0]["probabilities"].items():
                self.assertLess(abs(live[label] - p), TOLERANCE, (start, label))
            self.assertEqual(window["label"], max(live, key=live.get))
            self.assertAlmostEqual(window["level_dbfs"], at[0]["level_dbfs"], delta=0.01)
            n_compared += 1
        self.assertGreater(n_compared, 10)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
