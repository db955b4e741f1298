#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `meson install` puts where, and what systemd thinks of the units, without a container."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["HEARKEN_SOURCE"])
BUILD = os.environ["HEARKEN_BUILD"]
# Tenths, the most that is allowed; the best that others reach with sound is many times that. Four of them are for adjtimex,
# which asks whether the clock is synchronised: systemd cannot know that without CAP_SYS_TIME it sets nothing.
EXPOSURE = 10


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **options)
    if done.returncode:
        raise AssertionError(f"{command}: exit code {done.returncode}:\n{done.stdout}")
    return done.stdout


def introspect(build, what):
    return json.loads(run("meson", "introspect", build, f"--{what}"))


def files_under(folder):
    return {"/" + str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="hearken-install-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def install(self):
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", self.folder / "root")
        return self.folder / "root"


class Tree(Case):
    def test_an_installation_goes_into_its_destdir_and_prefix(self):
        prefix = next(option["value"] for option in introspect(BUILD, "buildoptions") if option["name"] == "prefix")
        installed = files_under(self.install())
        for name in ("bin/hearken", "sbin/hearkend", "libexec/hearken/hearken-capture", "share/man/man8/hearkend.8",
                     "share/hearken/models/home/model.ini", "share/bash-completion/completions/hearken"):
            self.assertIn(f"{prefix}/{name}", installed)
        for name in ("export-sklearn", "make-alarms", "make-scenes", "train-home", "home-rules.ini", "synth/signals.py"):
            self.assertIn(f"{prefix}/share/hearken/scripts/{name}", installed)
        self.assertEqual([path for path in installed if "__pycache__" in path], [])
        if prefix != "/usr":  # whose configuration is in /etc
            self.assertEqual([path for path in installed if not path.startswith(prefix + "/")], [])

    def test_installed_scripts_run_without_the_source_tree(self):
        prefix = next(option["value"] for option in introspect(BUILD, "buildoptions") if option["name"] == "prefix")
        scripts = self.install() / prefix.lstrip("/") / "share" / "hearken" / "scripts"
        sound = self.folder / "alarm.wav"
        run(scripts / "make-alarms", "--demo", sound, cwd=self.folder)
        self.assertGreater(sound.stat().st_size, 100000)
        for name in ("export-sklearn", "make-scenes", "train-home"):
            self.assertIn("usage", run(scripts / name, "--help", cwd=self.folder), name)

    def test_programs_and_package_have_the_version_of_the_project(self):
        version = introspect(BUILD, "projectinfo")["version"]
        self.assertEqual(run(os.environ["HEARKEND"], "--version"), f"hearkend {version}\n")
        self.assertEqual(run(os.environ["HEARKEN"], "version"), f"hearken {version}\n")
        newest = re.match(r"hearken \(([^)]+)\) ", (SOURCE / "debian" / "changelog").read_text())
        self.assertEqual(newest[1], version)


class Prefix(unittest.TestCase):
    """Another one than the build's own."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="hearken-install-")
        cls.addClassCleanup(folder.cleanup)
        cls.build = pathlib.Path(folder.name, "build")
        run("meson", "setup", cls.build, SOURCE, "--prefix", "/srv/hearken", "-Dtests=disabled")

    def test_another_prefix_takes_everything_along(self):
        targets = set(introspect(self.build, "installed").values())
        self.assertEqual([path for path in targets if not path.startswith("/srv/hearken/")], [])
        self.assertIn("/srv/hearken/etc/hearken/hearken.conf", targets)
        if shutil.which("systemctl"):
            names = {path.removeprefix("/srv/hearken/lib/") for path in targets}
            self.assertLess({"systemd/system/hearkend@.service", "systemd/system/hearkend@.socket",
                             "systemd/user/hearkend@.service", "sysusers.d/hearken.conf"}, names)
        units = [self.build / "systemd" / name for name in ("hearkend@.service", "hearkend-user@.service")]
        for unit in units:
            self.assertIn("ExecStart=/srv/hearken/sbin/hearkend --instance %i\n", unit.read_text())

    @unittest.skipUnless(shutil.which("scdoc") and shutil.which("man"), "needs scdoc and man")
    def test_the_manual_names_the_folders_of_this_installation(self):
        run("ninja", "-C", self.build, "man/hearken.conf.5")
        text = run("man", "-P", "cat", "-l", self.build / "man" / "hearken.conf.5", env={**os.environ, "MANWIDTH": "200"})
        for path in ("/srv/hearken/etc/hearken/NAME.conf.d/*.conf", "/srv/hearken/lib/hearken"):
            self.assertIn(path, text)
        self.assertEqual(re.findall(r"(?<!hearken)/etc/\S+|@\w+@", text), [])


@unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not there")
class Units(Case):
    def setUp(self):
        super().setUp()
        self.root = self.install()
        # what our units call and is not ours
        (self.root / "bin").mkdir(exist_ok=True)
        shutil.copy("/bin/true", self.root / "bin" / "sh")

    def analyze(self, *words):
        return run("systemd-analyze", f"--root={self.root}", *words, env={**os.environ, "SYSTEMD_PAGER": ""})

    def test_systemd_finds_nothing_wrong_with_any_unit(self):
        units = sorted(path.name for path in self.root.rglob("system/hearkend@*"))
        self.assertEqual(units, ["hearkend@.service", "hearkend@.socket"])
        for name in units:
            instance = name.replace("@", "@default")
            self.assertEqual(self.analyze("verify", "--recursive-errors=no", "--man=no", instance), "", name)
        # those of a user by their path: no folder of users' units is searched under a root
        user_unit = next(self.root.rglob("user/hearkend@.service"))
        text = user_unit.read_text()
        own = self.folder / "hearkend@default.service"
        own.write_text(re.sub(r"^(Exec\w+=)(/\S+)", rf"\1{self.root}\2", text, flags=re.M))
        self.assertEqual(run("systemd-analyze", "--user", "verify", "--recursive-errors=no", "--man=no", own,
                             env={**os.environ, "XDG_RUNTIME_DIR": str(self.folder)}), "")

    def test_the_users_service_may_call_what_the_systems_may(self):
        calls = [[line for line in next(self.root.rglob(f"{folder}/hearkend@.service")).read_text().splitlines()
                  if line.startswith("SystemCall")] for folder in ("system", "user")]
        self.assertEqual(*calls)
        self.assertNotIn("@system-service", " ".join(calls[0]), "each group by its own, with what it is for")

    def test_a_fault_in_a_unit_would_be_found(self):
        unit = next(self.root.rglob("system/hearkend@.service"))
        unit.write_text(unit.read_text().replace("PrivateNetwork=", "PrivatNetwork="))
        with self.assertRaisesRegex(AssertionError, "Unknown key.* 'PrivatNetwork'"):
            self.analyze("verify", "--recursive-errors=no", "--man=no", "hearkend@default.service")

    def test_the_service_is_exposed_little(self):
        text = self.analyze("security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager",
                            "hearkend@default.service")
        print(text.splitlines()[-1])


if __name__ == "__main__":
    unittest.main()
