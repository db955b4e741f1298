#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hearken evaluate` on sounds whose truth is known: measures held against numpy and scikit-learn."""

import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

import numpy as np

import bundles
import sounds

HEARKEN = os.environ["HEARKEN"]
RATE = 16000
LABELS = ["alarm", "hum", "other"]
RULES = "[class other]\nevent = no\n[class alarm]\non = 0.6\noff = 0.4\nconfirm = 1 of 1\nrelease = 2 s\n"


def hearken(*args, **options):
    return subprocess.run([HEARKEN, *map(str, args)], capture_output=True, timeout=240, **options)


def evaluate(*args):
    return json.loads(hearken("evaluate", *args, "--json", "--quiet", check=True).stdout)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-evaluate-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.clips = cls.folder / "clips"
        examples = []
        for i, label in enumerate(LABELS):
            (cls.clips / label).mkdir(parents=True)
            for seed in range(3):
                path = cls.clips / label / f"{seed}.wav"
                sounds.write_s16(path, cls.sound(label) + sounds.noise(8, RATE, 0.002, 10 * i + seed), RATE)
            text = hearken("features", path, "--profile", "mel-modulation", check=True).stdout.decode().splitlines()
            examples.append(np.array([[float(v) for v in line.split(",")] for line in text[1:]]))
        # a clip in the wrong folder: the one mistake that is known
        sounds.write_s16(cls.clips / "hum" / "wrong.wav", cls.sound("alarm") + sounds.noise(8, RATE, 0.002, 99), RATE)
        cls.model = cls.folder / "model"
        bundles.write(str(cls.model), bundles.NearestMean(LABELS, examples), text[0].split(","), "mel-modulation",
                      RATE, RULES)
        cls.scenes = cls.folder / "scenes"
        cls.scenes.mkdir()
        for name, offset in (("a", 10), ("b", 20)):
            scene = sounds.noise(60, RATE, 0.002, offset)
            scene[offset * RATE:(offset + 12) * RATE] += sounds.beeps(12, RATE)
            sounds.write_s16(cls.scenes / f"{name}.wav", scene, RATE)
        # b's alarm is not in its table, and something is that cannot be heard
        (cls.scenes / "a.tsv").write_text("onset\toffset\tlabel\n10\t22\talarm\n")
        (cls.scenes / "b.tsv").write_text("20.0\t32.0\tdoorbell\n45.5\t50\talarm")

    @staticmethod
    def sound(label):
        return {"alarm": sounds.beeps(8, RATE), "hum": sounds.hum(8, RATE), "other": np.zeros(8 * RATE)}[label]


class Others(Case):
    """Held against what other programs compute, or of what they make."""

    def test_the_report_is_that_of_scikit_learn(self):
        from sklearn.metrics import classification_report

        truth, decided = [], []
        for path in sorted(self.clips.rglob("*.wav")):
            for line in hearken("classify", "--model", self.model, "--json", path, check=True).stdout.splitlines():
                truth.append(path.parent.name)
                decided.append(json.loads(line)["label"])
        expected = classification_report(truth, decided, output_dict=True, zero_division=0)
        found = evaluate(self.model, self.clips)["runs"]["as-recorded"]["windows"]
        for row in found["classes"]:
            for measure, name in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
                self.assertAlmostEqual(row[measure], expected[row["label"]][name], 9)
            self.assertEqual(row["windows"], expected[row["label"]]["support"])
        for name in ("macro_avg", "weighted_avg"):
            self.assertAlmostEqual(found[name]["f1"], expected[name.replace("_", " ")]["f1-score"], 9)
        self.assertAlmostEqual(found["accuracy"], expected["accuracy"], 9)

    def test_synthesised_scenes_are_the_same_for_the_same_seed_and_can_be_measured(self):
        make = pathlib.Path(os.environ["HEARKEN_SOURCE"], "scripts", "make-scenes")
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            for name, seeds in (("a", ("3",)), ("b", ("2", "3"))):
                subprocess.run([make, f"{folder}/{name}", "--minutes", "1", "--seed", *seeds], check=True,
                               capture_output=True)
            for ending in ("wav", "tsv"):
                a, b, other = (pathlib.Path(folder, name + ending).read_bytes() for name in ("a/3.", "b/3.", "b/2."))
                self.assertEqual(a, b)
                self.assertNotEqual(a, other)
            run = evaluate(self.model, f"{folder}/b")["runs"]["as-recorded"]
            self.assertAlmostEqual(run["hours"], 2 / 60)


