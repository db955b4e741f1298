#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hearken fit` on tables: the straight line, the quadratic, the AND gate, and what is no table."""

import json
import math
import os
import shutil
import struct
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

import numpy as np

HEARKEN = os.environ["HEARKEN"]


class Fit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hearken-fit-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def table(self, name, header, rows):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(header + "\n")
            file.writelines(",".join(repr(float(value)) for value in row) + "\n" for row in rows)
        return path

    def fit(self, *args, **options):
        return subprocess.run([HEARKEN, "fit", *args], capture_output=True, timeout=60, **options)

    def fit_json(self, *args):
        return json.loads(self.fit(*args, "--json", check=True).stdout)

    def test_the_straight_line_is_found(self):
        path = self.table("line.csv", "x,y", [(x, 3 + 2 * x) for x in range(1, 6)])
        found = self.fit_json(path, "--x", "x", "--y", "y", "--residuals")
        np.testing.assert_allclose(found["coefficients"], [3, 2], rtol=1e-12)
        np.testing.assert_allclose(found["residuals"], np.zeros(5), atol=1e-12)
        self.assertAlmostEqual(found["r2"], 1)
        text = self.fit(path, "--x", "x", "--y", "y", check=True).stdout.decode()
        self.assertEqual(text.splitlines()[0], "y = 3 + 2 x")

    def test_noisy_rows_give_what_numpy_finds(self):
        rng = np.random.default_rng(1)
        x = rng.uniform(-60, 0, 200)
        y = 94 + 0.98 * x + 0.004 * x ** 2 + rng.normal(0, 1.5, 200)
        path = self.table("noisy.csv", "dbfs,spl", zip(x, y))
        for degree in (1, 2, 5):
            found = self.fit_json(path, "--x", "dbfs", "--y", "spl", "--degree", str(degree))
            expected = np.polynomial.polynomial.polyfit(x, y, degree)
            np.testing.assert_allclose(found["coefficients"], expected, rtol=1e-6)
            left = y - np.polynomial.polynomial.polyval(x, expected)
            self.assertAlmostEqual(found["mse"], np.mean(left ** 2), 8)
            self.assertAlmostEqual(found["mae"], np.mean(np.abs(left)), 8)
            self.assertAlmostEqual(found["r2"], 1 - np.sum(left ** 2) / np.sum((y - y.mean()) ** 2), 8)
            self.assertAlmostEqual(found["largest_residual"], np.abs(left).max(), 6)

    def test_the_quadratic_is_found(self):
        path = self.table("quadratic.csv", "t,h", [(t / 10, 2 - 0.3 * t + 0.0025 * t * t) for t in range(100)])
        found = self.fit_json(path, "--x", "t", "--y", "h", "--degree", "2")
        np.testing.assert_allclose(found["coefficients"], [2, -3, 0.25], rtol=1e-9)

    def test_several_columns_are_told_apart(self):
        rows = [(a, b, 1 + 2 * a - 3 * b) for a in range(5) for b in range(5)]
        found = self.fit_json(self.table("two.csv", "a,b,y", rows), "--x", "a,b", "--y", "y")
        self.assertEqual(found["kind"], "linear")
        np.testing.assert_allclose(found["coefficients"], [1, 2, -3], atol=1e-12)

    def test_the_and_gate_is_learnt(self):
        path = self.table("and.csv", "a,b,out", [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 1)])
        found = self.fit_json(path, "--x", "a,b", "--y", "out", "--logistic", "--residuals")
        self.assertEqual(found["accuracy"], 1)
        self.assertEqual([round(p) for p in found["fitted"]], [0, 0, 0, 1])
        self.assertLess(found["cross_entropy"], 0.01)
        self.assertEqual((found["true_1"], found["false_1"], found["true_0"], found["false_0"]), (1, 0, 3, 0))
        endless = self.fit(path, "--x", "a,b", "--y", "out", "--logistic", "--ridge", "0")
        self.assertEqual(endless.returncode, 65)
        self.assertIn(b"--ridge above 0", endless.stderr)

    def test_a_logistic_curve_has_its_threshold_and_entropy(self):
        rows = [(0, 1), (0, 0), (0, 0), (0, 0), (1, 1), (1, 1), (1, 1), (1, 0)]
        path = self.table("groups.csv", "x,y", rows)
        found = self.fit_json(path, "--x", "x", "--y", "y", "--logistic", "--ridge", "0")
        np.testing.assert_allclose(found["coefficients"], [-math.log(3), 2 * math.log(3)], rtol=1e-6)
        self.assertAlmostEqual(found["cross_entropy"], -0.25 * math.log(0.25) - 0.75 * math.log(0.75), 8)
        self.assertEqual(found["accuracy"], 0.75)
        bold = self.fit_json(path, "--x", "x", "--y", "y", "--logistic", "--threshold", "0")
        self.assertEqual((bold["true_1"], bold["false_1"]), (4, 4))

    def test_pictures_are_pictures(self):
        path = self.table("drawn.csv", "x,y", [(x, x + (-1) ** x) for x in range(20)])
        png, svg = os.path.join(self.folder, "out.png"), os.path.join(self.folder, "out.svg")
        self.fit(path, "--x", "x", "--y", "y", "--plot", png, check=True)
        with open(png, "rb") as file:
            head = file.read(24)
        self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(struct.unpack(">II", head[16:24]), (800, 600))
        self.fit(path, "--x", "x", "--y", "y", "--plot", svg, check=True)
        tree = xml.etree.ElementTree.parse(svg)
        shapes = [element for element in tree.iter() if element.tag.endswith("path")]
        self.assertGreater(len(shapes), 2 * 20)  # 20 rows above and below, the frames and the curve

    def test_a_table_comes_from_a_pipe(self):
        found = self.fit("-", "--x", "1", "--y", "2", "--json", input=b"1;2\n2;4\n3;6\n", check=True)
        self.assertEqual(json.loads(found.stdout)["x"], ["column 1"])

    def test_what_cannot_be_fitted_is_told_in_a_line(self):
        good = self.table("good.csv", "x,y", [(1, 2), (2, 3), (3, 5)])
        bad = os.path.join(self.folder, "bad.csv")
        with open(bad, "w") as file:
            file.write("x,y\n1,2\n2,two\n")
        xy = ("--x", "x", "--y", "y")
        cases = (
            ((bad, *xy), 65, "bad.csv:3: y: expected a number, got \"two\""),
            (("nowhere.csv", *xy), 66, "nowhere.csv: "),
            ((self.folder, *xy), 66, self.folder),
            (("/dev/null", *xy), 65, "expected a table"),
            ((good, "--x", "z", "--y", "y"), 65, "there are: x, y"),
            ((good, "--x", "x"), 64, "--y"),
            ((good, *xy, "--degree", "3"), 65, "do not determine"),
            ((good, *xy, "--degree", "99"), 64, "from 0 to 10"),
            ((good, *xy, "--degree", "2", "--logistic"), 64, "--degree"),
            ((good, *xy, "--logistic"), 65, "good.csv:2: y: expected 0 or 1"),
            ((good, *xy, "--plot", "out.pdf"), 64, ".png or .svg"),
            ((good, *xy, "--plot", "/nowhere/out.png"), 74, "/nowhere/out.png"),
            ((good, *xy, "--plot", "/nowhere/out.svg"), 74, "/nowhere/out.svg"),
        )
        for args, code, word in cases:
            with self.subTest(args=args):
                result = self.fit(*args)
                message = result.stderr.decode()
                self.assertEqual(result.returncode, code, message)
                self.assertEqual(result.stdout, b"")
                self.assertTrue(message.startswith("hearken: "), message)
                self.assertIn(word, message)
                self.assertEqual(message.count("\n"), 1, message)


if __name__ == "__main__":
    unittest.main()
