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
import scipy.optimize
import sklearn.linear_model

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

    def test_the_least_absolute_error_is_what_a_linear_programme_finds(self):
        rng = np.random.default_rng(3)
        for n, degree in ((5, 1), (40, 1), (201, 1), (60, 3)):
            x = rng.uniform(-3, 5, n)
            y = 2 - 0.7 * x + rng.standard_t(1.5, n)
            y[: n // 10] += 50
            path = self.table("heavy.csv", "x,y", zip(x, y))
            found = self.fit_json(path, "--x", "x", "--y", "y", "--loss", "mae", "--degree", str(degree))
            powers = np.vander(x, degree + 1, increasing=True)
            cost = np.concatenate([np.zeros(degree + 1), np.ones(2 * n)])
            best = scipy.optimize.linprog(cost, A_eq=np.hstack([powers, np.eye(n), -np.eye(n)]), b_eq=y,
                                          bounds=[(None, None)] * (degree + 1) + [(0, None)] * (2 * n))
            self.assertAlmostEqual(found["mae"] / (best.fun / n), 1, 7)
            np.testing.assert_allclose(found["coefficients"], best.x[:degree + 1], rtol=1e-4, atol=1e-5)
            self.assertLess(found["mae"], self.fit_json(path, "--x", "x", "--y", "y", "--degree", str(degree))["mae"])

    def test_rows_on_a_line_have_it_by_either_loss(self):
        path = self.table("exact.csv", "x,y", [(x, 3 + 2 * x) for x in range(1, 6)])
        found = self.fit_json(path, "--x", "x", "--y", "y", "--loss", "mae")
        np.testing.assert_allclose(found["coefficients"], [3, 2], rtol=1e-12)

    def test_the_surface_shows_both_minima(self):
        rng = np.random.default_rng(4)
        x = rng.uniform(0, 10, 50)
        y = 1 + 2 * x + rng.normal(0, 1, 50)
        y[:5] += 30
        path = self.table("surface.csv", "x,y", zip(x, y))
        png, svg = os.path.join(self.folder, "surface.png"), os.path.join(self.folder, "surface.svg")
        self.fit(path, "--x", "x", "--y", "y", "--surface", png, check=True)
        with open(png, "rb") as file:
            self.assertEqual(struct.unpack(">II", file.read(24)[16:24]), (960, 520))
        self.fit(path, "--x", "x", "--y", "y", "--surface", svg, check=True)
        tree = xml.etree.ElementTree.parse(svg)
        self.assertGreater(len([e for e in tree.iter() if e.tag.endswith("path")]), 24)
        gate = self.table("gate.csv", "x,y", [(0, 0), (1, 0), (2, 1), (1.5, 0), (1.2, 1), (3, 1)])
        self.fit(gate, "--x", "x", "--y", "y", "--logistic", "--surface", png, check=True)
        with open(png, "rb") as file:
            self.assertEqual(struct.unpack(">II", file.read(24)[16:24]), (480, 520))

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

    def test_a_table_of_months_is_fitted_over_its_rows(self):
        for text in (b"month,y\n2024-01,5\n2024-02,7\n2024-03,9\n", b"2024-01,5\n2024-02,7\n2024-03,9\n"):
            found = json.loads(self.fit("-", "--x", "row", "--y", "2", "--json", input=text, check=True).stdout)
            self.assertEqual((found["x"], found["n_rows"]), (["row"], 3))
            np.testing.assert_allclose(found["coefficients"], [3, 2], rtol=1e-12)
        named = b"row,y\n10,5\n20,7\n"
        found = json.loads(self.fit("-", "--x", "row", "--y", "y", "--json", input=named, check=True).stdout)
        np.testing.assert_allclose(found["coefficients"], [3, 0.2], rtol=1e-12)

    def test_dates_are_counted_in_the_step_of_their_table(self):
        def fit(text):
            return json.loads(self.fit("-", "--x", "1", "--y", "2", "--json", input=text.encode(), check=True).stdout)
        months = fit("month,y\n2023-11,5\n2023-12,7\n2024-02,11\n")  # January is missing
        self.assertEqual((months["x"], months["x_dates"]), (["month"], [{"step": "month", "since": "2023-11"}]))
        np.testing.assert_allclose(months["coefficients"], [5, 2], rtol=1e-12)
        days = fit("2024-02-28;1\n2024-03-01;7\n2024-03-02;10\n")
        self.assertEqual(days["x_dates"], [{"step": "day", "since": "2024-02-28"}])
        np.testing.assert_allclose(days["coefficients"], [1, 3], rtol=1e-12)
        hours = fit("2024-02-28T23:00,1\n2024-02-29T01:00,7\n2024-02-29T02:00,10\n")
        self.assertEqual(hours["x_dates"], [{"step": "hour", "since": "2024-02-28T23:00:00"}])
        np.testing.assert_allclose(hours["coefficients"], [1, 3], rtol=1e-12)

    def test_the_step_of_dates_is_named(self):
        table = b"month,n,y\n2024-01,1,5\n2024-02,5,7\n2024-04,2,11\n2024-05,2,13\n"
        for args, equation in (
            (("--x", "month"), "y = 5 + 2 (months since 2024-01)"),
            (("--x", "month", "--degree", "2"), "(months since 2024-01)^2"),
            (("--x", "month,n"), "2 (months since 2024-01) "),
        ):
            text = self.fit("-", *args, "--y", "y", input=table, check=True).stdout.decode()
            self.assertIn(equation, text.splitlines()[0])
        found = json.loads(self.fit("-", "--x", "month,n", "--y", "y", "--json", input=table, check=True).stdout)
        self.assertEqual(found["x_dates"], [{"step": "month", "since": "2024-01"}, None])

    def test_dates_that_do_not_fit_each_other_are_refused(self):
        for text, word in (
            ("month,y\n2024-01,5\n2024-02-01,7\n", "stdin:3: month: expected a date like 2024-03, as in the first row, got \"2024-02-01\""),
            ("month,y\n2024-01,5\n7,7\n", "stdin:3: month: expected a date like 2024-03, as in the first row, got \"7\""),
            ("x,y\n7,5\n2024-01,7\n", "stdin:3: x: expected a number, as in the first row, got \"2024-01\""),
            ("t,y\n2024-01-01T10:00Z,5\n2024-01-01T11:00,7\n", "stdin:3: t: expected a time with a zone"),
            ("day,y\n2024-02-28,5\n2024-02-30,7\n", "stdin:3: day: expected a date like 2024-03-31"),
            ("x,y\n1,2024-01\n2,2024-02\n", "stdin:2: y: expected a number, got \"2024-01\""),
        ):
            with self.subTest(text=text):
                result = self.fit("-", "--x", "1", "--y", "2", input=text.encode())
                self.assertEqual((result.returncode, result.stdout), (65, b""))
                self.assertIn(word, result.stderr.decode())

    def surfaces(self, x, y, *args):
        """What --surface draws of rows X, Y: by its cost."""
        path = self.table("costs.csv", "x,y", zip(x, y))
        found = self.fit_json(path, "--x", "x", "--y", "y", "--surface", os.path.join(self.folder, "costs.png"), *args)
        return {surface["cost"]: surface for surface in found["surfaces"]}

    def check_surface(self, surface, model, cost):
        """The minimum is that of MODEL, the values drawn are COST(slope, intercept)."""
        slope, intercept = np.ravel(model.coef_)[0], np.ravel(model.intercept_)[0]
        np.testing.assert_allclose((surface["slope"], surface["intercept"]), (slope, intercept), rtol=1e-4)
        self.assertAlmostEqual(surface["least"], cost(surface["slope"], surface["intercept"]), 9)
        self.assertAlmostEqual(surface["least"] / cost(slope, intercept), 1, 6)
        expected = [[cost(a, b) for a in surface["slopes"]] for b in surface["intercepts"]]
        np.testing.assert_allclose(surface["values"], expected, rtol=1e-6)  # they are floats
        self.assertEqual(np.shape(expected), (9, 9))
        self.assertGreaterEqual(np.min(expected), surface["least"] * (1 - 1e-9))

    def test_the_surfaces_are_what_numpy_computes_with_the_minima_of_scikit_learn(self):
        rng = np.random.default_rng(5)
        x = rng.uniform(0, 10, 41)
        y = 1 + 2 * x + rng.normal(0, 1, 41)
        y[:4] += 30
        column = x.reshape(-1, 1)
        found = self.surfaces(x, y)
        self.assertEqual(set(found), {"MSE", "MAE"})
        self.check_surface(found["MSE"], sklearn.linear_model.LinearRegression().fit(column, y),
                           lambda a, b: np.mean((y - a * x - b) ** 2))
        self.check_surface(found["MAE"], sklearn.linear_model.QuantileRegressor(alpha=0, solver="highs").fit(column, y),
                           lambda a, b: np.mean(np.abs(y - a * x - b)))
        answers = (x + rng.normal(0, 2, 41) > 5).astype(float)
        found = self.surfaces(x, answers, "--logistic", "--ridge", "0")
        self.assertEqual(set(found), {"cross-entropy"})
        model = sklearn.linear_model.LogisticRegression(C=1e12, tol=1e-10, max_iter=10000).fit(column, answers)
        self.check_surface(found["cross-entropy"], model,
                           lambda a, b: np.mean(np.logaddexp(0, a * x + b) - answers * (a * x + b)))

    def test_the_sigmoid_is_drawn_with_its_rows_and_its_threshold(self):
        rows = [(0, 1), (0, 0), (0, 0), (1, 0), (2, 1), (3, 1), (3, 0), (4, 1)]
        path, svg = self.table("sigmoid.csv", "x,y", rows), os.path.join(self.folder, "sigmoid.svg")
        found = self.fit_json(path, "--x", "x", "--y", "y", "--logistic", "--ridge", "0", "--threshold", "0.25", "--plot", svg)
        shapes = [dict(e.attrib) for e in xml.etree.ElementTree.parse(svg).iter() if e.tag.endswith("path") and "style" in e.attrib]
        numbers = lambda shape: [float(word) for word in shape["d"].split() if word not in "MLCZ"]
        points = [numbers(shape) for shape in shapes if "fill-opacity:0.55" in shape["style"]]
        (level,) = [numbers(shape) for shape in shapes if "dasharray" in shape["style"]]
        (curve,) = [numbers(shape) for shape in shapes if "stroke-width:2;" in shape["style"]]
        # Pixels of y = 0 and 1, of x = 0 and 4: of the first and the last row. A circle begins a radius of 3 to the right.
        self.assertEqual(len(points), len(rows))
        left, right, at_1, at_0 = points[1][0] - 3, points[7][0] - 3, points[0][1], points[1][1]
        for (x, y), point in zip(rows, points):
            self.assertAlmostEqual(point[0] - 3, left + x / 4 * (right - left), 1)
            self.assertAlmostEqual(point[1], at_0 + y * (at_1 - at_0), 1)
        for height in level[1::2]:
            self.assertAlmostEqual(height, at_0 + 0.25 * (at_1 - at_0), 0)
        intercept, slope = found["coefficients"]
        pixels = np.array(curve).reshape(-1, 2)
        xs = (pixels[:, 0] - left) / (right - left) * 4
        np.testing.assert_allclose((pixels[:, 1] - at_0) / (at_1 - at_0), 1 / (1 + np.exp(-intercept - slope * xs)), atol=1e-3)

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
            ((good, *xy, "--loss", "mae", "--logistic"), 64, "--loss mae"),
            ((good, *xy, "--degree", "2", "--surface", "out.png"), 64, "--surface is for one column"),
            ((good, *xy, "--surface", "/nowhere/out.png"), 74, "/nowhere/out.png"),
            ((good, *xy, "--surface", "out.pdf"), 64, ".png or .svg"),
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
