#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Debian package, from the release's archive to a machine that has forgotten it. Skipped where the tools that make
a package, or a container to install it in, are missing. What is built is what is committed."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import container
from container import UNIT, Booted, events, inside, is_heard, run, shown, status, until

BUILD = os.environ["HEARKEN_BUILD"]
TOOLS = ("dpkg-buildpackage", "dh", "lintian", "meson")
SOCKET = "/run/hearken/default.sock"
# where a package may leave something behind; what other programs note there at any time is not its, nor is the folder of
# links that systemctl makes where nothing was enabled before
PLACES = ("/etc", "/usr", "/opt", "/root", "/run/hearken", "/run/systemd/system", "/srv", "/tmp", "/var")
NOT_OURS = re.compile(r"^/(var/(cache|log|lib/(dpkg|systemd))/|etc/(g?shadow|group|passwd|sub.id)-?$|etc/\.pwd|"
                      r"etc/systemd/system/[\w-]+\.target\.wants$|root/\.)")  # /root/.NAME: what other programs keep there


def setUpModule():
    """The sources of a release, unpacked."""
    folder = tempfile.TemporaryDirectory(prefix="hearken-package-")
    unittest.addModuleCleanup(folder.cleanup)
    if subprocess.run(["git", "-C", container.SOURCE, "rev-parse"], capture_output=True).returncode:
        raise unittest.SkipTest("no release can be made here: this is no git repository")
    run("meson", "dist", "-C", BUILD, "--no-tests", "--allow-dirty", "--formats", "gztar")
    archive = max(pathlib.Path(BUILD, "meson-dist").glob("hearken-*.tar.gz"), key=os.path.getmtime)
    run("tar", "-C", folder.name, "-xf", archive)
    Release.source = pathlib.Path(folder.name, archive.name.removesuffix(".tar.gz"))
    Release.files = {str(path.relative_to(Release.source)) for path in Release.source.rglob("*") if not path.is_dir()}


