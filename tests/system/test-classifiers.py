#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The classifiers of `hearken train`: each as scikit-learn has it, their comparison, their probabilities."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

import sounds

HEARKEN, DECIDE = os.environ["HEARKEN"], os.environ["DECIDE"]
RATE = 16000
CLIP = 3
N_FEATURES = 557
LEARNERS = ("svc-ovr", "svc-ovo", "svc-reduced", "ridge", "svc-linear", "logistic", "logistic-ovr")


def hearken(*args):
    return subprocess.run([HEARKEN, *map(str, args)], capture_output=True, text=True, timeout=280)


class Classifiers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Three classes that are not easy to tell apart: a hum and a hiss, each in the other, and both."""
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-classifiers-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        random = np.random.default_rng(3)
        for k in range(9):
            hum = sounds.hum(11, RATE, random.uniform(90, 150))
            hiss = sounds.noise(11, RATE, 0.05, k)
            name, mix = (("hum", (0.7, 0.5)), ("hiss", (0.3, 1)), ("both", (0.5, 0.8)))[k % 3]
            gains = np.array(mix) * random.uniform(0.4, 1.6, 2)
            path = cls.folder / "in" / name / f"{k}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            sounds.write_s16(path, gains[0] * hum + gains[1] * hiss, RATE)

    def train(self, name, *words):
        bundle = self.folder / name
        result = hearken("train", self.folder / "in", "-o", bundle, "-q", "--name", "same", "--vectors", 20, *words)
        self.assertEqual(result.returncode, 0, result.stderr)
        return bundle, result.stdout

    def rows_of(self, bundle):
        """Features of all training windows as the bundle wants them, and their classes."""
        rows, classes = [], []
        for path in sorted((self.folder / "in").glob("*/*.wav")):
            out = self.folder / "rows.npy"
            with open(out, "wb") as file:
                subprocess.run([HEARKEN, "features", path, "--model", bundle, "--format", "npy"], stdout=file, check=True)
            rows.append(np.load(out))
            classes += [path.parent.name] * len(rows[-1])
        return np.concatenate(rows).astype("<f4"), np.array(classes)

    def decide(self, bundle, rows, key):
        result = subprocess.run([DECIDE, str(bundle)], input=rows.tobytes(), capture_output=True, check=True)
        return np.array([json.loads(line)[key] for line in result.stdout.splitlines()])

    def assert_decides_as(self, learner, cost, estimator, tolerance=3e-4):
        """TOLERANCE: of the largest score. Training ends at a gradient 1e-6 of the first (learning/learners/linear.c):

        the weights are then within cost * 1e-6 * |first gradient| of the optimum, scores within that times |x|. Here
        that is 0.1 * 1e-6 * 722 * 42.5 = 0.0031 of scores up to 11.3.
        """
        bundle, _ = self.train(learner, "--classifier", learner, "--cost", cost, "--gamma", 0.5)
        rows, classes = self.rows_of(bundle)
        x = np.clip(StandardScaler().fit_transform(rows.astype(float)), -CLIP, CLIP)
        estimator.fit(x, classes)
        expected, got = estimator.decision_function(x), self.decide(bundle, rows, "scores")
        self.assertGreater(np.ptp(expected), 1)
        self.assertLess(np.abs(got - expected).max(), tolerance * np.abs(expected).max())
        self.assertEqual(self.decide(bundle, rows, "label").tolist(), estimator.predict(x).tolist())

    def test_logistic_regression_decides_as_scikit_learns(self):
        self.assert_decides_as("logistic", 0.1, LogisticRegression(
            C=0.1, class_weight="balanced", multi_class="multinomial", solver="newton-cg", tol=1e-8, max_iter=10000))

    def test_sigmoids_decide_as_scikit_learns(self):
        self.assert_decides_as("logistic-ovr", 0.1, OneVsRestClassifier(LogisticRegression(
            C=0.1, class_weight="balanced", solver="newton-cg", tol=1e-8, max_iter=10000)))

    def test_linear_svms_decide_as_scikit_learns(self):
        # its bias is held back as a weight is; a scaling of 1000 lets it go, nearly
        self.assert_decides_as("svc-linear", 0.01, OneVsRestClassifier(LinearSVC(
            C=0.01, class_weight="balanced", dual=False, intercept_scaling=1000, tol=1e-10, max_iter=100000)), 1e-3)

    def test_one_vs_rest_svms_decide_as_scikit_learns(self):
        self.assert_decides_as("svc-ovr", 10, OneVsRestClassifier(SVC(
            C=10, gamma=0.5 / N_FEATURES, class_weight="balanced", tol=1e-5)), 1e-3)  # libsvm's own tolerance is 1e-3

    def test_what_is_trained_is_what_classifies(self):
        path = next((self.folder / "in/hum").iterdir())
        for learner in LEARNERS:
            bundle, _ = self.train(f"own-{learner}", "--classifier", learner)
            npy = self.folder / "own.npy"
            with open(npy, "wb") as file:
                subprocess.run([HEARKEN, "features", path, "--model", bundle, "--format", "npy"], stdout=file, check=True)
            expected = self.decide(bundle, np.load(npy).astype("<f4"), "probabilities")
            windows = [json.loads(line) for line in hearken("classify", path, "--model", bundle, "--json").stdout.splitlines()]
            labels = json.loads(hearken("model", "show", bundle, "--json").stdout)["labels"]
            got = np.array([[window["probabilities"][label] for label in labels] for window in windows])
            self.assertLess(np.abs(got - expected).max(), 1e-4, learner)

    def test_a_model_is_called_what_it_is(self):
        for learner, title, vectors in (("svc-ovr", "support vector machine", "support vectors"),
                                        ("svc-reduced", "reduced support vector machine", "20 landmarks"),
                                        ("ridge", "kernel ridge regression", "20 landmarks"),
                                        ("logistic", "multinomial logistic regression", "3 weight vectors")):
            bundle, _ = self.train(f"called-{learner}", "--classifier", learner)
            shown = hearken("model", "show", bundle).stdout
            self.assertIn(f"\n  {title} ({learner})\n", shown)
            self.assertIn(f"{vectors} of {N_FEATURES} features", shown)
            classifier = json.loads(hearken("model", "show", bundle, "--json").stdout)["classifier"]
            self.assertEqual(classifier["method"], title)

    def test_classifiers_are_compared_on_the_same_splits_and_the_choice_is_explained(self):
        bundle, out = self.train("auto", "--classifier", "auto", "--jobs", 1)
        for learner in LEARNERS:
            self.assertRegex(out, rf"(?m)^{learner} .*\d \+- \d")
        self.assertRegex(out, r"Chosen: [a-z-]+: the (smallest of those|best)")
        shown = hearken("model", "show", bundle).stdout
        self.assertRegex(shown, r"chosen = [a-z-]+: the (smallest of those|best)")
        self.assertEqual(shown.count("score_"), len(LEARNERS))
        again, report = self.train("auto-again", "--classifier", "auto", "--jobs", 3, "--json")
        report = json.loads(report)
        self.assertEqual({path.name: path.read_bytes() for path in bundle.iterdir()},
                         {path.name: path.read_bytes() for path in again.iterdir()})
        comparison = {row["classifier"]: row for row in report["comparison"]}
        self.assertEqual(set(comparison), set(LEARNERS))
        best = max(row["score"] for row in comparison.values())
        chosen = comparison[report["classifier"]]
        self.assertGreaterEqual(chosen["score"], best - 0.1)
        for row in comparison.values():  # nothing as good is smaller
            self.assertTrue(row["score"] < best or row["bytes"] >= chosen["bytes"], report["comparison"])

    def test_a_linear_bundle_that_was_tampered_with_is_refused_with_its_line(self):
        bundle, _ = self.train("linear", "--classifier", "svc-linear")
        shown = hearken("model", "show", bundle).stdout
        self.assertIn(f"3 weight vectors of {N_FEATURES} features", shown)
        model = bundle / "svm.model"
        lines = model.read_text().splitlines()
        first = lines.index("SV") + 1
        lines[first] = lines[first].replace(" 2:", " 2:nan ", 1)
        model.write_text("\n".join(lines) + "\n")
        ini = bundle / "model.ini"
        text = ini.read_text().splitlines()
        text = [f"svm.model = {hashlib.sha256(model.read_bytes()).hexdigest()}" if line.startswith("svm.model") else line for line in text]
        ini.write_text("\n".join(text) + "\n")
        result = hearken("model", "show", bundle)
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stderr, rf"svm\.model:{first + 1}: ")

    def test_sigmoids_are_the_other_way_to_probabilities(self):
        reports = {}
        for method, n_slopes in (("softmax", 1), ("sigmoid", 3)):
            bundle, out = self.train(method, "--probabilities", method, "--json")
            reports[method] = json.loads(out)["out_of_fold"]
            lines = [line for line in (bundle / "model.ini").read_text().splitlines() if line.startswith("slope")]
            self.assertEqual(len(lines[0].split("=")[1].split()), n_slopes)
            rows, _ = self.rows_of(bundle)
            probabilities = self.decide(bundle, rows, "probabilities")
            self.assertLess(np.abs(probabilities.sum(axis=1) - 1).max(), 1e-9)
        for report in reports.values():  # a uniform guess has 2/3
            self.assertLess(report["brier"], 0.6)
            self.assertLess(report["ece"], 0.4)  # of 99 windows, each by what two thirds of them say
        self.assertEqual(reports["softmax"]["confusion"], reports["sigmoid"]["confusion"])


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