class Clips(Case):
    def test_the_text_says_what_the_json_says(self):
        run = evaluate(self.model, self.clips)["runs"]["as-recorded"]
        text = hearken("evaluate", self.model, self.clips, "--quiet", check=True).stdout.decode()
        for part in ("windows", "recordings"):
            lines = text[text.index(f"\n{part} "):].splitlines()[2:]
            for row, line in zip(run[part]["classes"], lines):
                figures = [f"{row[key]:.3f}" for key in ("precision", "recall", "f1")]
                self.assertEqual(line.split(), [row["label"], *figures, str(row["windows"])])
            self.assertEqual(lines[3].split()[:2], ["accuracy", f"{run[part]['accuracy']:.3f}"])
        for label, row in zip(LABELS, run["windows"]["confusion"]):
            self.assertRegex(text, rf"\n{label} +{' +'.join(map(str, row))}\n")

    def test_the_clip_in_the_wrong_folder_is_the_mistake(self):
        files = evaluate(self.model, self.clips)["runs"]["as-recorded"]["files"]
        self.assertEqual([pathlib.Path(f["file"]).name for f in files if f["decided"] != f["label"]], ["wrong.wav"])

    def test_a_header_that_promises_too_little_is_noted_and_many_are_counted(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            def lie(path, source):
                data = bytearray(source.read_bytes())
                data[40:44] = (1000).to_bytes(4, "little")
                path.write_bytes(data)

            for label in LABELS:
                os.mkdir(f"{folder}/{label}")
                for seed in range(2):
                    lie(pathlib.Path(folder, label, f"{seed}.wav"), self.clips / label / f"{seed}.wav")
            notes = evaluate(self.model, folder)["notes"]
            words = "its header promises 1000 bytes of audio, but 256000 follow: all of them are used"
            self.assertEqual(notes[:3], [f"{folder}/{name}: {words}" for name in ("alarm/0.wav", "alarm/1.wav", "hum/0.wav")])
            self.assertEqual(notes[3], "6 of 6 recordings have such a header; the first 3 are named")
            self.assertIn(words, hearken("evaluate", self.model, folder, "--quiet", "--json").stderr.decode())
            scene = pathlib.Path(folder, "scene")
            scene.mkdir()
            lie(scene / "a.wav", self.scenes / "a.wav")
            shutil.copy(self.scenes / "a.tsv", scene)
            self.assertIn("its header promises 1000 bytes", evaluate(self.model, scene)["notes"][0])

    def test_threads_and_repetition_change_nothing(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            for label in LABELS:
                os.mkdir(f"{folder}/{label}")
                shutil.copy(self.clips / label / "0.wav", f"{folder}/{label}")
            one = evaluate(self.model, folder, "--degrade", "--jobs", 1)
            self.assertEqual(one, evaluate(self.model, folder, "--degrade", "--jobs", 3))
            self.assertNotEqual(one, evaluate(self.model, folder, "--degrade", "--seed", 2))

    def test_each_degradation_is_a_run_of_its_own(self):
        runs = evaluate(self.model, self.clips, "--degrade")["runs"]
        self.assertEqual(list(runs), ["as-recorded", "gain-20", "noise-20", "noise-10", "low-pass-4k", "reverb"])
        # the features know no level, so less gain changes nothing; noise that is louder than the quiet does
        self.assertEqual(runs["gain-20"]["windows"]["confusion"], runs["as-recorded"]["windows"]["confusion"])
        self.assertGreater(runs["noise-10"]["windows"]["brier"], runs["as-recorded"]["windows"]["brier"] + 0.1)

    def test_a_class_the_model_does_not_know_is_other_or_an_error(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            clips, model = pathlib.Path(folder, "clips"), pathlib.Path(folder, "model")
            shutil.copytree(self.clips / "other", clips / "wind")
            run = evaluate(self.model, clips)["runs"]["as-recorded"]
            self.assertEqual({f["label"] for f in run["files"]}, {"other"})
            self.assertEqual(run["events"]["wind"]["recordings"], 3)
            ini = (self.model / "model.ini").read_text()
            shutil.copytree(self.model, model)
            (model / "model.ini").write_text(re.sub(r"\bother\b", "rest", ini))
            result = hearken("evaluate", model, clips)
            self.assertEqual(result.returncode, 65)
            self.assertIn(b"wind", result.stderr)

    def test_short_recordings_are_repeated_and_brought_to_a_level(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            os.mkdir(f"{folder}/alarm")
            sounds.write_s16(f"{folder}/alarm/short.wav", sounds.beeps(1.5, RATE), RATE)
            self.assertEqual(hearken("evaluate", self.model, folder).returncode, 65)
            run = evaluate(self.model, folder, "--loop", "12 s", "--level", "-30")["runs"]["as-recorded"]
            self.assertEqual(run["files"][0]["windows"], 11)
            self.assertAlmostEqual(run["files"][0]["duration_s"], 12)

    def test_the_page_needs_nothing_else_and_its_pictures_are_drawn(self):
        import base64

        hearken("evaluate", self.model, self.clips, "--report", self.folder / "page", "--quiet", check=True)
        self.assertEqual(os.listdir(self.folder / "page"), ["index.html"])
        page = (self.folder / "page" / "index.html").read_text()
        self.assertNotRegex(page, r'(src|href)="(?!data:)')
        pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
        # confusion, reliability, a threshold curve a class, one mistake
        self.assertEqual(len(pictures), 2 + len(LABELS) + 1)
        for picture in pictures:
            root = xml.etree.ElementTree.fromstring(base64.b64decode(picture, validate=True))
            self.assertTrue(root.tag.endswith("svg"))
        self.assertIn("wrong.wav", page.partition("The worst mistakes")[2])

    def test_what_was_not_heard_has_no_curve_and_what_is_large_no_exponent(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            shutil.copytree(self.clips / "alarm", f"{folder}/clips/alarm")
            hearken("evaluate", self.model, f"{folder}/clips", "--report", f"{folder}/page", "--quiet", check=True)
            page = pathlib.Path(folder, "page", "index.html").read_text()
            self.assertIn("<p>hum: no window of it was heard.</p>", page)
            self.assertNotIn("<p>alarm: no window", page)
            self.assertNotRegex(page, r"<td>[-0-9.]*e\+")
            curves = evaluate(self.model, f"{folder}/clips")["runs"]["as-recorded"]["thresholds"]
            self.assertIn(None, curves["hum"]["precision"])  # above what any window has
            self.assertNotIn(None, curves["hum"]["recall"])
        for level in ("-500", "1"):
            result = hearken("evaluate", self.model, self.clips, "--level", level)
            self.assertEqual(result.returncode, 64)
            self.assertIn(f'expected a number from -120 to 0, got "{level}"', result.stderr.decode())

    def test_where_a_page_cannot_go_is_said_before_anything_is_heard(self):
        foreign, taken = self.folder / "site", self.folder / "taken"
        foreign.mkdir()
        (foreign / "index.html").write_text("<!DOCTYPE html>\n<p>precious\n")
        taken.write_text("precious")
        for report, message in (
            (foreign, "index.html"),
            (taken, f"--report {taken}: Not a directory"),
            (self.folder / "none" / "page", f"cannot be made in {self.folder / 'none'}: No such file or directory"),
        ):
            result = hearken("evaluate", self.model, self.clips, "--report", report)
            self.assertEqual(result.returncode, 74)
            self.assertEqual(result.stdout, b"")
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)  # no progress
            self.assertIn(message, result.stderr.decode())
        self.assertIn("precious", (foreign / "index.html").read_text())
        self.assertEqual(taken.read_text(), "precious")
        self.assertFalse((self.folder / "none").exists())

    def test_a_page_that_does_not_fit_leaves_the_old_one_and_no_other(self):
        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

        words = ["evaluate", self.model, self.clips, "--quiet", "--report"]
        old, new = self.folder / "old", self.folder / "new"
        hearken(*words, old, check=True)
        before = (old / "index.html").read_bytes()
        for folder in (old, new):
            result = hearken(*words, folder, preexec_fn=small_files)
            self.assertEqual(result.returncode, 74, result.stderr)
            self.assertIn(f"--report {folder}/index.html: File too large", result.stderr.decode())
        self.assertEqual(os.listdir(old), ["index.html"])
        self.assertEqual((old / "index.html").read_bytes(), before)
        self.assertFalse(new.exists())
        (old / ".index.html.new").write_text("half a page of one that was killed")
        hearken(*words, old, check=True)
        self.assertEqual(os.listdir(old), ["index.html"])


class Scenes(Case):
    def run_scenes(self, *args):
        return evaluate(self.model, *args)["runs"]["as-recorded"]

    def test_what_was_missed_and_what_was_false_has_its_name(self):
        run = self.run_scenes(self.scenes)
        self.assertEqual([(pathlib.Path(m["file"]).name, m["onset_s"]) for m in run["missed"]], [("b.wav", 45.5)])
        alarms = [a for a in run["false_alarms"] if a["label"] == "alarm"]
        self.assertEqual([(pathlib.Path(a["file"]).name, a["was"]) for a in alarms], [("b.wav", "doorbell")])
        self.assertAlmostEqual(run["hours"], 120 / 3600)

    def test_the_text_says_what_the_json_says(self):
        run = self.run_scenes(self.scenes)
        text = hearken("evaluate", self.model, self.scenes, "--quiet", check=True).stdout.decode()
        self.assertIn(f"macro F1: {run['macro_segment_f1']:.3f} by seconds, {run['macro_event_f1']:.3f} by events", text)
        (alarm,) = (c for c in run["classes"] if c["label"] == "alarm")
        self.assertRegex(text, rf"\nalarm +{alarm['true']} +{alarm['found']} +{alarm['segments']['precision']:.3f} ")
        self.assertRegex(text, rf"\nalarm +{alarm['false_alarms']} +{alarm['absent_h']:.3f} .* {alarm['missed']} of {alarm['true']} ")
        self.assertIn(f"missed: alarm at 45.50 s in {self.scenes / 'b.wav'}\n", text)
        self.assertRegex(text, rf"false: alarm from .* in {self.scenes / 'b.wav'} \(was: doorbell\)")

    def test_the_page_shows_the_same(self):
        run = self.run_scenes(self.scenes)
        hearken("evaluate", self.model, self.scenes, "--report", self.folder / "scenes-page", "--quiet", check=True)
        page = (self.folder / "scenes-page" / "index.html").read_text()
        self.assertIn(f"Macro F1: {run['macro_segment_f1']:.3f} by seconds, {run['macro_event_f1']:.3f} by events", page)
        missed, false = page.partition("<h3>Missed</h3>")[2].split("<h3>False alarms</h3>")
        self.assertEqual(missed.count("b.wav"), 1)
        self.assertIn("45.50", missed)
        self.assertIn("doorbell", false.partition("The worst mistakes")[0])
        self.assertEqual(false.partition("The worst mistakes")[2].count("<img "), len(run["missed"]) + len(run["false_alarms"]))

    def test_hours_without_a_table_are_counted_event_by_event(self):
        folder = self.folder / "hours"
        folder.mkdir()
        shutil.copy(self.scenes / "a.wav", folder)
        run = evaluate(self.model, folder, "--hours")["runs"]["as-recorded"]
        self.assertAlmostEqual(run["hours"], 60 / 3600)
        told = hearken("detect", "--model", self.model, "--json", folder / "a.wav", check=True).stdout
        events = [json.loads(line)["label"] for line in told.splitlines()]
        self.assertIn("alarm", events)
        for row in run["classes"]:
            self.assertEqual((row["true"], row["false_alarms"]), (0, events.count(row["label"])))
        (alarm,) = (row for row in run["classes"] if row["label"] == "alarm")
        self.assertAlmostEqual(alarm["false_alarms_an_hour"], events.count("alarm") * 60)
        self.assertGreater(alarm["false_alarms_an_hour_bound"], alarm["false_alarms_an_hour"])
        alone = evaluate(self.model, folder / "a.wav", "--hours")["runs"]["as-recorded"]
        self.assertEqual(alone["classes"], run["classes"])
        self.assertEqual(hearken("evaluate", self.model, folder / "a.wav", "--quiet").returncode, 66)
        empty = self.folder / "no-hours"
        empty.mkdir()
        result = hearken("evaluate", self.model, empty, "--hours", "--quiet")
        self.assertEqual(result.returncode, 66)
        self.assertIn(b"expected a recording", result.stderr)

    def test_seconds_are_counted_as_sed_eval_does(self):
        (alarm,) = (c for c in self.run_scenes(self.scenes / "a.wav")["classes"] if c["label"] == "alarm")
        line = hearken("detect", "--model", self.model, "--json", self.scenes / "a.wav", check=True).stdout
        events = [json.loads(text) for text in line.splitlines()]
        found = {s for e in events if e["label"] == "alarm"
                 for s in range(int(e["start_s"]), int(np.ceil(e["end_s"])))}
        truth = set(range(10, 22))
        self.assertAlmostEqual(alarm["segments"]["precision"], len(found & truth) / len(found))
        self.assertAlmostEqual(alarm["segments"]["recall"], len(found & truth) / len(truth))

    def test_no_false_alarm_bounds_the_rate_by_the_rule_of_three(self):
        (alarm,) = (c for c in self.run_scenes(self.scenes / "a.wav")["classes"] if c["label"] == "alarm")
        self.assertEqual(alarm["false_alarms"], 0)
        self.assertAlmostEqual(alarm["false_alarms_an_hour_bound"] * alarm["absent_h"], -np.log(0.05), 9)

    def test_latency_runs_from_the_onset_to_the_end_of_the_window_that_told(self):
        (alarm,) = (c for c in self.run_scenes(self.scenes / "a.wav")["classes"] if c["label"] == "alarm")
        self.assertIn(alarm["latency_median_s"], (1, 2))

    def test_a_model_that_smooths_is_heard_as_detect_hears_it_and_later(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            model = pathlib.Path(folder, "model")
            shutil.copytree(self.model, model)
            with open(model / "model.ini", "a") as ini:
                ini.write("[smoothing]\nmethod = hmm\nlag = 2 s\n")
            run = evaluate(model, self.scenes / "a.wav")["runs"]["as-recorded"]
            (alarm,) = (c for c in run["classes"] if c["label"] == "alarm")
            plain = next(c for c in self.run_scenes(self.scenes / "a.wav")["classes"] if c["label"] == "alarm")
            # the lag, and at most a step more until a slice is covered by all its windows
            self.assertIn(alarm["latency_median_s"] - plain["latency_median_s"], (2, 3))
            # told in steps of a second, not in windows of two: the edges are those of the sound, whose last beep ends at 20.5
            self.assertEqual(alarm["segments"]["precision"], 1)
            self.assertAlmostEqual(alarm["segments"]["recall"], 11 / 12)
            events = hearken("detect", "--model", model, "--json", self.scenes / "a.wav", check=True).stdout
            (event,) = (e for e in map(json.loads, events.splitlines()) if e["label"] == "alarm")
            self.assertEqual((event["start_s"], event["end_s"]), (10, 21))

    def test_a_wrong_table_is_named_with_its_line(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            shutil.copy(self.scenes / "a.wav", folder)
            for line, message in (
                ("3\t2\talarm", "offset 2 is not after onset 3"),
                ("-1\t2\talarm", "expected an onset of 0 s or more, got -1"),
                ("5\t6", 'separated by tabs, got "5\t6"'),
                ("x\t6\talarm", 'separated by tabs, got "x\t6\talarm"'),
                ("5\t6\talarm\tloud", 'got "5\t6\talarm\tloud"'),
                ("5\t2000\talarm", f"offset 2000 is beyond the end of {folder}/a.wav at 60 s"),
            ):
                pathlib.Path(folder, "a.tsv").write_text(f"1\t2\talarm\n{line}\n")
                result = hearken("evaluate", self.model, folder)
                self.assertEqual(result.returncode, 65)
                self.assertIn(message.replace("\t", "?"), result.stderr.decode().replace("\t", "?"))
                self.assertIn("a.tsv:2: ", result.stderr.decode())

    def test_a_first_line_that_is_a_damaged_row_is_no_heading(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            shutil.copy(self.scenes / "a.wav", folder)
            for line in ("0,5\t2,5\talarm", "o.5\t2.5\talarm", "1s 2s alarm", "alarm"):
                pathlib.Path(folder, "a.tsv").write_text(f"{line}\n10\t22\talarm\n")
                result = hearken("evaluate", self.model, folder)
                self.assertEqual(result.returncode, 65)
                self.assertIn("a.tsv:1: expected onset and offset in seconds and a label", result.stderr.decode())

    def test_what_is_no_scene_and_no_manifest_is_told_what_it_lacks(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            wav = pathlib.Path(folder, "a.wav")
            shutil.copy(self.scenes / "a.wav", wav)
            for path, table, code, message in (
                (wav, None, 66, f"a scene needs a table of its events beside it, and {folder}/a.tsv is not there"),
                (wav.with_suffix(".tsv"), "1\t2\talarm\n", 65, f"if it is that of a scene, give {wav}"),
            ):
                if table:
                    path.write_text(table)
                result = hearken("evaluate", self.model, path)
                self.assertEqual(result.returncode, code)
                self.assertIn(f"{path}: ", result.stderr.decode())
                self.assertIn(message, result.stderr.decode())
            wav.with_suffix(".tsv").write_text("path\tclass\na.wav\n")  # a manifest that lies beside its recording
            said = hearken("evaluate", self.model, wav.with_suffix(".tsv")).stderr.decode()
            self.assertIn("a.tsv:2: expected 2 fields, got 1", said)
            result = hearken("evaluate", folder, wav)
            self.assertEqual(result.returncode, 78)
            self.assertIn(f"{folder}: not a model bundle: it has no model.ini", result.stderr.decode())

    def test_a_label_may_hold_blanks_between_its_tabs(self):
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            shutil.copy(self.scenes / "a.wav", folder)
            pathlib.Path(folder, "a.tsv").write_text("\ufeffonset\toffset\tevent label\n1\t2\tfront door bell\n10 22 alarm\n")
            run = self.run_scenes(pathlib.Path(folder))
            self.assertEqual(run["missed"], [])
            self.assertEqual([a for a in run["false_alarms"] if a["label"] == "alarm"], [])


if __name__ == "__main__":
    unittest.main()
