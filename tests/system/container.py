# SPDX-License-Identifier: MIT
"""A systemd of a test's own, in a container (testbed/container), and what is asked of it."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import sounds
from times import PATIENCE

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
FAULTMIC = os.environ["FAULTMIC"]
CONTAINER = str(HERE / "testbed" / "container")
CANNOT = 77  # of `container up`: not on this machine
UNIT = "hearkend@default.service"


def run(*command, check=True, **options):
    """The output; with CHECK false (exit code, output)."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    text = done.stdout.decode(errors="replace")
    if check and done.returncode:
        raise AssertionError(f"{command}: exit code {done.returncode}:\n{text}")
    return text if check else (done.returncode, text)


def inside(*command, **options):
    return run(CONTAINER, "exec", *command, **options)


def as_user(user, *command):
    """(exit code, output)"""
    return inside("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *command, check=False)


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited for {what} in vain; the journal:\n" + inside("journalctl", "-q", "-n", "60"))
        time.sleep(0.1)
    return result


def shown(unit, name):
    return inside("systemctl", "show", "-P", name, unit).strip()


def json_lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def journal(*matches):
    return json_lines(inside("journalctl", "-q", "-o", "json", "--no-pager", *matches))


def status(instance="default"):
    """None: it does not answer. (A microphone that is not heard is an exit code, too.)"""
    found = json_lines(inside("hearken", "status", "--instance", instance, "--json", check=False)[1])
    return found[0] if found else None


def is_heard(instance="default"):
    found = status(instance)
    return found and found["source"]["state"] == "hearing" and found["windows"] > 0


def events(*options):
    return json_lines(inside("hearken", "events", "--json", *options))


def microphones(**sounds):
    """An ALSA configuration in which the device NAME plays a file of /opt/bed over and over and obeys the words in
    /opt/bed/NAME.ctl; the first is the default."""
    lines = ['pcm_type.faultmic { lib "/opt/bed/faultmic.so" }']
    lines += [f'pcm.{name} {{ type faultmic wav "/opt/bed/{wav}" ctl "/opt/bed/{name}.ctl" }}'
              for name, wav in sounds.items()]
    lines += [f'pcm.!default {{ type plug slave.pcm "{next(iter(sounds))}" }}', "ctl.!default { type hw card 0 }"]
    return "\n".join(lines) + "\n"


def main():
    """unittest's, but exit code 77, for meson, when anything was skipped."""
    result = unittest.main(exit=False).result
    for where, why in result.skipped:
        print(f"skipped: {where}: {why}")
    sys.exit(1 if not result.wasSuccessful() else 77 if result.skipped else 0)


class Booted(unittest.TestCase):
    """A container for the tests of a class. In /opt/bed: an alarm that comes and goes, one that goes on for ever, and
    the plugin for microphones that hear them."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="hearken-boot-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        os.environ["BED_STATE"] = str(cls.folder / "bed")
        code, text = run(CONTAINER, "up", check=False)
        if code == CANNOT or not FAULTMIC:
            why = text.strip() or "no ALSA"
            raise unittest.SkipTest(f"no container can be booted here: {why}")
        if code:
            raise AssertionError(f"container up: exit code {code}: {text}")
        cls.addClassCleanup(run, CONTAINER, "down")
        bed = cls.folder / "bed-files"
        bed.mkdir()
        run(SOURCE / "scripts" / "make-alarms", "--demo", bed / "alarm.wav", "--seconds", 20)
        sounds.write_s16(bed / "endless.wav", sounds.beeps(16, 44100) + sounds.noise(16, 44100, 0.0005), 44100)
        run("cp", FAULTMIC, bed / "faultmic.so")
        cls.copy(bed, "/opt/bed")

    @classmethod
    def copy(cls, source, target):
        """What is in the folder SOURCE of this machine into the folder TARGET of the container."""
        inside("mkdir", "-p", target)
        subprocess.run(f"tar -C '{source}' -c . | '{CONTAINER}' exec tar --keep-directory-symlink --no-same-owner -C "
                       f"'{target}' -x", shell=True, check=True)

    @staticmethod
    def write(path, text):
        """At once and whole."""
        script = 'mkdir -p "$(dirname "$1")" && cat >"$1.new" && mv "$1.new" "$1"'
        inside("sh", "-c", script, "sh", path, input=text.encode())
