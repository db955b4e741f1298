#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hearken` against a daemon of the tests: what it asks, shows, survives, and how it ends."""

import json
import os
import pathlib
import pty
import random
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from fake_daemon import FakeDaemon, VarlinkError, time_text

HEARKEN = os.environ["HEARKEN"]
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))


def wait_until(condition, seconds=60):
    """For what has to happen; the time is only to fail at all."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen")
        time.sleep(0.01)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-remote-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {**os.environ, "HEARKEN_SOCKET": str(self.folder), "TZ": "UTC"}

    def start_daemon(self, name="default"):
        daemon = FakeDaemon(str(self.folder / f"{name}.sock"), name)
        self.addCleanup(daemon.stop)
        return daemon

    def hearken(self, *args, **options):
        return subprocess.run([HEARKEN, *map(str, args)], capture_output=True, timeout=120, text=True,
                              env=self.environment, **options)

    def objects(self, *args):
        result = self.hearken(*args)
        self.assertEqual(result.returncode, 0, result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def assert_ends(self, result, code, *words):
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertTrue(result.stderr.startswith("hearken: ") or code == 0, result.stderr)
        self.assertNotIn("runtime error", result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def in_terminal(self, *args, **environment):
        """What a person sees."""
        leader, follower = pty.openpty()
        subprocess.run([HEARKEN, *map(str, args)], check=True, stdout=follower, timeout=60,
                       env={**self.environment, "TERM": "xterm", **environment})
        os.close(follower)
        shown = b""
        try:
            while chunk := os.read(leader, 65536):
                shown += chunk
        except OSError:
            pass
        os.close(leader)
        return shown.decode().replace("\r\n", "\n")


class Sockets(Case):
    def test_an_instance_a_path_and_the_environment_name_the_socket(self):
        for name in ("default", "kitchen"):
            self.start_daemon(name)
        self.assertEqual([s["instance"] for s in self.objects("status", "--json")], ["default", "kitchen"])
        self.assertEqual([s["instance"] for s in self.objects("status", "-j", "-i", "kitchen")], ["kitchen"])
        path = self.folder / "kitchen.sock"
        self.assertEqual([s["instance"] for s in self.objects("status", "-j", "--socket", path)], ["kitchen"])
        self.environment["HEARKEN_SOCKET"] = str(path)
        self.assertEqual([s["instance"] for s in self.objects("status", "-j")], ["kitchen"])

    @unittest.skipIf(os.path.isdir("/run/hearken"), "a service of this machine's own would be found")
    def test_the_users_own_service_is_found_where_there_is_none_of_the_system(self):
        runtime = self.folder / "runtime"
        (runtime / "hearken").mkdir(parents=True)
        self.start_daemon("kitchen")
        os.rename(self.folder / "kitchen.sock", runtime / "hearken" / "kitchen.sock")
        del self.environment["HEARKEN_SOCKET"]
        self.environment["XDG_RUNTIME_DIR"] = str(runtime)
        for args in ([], ["-i", "kitchen"]):
            self.assertEqual([s["instance"] for s in self.objects("status", "--json", *args)], ["kitchen"])
        self.environment["XDG_RUNTIME_DIR"] = str(self.folder)
        self.assert_ends(self.hearken("status"), 69, "no socket in /run/hearken")

    def test_without_a_daemon_it_says_so_and_ends_with_69(self):
        for command in (["status"], ["events"], ["explain", "1"], ["metrics"], ["reload"]):
            self.assert_ends(self.hearken(*command, "-i", "cellar"), 69, f"{self.folder}/cellar.sock: no daemon answers")
        self.assert_ends(self.hearken("status"), 69, f"no socket in {self.folder}")
        (self.folder / "default.sock").write_text("")
        self.assert_ends(self.hearken("events"), 69, "default.sock: no daemon answers there: Connection refused")

    def test_the_instances_that_answer_are_named_where_none_does(self):
        one, _ = self.start_daemon("one"), self.start_daemon("two")
        (self.folder / "stale.sock").touch()
        for command in (["events"], ["explain", "1"], ["metrics"], ["reload"], ["events", "-i", "three"]):
            name = command[-1] if "-i" in command else "default"
            self.assert_ends(self.hearken(*command), 69, f"{name}.sock: no daemon answers there",
                             "; there are: one, two (--instance NAME)\n")
        one.raw["GetMetrics"] = b""  # it does answer, and goes away: others are no help
        result = self.hearken("metrics", "-i", "one")
        self.assert_ends(result, 69, "went away")
        self.assertNotIn("there are", result.stderr)

    def test_what_cannot_be_a_socket_is_refused(self):
        self.assert_ends(self.hearken("events", "-i", "../x"), 64, "not a valid instance name")
        for words in (["-i", "a", "-S", "b"], ["--all", "-i", "a"], ["--all", "-S", "b"]):
            for command in ("status", "events"):
                self.assert_ends(self.hearken(command, *words), 64, "expected one of --socket, --instance and --all")
        self.assert_ends(self.hearken("explain", "1", "-i", "a", "-S", "b"), 64, "mutually exclusive")
        self.assert_ends(self.hearken("events", "-i", "a,,b"), 64, '"" is not a valid instance name')
        self.assert_ends(self.hearken("events", "-S", "x" * 120), 64, "at most 107 bytes")

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "needs root to be somebody else")
    def test_who_may_not_connect_is_told_who_may(self):
        self.start_daemon()
        os.chmod(self.folder, 0o755)
        os.chmod(self.folder / "default.sock", 0o600)
        copy = self.folder / "hearken"
        shutil.copy(HEARKEN, copy)
        for command in ("events", "follow"):
            result = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", copy, command, "-S",
                                     self.folder / "default.sock"], capture_output=True, text=True, timeout=60)
            self.assert_ends(result, 77, "group hearken", "Permission denied")


class Status(Case):
    def test_a_history_that_cannot_be_written_is_an_exit_code(self):
        daemon = self.start_daemon("attic")
        daemon.store.update(state="database or disk is full", path="/x/attic.db")
        self.start_daemon("kitchen")
        for form in ([], ["--json"]):
            result = self.hearken("status", *form)
            self.assert_ends(result, 1, "attic: the history /x/attic.db is not being written: database or disk is full")
            self.assertIn("kitchen", result.stdout)
        daemon.store.update(state="no history is kept", path="")
        result = self.hearken("status")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("no history is kept", result.stdout)

    def test_each_instance_is_a_row_and_the_silent_one_is_named(self):
        self.start_daemon("kitchen").put(1, "music", "ongoing")
        cellar = self.start_daemon("attic")
        cellar.source.update(state="stalled", why="no frames for 2 s")
        (self.folder / "stale.sock").touch()
        result = self.hearken("status")
        rows = result.stdout.splitlines()
        self.assertEqual([row.split()[0] for row in rows], ["INSTANCE", "attic", "kitchen"])
        self.assertIn("music", rows[2])
        self.assertIn("+5.2", rows[2])
        self.assertIn("attic receives no audio: stalled: no frames for 2 s", result.stderr)
        self.assertIn("stale.sock: no daemon answers", result.stderr)
        self.assertEqual(result.returncode, 1)

    def test_colours_are_for_terminals_and_not_when_they_are_unwanted(self):
        self.start_daemon()
        self.assertIn("\033[1m", self.in_terminal("status"))
        self.assertNotIn("\033", self.in_terminal("status", NO_COLOR="1"))
        self.assertNotIn("\033", self.hearken("status").stdout)


class Events(Case):
    def fill(self, n_events):
        daemon = self.start_daemon()
        for number in range(1, n_events + 1):
            daemon.put(number * 3, "alarm" if number % 5 == 0 else "music", "ended")
        return daemon

    def ids(self, *args):
        return [event["id"] for event in self.objects("events", "--json", *args)]

    def test_all_are_listed_whatever_the_daemon_gives_at_once(self):
        daemon = self.fill(2345)
        ids = [3 * number for number in range(1, 2346)]
        self.assertEqual(self.ids(), ids)
        self.assertGreater(sum(method == "ListEvents" for method, _ in daemon.requests), 2)
        self.assertEqual(self.ids("--reverse"), ids[::-1])
        self.assertEqual(self.ids("--limit", 1200), ids[-1200:])
        self.assertEqual(self.ids("--limit", 1200, "--reverse"), ids[::-1][:1200])
        self.assertEqual(self.ids("-n", 1), ids[-1:])
        self.assertEqual(self.ids("-n", 1000000), ids)
        self.assertEqual(self.ids("--label", "alarm", "-n", 3), ids[4::5][-3:])

    def test_no_events_are_no_error(self):
        self.start_daemon()
        for args in ([], ["-n", 5], ["-r"]):
            self.assertEqual(self.ids(*args), [])
            self.assertEqual(self.hearken("events", "--json", *args).stderr, "")
            table = self.hearken("events", "--table", *args)
            self.assertEqual((table.returncode, table.stdout, table.stderr), (0, "", "hearken: no events\n"))

    def test_the_filters_are_the_daemons(self):
        daemon = self.start_daemon()
        self.environment["TZ"] = "America/New_York"
        self.objects("events", "-j", "--since", "2026-01-02 10:00", "--until", "2026-01-02T16:00:00.25Z",
                     "--label", "a,b", "--label", "c", "--state", "ended")
        self.assertEqual(daemon.requests[-1], ("ListEvents", {
            "since": "2026-01-02T15:00:00.000Z", "until": "2026-01-02T16:00:00.250Z", "labels": ["a", "b", "c"],
            "state": "ended", "limit": 500, "newest_first": False}))
        before = time.time()
        self.objects("events", "-j", "--since=-1h")
        since = daemon.requests[-1][1]["since"]
        self.assertTrue(time_text(int(before) - 3600) <= since <= time_text(time.time() - 3599), since)

    def test_values_that_cannot_be_are_refused_before_or_by_the_daemon(self):
        daemon = self.start_daemon()
        self.assert_ends(self.hearken("events", "--since", "soonish"), 64, "--since", "soonish")
        for option in "--since", "--until", "--label":
            self.assert_ends(self.hearken("events", option, ""), 64, option, 'got ""')
        self.assert_ends(self.hearken("events", "--since", "today", "--until", "yesterday"), 64, "--until", "after",
                         '"today"', '"yesterday"')
        self.assert_ends(self.hearken("events", "--state", "lost"), 64, "ongoing, ended, interrupted")
        self.assert_ends(self.hearken("events", "--limit", "0"), 64, "--limit")
        self.assertEqual(daemon.requests, [])
        daemon.fail["ListEvents"] = VarlinkError("NoSuchLabel", label="alarm", labels=["alarm", "music"])
        self.assert_ends(self.hearken("events", "--label", "alarm"), 64, "no label alarm; expected alarm, music")
        daemon.fail["ListEvents"] = VarlinkError("BadValue", parameter="since", expected="a time")
        self.assert_ends(self.hearken("events"), 64, "since: expected a time")
        daemon.fail["ListEvents"] = VarlinkError("StoreUnavailable", reason="disk full")
        self.assert_ends(self.hearken("events"), 69, "the history cannot be read: disk full")

    def test_people_get_a_table_in_their_own_time(self):
        daemon = self.start_daemon()
        daemon.put(5, "fire\033[2Jalarm", "ended")
        self.environment["TZ"] = "Asia/Tokyo"
        lines = self.in_terminal("events", NO_COLOR="1").splitlines()
        self.assertEqual(lines[0].split(), ["START", "LABEL", "STATE", "DURATION", "PEAK", "MEAN", "DBFS", "ID"])
        self.assertEqual(lines[1].split(), ["2023-11-15", "07:13:25", "fire?[2Jalarm", "ended", "2.5", "s", "0.988",
                                            "0.500", "-20.2", "5"])

    def test_the_events_of_several_instances_are_merged_by_their_start(self):
        kitchen, attic, cellar = (self.start_daemon(name) for name in ("kitchen", "attic", "cellar"))
        for number in range(1, 1301):
            kitchen.put(number, "music", "ended", start=time_text(1.7e9 + 2 * number))
        for number in range(1, 701):  # of the same moments as those of the kitchen, and later ones
            attic.put(number, "alarm", "ended", start=time_text(1.7e9 + 4 * number))
        cellar.put(7, "alarm", "ended", start=time_text(1.7e9 + 3))
        merged = sorted([(e["start"], place, e["id"]) for place, daemon in enumerate((attic, cellar, kitchen))
                         for e in daemon.events.values()])
        names = ["attic", "cellar", "kitchen"]

        def listed(*args):
            return [(e["start"], names.index(e["instance"]), e["id"]) for e in self.objects("events", "--json", *args)]

        self.assertEqual(listed("--all"), merged)
        self.assertEqual(listed("--all", "--reverse"), merged[::-1])
        for n in 1, 2, 3, 1100, 2001, 5000:
            self.assertEqual(listed("--all", "-n", n), merged[-n:])
            self.assertEqual(listed("--all", "-rn", n), merged[::-1][:n])
        two = [event for event in merged if event[1] != 2]
        for words in (["-i", "attic,cellar"], ["-i", "attic", "--instance", "cellar"], ["-i", "attic,cellar,attic"]):
            self.assertEqual(listed(*words), two)
        self.assertEqual(listed("--all", "--label", "alarm"), two)

    def test_an_instance_that_fails_is_reported_and_the_others_are_listed(self):
        kitchen, attic, odd = (self.start_daemon(name) for name in ("kitchen", "attic", "odd"))
        for number in range(1, 601):
            kitchen.put(number, "music", "ended")
            attic.put(number, "music", "ended")
        (self.folder / "gone.sock").touch()
        odd.fail["ListEvents"] = VarlinkError("NoSuchLabel", label="music", labels=["alarm"])
        for words in ([], ["-n", "1200"], ["-r"]):
            result = self.hearken("events", "--json", "--all", *words)
            self.assertEqual(len(result.stdout.splitlines()), 1200)
            self.assert_ends(result, 69, "gone.sock: no daemon answers", "odd.sock: there is no label music")
            self.assertEqual(len(result.stderr.splitlines()), 2)
        result = self.hearken("events", "-i", "attic,nowhere")
        self.assertEqual(len(result.stdout.splitlines()), 600)
        self.assert_ends(result, 69, "nowhere.sock: no daemon answers there", "; there are: attic, kitchen, odd")
        # one that goes away between its pages keeps what it has given
        attic.cut = lambda message: None if message.get("parameters", {}).get("has_more") else 7
        result = self.hearken("events", "--json", "-i", "attic,kitchen")
        self.assert_ends(result, 69, "attic.sock")
        self.assertEqual(len(result.stdout.splitlines()), 600 + 500)

    def test_the_table_names_the_instance_when_there_are_several(self):
        for name in "kitchen", "attic":
            self.start_daemon(name).put(5, "alarm", "ended")
        lines = self.hearken("events", "--table", "--all").stdout.splitlines()
        self.assertEqual(lines[0].split()[:3], ["INSTANCE", "START", "LABEL"])
        self.assertEqual([line.split()[0] for line in lines[1:]], ["attic", "kitchen"])
        self.assertEqual(self.hearken("events", "--table", "-i", "attic").stdout.split()[0], "START")

    def test_a_daemon_that_never_comes_to_an_end_is_not_believed(self):
        daemon = self.start_daemon()
        event = daemon.put(5, "alarm", "ended")
        daemon.ListEvents = lambda **_: iter([{"events": [event], "has_more": True}])
        self.assert_ends(self.hearken("events"), 76, "not in order")
        daemon.ListEvents = lambda **_: iter([{"events": [], "has_more": True}])
        self.assert_ends(self.hearken("events"), 76, "cannot be read")


class Explain(Case):
    def test_the_windows_behind_an_event_are_rows_with_their_gates(self):
        daemon = self.start_daemon()
        daemon.put(7, "alarm", "ended")
        rows = [line.split() for line in self.hearken("explain", 7).stdout.splitlines()]
        self.assertEqual(rows[1][2], "alarm")
        self.assertEqual(rows[3], ["AT", "DBFS", "HEARD", "AS", "PROB", "SMOOTHED", "GATE", "OTHERS"])
        self.assertEqual(rows[-1][:2], ["12", "windows"])
        self.assertEqual(rows[4:7], [["-1.0", "s", "-30.5", "alarm", "0.100", "-", "closed", "music", "0.90"],
                                    ["+0.0", "s", "-30.5", "alarm", "0.400", "0.900", "confirming", "music", "0.60"],
                                    ["+1.0", "s", "-30.5", "alarm", "0.970", "1.000", "open"]])
        reply, = self.objects("explain", "--json", 7)
        self.assertEqual((reply["event"]["id"], len(reply["windows"])), (7, 3))

    def test_an_event_that_is_not_there_is_told(self):
        self.start_daemon()
        self.assert_ends(self.hearken("explain", 8), 1, "there is no event 8")
        self.assert_ends(self.hearken("explain", "x"), 64, "expected the number of an event")
        self.assert_ends(self.hearken("explain"), 64, "ID|last is missing")

    def test_the_last_event_has_a_name(self):
        daemon = self.start_daemon()
        self.assert_ends(self.hearken("explain", "last"), 1, "no event")
        for number in 3, 4:
            daemon.put(number, "alarm", "ended")
        reply, = self.objects("explain", "--json", "last")
        self.assertEqual(reply["event"]["id"], 4)
        daemon.raw["ListEvents"] = b'{"parameters":{"events":[{}]}}\0'
        self.assert_ends(self.hearken("explain", "last"), 76, "cannot be read")


class Meant(Case):
    """A word that is nearly right is named."""

    def test_commands_options_words_and_labels(self):
        daemon = self.start_daemon()
        daemon.fail["ListEvents"] = VarlinkError("NoSuchLabel", label="vaccum_cleaner", labels=["music", "vacuum_cleaner"])
        for command, meant in ((["stauts"], "status"), (["event"], "events"),
                               (["events", "--labl", "x"], "--label"), (["events", "--jsno=1"], "--json"),
                               (["events", "--state", "endd"], "ended"), (["events", "-l", "x"], "vacuum_cleaner"),
                               (["profiles", "spectogram"], "spectrogram"), (["completions", "bahs"], "bash"),
                               (["help", "folow"], "follow"), (["features", "--profile", "mel-modulatoin", "x"],
                                                               "mel-modulation")):
            self.assert_ends(self.hearken(*command), 64, f"(did you mean {meant}?)")
        for command in ["quux"], ["events", "--quux"], ["events", "--state", "quux"]:
            self.assertNotIn("did you mean", self.hearken(*command).stderr)


class Simple(Case):
    def test_metrics_are_the_daemons_text(self):
        self.start_daemon()
        for words, line in (([], "# TYPE hearken_windows_total counter"),
                            (["--format", "prometheus"], "# TYPE hearken_windows_total counter"),
                            (["-f", "openmetrics"], "# TYPE hearken_windows counter")):
            lines = self.hearken("metrics", *words).stdout.splitlines()
            self.assertEqual((lines[0], lines[-1]), (line, "# EOF"))
        self.assert_ends(self.hearken("metrics", "--format", "xml"), 64, "prometheus", "openmetrics")

    def test_metrics_that_cannot_stand_together_are_reported_and_the_others_printed(self):
        def text(instance, kind="gauge"):
            sample = 'a{instance="%s"} 1' % instance
            return json.dumps({"parameters": {"text": f"# TYPE a {kind}\n# HELP a A.\n{sample}\n# EOF\n"}}).encode() + b"\0"

        attic, kitchen, twin, old = (self.start_daemon(name) for name in ("attic", "kitchen", "twin", "zold"))
        for daemon, answer in ((attic, text("attic")), (kitchen, text("kitchen")), (twin, text("attic")),
                               (old, text("old", "counter"))):
            daemon.raw["GetMetrics"] = answer
        both = '# TYPE a gauge\n# HELP a A.\na{instance="attic"} 1\na{instance="kitchen"} 1\n# EOF\n'
        result = self.hearken("metrics", "-i", "attic", "-i", "kitchen")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, both, ""))
        (self.folder / "gone.sock").touch()
        result = self.hearken("metrics", "--all")
        self.assertEqual(result.stdout, both)
        self.assert_ends(result, 69, "gone.sock: no daemon answers", 'twin.sock: another daemon is called "attic" too',
                         "zold.sock: a is a counter here and a gauge of another instance")
        self.assertEqual(len(result.stderr.splitlines()), 3)
        result = self.hearken("metrics", "-i", "nowhere,neither")
        self.assertEqual(result.stdout, "")
        self.assert_ends(result, 69, "nowhere.sock", "neither.sock")

    def test_reload_tells_what_came_of_it(self):
        daemon = self.start_daemon()
        self.assert_ends(self.hearken("reload"), 0)
        daemon.fail["Reload"] = VarlinkError("ReloadFailed", reason="hearken.conf:3: expected a number")
        self.assert_ends(self.hearken("reload"), 78, "hearken.conf:3")
        daemon.fail["Reload"] = VarlinkError("org.varlink.service.PermissionDenied")
        self.assert_ends(self.hearken("reload"), 77, "only root")


class Distrust(Case):
    """Whatever answers, there is one clear line and an exit code."""

    COMMANDS = {"GetStatus": ["status"], "ListEvents": ["events"], "ExplainEvent": ["explain", "1"],
                "GetMetrics": ["metrics"]}

    def answer_with(self, raw):
        daemon = self.start_daemon()
        for method in self.COMMANDS:
            daemon.raw[method] = raw
        for command in self.COMMANDS.values():
            yield self.hearken(*command)
        yield self.hearken("follow")
        daemon.stop()
        os.unlink(self.folder / "default.sock")

    def test_garbage_is_no_hearken_daemon(self):
        rng = random.Random(SEED)
        deep = b"[" * 100000
        for raw in (b"\0", b"HTTP/1.1 400 Bad Request\r\n\r\n\0", b"[]\0", b'"x"\0', b"{}x\0", b'{"parameters":3}\0',
                    b'{"error":3}\0', b'{"parameters":{},"parameters":{}}\0', b'{"parameters":{"a":"\xff"}}\0',
                    b'{"parameters":{"a":1e999}}\0', deep + b"\0", b'{"parameters":' + deep + b"\0",
                    rng.randbytes(3000) + b"\0"):
            for result in self.answer_with(raw):
                with self.subTest(raw=raw[:40], command=result.args, seed=SEED):
                    self.assert_ends(result, 76, "no hearken daemon")

    def test_replies_of_the_wrong_shape_are_refused_and_the_member_is_named(self):
        for text in ("{}", '{"status":[]}', '{"events":{}}', '{"events":[3]}', '{"events":[{"id":"1"}],"has_more":false}',
                     '{"event":{},"windows":[]}', '{"text":1}'):
            for result in self.answer_with(b'{"parameters":%s}\0' % text.encode()):
                with self.subTest(text=text, command=result.args):
                    self.assert_ends(result, 76, "default.sock: ")

    def test_a_daemon_that_goes_away_is_told(self):
        for raw, words in ((b"", "went away"), (b'{"parameters"', "in the middle of a reply")):
            daemon = self.start_daemon()
            for method, command in self.COMMANDS.items():
                daemon.raw[method] = raw
                self.assert_ends(self.hearken(*command), 69, words)
            daemon.stop()
            os.unlink(self.folder / "default.sock")

    def test_what_a_daemon_that_restarts_took_along_is_asked_again(self):
        daemon = self.start_daemon()
        daemon.put(1, "alarm", "ended")
        for method, command in self.COMMANDS.items():
            with self.subTest(command=command):
                daemon.instead = [b"", b""]
                n_asked = len(daemon.requests)
                result = self.hearken(*command)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertEqual([asked for asked, _ in daemon.requests[n_asked:]][:3], [method] * 3)
        daemon.instead = [b'{"parameters"']  # it had begun to answer: that is not lost, it is broken
        self.assert_ends(self.hearken("metrics"), 69, "in the middle of a reply")

    def test_a_reply_without_an_end_is_cut_at_8_mib(self):
        daemon = self.start_daemon()
        daemon.raw["GetMetrics"] = b'{"parameters":{"text":"' + b"x" * (9 << 20)
        self.assert_ends(self.hearken("metrics"), 76, "no end within 8 MiB")
        daemon.raw["GetMetrics"] = b'{"parameters":{"text":"' + b"x" * (7 << 20) + b'"}}\0'
        self.assertEqual(len(self.hearken("metrics").stdout), 7 << 20)

    def test_a_daemon_that_is_full_says_so(self):
        daemon = self.start_daemon()
        daemon.fail["ListEvents"] = VarlinkError("TooManyClients")
        self.assert_ends(self.hearken("events"), 69, "as many clients as it can")
        daemon.fail["ListEvents"] = VarlinkError("com.example.Odd\x1b")
        self.assert_ends(self.hearken("events"), 76, "unknown error com.example.Odd?")


class Silence(Case):
    """A daemon that hangs: it is there, and never says a word."""

    COMMANDS = {**Distrust.COMMANDS, "Reload": ["reload"]}

    def setUp(self):
        super().setUp()
        self.environment["HEARKEN_TIMEOUT"] = "1"

    def listen(self, backlog=16):
        """A socket whose connections nobody takes."""
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(self.folder / "default.sock"))
        listener.listen(backlog)

    def test_each_question_ends_with_one_line_and_69(self):
        self.listen()
        for command in self.COMMANDS.values():
            result = self.hearken(*command)
            self.assertEqual((result.returncode, result.stderr),
                             (69, f"hearken: {self.folder}/default.sock: the daemon does not answer\n"), command)

    def test_the_limit_holds_without_a_word_in_the_environment(self):
        self.listen()
        del self.environment["HEARKEN_TIMEOUT"]
        self.assert_ends(self.hearken("status"), 69, "does not answer")

    def test_a_queue_of_connections_that_stays_full_is_no_answer_either(self):
        self.listen(backlog=0)
        first = socket.socket(socket.AF_UNIX)
        self.addCleanup(first.close)
        first.connect(str(self.folder / "default.sock"))
        self.assert_ends(self.hearken("status"), 69, "default.sock: the daemon does not answer\n")

    def test_a_request_that_takes_long_is_waited_for_while_others_are_answered(self):
        daemon = self.start_daemon()
        daemon.put(1, "alarm", "ended")
        daemon.silent.add("ListEvents")

        def release():
            wait_until(lambda: sum(method == "GetStatus" for method, _ in list(daemon.requests)) == 2)
            daemon.silent.clear()

        releasing = threading.Thread(target=release)
        releasing.start()
        self.assertEqual([event["id"] for event in self.objects("events", "--json")], [1])
        releasing.join()

    def test_a_limit_that_is_none_is_refused(self):
        self.start_daemon()
        for text in "0", "soon", "1e9", "nan":
            self.environment["HEARKEN_TIMEOUT"] = text
            for command in "status", "events", "follow":
                self.assert_ends(self.hearken(command), 64, "HEARKEN_TIMEOUT: expected seconds from 1 to 3600", text)

    def test_followers_report_it_wherever_they_begin_and_go_on_when_it_answers(self):
        for args in ([], ["--since", 0], ["--cursor", 1000]):
            daemon = self.start_daemon()
            daemon.silent.update(["GetStatus", "ListEvents"])
            follower = Follower(self, "--json", *args)
            wait_until(lambda: follower.messages)
            self.assertEqual(follower.messages[0], f"hearken: {self.folder}/default.sock: the daemon does not answer; "
                                                   "trying again until it works")
            daemon.silent.clear()
            wait_until(lambda: len(follower.messages) == 2)
            self.assertIn("connected again", follower.messages[1])
            event = daemon.put(1, "alarm", "ended")
            wait_until(lambda: follower.lines)
            self.assertEqual(follower.changes(), [event])
            follower.end()
            daemon.stop()
            os.unlink(self.folder / "default.sock")


class Follower:
    """A running `hearken follow`; what it prints is gathered as it comes."""

    def __init__(self, case, *args, **options):
        self.process = subprocess.Popen([HEARKEN, "follow", *map(str, args)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=case.environment, **options)
        case.addCleanup(self.end)
        self.lines, self.messages = [], []
        self.readers = [threading.Thread(target=self.gather, args=pair)
                        for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.messages))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def gather(stream, to):
        for line in stream:
            to.append(line.rstrip("\n"))

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(60)
        for reader in self.readers:
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def changes(self):
        return [json.loads(line) for line in list(self.lines)]

    def has_children(self):
        pid = self.process.pid
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text() != ""


class Follow(Case):
    def wait_for_follow(self, daemon, n_calls=1):
        wait_until(lambda: sum(method == "FollowEvents" for method, _ in list(daemon.requests)) >= n_calls)

    def check_changes(self, daemon, changes, first_id=1):
        """Nothing twice, and nothing missed: of each event its last state."""
        cursors = [change["cursor"] for change in changes]
        self.assertEqual(len(cursors), len(set(cursors)))
        last = {change["id"]: change for change in changes}
        self.assertEqual(last, {number: e for number, e in daemon.events.items() if number >= first_id})

    def test_each_change_is_told_once_until_a_signal_ends_it(self):
        daemon = self.start_daemon()
        daemon.put(1, "music", "ended")
        for number in (signal.SIGINT, signal.SIGTERM):
            daemon.requests.clear()
            follower = Follower(self, "--json")
            self.wait_for_follow(daemon)
            told = [daemon.put(2, "alarm", "ongoing"), daemon.put(2, "alarm", "ended")]
            wait_until(lambda: len(follower.lines) >= 2)
            self.assertEqual(follower.end(number), 0)
            self.assertEqual(follower.changes(), told)
            self.assertEqual(follower.messages, [])

    def test_a_thousand_cut_connections_lose_nothing_and_double_nothing(self):
        rng = random.Random(SEED)
        daemon = self.start_daemon()
        lock, passed = threading.Lock(), [True]

        def cut(message):
            """Often after a message or two, now and then before any: then the follower makes a pause."""
            if "status" in message["parameters"]:
                return None  # asked before each stream, whether anybody is there
            with lock:
                chance = rng.random()
                passed[0] = not (chance < 0.6 if passed[0] else chance < 0.02)
                return None if passed[0] else rng.randrange(len(json.dumps(message)) + 2)

        follower = Follower(self, "--json")
        self.wait_for_follow(daemon)
        daemon.cut = cut
        number = 0
        while daemon.n_connections < 1000:
            number += 1
            daemon.put(number, "alarm", "ongoing")
            if number > 3:
                daemon.put(number - 3, "alarm", "ended")
            n_connections = daemon.n_connections
            wait_until(lambda: daemon.n_connections > n_connections or
                       any(f'"cursor":{daemon.cursor},' in line for line in follower.lines[-3:]))
        daemon.cut = lambda message: None
        end = daemon.put(number + 1, "alarm", "ended")
        wait_until(lambda: follower.lines and json.loads(follower.lines[-1]) == end)
        follower.end()
        self.check_changes(daemon, follower.changes())
        cursors = [change["cursor"] for change in follower.changes()]
        self.assertEqual(cursors, sorted(cursors), f"SEED={SEED}")

    def test_the_history_after_an_id_is_told_whole_over_connections_that_break(self):
        rng = random.Random(SEED)
        daemon = self.start_daemon()
        for number in range(1, 3001):
            daemon.put(number, "alarm", "ended" if number % 7 else "ongoing")
        daemon.cut = lambda message: 100 if rng.random() < 0.3 else None
        follower = Follower(self, "--json", "--since", 500)
        for number in range(7, 3001, 7):
            daemon.put(number, "alarm", "ended")
            if number % 20 == 0:
                time.sleep(0.01)
        self.wait_for_follow(daemon)
        daemon.cut = lambda message: None
        last = daemon.put(3001, "music", "ended")
        wait_until(lambda: follower.changes()[-1:] == [last])
        follower.end()
        changes = follower.changes()
        self.check_changes(daemon, [c for c in changes if c["id"] > 500], 501)
        # events before may only be told for what became of them since
        self.assertTrue(all(c["cursor"] > 4000 for c in changes if c["id"] <= 500), f"SEED={SEED}")

    def test_a_cursor_takes_up_where_an_earlier_follow_ended(self):
        daemon = self.start_daemon()
        for number in range(1, 6):
            daemon.put(number, "alarm", "ended")
        follower = Follower(self, "--json", "--cursor", 1003)
        wait_until(lambda: len(follower.lines) == 2)
        self.assertEqual([change["id"] for change in follower.changes()], [4, 5])

    def test_it_waits_for_a_daemon_that_is_not_there_yet_and_comes_back(self):
        follower = Follower(self, "--json")
        wait_until(lambda: follower.messages)
        self.assertIn("no daemon answers", follower.messages[0])
        daemon = self.start_daemon()
        self.wait_for_follow(daemon)
        wait_until(lambda: len(follower.messages) == 2)
        self.assertIn("connected again", follower.messages[1])
        event = daemon.put(1, "alarm", "ended")
        wait_until(lambda: follower.lines)
        self.assertEqual(follower.changes(), [event])

    def test_several_instances_share_one_output_and_a_lost_one_holds_nobody_up(self):
        kitchen, attic, odd = (self.start_daemon(name) for name in ("kitchen", "attic", "odd"))
        odd.fail["FollowEvents"] = VarlinkError("NoSuchLabel", label="alarm", labels=["x"])
        follower = Follower(self, "--json", "--sources", "--label", "alarm", "-i", "kitchen,attic", "-i", "odd,cellar")
        wait_until(lambda: len(follower.lines) == 2 and len(follower.messages) == 2)
        self.assertEqual({json.loads(line)["instance"]: json.loads(line)["source"]["state"] for line in follower.lines},
                         {"kitchen": "hearing", "attic": "hearing"})
        self.assertTrue(any("cellar.sock: no daemon answers" in text and "trying again" in text
                            for text in follower.messages), follower.messages)
        self.assertTrue(any("odd.sock: there is no label alarm" in text for text in follower.messages))
        told = [kitchen.put(1, "alarm", "ended")]
        wait_until(lambda: len(follower.lines) == 3)
        attic.cut = lambda message: 5  # each of its connections breaks
        lost = attic.put(1, "alarm", "ended")
        wait_until(lambda: any("attic.sock" in text for text in follower.messages))
        told.append(kitchen.put(2, "alarm", "ended"))
        wait_until(lambda: len(follower.lines) == 4)
        attic.cut = lambda message: None
        told.append(lost)
        wait_until(lambda: len(follower.lines) == 5)
        cellar = self.start_daemon("cellar")
        wait_until(lambda: any('"cellar"' in line for line in follower.lines))
        told.append(cellar.put(1, "alarm", "ended"))
        wait_until(lambda: len(follower.lines) == 7)
        self.assertEqual([json.loads(line) for line in follower.lines if '"source"' not in line], told)
        follower.process.send_signal(signal.SIGTERM)
        self.assertEqual(follower.process.wait(60), 64)  # one was left out

    def test_places_in_one_history_are_refused_for_several(self):
        for option, value in (("--cursor-file", self.folder / "place"), ("--cursor", 5), ("--since", 5)):
            self.assert_ends(self.hearken("follow", "-i", "a,b", option, value), 64, option, "history of one instance",
                             "hearken follow --instance NAME")
        self.assertFalse((self.folder / "place").exists())

    def test_labels_and_sources_are_asked_for(self):
        daemon = self.start_daemon()
        follower = Follower(self, "--json", "--label", "alarm,music", "-l", "hum", "--sources")
        wait_until(lambda: follower.lines)
        self.assertEqual(follower.changes(), [{"source": daemon.source}])
        self.assertEqual(daemon.requests[-1],
                         ("FollowEvents", {"labels": ["alarm", "music", "hum"], "sources": True, "after_cursor": 0}))

    def test_without_a_history_it_says_so_and_tells_what_happens(self):
        daemon = self.start_daemon()
        daemon.fail["ListEvents"] = VarlinkError("StoreUnavailable", reason="no history is kept")
        follower = Follower(self, "--json")
        self.wait_for_follow(daemon)
        event = daemon.put(1, "alarm", "ended")
        wait_until(lambda: follower.lines)
        self.assertEqual(follower.changes(), [event])
        self.assertIn("no history is kept; reporting events from now on", follower.messages[0])

    def test_a_cursor_file_keeps_the_place_over_kills_and_what_happens_in_between(self):
        daemon = self.start_daemon()
        daemon.put(1, "music", "ended")  # before the first start: nobody asked for it
        file = self.folder / "place"
        told, changes = [], []
        for number in range(2, 40, 3):
            daemon.requests.clear()
            follower = Follower(self, "--json", "--cursor-file", file)
            changes.append(daemon.put(number, "alarm", "ended"))
            self.wait_for_follow(daemon)
            changes.append(daemon.put(number + 1, "alarm", "ended"))
            wait_until(lambda: json.dumps(changes[-1]["id"]) in "".join(follower.lines))
            follower.end(signal.SIGKILL)
            told += follower.changes()
            changes.append(daemon.put(number + 2, "alarm", "ended"))
        follower = Follower(self, "--json", "--cursor-file", file)
        wait_until(lambda: any(change["id"] == 40 for change in follower.changes()))
        wait_until(lambda: file.read_text() == f"{daemon.cursor}\n")
        self.assertEqual(follower.end(), 0)
        told += follower.changes()
        # before the first connection is the one moment that has no place yet
        self.assertEqual({change["id"] for change in changes[1:]} - {change["id"] for change in told}, set())
        self.assertNotIn(1, {change["id"] for change in told})
        self.assertEqual(sorted(path.name for path in self.folder.glob("*place*")), ["place"])

    def test_a_cursor_file_that_cannot_be_used_is_refused(self):
        daemon = self.start_daemon()
        file = self.folder / "place"
        file.write_text("here\n")
        self.assert_ends(self.hearken("follow", "--cursor-file", file), 65, f'{file}: expected the cursor of a change, a '
                                                                            'number, got "here"')
        self.assertEqual(file.read_text(), "here\n")
        self.assert_ends(self.hearken("follow", "--cursor-file", self.folder), 65, "expected a regular file")
        self.assert_ends(self.hearken("follow", "--cursor-file", self.folder / "no" / "such"), 74, "No such file or directory")
        self.assert_ends(self.hearken("follow", "--cursor-file", file, "--cursor", "3"), 64, "mutually exclusive")
        self.assertEqual(daemon.requests[0][0], "ListEvents")

    def test_the_first_start_with_a_cursor_file_takes_since(self):
        daemon = self.start_daemon()
        event = daemon.put(1, "music", "ended")
        file = self.folder / "place"
        follower = Follower(self, "--json", "--since", "0", "--cursor-file", file)
        wait_until(lambda: follower.lines and file.exists())
        self.assertEqual(follower.end(), 0)
        self.assertEqual(follower.changes(), [event])
        daemon.requests.clear()
        follower = Follower(self, "--json", "--since", "0", "--cursor-file", file)
        self.wait_for_follow(daemon)
        self.assertEqual(follower.end(), 0)
        self.assertEqual(follower.changes(), [])

    def test_a_source_that_is_as_it_was_is_not_told_again_after_a_reconnect(self):
        daemon = self.start_daemon()
        follower = Follower(self, "--json", "--sources")
        wait_until(lambda: follower.lines)
        daemon.instead.append(b"")  # the next message is a hang-up
        event = daemon.put(1, "alarm", "ended")
        wait_until(lambda: len(follower.lines) == 2)
        daemon.source = {**daemon.source, "state": "stalled", "why": "no audio arrives"}
        daemon.instead.append(b"")
        event = daemon.put(2, "alarm", "ended")
        wait_until(lambda: len(follower.lines) == 4)
        changes = follower.changes()
        self.assertEqual([change.get("id") for change in changes], [None, 1, None, 2])
        self.assertEqual(changes[2], {"source": daemon.source})
        self.assertEqual(changes[3], event)

    def test_what_cannot_get_better_ends_it_at_the_start(self):
        daemon = self.start_daemon()
        daemon.fail["FollowEvents"] = VarlinkError("NoSuchLabel", label="x", labels=["alarm"])
        self.assert_ends(self.hearken("follow", "-l", "x"), 64, "no label x; expected alarm")
        self.assert_ends(self.hearken("follow", "more"), 64, "unexpected argument")
        self.assert_ends(self.hearken("follow", "--since", "yesterday"), 64, "--since: expected the id of an event")
        self.assert_ends(self.hearken("follow", "--cursor", "x"), 64, "--cursor: expected the cursor of a change")
        self.assert_ends(self.hearken("follow", "--since", "1", "--cursor", "2"), 64, "mutually exclusive")

    def test_garbage_in_a_running_stream_is_told_and_the_stream_taken_up_again(self):
        daemon = self.start_daemon()
        follower = Follower(self, "--json")
        self.wait_for_follow(daemon)
        daemon.put(1, "music", "ongoing")
        for number, (garbage, words) in enumerate((
                (b"\x00", "sends no JSON"), (b"[]\x00", "speaks no Varlink"), (b"{", "in the middle of a reply"),
                (b'{"parameters":{"event":{"id":"one"}},"continues":true}\x00', "cannot be read"),
                (b"x" * (9 << 20), "no end within 8 MiB")), 2):
            wait_until(lambda: len(follower.lines) == number - 1)
            daemon.instead.append(garbage)
            event = daemon.put(number, "alarm", "ended")
            wait_until(lambda: len(follower.lines) == number)
            self.assertEqual(follower.changes()[-1], event)
            wait_until(lambda: any(words in message for message in follower.messages))

    def test_it_ends_when_nobody_reads_it_any_more(self):
        daemon = self.start_daemon()
        process = subprocess.Popen([HEARKEN, "follow", "--table"], stdout=subprocess.PIPE, env=self.environment)
        self.wait_for_follow(daemon)
        daemon.put(1, "alarm", "ended")
        self.assertTrue(process.stdout.readline().startswith(b"START"))
        process.stdout.close()
        self.assertEqual(process.wait(60), 0)


class Exec(Case):
    def script(self, name, text):
        path = self.folder / name
        path.write_text(f"#!{sys.executable}\nimport json, os, signal, sys, time\n{text}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def setUp(self):
        super().setUp()
        self.daemon = self.start_daemon()
        self.log = self.folder / "log"
        self.log.touch()

    def start(self, *args):
        self.daemon.requests.clear()
        follower = Follower(self, *args)
        wait_until(lambda: any(method == "FollowEvents" for method, _ in list(self.daemon.requests)))
        return follower

    def logged(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def test_a_command_gets_the_event_in_argv_environment_and_stdin(self):
        text = f"print(json.dumps([sys.argv[1:], dict(os.environ), json.load(sys.stdin)]), file=open({str(self.log)!r}, 'a'))"
        command = self.script("tell", text)
        self.environment["HEARKEN_END"] = "of another"
        self.environment["KEPT"] = "yes"
        follower = self.start("--exec", command, "-x", "a b", "$HOME;`id`", "--json")
        events = [self.daemon.put(1, "alarm", "ongoing", continues=77), self.daemon.put(1, "alarm", "ended")]
        wait_until(lambda: len(self.logged()) == 2 and not follower.has_children())
        self.assertEqual(follower.end(), 0)
        for event, (argv, environment, stdin) in zip(events, self.logged()):
            self.assertEqual(argv, ["-x", "a b", "$HOME;`id`", "--json"])
            self.assertEqual(stdin, event)
            own = {key[8:]: value for key, value in environment.items() if key.startswith("HEARKEN_")}
            self.assertEqual(own["ID"], "1")
            self.assertEqual(own["LABEL"], "alarm")
            self.assertEqual(own["STATE"], event["state"])
            self.assertEqual(own["START"], event["start"])
            self.assertEqual(own.get("END"), event.get("end"))
            self.assertEqual(own.get("CONTINUES"), "77" if "continues" in event else None)
            self.assertEqual(own["PROBABILITY"], "0.987654")
            self.assertEqual((own["DURATION_MS"], own["INSTANCE"], own["GAP"]), ("2500", "default", "0"))
            self.assertEqual(environment["KEPT"], "yes")
        self.assertEqual((follower.lines, follower.messages), ([], []))

    def test_commands_run_one_after_the_other_and_are_reaped(self):
        text = (f"print('[\"begin\"]', file=open({str(self.log)!r}, 'a'))\ntime.sleep(0.05)\n"
                f"print('[\"end\"]', file=open({str(self.log)!r}, 'a'))")
        follower = self.start("--exec", self.script("slow", text))
        for number in range(1, 8):
            self.daemon.put(number, "alarm", "ended")
        wait_until(lambda: len(self.logged()) == 14)
        self.assertEqual(self.logged(), [["begin"], ["end"]] * 7)
        wait_until(lambda: not follower.has_children())
        self.assertEqual(follower.end(), 0)
        self.assertEqual(follower.messages, [])

    def test_a_slow_command_never_delays_the_reading_and_what_is_dropped_is_counted(self):
        go = self.folder / "go"
        text = (f"while not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
                f"print(json.dumps(os.environ['HEARKEN_ID']), file=open({str(self.log)!r}, 'a'))")
        follower = self.start("--json", "--exec-queue", "3", "--exec", self.script("slow", text))
        for number in range(1, 21):
            self.daemon.put(number, "alarm", "ended")
        wait_until(lambda: len(follower.lines) == 20)  # printed while the command hangs
        self.assertEqual(self.logged(), [])
        go.touch()
        wait_until(lambda: len(self.logged()) == 4 and len(follower.messages) == 2 and not follower.has_children())
        self.assertEqual(self.logged(), ["1", "2", "3", "4"])
        self.assertEqual(follower.end(), 0)
        self.assertIn("too slow: event 5 (alarm ended) and what follows", follower.messages[0])
        self.assertIn("16 changes were not handed to it", follower.messages[1])
        self.assertIn("4 runs, 0 of them failed; 16 changes were dropped and 0 were still waiting", follower.messages[2])

    def test_the_command_runs_for_the_state_of_the_source_too(self):
        text = f"print(json.dumps([dict(os.environ), json.load(sys.stdin)]), file=open({str(self.log)!r}, 'a'))"
        self.environment["HEARKEN_ID"] = "of another"
        self.daemon.source.update(state="stalled", why="no audio arrives")
        follower = self.start("--sources", "--exec", self.script("tell", text))
        event = self.daemon.put(1, "alarm", "ended")
        wait_until(lambda: len(self.logged()) == 2 and not follower.has_children())
        self.assertEqual((follower.end(), follower.messages), (0, []))
        (source, on_stdin), (environment, told) = self.logged()
        self.assertEqual(on_stdin, {"source": self.daemon.source})
        self.assertEqual({name: value for name, value in source.items() if name.startswith("HEARKEN_") and
                          name not in self.environment},
                         {"HEARKEN_SOURCE_STATE": "stalled", "HEARKEN_SOURCE_WHY": "no audio arrives"})
        self.assertEqual((environment["HEARKEN_ID"], told), ("1", event))
        self.assertNotIn("HEARKEN_SOURCE_STATE", environment)

    def test_with_a_cursor_file_a_slow_command_loses_nothing_not_even_over_kills(self):
        """The place is that of the command's end: what it was run for when all was killed comes again."""
        rng = random.Random(SEED)
        text = (f"log = open({str(self.log)!r}, 'a')\nprint(json.dumps(os.environ['HEARKEN_ID']), file=log)\n"
                "log.flush()\ntime.sleep(0.002)")
        command, file = self.script("slow", text), self.folder / "place"
        words = ["--cursor-file", file, "--exec-queue", "2", "--exec", command]
        follower = self.start(*words)
        wait_until(file.exists)
        n_events, kills = 60, sorted(rng.sample(range(1, 60), 8))
        for number in range(1, n_events + 1):
            self.daemon.put(number, "alarm", "ended")
            if number in kills:
                wait_until(lambda: len(self.logged()) > rng.randrange(number // 2 + 1))
                follower.end(signal.SIGKILL)
                self.assertEqual(follower.messages, [])
                follower = self.start(*words)
        wait_until(lambda: file.read_text() == f"{self.daemon.cursor}\n")
        self.assertEqual((follower.end(), follower.messages), (0, []))
        runs = [int(number) for number in self.logged()]
        self.assertEqual(set(runs), set(range(1, n_events + 1)))
        self.assertLessEqual(len(runs), n_events + len(kills))

    def test_a_command_that_is_ended_with_follow_is_run_again_for_its_change(self):
        file = self.folder / "place"
        text = f"print(json.dumps(os.environ['HEARKEN_ID']), file=open({str(self.log)!r}, 'a'), flush=True)\ntime.sleep(600)"
        follower = self.start("--cursor-file", file, "--exec", self.script("hang", text))
        wait_until(file.exists)
        self.daemon.put(1, "alarm", "ended")
        wait_until(self.logged)
        follower.end()
        self.start("--cursor-file", file, "--exec", self.script("hang", text))
        wait_until(lambda: self.logged() == ["1", "1"])

    def test_a_command_that_fails_is_told_and_the_next_change_is_tried(self):
        follower = self.start("--exec", self.script("fail", "sys.exit(3) if os.environ['HEARKEN_ID'] == '1' else "
                                                   "os.kill(os.getpid(), 11)"))
        self.daemon.put(1, "alarm", "ended")
        self.daemon.put(2, "alarm", "ended")
        wait_until(lambda: len(follower.messages) == 2)
        self.assertIn("for event 1 (alarm ended) ended with 3", follower.messages[0])
        self.assertIn("for event 2 (alarm ended) was ended by signal 11", follower.messages[1])
        follower.end()
        self.assertIn("2 runs, 2 of them failed", follower.messages[2])

    def test_a_command_that_hangs_is_ended_gently_then_not(self):
        note = f"print(json.dumps(os.getpgid(0)), file=open({str(self.log)!r}, 'a'), flush=True)\n"
        gentle = "if os.fork() == 0: signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + note + "time.sleep(600)"
        stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + note + "os.fork()\ntime.sleep(600)"
        for text, number in ((gentle, 15), (stubborn, 9)):
            follower = self.start("--exec-timeout", "1500 ms", "--exec", self.script("hang", text))
            self.daemon.put(number, "alarm", "ended")
            wait_until(lambda: len(follower.messages) == 2)
            self.assertIn("takes longer than 1.5 s and is ended", follower.messages[0])
            self.assertIn(f"was ended by signal {number}", follower.messages[1])
            self.assertTrue(self.logged())
            wait_until(lambda: not any(map(self.group_lives, self.logged())))

    def test_the_end_of_follow_is_the_end_of_its_command(self):
        follower = self.start("--exec", self.script("hang", f"print(json.dumps(os.getpid()), file=open({str(self.log)!r}"
                                                            ", 'a'), flush=True)\ntime.sleep(600)"))
        self.daemon.put(1, "alarm", "ended")
        self.daemon.put(2, "alarm", "ended")
        wait_until(self.logged)
        self.assertEqual(follower.end(), 0)
        wait_until(lambda: not self.group_lives(self.logged()[0]))
        self.assertIn("1 were still waiting", follower.messages[-1])

    @staticmethod
    def group_lives(pid):
        for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == pid and fields[0] != "Z":
                return True
        return False

    def test_a_program_that_is_not_there_is_told_at_once(self):
        for name in ("no-such-program", str(self.folder), "/no/such"):
            self.assert_ends(self.hearken("follow", "--exec", name), 64, name)


if __name__ == "__main__":
    print("SEED", SEED, file=sys.stderr)
    unittest.main()