@functools.cache
def package():
    """Built as a packager would, but without the tests that have been run already, and nothing for a debugger."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        raise unittest.SkipTest(f"no package can be made here: {', '.join(missing)} missing")
    env = {**os.environ, "DEB_BUILD_OPTIONS": "nocheck noautodbgsym parallel=2", "DEB_CFLAGS_STRIP": "-g",
           "LC_ALL": "C.UTF-8"}
    code, text = run("dpkg-checkbuilddeps", "-P", "nocheck", Release.source / "debian" / "control", check=False, env=env)
    if code:
        raise unittest.SkipTest(f"no package can be made here: {text.strip()}")
    run("dpkg-buildpackage", "--no-sign", "--build=binary", "--build-profiles=nocheck", cwd=Release.source, env=env)
    return next(Release.source.parent.glob("hearken_*.deb"))


def older(newer, folder):
    """The same package as an earlier version with another hearken.conf: what an upgrade comes from."""
    run("dpkg-deb", "--raw-extract", newer, folder / "older")
    control = folder / "older" / "DEBIAN" / "control"
    control.write_text(re.sub("^Version: .*", "Version: 0.0.1", control.read_text(), flags=re.M))
    conf = folder / "older" / "etc" / "hearken" / "hearken.conf"
    conf.write_text(conf.read_text() + "# as it was\n")
    run("dpkg-deb", "--root-owner-group", "--build", folder / "older", folder / "older.deb")
    return folder / "older.deb"


class Release(unittest.TestCase):
    def test_a_release_holds_what_is_under_version_control(self):
        listed = run("git", "-C", container.SOURCE, "ls-tree", "-r", "-z", "--name-only", "HEAD")
        self.assertEqual(self.files, set(listed.rstrip("\0").split("\0")))


class Package(unittest.TestCase):
    def test_lintian_has_no_complaint(self):
        changes = next(package().parent.glob("*.changes"))
        user = ["--allow-root"] if os.geteuid() == 0 else []
        text = run("lintian", *user, "--fail-on", "error,warning", changes)
        print(f"lintian: {text.strip() or 'no error, no warning'}")

    def test_the_programs_are_hardened_and_need_no_library_by_a_path_of_its_own(self):
        with tempfile.TemporaryDirectory() as folder:
            run("dpkg-deb", "--extract", package(), folder)
            for name in ("usr/bin/hearken", "usr/sbin/hearkend", "usr/libexec/hearken/hearken-capture"):
                text = run("readelf", "--dynamic", "--wide", f"{folder}/{name}")
                for word in ("BIND_NOW", "PIE"):
                    self.assertIn(word, text, name)
                for word in ("RPATH", "RUNPATH", "TEXTREL"):
                    self.assertNotIn(word, text, name)


class Machine(Booted):
    """A fresh machine that gets the package, an older version of it first, and loses it again."""

    @classmethod
    def setUpClass(cls):
        newer = package()
        super().setUpClass()
        shutil.copy(newer, cls.folder / "bed-files" / "new.deb")
        shutil.copy(older(newer, cls.folder), cls.folder / "bed-files" / "old.deb")
        cls.copy(cls.folder / "bed-files", "/opt/bed")
        # a machine whose default microphone hears the alarm, where packages may restart services; its man pages
        # need not be indexed
        cls.write("/etc/asound.conf", container.microphones(mic="alarm.wav"))
        cls.write("/opt/bed/mic.ctl", "loop\n")
        inside("rm", "-f", "/usr/sbin/policy-rc.d", "/var/lib/man-db/auto-update")

    @staticmethod
    def files():
        found = inside("find", *PLACES, "-xdev", "!", "-name", "*.pyc", check=False)[1].splitlines()
        return {path for path in found if not NOT_OURS.match(path) and not path.startswith("find: ")}

    def assert_nothing_runs(self):
        code, text = inside("pgrep", "-l", "hearken", check=False)
        self.assertEqual((code, text), (1, ""))

    def install_and_hear(self):
        """As the manual says: the package, one command, a sound, a question."""
        inside("dpkg", "-i", "/opt/bed/old.deb")
        self.assert_nothing_runs()  # nobody listens before somebody said so
        self.assertEqual(shown(UNIT, "UnitFileState"), "disabled")
        inside("systemctl", "enable", "--now", "hearkend@default")
        until(lambda: "fire_alarm" in inside("hearken", "events"), "the alarm among the events")
        self.assertEqual(shown(UNIT, "UnitFileState"), "enabled")
        user = inside("getent", "passwd", "hearken").split(":")
        self.assertEqual(user[5:], ["/", "/usr/sbin/nologin\n"])
        self.assertIn("audio", inside("id", "-nG", "hearken").split())
        self.assertIn("An event of class", inside("journalctl", "--dump-catalog", "49d817809ed845869b761544a92ca23f"))

    def upgrade(self):
        self.write("/etc/hearken/default.conf", "[class music]\nenabled = no\n")
        pid, socket_since = shown(UNIT, "MainPID"), shown("hearkend@default.socket", "ActiveEnterTimestampMonotonic")
        before = events("--state", "any")
        self.assertIn("# as it was", inside("cat", "/etc/hearken/hearken.conf"))
        said = inside("dpkg", "-i", "/opt/bed/new.deb")
        self.assertNotIn("Syntax", said, "a maintainer script calls a program wrongly")
        self.assertEqual(shown(UNIT, "NeedDaemonReload"), "no")
        # the socket stays, so this is answered whatever the daemon is at
        version = inside("dpkg-query", "-W", "-f", "${Version}", "hearken")
        self.assertEqual(inside("hearkend", "--version"), f"hearkend {version}\n")
        self.assertIsNotNone(status())
        self.assertEqual(shown("hearkend@default.socket", "ActiveEnterTimestampMonotonic"), socket_since)
        self.assertNotIn(shown(UNIT, "MainPID"), ("0", pid))
        until(is_heard, "the new version to hear")
        after = {event["id"] for event in events("--state", "any")}
        self.assertLessEqual({event["id"] for event in before}, after)
        self.assertNotIn("# as it was", inside("cat", "/etc/hearken/hearken.conf"))
        self.assertIn("default.conf:2", inside("hearkend", "--show-config"))

    def remove(self):
        inside("dpkg", "-r", "hearken")
        self.assert_nothing_runs()
        self.assertNotEqual(inside("test", "-e", SOCKET, check=False)[0], 0)
        left = inside("find", "/etc/hearken", "/var/lib/hearken", "-type", "f").split()
        for path in ("/etc/hearken/hearken.conf", "/etc/hearken/default.conf", "/var/lib/hearken/default.db"):
            self.assertIn(path, left)

    def purge(self, before):
        inside("dpkg", "-P", "hearken")
        self.assertEqual(self.files() - before, set())
        self.assertEqual(before - self.files(), set())
        # its number must not be given to anybody else: the user stays, and nobody can be it
        self.assertRegex(inside("getent", "shadow", "hearken"), "^hearken:!")

    def test_it_installs_hears_upgrades_removes_and_purges_cleanly(self):
        before = self.files()
        self.install_and_hear()
        self.upgrade()
        self.remove()
        self.purge(before)


if __name__ == "__main__":
    container.main()
