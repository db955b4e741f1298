#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hearkend as a service of a real systemd: installed, enabled, hearing through a virtual microphone under its full
sandbox, asked, killed, reloaded and stopped. In a container (testbed/container); skipped where none can be booted."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
BUILD = os.environ["HEARKEN_BUILD"]
FAULTMIC = os.environ["FAULTMIC"]
CONTAINER = str(HERE / "testbed" / "container")
PATIENCE = 60  # seconds that anything may take on a busy machine before a test gives up
UNIT = "hearkend@default.service"


def run(*command, check=True, **options):
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


def journal(*matches):
    lines = inside("journalctl", "-q", "-o", "json", "--no-pager", *matches).splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def status(instance="default"):
    code, text = inside("hearken", "status", "--instance", instance, "--json", check=False)
    return json.loads(text.splitlines()[0]) if code == 0 else None


def is_heard(instance="default"):
    found = status(instance)
    return found and found["source"]["state"] == "hearing" and found["windows"] > 0


def install(folder):
    """What `meson install` puts on a machine, a microphone that hears an alarm, and two people."""
    stage = folder / "stage"
    run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", stage)
    bed = stage / "opt" / "bed"
    bed.mkdir(parents=True)
    run(SOURCE / "scripts" / "make-alarms", "--demo", bed / "alarm.wav", "--seconds", 16)
    run("cp", FAULTMIC, bed / "faultmic.so")
    for name in ("default", "second"):
        microphone = f'type faultmic wav "/opt/bed/alarm.wav" ctl "/opt/bed/{name}.ctl"'
        (bed / f"{name}.conf").write_text(
            'pcm_type.faultmic { lib "/opt/bed/faultmic.so" }\n'
            f"pcm.!default {{ type plug slave.pcm {{ {microphone} }} }}\n"
            "ctl.!default { type hw card 0 }\n")
        (bed / f"{name}.ctl").write_text("loop\n")
    drop_in = stage / "etc" / "systemd" / "system" / "hearkend@.service.d"
    drop_in.mkdir(parents=True)
    (drop_in / "bed.conf").write_text(
        "[Service]\nEnvironment=ALSA_CONFIG_PATH=/opt/bed/%i.conf JACK_NO_START_SERVER=1\nWatchdogSec=8\n")
    subprocess.run(f"tar -C '{stage}' -c . | '{CONTAINER}' exec tar --keep-directory-symlink --no-same-owner -C / -x",
                   shell=True, check=True)
    inside("systemd-sysusers")
    inside("useradd", "-G", "hearken", "member")
    inside("useradd", "stranger")
    inside("journalctl", "--update-catalog")
    inside("systemctl", "daemon-reload")


