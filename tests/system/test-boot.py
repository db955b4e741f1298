#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hearkend as a service of a real systemd: installed, enabled, hearing through a virtual microphone under its full
sandbox, asked, killed, reloaded and stopped. In a container (testbed/container); skipped where none can be booted."""

import ctypes
import os
import pathlib
import re
import tempfile
import unittest

import container
import times
from container import UNIT, Booted, as_user, events, inside, is_heard, journal, json_lines, run, shown, status, until
from hang import bury, hang

BUILD = os.environ["HEARKEN_BUILD"]
CONFIG = "/usr/local/etc/hearken"
WATCHDOG_S = 4  # instead of 30, which nobody wants to wait for

# Beside UNIT, which the tests kill, reload and stop: instances that go on hearing meanwhile, and each one's microphone.
BESIDE = {"kitchen": "first", "second": "second", "third": "third", "watched": "third"}

# while a command runs, four ask without a pause
ASK_MEANWHILE = """
"$@" & command=$!
ask() { while kill -0 $command 2>/dev/null; do hearken metrics --instance default || echo LOST; done; }
for asker in 1 2 3 4; do ask & done
wait"""


def has_landlock():
    """Has this machine's kernel what hearken-capture confines itself with? (landlock_create_ruleset, its version)"""
    return ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


def after_meson_install():
    """What docs/first-steps.md tells to do after it."""
    text = (container.SOURCE / "docs" / "first-steps.md").read_text()
    return [line.split() for line in re.findall(r"^\$ sudo (.*)$", re.search(r"meson install.*?```", text, re.S)[0], re.M)]


def unit_of(instance):
    return f"hearkend@{instance}.service"


def seconds_between(unit, earlier, later):
    """By systemd's own clock."""
    return (int(shown(unit, f"{later}TimestampMonotonic")) - int(shown(unit, f"{earlier}TimestampMonotonic"))) / 1e6


def pid_outside(unit):
    """The id that this machine knows the main process of UNIT by: that of the container's is another namespace's."""
    pid = shown(unit, "MainPID")
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            ids = re.search(r"^NSpid:(.*)$", (process / "status").read_text(), re.M)[1].split()
            if len(ids) > 1 and ids[-1] == pid and (process / "comm").read_text() == "hearkend\n":
                return int(process.name)
        except (FileNotFoundError, ProcessLookupError):
            pass  # ended meanwhile
    raise AssertionError(f"no process {pid} of the container is seen here")


def check_lost_frames(found):
    """A busy machine loses some: none is what is promised of a quiet one."""
    lost = found["source"]["lost_frames"]
    times.note(f"{found['instance']}: {lost} frames were lost")
    if times.LONG and lost:
        raise AssertionError(f"{lost} frames were lost, promised: none")


