#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A class with letters that are not ASCII, from its folder through the model and the daemon to everything that shows it."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import journal
import sounds
from daemon import Daemon

HEARKEN = os.environ["HEARKEN"]
HEARKEND = os.environ["HEARKEND"]
RATE = 16000
ENV = {**os.environ, "LC_ALL": "C.UTF-8"}
LABEL = "Türklingel"
AS_MACOS_WRITES_IT = "Tu\u0308rklingel"


def hearken(*args):
    return subprocess.run([HEARKEN, *map(str, args)], capture_output=True, text=True, timeout=280, env=ENV)


class Chain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-labels-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for k in range(2):
            for name, samples in ((AS_MACOS_WRITES_IT, sounds.hum(14, RATE, 320 + 10 * k) + sounds.noise(14, RATE, 0.01, k)),
                                  ("тишина", sounds.noise(14, RATE, 0.05, 10 + k))):
                path = cls.folder / "in" / name / f"{k}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                sounds.write_s16(path, samples, RATE)
        cls.scene = cls.folder / "scene.wav"
        cls.samples = sounds.hum(12, RATE, 325) + sounds.noise(12, RATE, 0.01, 7)
        sounds.write_s16(cls.scene, cls.samples, RATE)
        rules = cls.folder / "rules.ini"
        rules.write_text(f"[class {LABEL}]\npriority = alert\n[class тишина]\nevent = no\n")
        cls.bundle = cls.folder / "model"
        cls.trained = hearken("train", cls.folder / "in", "-o", cls.bundle, "-q", "--cost", 10, "--gamma", 0.5, "--rules", rules)

    def test_it_is_the_label_of_the_model_and_what_it_was_before_is_told(self):
        self.assertEqual(self.trained.returncode, 0, self.trained.stderr)
        note = f'class "{AS_MACOS_WRITES_IT}" becomes the label {LABEL}'
        self.assertIn(note, self.trained.stderr)
        self.assertIn(f"- {note}", self.trained.stdout)
        shown = json.loads(hearken("model", "show", self.bundle, "--json").stdout)
        self.assertEqual(shown["labels"], [LABEL, "тишина"])
        self.assertIn(f"[class {LABEL}]", (self.bundle / "model.ini").read_text())
        self.assertIn(LABEL, hearken("model", "show", self.bundle).stdout)

    def test_recordings_are_detected_classified_and_drawn_with_it(self):
        event = json.loads(hearken("detect", "-m", self.bundle, "--json", self.scene).stdout.splitlines()[0])
        self.assertEqual(event["label"], LABEL)
        window = json.loads(hearken("classify", "-m", self.bundle, "--json", self.scene).stdout.splitlines()[0])
        self.assertEqual(window["label"], LABEL)
        report = json.loads(hearken("evaluate", self.bundle, self.folder / "in", "-q", "--json").stdout)
        self.assertEqual(next(iter(report["runs"].values()))["files"][0]["class"], LABEL)
        svg = self.folder / "plot.svg"
        result = hearken("plot", self.scene, "-m", self.bundle, "-o", svg)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertGreater(svg.stat().st_size, 1000)

    def test_a_table_is_as_wide_with_it_as_without(self):
        rows = hearken("detect", "-m", self.bundle, "--table", self.scene).stdout.splitlines()
        self.assertEqual(rows[0].index("FILE"), rows[1].index(str(self.scene)))

    def test_the_daemon_has_it_in_rules_events_metrics_and_queries(self):
        config, sock = self.folder / "hearkend.conf", self.folder / "hearkend.sock"
        config.write_text(f"[class {LABEL}]\non = 0.6\n")
        words = ["--config", config, "--model", self.bundle, "--input", "-", "--rate", RATE, "--socket", sock,
                 "--history", self.folder / "history.db"]
        with Daemon(*words, stdin=subprocess.PIPE) as daemon:
            daemon.process.stdin.write((32767 * self.samples.clip(-1, 1)).astype("<i2").tobytes())
            daemon.process.stdin.flush()
            daemon.wait_for_event(label=LABEL, state="ongoing")
            events = hearken("events", "--socket", sock, "--label", LABEL, "--json")
            self.assertEqual(events.returncode, 0, events.stderr)
            self.assertEqual({json.loads(line)["label"] for line in events.stdout.splitlines()}, {LABEL})
            metrics = hearken("metrics", "--socket", sock).stdout
            self.assertRegex(metrics, rf'(?m)^hearken_events_total\{{.*label="{LABEL}".*\}} 1$')
            wrong = hearken("events", "--socket", sock, "--label", "Turklingel")
            self.assertNotEqual(wrong.returncode, 0)
            self.assertIn(LABEL, wrong.stderr)
            daemon.stop()

    def test_a_section_of_a_class_that_is_not_there_names_it(self):
        config = self.folder / "wrong.conf"
        config.write_text("[class Turklingel]\non = 0.6\n")
        result = subprocess.run([HEARKEND, "--config", config, "--model", self.bundle, "--check-config"],
                                capture_output=True, text=True, env=ENV, timeout=60)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(LABEL, result.stderr)

    def test_hostile_labels_of_a_model_are_refused(self):
        text = (self.bundle / "model.ini").read_bytes()
        for label in (AS_MACOS_WRITES_IT, "a\u202eb", "a/b", "a\x1b[1m", "a\u200b", "x" * 64, "Ａ"):
            with self.subTest(label=label):
                copy = self.folder / "hostile"
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.bundle, copy)
                (copy / "model.ini").write_bytes(text.replace(LABEL.encode(), label.encode()))
                result = hearken("model", "show", copy)
                self.assertNotEqual(result.returncode, 0)
                self.assertRegex(result.stderr, r"model\.ini:\d+: labels: label 1: expected")
                self.assertNotIn("\u202e", result.stderr)

    def test_a_folder_whose_name_hides_something_is_refused(self):
        for name, word in (("kettle\u202e", "U+202E"), ("ket\ttle", "U+0009"), (b"kettle\xff", "byte 0xff")):
            with self.subTest(name=name):
                folder = self.folder / "hiding"
                shutil.rmtree(os.fsencode(folder), ignore_errors=True)
                shutil.copytree(self.folder / "in", folder)
                os.rename(os.fsencode(folder / "тишина"), os.path.join(os.fsencode(folder), os.fsencode(name)))
                result = hearken("train", folder, "-o", self.folder / "none", "-q")
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(word, result.stderr)
                self.assertNotIn("\u202e", result.stderr)
                self.assertFalse((self.folder / "none").exists())


    @unittest.skipIf(journal.missing(), journal.missing())
    def test_the_journal_has_it_as_a_field(self):
        folder, stderr = self.folder / "journal", self.folder / "stderr"
        config = self.folder / "empty.conf"
        config.write_text("")
        subprocess.run([*journal.service(folder, stderr), HEARKEND, "--config", config, "--model", self.bundle, "--input", self.scene,
                        "--instance", "attic"], check=True, timeout=120)
        self.assertEqual({record["HEARKEN_LABEL"] for record in journal.records(folder) if "HEARKEN_LABEL" in record}, {LABEL})


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
