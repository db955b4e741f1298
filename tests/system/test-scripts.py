#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The scripts that people run first: a build folder in any state does, and no log is cut short."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["HEARKEN_SOURCE"])


class Folders(unittest.TestCase):
    """scripts/configure over a small project that has an option of the kind that is settled by what is installed."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-scripts-"))
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(SOURCE / "scripts/configure", self.folder)
        (self.folder / "meson.build").write_text(
            "project('small')\nconfigure_file(output: 'said', configuration: {'text': get_option('text')})\n")
        (self.folder / "meson_options.txt").write_text("option('text', type: 'string', value: 'unset')\n")

    def configure(self, *args, code=0):
        result = subprocess.run(["./configure", *args], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(result.returncode, code, result)
        return result

    def option(self, folder="b"):
        return re.search(r'define text (.*)|#undef text|text (\w+)', (self.folder / folder / "said").read_text())[0]

    def usable(self, folder="b"):
        subprocess.run(["ninja", "-C", folder], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def meson(self, *args):
        subprocess.run(["meson", "setup", "b", *args], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def test_a_folder_of_somebody_elses_options_gets_ours(self):
        self.meson("-Dtext=theirs")
        self.configure("b", "-Dtext=ours")
        self.assertIn("ours", self.option())
        self.usable()

    def test_a_folder_that_is_as_wanted_stays(self):
        self.configure("b", "-Dtext=ours")
        (self.folder / "b/mark").touch()
        self.configure("b", "-Dtext=ours")
        self.assertTrue((self.folder / "b/mark").exists())
        self.configure("b", "-Dtext=others")
        self.assertFalse((self.folder / "b/mark").exists())
        self.assertIn("others", self.option())

    def test_options_of_a_folder_that_works_are_kept_when_asked(self):
        self.meson("-Dtext=theirs")
        self.configure("--keep", "b", "-Dtext=ours")
        self.assertIn("theirs", self.option())

    def test_half_a_configuration_is_made_again(self):
        for keep in ([], ["--keep"]):
            with self.subTest(keep):
                shutil.rmtree(self.folder / "b", ignore_errors=True)
                (self.folder / "b/meson-private").mkdir(parents=True)
                (self.folder / "b/meson-private/coredata.dat").write_bytes(b"cut off")
                self.configure(*keep, "b", "-Dtext=ours")
                self.assertIn("ours", self.option())
                self.usable()

    def test_a_folder_of_another_version_is_made_again(self):
        self.configure("b", "-Dtext=ours")
        data = self.folder / "b/meson-private/coredata.dat"
        data.write_bytes(b"not what this meson writes")
        (self.folder / "meson.build").write_text((self.folder / "meson.build").read_text() + "\n")
        self.configure("b", "-Dtext=ours")
        self.assertNotEqual(data.read_bytes(), b"not what this meson writes")
        self.usable()

    def test_what_the_fuzzer_learnt_is_kept(self):
        self.configure("b", "-Dtext=ours")
        (self.folder / "b/corpus").mkdir()
        self.configure("b", "-Dtext=others")
        self.assertTrue((self.folder / "b/corpus").exists())

    def test_a_folder_that_is_no_build_folder_is_left_alone_and_named(self):
        (self.folder / "b").mkdir()
        (self.folder / "b/letters").write_text("mine")
        result = self.configure("b", code=1)
        self.assertIn("configure: b: not a build folder", result.stderr)
        self.assertEqual((self.folder / "b/letters").read_text(), "mine")


class Logs(unittest.TestCase):
    def test_nothing_opens_stdout_or_stderr_by_path(self):
        """Opened by its path, a file that standard error goes to is emptied: `tee /dev/stderr`, `> /dev/stdout`."""
        files = [SOURCE / ".ci/run", *(path for folder in ("scripts", "tests", "debian", "systemd", "docs", "man")
                                       for path in (SOURCE / folder).rglob("*") if path.is_file())]
        opened = re.compile(r"(tee\b.*|>\s*|open\w*\(.*)/(dev/std(out|err)|dev/fd/[12]|proc/self/fd/[12])\b")
        bad = [f"{path.relative_to(SOURCE)}:{number}" for path in files if path.name != "test-scripts.py"
               for number, line in enumerate(path.read_bytes().decode(errors="replace").splitlines(), 1)
               if opened.search(line)]
        self.assertGreater(len(files), 100)
        self.assertEqual(bad, [])

    def test_no_script_but_configure_sets_a_folder_up(self):
        """Else a folder that another command left behind is taken as it is."""
        for path in [SOURCE / ".ci/run", *(SOURCE / "scripts").iterdir(), *(SOURCE / "tests/static").iterdir()]:
            if path.is_file() and path.name not in ("configure", "soak", "sysroot-arm64"):
                self.assertNotRegex(path.read_text(), r'meson setup |"meson", "setup"', path.name)


if __name__ == "__main__":
    unittest.main()
