#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""scripts/export-sklearn: train in Python, pickle, export, load in C: the same decisions."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import pickle
import shutil
import subprocess
import tempfile
import unittest
import unittest.mock
import warnings

import numpy as np
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC, NuSVC

HEARKEN, DECIDE = os.environ["HEARKEN"], os.environ["DECIDE"]
SOURCE = pathlib.Path(os.environ["HEARKEN_SOURCE"])
GOLDEN = SOURCE / "tests/golden"

def load_script():
    loader = importlib.machinery.SourceFileLoader("export_sklearn", str(SOURCE / "scripts/export-sklearn"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


SCRIPT = load_script()

# Largest difference of a decision value, of 1 or of the value where that is larger (a linear kernel on outliers).
TOLERANCE = 1e-5


def spectrogram_rows():
    """Golden features of the original pipeline, with noise of a hundredth of each feature's spread."""
    rows = [np.fromfile(path, "<f4").reshape(-1, 8198) for path in sorted((GOLDEN / "features").glob("*.feat.f32"))]
    return spread(np.concatenate(rows), 40)


def mel_rows():
    rows = [np.fromfile(path, "<f8").reshape(-1, 556) for path in sorted((GOLDEN / "mel-modulation").glob("*.feat.f64"))]
    return spread(np.concatenate(rows), 120)


def spread(rows, n):
    random = np.random.default_rng(1)
    rows = rows[random.integers(len(rows), size=n)]
    return (rows + random.normal(size=rows.shape) * (rows.std(axis=0) + 1e-3) / 10).astype(np.float32)


class Export(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mel, cls.picture = mel_rows(), spectrogram_rows()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-export-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.bundle = self.folder / "bundle"

    def dump(self, thing, name="model.pkl"):
        path = self.folder / name
        path.write_bytes(pickle.dumps(thing))
        return path

    def arguments(self, *arguments):
        return [str(SOURCE / "scripts/export-sklearn"), *map(str, arguments), "--output", str(self.bundle), "--hearken", HEARKEN]

    def run_export(self, *arguments):
        """In this process, which has scikit-learn at hand already."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with unittest.mock.patch("sys.argv", self.arguments(*arguments)):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    SCRIPT.main()
                except SystemExit as end:
                    code = end.code
        return code, out.getvalue(), err.getvalue()

    def export(self, *arguments):
        shutil.rmtree(self.bundle, ignore_errors=True)
        code, out, err = self.run_export(*arguments)
        self.assertEqual(code, 0, err)
        self.assertIn("unpickling runs the code in the file", err)
        return out

    def decide(self, rows):
        result = subprocess.run([DECIDE, str(self.bundle)], input=rows.astype("<f4").tobytes(), capture_output=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(len(answers), len(rows))
        column = lambda key: np.array([answer[key] for answer in answers])
        return column("label"), column("decisions"), column("scores"), column("probabilities")

    def assert_same_decisions(self, rows, scaler, svc, names=None):
        labels, decisions, scores, probabilities = self.decide(rows)
        x = (scaler.transform(rows.astype(float)) if scaler else rows).astype(float)
        names = np.array(svc.classes_ if names is None else names)
        order = np.searchsorted(svc.classes_, svc.predict(x))
        self.assertEqual(labels.tolist(), names[order].tolist())
        svc.decision_function_shape = "ovo"
        expected = svc.decision_function(x)
        if len(svc.classes_) == 2:
            expected = -expected[:, None]  # scikit-learn turns the sign of two classes
        self.assertLess((np.abs(decisions - expected) / np.maximum(1, np.abs(expected))).max(), TOLERANCE)
        if len(svc.classes_) > 2:
            svc.decision_function_shape = "ovr"
            self.assertLess(np.abs(scores - svc.decision_function(x)).max(), TOLERANCE)
        if svc.probability:
            # of two classes scikit-learn stops its coupling early
            limit = 1e-4 if len(svc.classes_) > 2 else 0.003
            self.assertLess(np.abs(probabilities - svc.predict_proba(x)).max(), limit)

    def classes(self, n_rows, labels):
        return np.array([labels[i % len(labels)] for i in range(n_rows)])

    # ---- what can be exported ----

    def test_the_program_itself_exports_and_refuses(self):
        svc = SVC().fit(self.mel, self.classes(len(self.mel), ["a", "b", "c"]))
        path = self.dump(svc)
        run = lambda *more: subprocess.run(self.arguments(path, *more), capture_output=True, text=True, timeout=120)
        result = run()
        self.assertEqual(result.returncode, 65)
        self.assertIn("there is no StandardScaler", result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        result = run("--no-scaler")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assert_same_decisions(self.mel, None, svc)

    def test_every_kernel_decides_as_in_python(self):
        y = self.classes(len(self.mel), ["alarm", "music", "other", "silence"])
        for kernel, extra in (("rbf", {}), ("linear", {}), ("poly", {"degree": 2, "coef0": 1}), ("sigmoid", {"gamma": 1e-4, "coef0": 0.1})):
            with self.subTest(kernel=kernel):
                pipeline = make_pipeline(StandardScaler(), SVC(kernel=kernel, probability=True, random_state=0, **extra)).fit(self.mel, y)
                self.export(self.dump(pipeline))
                self.assert_same_decisions(self.mel, pipeline[0], pipeline[1])

    def test_the_original_pipelines_picture_decides_as_in_python(self):
        y = self.classes(len(self.picture), ["fire_alarm", "music", "vacuum_cleaner"])
        pipeline = make_pipeline(StandardScaler(), SVC(C=10)).fit(self.picture, y)
        said = self.export(self.dump(pipeline), "--rate", 44100)
        self.assertIn("3 classes (fire_alarm, music, vacuum_cleaner)", said)
        self.assertIn("profile spectrogram at 44100 Hz", said)
        self.assert_same_decisions(self.picture, pipeline[0], pipeline[1])

    def test_two_classes_keep_their_signs(self):
        for probability in (False, True):
            with self.subTest(probability=probability):
                y = self.classes(len(self.mel), ["alarm", "other"])
                pipeline = make_pipeline(StandardScaler(), SVC(probability=probability, random_state=0)).fit(self.mel, y)
                self.export(self.dump(pipeline))
                self.assert_same_decisions(self.mel, pipeline[0], pipeline[1])

    def test_two_objects_export_in_any_container_and_order(self):
        y = self.classes(len(self.mel), ["a", "b", "c"])
        scaler = StandardScaler().fit(self.mel)
        svc = SVC().fit(scaler.transform(self.mel), y)
        for thing in ((scaler, svc), [svc, scaler], {"scaler": scaler, "classifier": svc, "version": 3},
                      [Pipeline([("scaler", scaler), ("nothing", None), ("svc", svc)])]):
            with self.subTest(type=type(thing)):
                self.export(self.dump(thing))
                self.assert_same_decisions(self.mel, scaler, svc)
        self.export(self.dump(svc), self.dump(scaler, "scaler.pkl"))
        self.assert_same_decisions(self.mel, scaler, svc)

    def test_scalers_without_mean_or_deviation(self):
        y = self.classes(len(self.mel), ["a", "b", "c"])
        for options in ({"with_mean": False}, {"with_std": False}, {"with_mean": False, "with_std": False}):
            with self.subTest(**options):
                pipeline = make_pipeline(StandardScaler(**options), SVC()).fit(self.mel, y)
                self.export(self.dump(pipeline))
                self.assert_same_decisions(self.mel, pipeline[0], pipeline[1])

    def test_constant_features_and_sparse_vectors(self):
        from scipy import sparse

        rows = self.mel.copy()
        rows[:, 10:200] = 0
        y = self.classes(len(rows), ["a", "b", "c"])
        scaler = StandardScaler(with_mean=False).fit(rows)
        svc = SVC().fit(sparse.csr_matrix(scaler.transform(rows)), y)
        self.export(self.dump((scaler, svc)))
        self.assert_same_decisions(rows, scaler, svc)

    def test_numbers_are_named_by_an_encoder_or_by_the_user(self):
        encoder = LabelEncoder().fit(["x", "y", "z"])
        y = encoder.transform(self.classes(len(self.mel), ["z", "x", "y"]))
        scaler = StandardScaler().fit(self.mel)
        svc = SVC().fit(scaler.transform(self.mel), y)
        self.export(self.dump((scaler, svc, encoder)))
        self.assert_same_decisions(self.mel, scaler, svc, ["x", "y", "z"])
        self.export(self.dump((scaler, svc)), "--labels", "one, two,three")
        self.assert_same_decisions(self.mel, scaler, svc, ["one", "two", "three"])

    def test_profile_parameters_rate_and_words_arrive_in_the_bundle(self):
        rows = np.concatenate([self.mel, self.mel[:, :1]], axis=1)
        pipeline = make_pipeline(StandardScaler(), SVC()).fit(rows, self.classes(len(rows), ["a", "silence"]))
        self.export(self.dump(pipeline), "--profile", "mel-modulation", "--set", "extensions=level", "--rate", 16000,
                    "--name", "my model", "--description", "made for a test")
        shown = json.loads(subprocess.run([HEARKEN, "model", "show", "--json", self.bundle], capture_output=True, check=True).stdout)
        self.assertEqual(shown["name"], "my model")
        self.assertEqual(shown["description"], "made for a test")
        self.assertEqual(shown["audio"]["rate_hz"], 16000)
        self.assertEqual(shown["profile"]["parameters"]["extensions"], "level")
        self.assertFalse(shown["classes"]["silence"]["event"])
        self.assertTrue(shown["classes"]["a"]["event"])
        self.assertIn("scikit-learn", shown["training"]["program"])

    def test_the_same_pickle_gives_the_same_bytes(self):
        pipeline = make_pipeline(StandardScaler(), SVC()).fit(self.mel, self.classes(len(self.mel), ["a", "b"]))
        path = self.dump(pipeline)
        self.export(path)
        before = {file.name: file.read_bytes() for file in self.bundle.iterdir()}
        self.assertEqual(sorted(before), ["model.ini", "scaler.csv", "svm.model"])
        self.export(path)
        self.assertEqual(before, {file.name: file.read_bytes() for file in self.bundle.iterdir()})

    # ---- what is refused ----

    def assert_refused(self, words, *arguments):
        before = sorted(self.folder.iterdir())
        code, _, err = self.run_export(*arguments)
        self.assertEqual(code, 65, err)
        message = err.splitlines()[-1]
        self.assertTrue(message.startswith("export-sklearn: "), err)
        self.assertIn(words, message)
        self.assertEqual(sorted(self.folder.iterdir()), before)  # nothing is left behind

    def fitted(self, scaler=None, svc=None, rows=None, labels=("a", "b", "c")):
        rows = self.mel if rows is None else rows
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make_pipeline(scaler or StandardScaler(), svc or SVC()).fit(rows, self.classes(len(rows), labels))

    def test_other_estimators_are_refused_by_name(self):
        for words, thing in (
            ("PCA cannot be represented", make_pipeline(StandardScaler(), PCA(5), SVC()).fit(self.mel, self.classes(len(self.mel), "ab"))),
            ("MinMaxScaler cannot be represented", self.fitted(MinMaxScaler())),
            ("LinearSVC cannot be represented", self.fitted(svc=LinearSVC(max_iter=10))),
            ("NuSVC cannot be represented", self.fitted(svc=NuSVC(nu=0.1))),
            ("there is no SVC", StandardScaler().fit(self.mel)),
            ("there is no SVC", {"a": 1}),
            ("there is no StandardScaler", SVC().fit(self.mel, self.classes(len(self.mel), "ab"))),
            ("expected one SVC, got 2", [self.fitted(), SVC()]),
            ("SVC is not fitted", [StandardScaler().fit(self.mel), SVC()]),
            ("StandardScaler is not fitted", [StandardScaler(), self.fitted()[1]]),
        ):
            with self.subTest(words=words):
                self.assert_refused(words, self.dump(thing))

    def test_other_kernels_are_refused(self):
        square = self.mel @ self.mel.T
        y = self.classes(len(self.mel), "ab")
        self.assert_refused("kernel precomputed cannot be represented",
                            self.dump([StandardScaler().fit(self.mel), SVC(kernel="precomputed").fit(square, y)]))
        self.assert_refused("a kernel of your own cannot be represented", self.dump([StandardScaler().fit(self.mel), SVC(kernel=np.inner).fit(self.mel, y)]))
        self.assert_refused("break_ties=True", self.dump(self.fitted(svc=SVC(break_ties=True))))

    def test_a_feature_count_that_fits_no_profile_is_refused(self):
        path = self.dump(self.fitted(rows=self.mel[:, :134]))
        self.assert_refused("134 features fit no profile (mel-modulation has 556, spectrogram has 8198)", path)
        self.assert_refused("134 features fit no profile (spectrogram has 8198)", path, "--profile", "spectrogram")
        self.assert_refused('no profile "mfcc"', path, "--profile", "mfcc")
        self.assert_refused("the scaler is for 134 features, the classifier for 556",
                            self.dump([StandardScaler().fit(self.mel[:, :134]), self.fitted()[1]]))

    def test_missing_or_impossible_labels_are_refused(self):
        numbers = self.dump(self.fitted(labels=(0, 1, 2)), "numbers.pkl")
        self.assert_refused("the labels are missing: the classes are only numbers (0, 1, 2)", numbers)
        self.assert_refused("--labels: expected 3 names", numbers, "--labels", "a,b")
        self.assert_refused("two of the labels are alike", numbers, "--labels", "a,b,a")
        self.assert_refused("rename it with --labels", numbers, "--labels", "a,b,c d")
        self.assert_refused("label 'smoke alarm'", self.dump(self.fitted(labels=("smoke alarm", "b"))))

    def test_a_rate_that_nobody_knows_or_that_cannot_be_is_refused(self):
        self.assert_refused("give that of the training audio with --rate", self.dump(self.fitted(rows=self.picture)))
        self.assert_refused("hop: expected a divisor of the window", self.dump(self.fitted()), "--profile", "mel-modulation", "--rate", 44100)

    def test_files_that_are_no_pickles_are_refused(self):
        self.assert_refused("No such file or directory", self.folder / "missing.pkl")
        (self.folder / "text.pkl").write_text("hello")
        self.assert_refused("no pickle that can be read", self.folder / "text.pkl")

    def test_an_existing_folder_is_never_touched(self):
        self.bundle.mkdir()
        (self.bundle / "mine").write_text("x")
        self.assert_refused("is there already", self.dump(self.fitted()))
        self.assertEqual((self.bundle / "mine").read_text(), "x")

    def test_values_that_no_bundle_may_hold_are_refused_by_the_loader(self):
        pipeline = self.fitted()
        pipeline[1].intercept_[0] = np.nan
        self.assert_refused("svm.model:6: rho: expected numbers", self.dump(pipeline))


if __name__ == "__main__":
    unittest.main()