class Boot(Booted):
    @classmethod
    def setUpClass(cls):
        """What `meson install` puts on a machine, three microphones, and three people."""
        super().setUpClass()
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", cls.folder / "root")
        cls.copy(cls.folder / "root", "/")
        cls.write("/opt/bed/asound.conf", container.microphones(first="alarm.wav", second="endless.wav",
                                                                        third="endless.wav"))
        for name in ("first", "second", "third"):
            cls.write(f"/opt/bed/{name}.ctl", "loop\n")
        # what all have in common, and which microphone each hears
        cls.write(f"{CONFIG}/hearken.conf", "[daemon]\nready_timeout = 20 s\n")
        cls.write(f"{CONFIG}/default.conf", "[audio]\ndevice = ALSA: first\n")
        for name, microphone in BESIDE.items():
            cls.write(f"{CONFIG}/{name}.conf", f"[audio]\ndevice = ALSA: {microphone}\n")
        cls.write(f"{CONFIG}/second.conf", "[audio]\ndevice = ALSA: first\n")
        cls.write(f"{CONFIG}/second.conf.d/50-device.conf", "[audio]\ndevice = ALSA: second\n")
        for manager in ("system", "user"):
            cls.write(f"/etc/systemd/{manager}/hearkend@.service.d/bed.conf",
                      "[Service]\nEnvironment=ALSA_CONFIG_PATH=/opt/bed/asound.conf JACK_NO_START_SERVER=1\n")
        cls.write("/etc/systemd/system/hearkend@watched.service.d/watchdog.conf", f"[Service]\nWatchdogSec={WATCHDOG_S}\n")
        for command in after_meson_install():
            inside(*command)
        inside("useradd", "-G", "hearken", "member")
        inside("useradd", "stranger")
        cls.start_users_own()
        inside("systemctl", "enable", "--now", UNIT)
        inside("systemctl", "start", *map(unit_of, BESIDE))

    @classmethod
    def start_users_own(cls):
        """On a desktop, where there is no service of the system."""
        inside("useradd", "--create-home", "owner")
        uid = inside("id", "-u", "owner").strip()
        # the machine's own sound servers, which nobody asks
        inside("systemctl", "--global", "mask", *(f"{name}.{kind}" for name in ("pipewire", "pipewire-pulse", "pulseaudio")
                                                  for kind in ("service", "socket")))
        cls.owner = ("env", "HOME=/home/owner", f"XDG_RUNTIME_DIR=/run/user/{uid}")
        inside("systemctl", "start", f"user@{uid}.service")
        cls.started_own = as_user("owner", *cls.owner, "systemctl", "--user", "enable", "--now", "hearkend@default")
        find = lambda: as_user("owner", *cls.owner, "hearken", "status")[1]
        cls.found_own = until(lambda: "starting" not in (found := find()) and found, "what the user's own service hears")

    def setUp(self):
        inside("systemctl", "reset-failed")
        inside("systemctl", "start", UNIT)

    def test_an_alarm_is_heard_under_the_full_sandbox(self):
        unit = unit_of("kitchen")
        found = until(lambda: events("--instance", "kitchen", "--label", "fire_alarm"), "an event in the history")
        self.assertEqual(found[0]["model"], "home")
        self.assertEqual(inside("stat", "-c", "%U %a", "/var/lib/hearken").strip(), "hearken 700")
        found = status("kitchen")
        self.assertEqual(found["store"]["state"], "ok")
        check_lost_frames(found)
        pid = shown(unit, "MainPID")
        self.assertEqual(re.search(r"CapEff:\s*(\w+)", inside("cat", f"/proc/{pid}/status")).group(1), "0" * 16)
        for name in ("Memory", "Tasks"):
            used, bound = (shown(unit, name + word) for word in ("Current", "Max"))
            print(f"{name} {used} of {bound}")
            if used != "[not set]":  # a container to which this machine lends no such controller
                self.assertLess(int(used), int(bound) / 2)
        self.assertEqual(inside("nsenter", "-t", pid, "-n", "ls", "/sys/class/net").split(), ["lo"])
        if has_landlock():
            metrics = inside("hearken", "metrics", "--instance", "kitchen")
            self.assertRegex(metrics, r'(?m)^hearken_capture_confined\b.* 1$')

    def test_a_users_own_service_hears_and_is_found_by_the_user(self):
        self.assertEqual(self.started_own[0], 0, self.started_own)
        self.assertRegex(self.found_own, r"(?m)^default +hearing\b.*ALSA: first$")
        # by now there is a service of the system, which goes before
        ask = (*self.owner, "sh", "-c", 'HEARKEN_SOCKET=$XDG_RUNTIME_DIR/hearken exec hearken "$@"', "hearken")
        found = until(lambda: json_lines(as_user("owner", *ask, "events", "--json")[1]), "an event in the user's history")
        self.assertEqual((found[0]["label"], found[0]["stored"]), ("fire_alarm", True))
        code, text = as_user("member", "ls", "/home/owner/.config/hearken")
        self.assertNotEqual(code, 0, text)
        pid = as_user("owner", *self.owner, "systemctl", "--user", "show", "-P", "MainPID", "hearkend@default")[1].strip()
        self.assertRegex(inside("cat", f"/proc/{pid}/status"), r"Seccomp:\s*2\n")

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
        until(lambda: shown(UNIT, "ActiveState") == "active", "systemd to call it active again")
        print(f"started again {seconds_between(UNIT, 'ActiveExit', 'ExecMainStart'):.2f} s after it was killed, "
              f"hearing {seconds_between(UNIT, 'ActiveExit', 'ActiveEnter'):.2f} s after")

    def test_no_question_is_lost_while_the_service_restarts(self):
        text = inside("bash", "-c", ASK_MEANWHILE, "bash", "sh", "-c",
                      f"systemctl restart {UNIT}; sleep 1; systemctl kill --signal=KILL {UNIT}; sleep 1")
        self.assertNotIn("LOST", text)
        print(f"{text.count('# EOF')} questions answered meanwhile")

    def test_a_hung_analysis_is_restarted_by_the_watchdog(self):
        unit = unit_of("watched")
        pid = shown(unit, "MainPID")
        thread = hang(pid_outside(unit), "analysis")
        if not thread:
            self.skipTest("ptrace is not allowed here")
        until(lambda: bury(thread), "systemd to kill it")
        until(lambda: shown(unit, "MainPID") not in ("0", pid), "systemd to restart it")
        self.assertIn(f"Watchdog timeout (limit {WATCHDOG_S}s)!", inside("journalctl", "-q", "-u", unit))

    def test_a_reload_takes_a_good_configuration_and_refuses_a_bad_one(self):
        layer = f"{CONFIG}/default.conf.d/10-log.conf"
        pid = shown(UNIT, "MainPID")
        self.write(layer, "[log]\nlevel = debug\n")
        inside("systemctl", "reload", UNIT)
        until(lambda: "window at" in inside("journalctl", "-q", "-u", UNIT), "the debug messages that were asked for")
        self.write(layer, "[log]\nlevel = louder\n")
        code, text = inside("hearken", "reload", "--instance", "default", check=False)
        self.assertNotEqual(code, 0)
        self.assertIn(f"{layer}:2: level: expected", text)
        code, _ = inside("systemctl", "reload", UNIT, check=False)
        self.assertNotEqual(code, 0, "systemctl says that it was refused")
        self.assertEqual(shown(UNIT, "ActiveState"), "active")
        inside("rm", layer)
        inside("hearken", "reload", "--instance", "default")
        self.assertEqual(shown(UNIT, "MainPID"), pid)

    def test_the_first_query_starts_the_service(self):
        inside("systemctl", "stop", UNIT)
        self.assertEqual(shown(UNIT, "ActiveState"), "inactive")
        self.assertEqual(shown("hearkend@default.socket", "ActiveState"), "active")
        code, text = inside("hearken", "status", "--instance", "default", check=False)
        self.assertEqual(code, 0, text)
        self.assertIn(shown(UNIT, "ActiveState"), ("active", "activating"))

    @staticmethod
    def starts(unit):
        """The journal's records of them (SD_MESSAGE_UNIT_STARTING)."""
        return journal("-u", unit, "JOB_TYPE=start", "MESSAGE_ID=7d4958e842da4a758f6c1cdc7b36dcc5")

    def test_a_query_does_not_start_a_wrong_service_again_and_again_and_names_the_cause(self):
        unit, listener, file = unit_of("wrong"), "hearkend@wrong.socket", f"{CONFIG}/wrong.conf"
        self.write(file, "[audio]\ndevise = ALSA: second\n")
        inside("systemctl", "start", listener)
        self.addCleanup(inside, "systemctl", "stop", listener, unit)
        n_asked = 30  # more than systemd's limits for what is started without a pause
        for _ in range(n_asked):
            code, text = inside("hearken", "status", "--instance", "wrong", check=False)
            self.assertEqual(code, 69, text)
            self.assertIn(f'hearkend does not start: {file}:2: no key "devise"', text)
            self.assertIn("; see: journalctl -n 20 -u hearkend@wrong\n", text)
        n_starts = len(self.starts(unit))
        print(f"{n_starts} starts by {n_asked} queries")
        self.assertLessEqual(n_starts, n_asked)
        self.assertGreater(n_starts, 0)
        self.assertEqual(shown(listener, "ActiveState"), "active")
        self.assertIn(f"{file}:2: no key", inside("journalctl", "-n", "20", "-u", unit))
        self.write(file, "[audio]\ndevice = ALSA: second\n")
        until(lambda: shown(unit, "ActiveState") == "failed", "the last start to fail")
        inside("systemctl", "start", unit)  # without reset-failed
        until(lambda: is_heard("wrong"), "the service to hear after the cure")

    def test_what_cannot_even_answer_is_not_started_more_than_once_a_second(self):
        unit, listener = unit_of("absent"), "hearkend@absent.socket"
        self.write("/etc/systemd/system/hearkend@absent.service.d/absent.conf",
                   "[Service]\nExecStart=\nExecStart=/nowhere/hearkend\n")
        self.addCleanup(inside, "rm", "-r", "/etc/systemd/system/hearkend@absent.service.d")
        inside("systemctl", "daemon-reload")
        inside("systemctl", "start", listener)
        self.addCleanup(inside, "systemctl", "stop", unit, listener)
        code, text = inside("env", "HEARKEN_TIMEOUT=8", "hearken", "status", "--instance", "absent", check=False)
        self.assertEqual(code, 69, text)
        self.assertIn("see: journalctl -n 20 -u hearkend@absent", text)
        starts = [int(record["__MONOTONIC_TIMESTAMP"]) for record in self.starts(unit)]
        print("starts at", [(start - starts[0]) / 1e6 for start in starts])
        self.assertGreater(len(starts), 1)
        for earlier, later in zip(starts, starts[1:]):
            self.assertGreater((later - earlier) / 1e6, 0.9)
        self.assertEqual(shown(listener, "ActiveState"), "active")

    def test_a_fifo_that_comes_after_the_start_is_heard(self):
        unit, fifo = unit_of("camera"), "/opt/bed/camera.pcm"
        self.write(fifo, "what a writer made that came before the FIFO")
        self.write(f"{CONFIG}/camera.conf", f"[audio]\ninput = {fifo}\nrate = 16000\n")
        code, text = inside("systemctl", "start", unit, check=False)
        self.assertNotEqual(code, 0, text)
        self.addCleanup(inside, "systemctl", "stop", unit, "hearkend@camera.socket")
        until(lambda: int(shown(unit, "NRestarts")) > 0, "systemd to try again")
        self.assertIn("status=66/NOINPUT", inside("journalctl", "-q", "-u", unit))
        inside("rm", fifo)
        inside("mkfifo", fifo)
        inside("systemd-run", "sh", "-c", f"timeout 100 cat /dev/zero | head -c 32000000 >{fifo}")
        until(lambda: (found := status("camera")) and found["windows"] + found["zero_windows"] > 0, "the FIFO to be heard")

    def test_the_state_of_the_clock_is_read_in_the_sandbox_and_the_clock_is_not_set(self):
        """By a program in hearkend's place, which asks and sets as adjtimex(2) and clock_settime(2) do."""
        probe = ("import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nspace = ctypes.create_string_buffer(512)\n"
                 "print('clock state', libc.adjtimex(space), os.strerror(ctypes.get_errno()))\n"
                 "print('clock set', libc.clock_settime(0, space), os.strerror(ctypes.get_errno()))\n")
        self.write("/opt/bed/clock-probe.py", probe)
        self.write("/etc/systemd/system/hearkend@probe.service.d/probe.conf",
                   "[Service]\nType=oneshot\nExecStart=\nExecStart=/usr/bin/python3 /opt/bed/clock-probe.py\n")
        self.addCleanup(inside, "rm", "-r", "/etc/systemd/system/hearkend@probe.service.d")
        inside("systemctl", "daemon-reload")
        inside("systemctl", "start", "hearkend@probe")
        self.addCleanup(inside, "systemctl", "stop", "hearkend@probe.socket")
        text = inside("journalctl", "-q", "-o", "cat", "-u", "hearkend@probe")
        self.assertRegex(text, "(?m)^clock state [0-5] ")
        self.assertRegex(text, "(?m)^clock set -1 Operation not permitted$")

    def test_two_microphones_are_heard_side_by_side_and_fail_each_for_itself(self):
        until(lambda: is_heard("second"), "the second instance to hear")
        self.write("/opt/bed/second.ctl", "unplug\n")
        until(lambda: status("second")["source"]["state"] != "hearing", "the loss of the second microphone")
        listed = json_lines(inside("hearken", "status", "--json", check=False)[1])
        listed = {found["instance"]: found for found in listed}
        self.assertEqual(listed["default"]["source"]["state"], "hearing")
        self.assertIn("first", listed["default"]["source"]["device"])
        self.assertIn("second", listed["second"]["source"]["device"])
        self.write("/opt/bed/second.ctl", "loop\n")
        until(lambda: is_heard("second"), "the second microphone again")
        check_lost_frames(listed["default"])

    def test_a_restart_in_the_middle_of_an_event_leaves_one_that_is_interrupted(self):
        for instance, restart in (("second", ["restart"]), ("third", ["kill", "--signal=KILL"])):
            with self.subTest(restart):
                ask = ("--instance", instance, "--state")
                event = until(lambda: events(*ask, "ongoing"), "an alarm that goes on")[0]
                before = {past["id"] for past in events(*ask, "any")}
                inside("systemctl", *restart, unit_of(instance))
                after = {past["id"]: past["state"] for past in events(*ask, "any")}
                self.assertEqual(after[event["id"]], "interrupted")
                # one event of what was heard until then; what is heard from now on is another
                self.assertEqual({past for past in after if past <= event["id"]}, before)

    def test_it_stops_at_once(self):
        helper = inside("pgrep", "-P", shown(UNIT, "MainPID"), "-f", "hearken-capture").strip()
        inside("systemctl", "stop", UNIT)
        self.assertEqual((shown(UNIT, "Result"), shown(UNIT, "ExecMainStatus")), ("success", "0"))
        stopped_s = seconds_between(UNIT, "ActiveExit", "InactiveEnter")
        print(f"stopped in {stopped_s:.2f} s")
        self.assertLess(stopped_s, 2)
        code, _ = inside("kill", "-0", helper, check=False)
        self.assertNotEqual(code, 0, f"left behind: hearken-capture, {helper}")

    def test_an_event_is_a_record_with_fields_and_an_explanation(self):
        unit = unit_of("kitchen")
        record = until(lambda: journal("-u", unit, "HEARKEN_LABEL=fire_alarm"), "a record of the alarm")[0]
        self.assertEqual(record["PRIORITY"], "1")
        self.assertEqual(record["HEARKEN_INSTANCE"], "kitchen")
        self.assertEqual(record["_SYSTEMD_UNIT"], unit)
        for field in ("HEARKEN_EVENT_ID", "HEARKEN_PROBABILITY", "HEARKEN_START", "HEARKEN_DURATION_MS", "MESSAGE_ID"):
            self.assertIn(field, record)
        text = inside("journalctl", "-q", "-x", "-u", unit, "HEARKEN_LABEL=fire_alarm", "-n", "1")
        self.assertIn("fire_alarm", text)
        self.assertIn("man:hearken(1)", text)

    def test_the_sandbox_leaves_little_exposed(self):
        text = inside("systemd-analyze", "security", "--no-pager", UNIT).splitlines()[-1]
        print(text)
        figure = re.search(r"(\d+\.\d)", text).group(1)
        self.assertLessEqual(float(figure), 1.0)  # EXPOSURE of test-install.py
        page = (container.SOURCE / "docs" / "security.md").read_text()
        self.assertIn(f"`systemd-analyze security` gives {figure} of 10", page)


@unittest.skipIf(os.geteuid(), "only root can change its root")
@unittest.skipIf(run("unshare", "--mount", "true", check=False)[0], "no other root can be made here: mount namespaces are refused")
class Elsewhere(unittest.TestCase):
    def test_where_services_get_no_users_of_their_own_nothing_is_booted_and_a_line_says_so(self):
        """In a plain chroot, where the kernel lets nobody have a user namespace."""
        with tempfile.TemporaryDirectory(prefix="hearken-chroot-") as folder:
            bed = f"BED_STATE={folder}.bed"
            self.addCleanup(run, "env", bed, container.CONTAINER, "down", check=False)
            script = 'mount --rbind / "$1" && exec chroot "$@"'
            code, text = run("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", folder,
                             "env", bed, container.CONTAINER, "up", check=False)
        self.assertEqual(code, container.CANNOT, text)
        self.assertRegex(text, "^container: .*(refused|only root|not installed)")


if __name__ == "__main__":
    container.main()