class Boot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="hearken-boot-")
        cls.addClassCleanup(cls.folder.cleanup)
        os.environ["BED_STATE"] = f"{cls.folder.name}/bed"
        code, text = run(CONTAINER, "up", check=False)
        if code == 77 or not FAULTMIC:
            raise unittest.SkipTest(f"no container can be booted here: {text.strip() or 'not root or no systemd-nspawn'}")
        if code:
            raise AssertionError(f"container up: exit code {code}: {text}")
        cls.addClassCleanup(run, CONTAINER, "down")
        install(pathlib.Path(cls.folder.name))
        inside("systemctl", "enable", "--now", UNIT)

    def setUp(self):
        inside("systemctl", "reset-failed")
        inside("systemctl", "start", UNIT)
        until(is_heard, "the default instance to hear")

    def test_an_alarm_is_heard_under_the_full_sandbox(self):
        def alarms():
            text = inside("hearken", "events", "--instance", "default", "--label", "fire_alarm", "--json")
            return [json.loads(line) for line in text.splitlines()]
        until(alarms, "an event in the history")
        self.assertEqual(alarms()[0]["model"], "home")
        self.assertEqual(inside("stat", "-c", "%U %a", "/var/lib/hearken").strip(), "hearken 700")
        found = status()
        self.assertEqual((found["source"]["lost_frames"], found["store"]["state"]), (0, "ok"))
        pid = shown(UNIT, "MainPID")
        self.assertEqual(re.search(r"CapEff:\s*(\w+)", inside("cat", f"/proc/{pid}/status")).group(1), "0" * 16)
        self.assertEqual(inside("nsenter", "-t", pid, "-n", "ls", "/sys/class/net").split(), ["lo"])

    def test_members_of_the_group_may_ask_and_others_may_not(self):
        code, text = as_user("member", "hearken", "status", "--instance", "default")
        self.assertEqual(code, 0, text)
        code, text = as_user("stranger", "hearken", "status", "--instance", "default")
        self.assertNotEqual(code, 0)
        self.assertIn("ermission denied", text)
        code, text = as_user("member", "hearken", "reload", "--instance", "default")
        self.assertNotEqual(code, 0, "a member of the group may not reload")

    def test_nobody_else_reads_signals_or_replaces_what_is_the_daemons(self):
        pid = shown(UNIT, "MainPID")
        for user in ("member", "stranger"):
            for command in (["cat", "/var/lib/hearken/default.db"], ["ls", "/var/lib/hearken"], ["kill", "-HUP", pid],
                            ["kill", "-9", pid], ["cat", f"/proc/{pid}/maps"], ["ls", f"/proc/{pid}/fd"],
                            ["rm", "-f", "/run/hearken/default.sock"], ["touch", "/run/hearken/other.sock"],
                            ["touch", "/etc/hearken/default.conf"], ["systemctl", "--no-ask-password", "restart", UNIT]):
                code, text = as_user(user, *command)
                self.assertNotEqual(code, 0, (user, command, text))
        self.assertEqual(shown(UNIT, "MainPID"), pid)
        self.assertEqual(shown(UNIT, "LimitCORE"), "0")

    def test_a_killed_daemon_is_back_and_answers_what_was_asked_meanwhile(self):
        pid, restarts = shown(UNIT, "MainPID"), int(shown(UNIT, "NRestarts"))
        inside("kill", "-9", pid)
        # the socket stays: this waits for the new one instead of failing
        code, text = inside("hearken", "status", "--instance", "default", "--json", check=False)
        self.assertEqual(code, 0, text)
        self.assertNotEqual(shown(UNIT, "MainPID"), pid)
        self.assertEqual(int(shown(UNIT, "NRestarts")), restarts + 1)

    def test_a_daemon_that_hangs_is_restarted_by_the_watchdog(self):
        pid = shown(UNIT, "MainPID")
        inside("kill", "-STOP", pid)
        until(lambda: shown(UNIT, "MainPID") not in ("0", pid), "systemd to restart it")
        self.assertTrue(journal("-u", UNIT, "MESSAGE=hearkend@default.service: Watchdog timeout (limit 8s)!") or
                        "Watchdog timeout" in inside("journalctl", "-q", "-u", UNIT))

    def test_a_reload_takes_a_good_configuration_and_refuses_a_bad_one(self):
        conf = "/usr/local/etc/hearken/hearken.conf"
        self.assertIn("hearken.conf", inside("ls", conf))
        pid = shown(UNIT, "MainPID")
        inside("sh", "-c", f"printf '[log]\\nlevel = debug\\n' > {conf}")
        inside("systemctl", "reload", UNIT)
        until(lambda: "window at" in inside("journalctl", "-q", "-u", UNIT), "the debug messages that were asked for")
        inside("sh", "-c", f"printf '[log]\\nlevel = louder\\n' > {conf}")
        code, text = inside("hearken", "reload", "--instance", "default", check=False)
        self.assertNotEqual(code, 0)
        self.assertIn("hearken.conf:2", text)
        inside("sh", "-c", f": > {conf}")
        inside("hearken", "reload", "--instance", "default")
        self.assertEqual(shown(UNIT, "MainPID"), pid)

    def test_the_first_query_starts_the_service(self):
        inside("systemctl", "stop", UNIT)
        self.assertEqual(shown(UNIT, "ActiveState"), "inactive")
        self.assertEqual(shown("hearkend@default.socket", "ActiveState"), "active")
        code, text = inside("hearken", "status", "--instance", "default", check=False)
        self.assertEqual(code, 0, text)
        self.assertIn(shown(UNIT, "ActiveState"), ("active", "activating"))

    def test_two_microphones_are_heard_side_by_side(self):
        inside("systemctl", "start", "hearkend@second.service")
        self.addCleanup(inside, "systemctl", "stop", "hearkend@second.service", "hearkend@second.socket")
        until(lambda: is_heard("second"), "the second instance to hear")
        self.assertTrue(is_heard("default"))
        text = inside("hearken", "status")
        self.assertIn("default", text)
        self.assertIn("second", text)

    def test_it_stops_at_once(self):
        begun = time.monotonic()
        inside("systemctl", "stop", UNIT)
        self.assertEqual((shown(UNIT, "Result"), shown(UNIT, "ExecMainStatus")), ("success", "0"))
        print(f"stopped in {time.monotonic() - begun:.1f} s")
        code, text = inside("pgrep", "-f", "hearken-capture", check=False)
        self.assertNotEqual(code, 0, f"left behind: {text}")

    def test_an_event_is_a_record_with_fields_and_an_explanation(self):
        record = until(lambda: journal("-u", UNIT, "HEARKEN_LABEL=fire_alarm"), "a record of the alarm")[0]
        self.assertEqual(record["PRIORITY"], "1")
        self.assertEqual(record["HEARKEN_INSTANCE"], "default")
        self.assertEqual(record["_SYSTEMD_UNIT"], UNIT)
        for field in ("HEARKEN_EVENT_ID", "HEARKEN_PROBABILITY", "HEARKEN_START", "HEARKEN_DURATION_MS", "MESSAGE_ID"):
            self.assertIn(field, record)
        text = inside("journalctl", "-q", "-x", "-u", UNIT, "HEARKEN_LABEL=fire_alarm", "-n", "1")
        self.assertIn("fire_alarm", text)
        self.assertIn("man:hearken(1)", text)

    def test_the_sandbox_leaves_little_exposed(self):
        text = inside("systemd-analyze", "security", "--no-pager", UNIT).splitlines()[-1]
        print(text)
        self.assertLessEqual(float(re.search(r"(\d+\.\d)", text).group(1)), 0.7)
        inside("systemd-analyze", "verify", "--recursive-errors=no", "--man=no", UNIT, "hearkend@default.socket")


if __name__ == "__main__":
    unittest.main()
