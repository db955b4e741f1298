#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""No test is forgotten: every file of tests, and every class of those that are run class by class, has its row in a
meson.build."""

import ast
import json
import os
import pathlib
import unittest

TESTS = pathlib.Path(os.environ["HEARKEN_SOURCE"]) / "tests"


class Suites(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """What meson runs: {file of a system test: its classes, or nothing for all}, and the names of programs."""
        cls.classes, cls.programs = {}, set()
        for test in json.loads(pathlib.Path(os.environ["HEARKEN_BUILD"], "meson-info", "intro-tests.json").read_text()):
            words = [os.path.basename(word) for word in test["cmd"]]
            cls.programs.add(words[0])
            if words[0] == "python3":
                cls.classes.setdefault(words[1], []).append(set(words[2:]) - {"-v"})

    def test_every_class_of_the_system_tests_is_run_once(self):
        for path in TESTS.glob("system/test-*.py"):
            classes = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)
                       and any(getattr(inner, "name", "").startswith("test_") for inner in node.body)]
            self.assertIn(path.name, self.classes)
            if self.classes[path.name] != [set()]:
                self.assertEqual(sorted(name for row in self.classes[path.name] for name in row), sorted(classes), path.name)

    def test_every_c_file_of_tests_is_run(self):
        names = {"unit": "test-{}", "faults": "test-{}", "golden": "golden-{}"}
        for folder, program in names.items():
            files = {path.stem.removeprefix("test-") for path in TESTS.glob(f"{folder}/test-*.c")}
            self.assertGreater(len(files), 1)
            self.assertLessEqual({program.format(name) for name in files}, self.programs)


if __name__ == "__main__":
    unittest.main()
