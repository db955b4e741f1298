#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The socket of hearkend as clients and attackers meet it: every method against the interface file, every bound, while
it hears without losing a frame."""

import contextlib
import itertools
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import sounds
from daemon import PATIENCE, Daemon
from sounds import scene
from varlink import Client, Error, Interface

RATE = 16000
STEP = RATE  # of the model; its windows are two steps long
SOURCE = pathlib.Path(os.environ["HEARKEN_SOURCE"])
INTERFACE = Interface((SOURCE / "daemon" / "io.hearken.varlink").read_text())
MAX_MESSAGE = 64 * 1024
MAX_CLIENTS = 64
# a sanitizer slows the daemon down, which here must hear ten seconds for each
RECONNECTS = 1000 if os.environ["SLOWNESS"] == "1" else 100
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))


class Case(unittest.TestCase):
    maxDiff = None
    rate = RATE

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-socket-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.model = cls.folder / "tone"
        subprocess.run([os.environ["MAKE_BUNDLE"], cls.model, "tone", str(cls.rate)], check=True)

    @classmethod
    def start(cls, *args, **options):
        """A daemon of our model that answers on cls.path."""
        cls.path = cls.folder / "default.sock"
        return Daemon("--model", cls.model, "--socket", cls.path, "--history", cls.folder / "default.db", *args, **options)

    @classmethod
    def client(cls, **options):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return Client(cls.path, **options)
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    @classmethod
    def ask(cls, method, **parameters):
        with cls.client() as client:
            return client.call(f"io.hearken.{method}", **parameters)

    def assert_typed(self, method, reply):
        self.assertIsNone(INTERFACE.wrong_members(reply, INTERFACE.methods[method][1], method))

    def assert_error(self, name, method, client=None, more=False, **parameters):
        with self.client() as own:
            with contextlib.suppress(BrokenPipeError):  # it may have said why before it was asked, and hung up
                (client or own).send(method, more, **parameters)
            with self.assertRaises(Error) as caught:
                (client or own).receive()
        self.assertEqual(caught.exception.name, name)
        interface, _, short = name.rpartition(".")
        if interface == "io.hearken":
            self.assertIsNone(INTERFACE.wrong_members(caught.exception.parameters, INTERFACE.errors[short], name))
        return caught.exception.parameters


class Methods(Case):
    """On the history of a minute with a tone every ten seconds, while the daemon waits for more sound."""

    TONES = [(start, start + 3) for start in range(2, 60, 10)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = cls.folder / "hearken.conf"
        cls.config.write_text("")
        cls.daemon = cls.start("--input", "-", "--rate", RATE, "--config", cls.config, stdin=subprocess.PIPE)
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.play(60, cls.TONES)
        cls.daemon.wait_for(lambda: len(cls.daemon.events) == 12, "six events")
        cls.ids = [event["id"] for event in cls.daemon.events[::2]]
        while cls.ask("GetStatus")["status"]["store"]["events"] < 6:
            time.sleep(0.02)

    @classmethod
    def play(cls, seconds, tones):
        cls.daemon.process.stdin.write((scene(seconds, tones) * 32767).astype("<i2").tobytes())
        cls.daemon.process.stdin.flush()

    def test_the_service_describes_itself(self):
        with self.client() as client:
            info = client.call("org.varlink.service.GetInfo")
            self.assertEqual(info["interfaces"], ["org.varlink.service", "io.hearken"])
            self.assertEqual(info["product"], "hearkend")
            for name in info["interfaces"]:
                text = client.call("org.varlink.service.GetInterfaceDescription", interface=name)["description"]
                self.assertEqual(Interface(text).name, name)
            self.assertEqual(text, (SOURCE / "daemon" / "io.hearken.varlink").read_text())
            # errors answer the call, not the connection
            self.assert_error("org.varlink.service.InterfaceNotFound", "org.varlink.service.GetInterfaceDescription",
                              client, interface="no.such")
            self.assert_error("org.varlink.service.InterfaceNotFound", "no.such.Method", client)
            self.assert_error("org.varlink.service.MethodNotFound", "io.hearken.NoSuch", client)
            self.assert_error("org.varlink.service.ExpectedMore", "io.hearken.Monitor", client)
            self.assertEqual(self.assert_error("org.varlink.service.InvalidParameter", "io.hearken.ListEvents", client,
                                               limit="ten"), {"parameter": "limit"})
            self.assertEqual(self.assert_error("org.varlink.service.InvalidParameter", "io.hearken.GetStatus", client,
                                               colour="red"), {"parameter": "colour"})
            self.assertEqual(self.assert_error("org.varlink.service.InvalidParameter", "io.hearken.ExplainEvent",
                                               client), {"parameter": "id"})

    def test_every_method_of_the_interface_has_a_test_here(self):
        code = pathlib.Path(__file__).read_text()
        for method in INTERFACE.methods:
            self.assertTrue(f'assert_typed("{method}"' in code, method)

    def test_status(self):
        reply = self.ask("GetStatus")
        self.assert_typed("GetStatus", reply)
        status = reply["status"]
        self.assertEqual((status["windows"], status["gaps"], status["clients"]), (59, 0, 1))
        self.assertIn(status["source"]["state"], ("hearing", "stalled"))  # the pipe is quiet by now
        self.assertEqual(status["source"]["lost_frames"], 0)
        self.assertEqual(status["source"]["frames"], 60 * RATE)
        self.assertEqual((status["model"]["name"], status["model"]["labels"]), ("tone", ["tone", "quiet"]))
        self.assertEqual((status["store"]["state"], status["store"]["events"]), ("ok", 6))

    def test_metrics(self):
        reply = self.ask("GetMetrics")
        self.assert_typed("GetMetrics", reply)
        lines = reply["text"].splitlines()
        self.assertEqual(lines[-1], "# EOF")
        values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        self.assertEqual(values['hearken_windows_total{instance="default"}'], "59")
        self.assertEqual(values['hearken_events_total{instance="default",label="tone"}'], "6")
        self.assertEqual(values['hearken_lost_frames_total{instance="default"}'], "0")

    def list(self, **parameters):
        reply = self.ask("ListEvents", **parameters)
        self.assert_typed("ListEvents", reply)
        return [event["id"] for event in reply["events"]], reply["has_more"]

    def test_events_are_listed_by_every_filter(self):
        ids = self.ids
        self.assertEqual(self.list(), (ids, False))
        self.assertEqual(self.list(newest_first=True), (ids[::-1], False))
        self.assertEqual(self.list(limit=4), (ids[:4], True))
        self.assertEqual(self.list(limit=4, newest_first=True), (ids[:1:-1], True))
        self.assertEqual(self.list(after_id=ids[3]), (ids[4:], False))
        self.assertEqual(self.list(after_id=ids[3], newest_first=True), (ids[2::-1], False))
        self.assertEqual(self.list(labels=["quiet"]), ([], False))
        self.assertEqual(self.list(labels=["quiet", "tone"], limit=6), (ids, False))
        self.assertEqual(self.list(state="ended", since=None), (ids, False))
        self.assertEqual(self.list(state="ongoing"), ([], False))
        events = self.ask("ListEvents")["events"]
        since, until = events[2]["start"], events[3]["end"]
        overlap = [e["id"] for e in events if e["start"] <= until and e["end"] >= since]
        self.assertEqual(self.list(since=since, until=until)[0], overlap)
        self.assertLessEqual({ids[2], ids[3]}, set(overlap))
        self.assertEqual(self.list(since="+1h"), ([], False))
        self.assertEqual(self.list(since="-1h", until="+1h")[0], ids)  # fed at once: as if it were played from now on
        self.assertEqual(self.list(until="2001-01-01"), ([], False))

    def test_a_question_that_cannot_be_is_answered_with_what_was_expected(self):
        for parameters in ({"limit": 0}, {"limit": 1001}, {"state": "lost"}, {"since": "soonish"}, {"until": ""},
                           {"after_id": -1}):
            reply = self.assert_error("io.hearken.BadValue", "io.hearken.ListEvents", **parameters)
            self.assertEqual(reply["parameter"], *parameters)
        reply = self.assert_error("io.hearken.NoSuchLabel", "io.hearken.ListEvents", labels=["tone", "bell"])
        self.assertEqual(reply, {"label": "bell", "labels": ["tone", "quiet"]})

    def test_an_event_is_explained_by_its_windows(self):
        reply = self.ask("ExplainEvent", id=self.ids[1])
        self.assert_typed("ExplainEvent", reply)
        event, windows = reply["event"], reply["windows"]
        self.assertEqual(event["id"], self.ids[1])
        own = [w for w in windows if w["start_frame"] >= event["start_frame"]]
        self.assertLess(windows[0]["start_frame"], event["start_frame"])
        self.assertEqual(own[0]["start_frame"], event["start_frame"])
        self.assertGreaterEqual(own[-1]["end_frame"], event["end_frame"])
        gates = [next(c["gate"] for c in w["classes"] if c["label"] == "tone") for w in windows]
        self.assertIn("closed", gates)
        self.assertIn("open", gates)
        self.assertEqual(self.assert_error("io.hearken.NoSuchEvent", "io.hearken.ExplainEvent", id=5), {"id": 5})

    def test_devices_are_listed_or_it_is_said_why_not(self):
        try:
            self.assert_typed("ListDevices", self.ask("ListDevices"))
        except Error as error:
            self.assertEqual(error.name, "io.hearken.DevicesUnavailable")
            self.assertIsNone(INTERFACE.wrong_members(error.parameters, INTERFACE.errors["DevicesUnavailable"], ""))

    def test_a_reload_is_for_root_and_the_daemons_own_user(self):
        self.assert_typed("Reload", self.ask("Reload"))
        self.config.write_text("[class tone]\non = 2\n")
        self.addCleanup(self.config.write_text, "")
        self.assertIn("hearken.conf:2", self.assert_error("io.hearken.ReloadFailed", "io.hearken.Reload")["reason"])

    def as_nobody(self, code):
        """What Python CODE prints, run by a user who is neither root nor the daemon's; `client` is connected."""
        os.chmod(self.folder, 0o755)
        os.chmod(self.path, 0o666)
        readable = self.folder / "code"
        readable.mkdir(exist_ok=True)
        shutil.copy(pathlib.Path(__file__).with_name("varlink.py"), readable)
        code = "import json, sys; sys.path.insert(0, sys.argv[1]); import varlink\n" \
               "client = varlink.Client(sys.argv[2])\n" + code
        return subprocess.run(["/usr/bin/python3", "-c", code, readable, self.path], user=65534, group=65534,
                              extra_groups=[], check=True, capture_output=True, text=True, timeout=60).stdout

    @unittest.skipUnless(os.geteuid() == 0, "needs root to be somebody else")
    def test_a_reload_is_not_for_others(self):
        out = self.as_nobody("client.call('io.hearken.GetStatus')\ntry: client.call('io.hearken.Reload')\n"
                             "except varlink.Error as error: print(error.name)")
        self.assertEqual(out, "org.varlink.service.PermissionDenied\n")

    @unittest.skipUnless(os.geteuid() == 0, "needs root to be somebody else")
    def test_only_reload_changes_anything_and_it_is_privileged(self):
        def state():
            status = self.ask("GetStatus")["status"]
            return status["model"], status["store"], status["windows"], self.ask("ListEvents")

        before = state()
        calls = {name: {"id": self.ids[0]} if name == "ExplainEvent" else {} for name in INTERFACE.methods}
        calls["FollowEvents"] = {"after_id": 0}
        del calls["Monitor"]  # answers with the next window, and none comes
        out = self.as_nobody(f"for name, parameters in {calls!r}.items():\n"
                             "    try:\n        client.send('io.hearken.' + name, more=name == 'FollowEvents', **parameters)\n"
                             "        client.receive()\n"
                             "    except varlink.Error as error: print(name, error.name)\n"
                             "    if name == 'FollowEvents': client = varlink.Client(sys.argv[2])\n")
        refused = dict(line.split() for line in out.splitlines())
        refused.pop("ListDevices", None)  # where there is none
        self.assertEqual(refused, {"Reload": "org.varlink.service.PermissionDenied"})
        self.assertEqual(state(), before)


class Following(Case):
    rate = 2000  # low: hours of sound are heard here, and what they cost is not the question

    def setUp(self):
        self.daemon = self.start("--input", "-", "--rate", self.rate, stdin=subprocess.PIPE)
        self.addCleanup((self.folder / "default.db").unlink)
        self.addCleanup(self.daemon.__exit__)
        self.blocks = {tones: (scene(10, tones, self.rate) * 32767).astype("<i2").tobytes()
                       for tones in (((2, 5),), ((0, 10),), ())}

    def play(self, tones=((2, 5),)):
        """Ten seconds of sound."""
        self.daemon.process.stdin.write(self.blocks[tones])
        self.daemon.process.stdin.flush()

    def test_reconnects_while_events_are_written_lose_and_double_nothing(self):
        rng = random.Random(SEED)
        told, cursor, done, n_played = [], 0, threading.Event(), 0

        def play():
            nonlocal n_played
            while not done.is_set():
                self.play()
                n_played += 1
                time.sleep(0.01)

        player = threading.Thread(target=play)
        player.start()
        for i in range(RECONNECTS):
            with self.client() as client:
                stream = client.stream("io.hearken.FollowEvents", after_cursor=cursor)
                for reply in itertools.islice(stream, rng.randrange(1, 4)):
                    if i < 50:
                        self.assert_typed("FollowEvents", reply)
                    told.append(reply["event"])
                    cursor = reply["event"]["cursor"]
        done.set()
        player.join()
        self.daemon.wait_for(lambda: len(self.daemon.events) == 2 * n_played, "an event for each block")
        with self.client() as client:
            stream = client.stream("io.hearken.FollowEvents", after_cursor=cursor)
            while cursor != self.daemon.events[-1]["cursor"]:
                told.append(next(stream)["event"])
                cursor = told[-1]["cursor"]
        cursors = [event["cursor"] for event in told]
        self.assertEqual(cursors, sorted(set(cursors)), f"SEED={SEED}")
        written = {event["cursor"]: event for event in self.daemon.events}
        last = {event["id"]: event["cursor"] for event in self.daemon.events}
        self.assertGreater(len(last), RECONNECTS // 10)
        self.assertLessEqual(set(cursors), set(written))
        # a change that is missing was overtaken by the next of the same event
        self.assertEqual({event["id"]: event["cursor"] for event in told}, last, f"SEED={SEED}")

    def test_after_an_id_comes_the_past_and_then_every_change(self):
        for _ in range(5):
            self.play()
        self.daemon.wait_for(lambda: len(self.daemon.events) == 10, "five events")
        second = self.daemon.events[2]["id"]
        with self.client() as client:
            stream = client.stream("io.hearken.FollowEvents", after_id=second)
            past = [next(stream)["event"] for _ in range(3)]
            live = []
            for tones in (((0, 10),), ()):  # one change at a time: in the past the next of the same event overtakes it
                self.play(tones)
                live.append(next(stream)["event"])
        self.assertEqual([e["id"] for e in past], [e["id"] for e in self.daemon.events[5:10:2]])
        self.assertEqual([e["state"] for e in past + live], ["ended"] * 3 + ["ongoing", "ended"])

    def test_the_end_of_the_daemon_is_told_before_it_hangs_up(self):
        """An event that was on ends with it, and those who follow hear of that."""
        with self.client() as client:
            client.follow("io.hearken.FollowEvents")
            self.play(((0, 10),))
            self.assertEqual(client.receive()["event"]["state"], "ongoing")
            self.daemon.signal(signal.SIGTERM)
            self.assertEqual(client.receive()["event"]["state"], "interrupted")
            with self.assertRaises((EOFError, ConnectionResetError)):
                client.receive()
        self.assertEqual(self.daemon.wait(), 0)

    def test_who_watches_sees_every_window_as_it_is_described(self):
        with self.client() as client:
            client.follow("io.hearken.Monitor", pictures=True)
            self.play()
            starts = []
            while len(starts) < 9:
                reply = client.receive()
                self.assert_typed("Monitor", reply)
                if reply.get("window"):
                    starts.append(reply["window"]["start_frame"])
                    self.assertEqual([c["label"] for c in reply["window"]["classes"]], ["tone", "quiet"])
                    best = max(reply["window"]["classes"], key=lambda c: c["probability"])
                    self.assertEqual(reply["window"]["label"], best["label"])
                    self.assertAlmostEqual(sum(c["probability"] for c in reply["window"]["classes"]), 1, delta=1e-6)
            self.assertEqual(starts, [i * self.rate for i in range(9)])

    def test_sources_begin_with_the_present_state_before_any_event(self):
        for place in ({}, {"after_cursor": 0}, {"after_id": 0}):
            with self.client() as client:
                reply = next(client.stream("io.hearken.FollowEvents", sources=True, **place))
                self.assertEqual(INTERFACE.wrong_members(reply["source"], INTERFACE.types["Source"], "source"), None)
                self.assertEqual(reply["source"]["device"], self.ask("GetStatus")["status"]["source"]["device"])

    def test_only_the_labels_and_the_sources_that_were_asked_for_come(self):
        with self.client() as quiet, self.client() as sources:
            quiet.follow("io.hearken.FollowEvents", labels=["quiet"])
            sources.follow("io.hearken.FollowEvents", sources=True)
            self.play()
            self.daemon.wait_for(lambda: len(self.daemon.events) == 2, "an event")
            told = []
            while told.count("event") < 2 or "source" not in told:  # on a busy machine the pipe stalls now and then
                reply = sources.receive()
                self.assert_typed("FollowEvents", reply)
                told += reply
            self.assertEqual((set(told), told.count("event")), ({"event", "source"}, 2))
            quiet.socket.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                quiet.receive()


class Listening(threading.Thread):
    """Watches a daemon's windows to the end: each must follow on the one before."""

    def __init__(self, client):
        super().__init__()
        self.client = client
        self.starts, self.pictures, self.wrong = [], [], []
        self.start()

    def run(self):
        try:
            for reply in self.client.stream("io.hearken.Monitor", pictures=True):
                wrong = INTERFACE.wrong_members(reply, INTERFACE.methods["Monitor"][1], "Monitor")
                if wrong:
                    self.wrong.append(wrong)
                if reply.get("window"):
                    self.starts.append(reply["window"]["start_frame"])
                if reply.get("picture"):
                    self.pictures.append(reply["picture"])
        except (EOFError, ConnectionResetError):
            pass


class Bounds(Case):
    """A microphone in real time, somebody who watches its windows, and everybody else at their worst."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        wav = cls.folder / "scene.wav"
        sounds.write_s16(wav, scene(60, [(start, start + 3) for start in range(2, 60, 10)]), RATE)
        source, env = ["--input", wav, "--realtime"], None
        if os.environ.get("FAULTMIC"):
            plugin = f'{{ type faultmic wav "{wav}" ctl "{cls.folder}/ctl" }}'
            (cls.folder / "ctl").write_text("loop\n")
            (cls.folder / "asound.conf").write_text(
                f'pcm_type.faultmic {{ lib "{os.environ["FAULTMIC"]}" }}\npcm.mic {plugin}\n'
                f"pcm.!default {{ type plug slave.pcm {plugin} }}\nctl.!default {{ type hw card 0 }}\n")
            source = ["--device", ""]
            env = {"ALSA_CONFIG_PATH": f"{cls.folder}/asound.conf", "JACK_NO_START_SERVER": "1"}
        cls.daemon = cls.start(*source, env=env)
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.watched = cls.client()
        cls.listening = Listening(cls.watched)
        cls.addClassCleanup(cls.finish)

    @classmethod
    def finish(cls):
        """After all of it: not a frame is missing."""
        self = cls("test_the_daemon_still_hears")
        starts = cls.listening.starts
        n_wanted = max(len(starts) + 2, 15)
        cls.daemon.wait_for(lambda: len(starts) >= n_wanted, "windows after the storm")
        status = cls.ask("GetStatus")["status"]
        strips = list(cls.listening.pictures)
        for counter in ("lost_frames", "overruns", "dropped_blocks", "restarts"):
            self.assertEqual(status["source"][counter], 0, counter)
        self.assertEqual((status["gaps"], status["zero_windows"]), (0, 0))
        self.assertEqual(starts, [starts[0] + i * STEP for i in range(len(starts))])
        # and the one who watched was served all the time: each window, ten pictures a second of sound
        self.assertEqual(cls.listening.wrong, [])
        self.assertGreaterEqual(starts[-1], (status["windows"] - 1) * STEP)
        self.assertGreaterEqual(len(strips), 10 * (strips[-1]["start_frame"] - strips[0]["start_frame"]) / RATE)
        for before, after in zip(strips, strips[1:]):
            n_frames = before["frames_per_column"] * len(before["columns"])
            self.assertEqual(after["start_frame"], before["start_frame"] + n_frames)
        self.assertEqual(cls.daemon.stop(), 0)
        cls.listening.join(PATIENCE)
        cls.watched.socket.close()

    def tearDown(self):
        self.assert_answers()

    def assert_answers(self):
        self.assert_typed("GetStatus", self.ask("GetStatus"))

    def assert_hangs_up(self, client):
        with self.assertRaises((EOFError, ConnectionResetError)):
            while True:
                try:
                    client.receive()
                except Error:
                    pass

    def test_the_daemon_still_hears(self):
        self.assert_answers()

    def test_a_request_of_64_kib_is_taken_and_one_byte_more_is_not(self):
        for n_bytes in (MAX_MESSAGE, MAX_MESSAGE + 1):
            head, tail = b'{"method":"io.hearken.GetStatus","parameters":{}', b"}\0"
            message = head + b" " * (n_bytes - len(head) - len(tail)) + tail
            with self.client() as client:
                try:
                    client.socket.sendall(message)
                except (BrokenPipeError, ConnectionResetError):
                    self.assertGreater(n_bytes, MAX_MESSAGE)
                if n_bytes <= MAX_MESSAGE:
                    self.assert_typed("GetStatus", client.receive())
                else:
                    self.assert_hangs_up(client)

    def test_a_message_without_an_end_is_cut_off_at_64_kib(self):
        with self.client() as client:
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                for _ in range(1000):
                    client.socket.sendall(b"[" * MAX_MESSAGE)

    def test_garbage_is_hung_up_on(self):
        rng = random.Random(SEED)
        for garbage in (b"\0", b"GET / HTTP/1.1\r\n\r\n\0", b"[]\0", b"{}\0", b'{"method":3}\0', b'{"method":"x","more":1}\0',
                        b'{"method":"x","parameters":[]}\0', b'{"method":"\xff"}\0', b"[" * 60000 + b"\0",
                        b'{"method":"io.hearken.GetStatus","parameters":' + b"[" * 60000 + b"\0",
                        b'{"a":' * 12000 + b"1" + b"}" * 12000 + b"\0", *(rng.randbytes(500) + b"\0" for _ in range(50))):
            with self.subTest(garbage=garbage[:40], seed=SEED), self.client() as client:
                try:
                    client.socket.sendall(garbage)
                    self.assert_hangs_up(client)
                except (BrokenPipeError, ConnectionResetError):
                    pass

    def test_names_that_are_nearly_right_are_errors(self):
        for method in ("", ".", "io.hearken", "io.hearken.", ".GetStatus", "io.hearken.GetStatus.", "io.hearken.getstatus",
                       "io.hearken.GetStatus\u0001", "x" * 60000):
            with self.client() as client, self.assertRaises(Error) as caught:
                client.call(method)
            self.assertRegex(caught.exception.name, r"^org\.varlink\.service\.(Interface|Method)NotFound$")

    def test_deep_json_in_a_right_request_is_survived(self):
        with self.client() as client:
            client.socket.sendall(b'{"method":"io.hearken.ListEvents","parameters":{"labels":' + b"[" * 1500 + b"]" * 1500 +
                                  b"}}\0")
            with self.assertRaises(Error) as caught:
                client.receive()
            self.assertEqual(caught.exception.name, "org.varlink.service.InvalidParameter")

    def test_a_request_byte_by_byte_and_many_at_once_are_answered_in_order(self):
        with self.client() as client:
            for byte in b'{"method":"io.hearken.GetMetrics"}\0':
                client.socket.sendall(bytes([byte]))
                time.sleep(0.001)
            self.assert_typed("GetMetrics", client.receive())
            several = b"".join(json.dumps({"method": f"io.hearken.{name}"}).encode() + b"\0"
                               for name in ("GetStatus", "GetMetrics", "ListEvents", "GetStatus"))
            client.socket.sendall(several)
            for name in ("GetStatus", "GetMetrics", "ListEvents", "GetStatus"):
                self.assert_typed(name, client.receive())

    def test_a_half_request_at_the_end_is_nothing(self):
        with self.client() as client:
            client.socket.sendall(b'{"method":"io.hearken.GetSta')
            client.socket.shutdown(socket.SHUT_WR)
            self.assert_hangs_up(client)

    def test_a_reader_that_never_reads_is_cut_off_and_counted(self):
        before = self.ask("GetStatus")["status"]["clients_cut_off"]
        with self.client() as client:
            client.socket.settimeout(PATIENCE)
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                while True:
                    client.send("io.hearken.GetMetrics")
        self.assertEqual(self.ask("GetStatus")["status"]["clients_cut_off"], before + 1)

    def test_sixty_four_clients_are_served_and_the_next_is_told(self):
        others = self.ask("GetStatus")["status"]["clients"] - 1
        clients = [self.client() for _ in range(MAX_CLIENTS - others)]
        try:
            for client in clients:
                client.call("io.hearken.GetStatus")
            self.assertEqual(clients[0].call("io.hearken.GetStatus")["status"]["clients"], MAX_CLIENTS)
            self.assert_error("io.hearken.TooManyClients", "io.hearken.GetStatus")
            clients.pop().socket.close()
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    self.ask("GetStatus")
                    break
                except (Error, BrokenPipeError, EOFError):
                    self.assertLess(time.monotonic(), deadline)
        finally:
            for client in clients:
                client.socket.close()

    def test_a_flood_of_connections_passes(self):
        def flood(n_connections):
            for i in range(n_connections):
                with socket.socket(socket.AF_UNIX) as client:
                    try:
                        client.connect(str(self.path))
                        if i % 3 == 0:
                            client.sendall(b'{"method":"io.hearken.GetStatus"}\0')
                        elif i % 3 == 1:
                            client.sendall(b'{"method"')
                    except OSError:
                        pass  # refused at the door

        threads = [threading.Thread(target=flood, args=(1000,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.ask("GetStatus")
                break
            except (Error, OSError, EOFError):
                self.assertLess(time.monotonic(), deadline)

    def test_however_many_ask_for_the_devices_one_process_lists_them(self):
        """And whoever asks while it runs gets its answer too."""
        def children():
            return len(pathlib.Path(f"/proc/{self.daemon.process.pid}/task/{self.daemon.process.pid}/children")
                       .read_text().split())

        n_before, n_most = children(), 0
        clients = [self.client() for _ in range(40)]
        try:
            for round_ in range(3):
                for client in clients:
                    client.send("io.hearken.ListDevices")
                n_most = max(n_most, *(children() for _ in range(50)))
                clients.pop().socket.close()  # in the middle of it
                answers = []
                for client in clients:
                    try:
                        answers.append(client.receive())
                        self.assert_typed("ListDevices", answers[-1])
                    except Error as error:
                        self.assertEqual(error.name, "io.hearken.DevicesUnavailable")
                        answers.append(error.parameters)
                    n_most = max(n_most, children())
                self.assertEqual([answer for answer in answers if answer != answers[0]], [])
        finally:
            for client in clients:
                client.socket.close()
        self.assertLessEqual(n_most, n_before + 1)

    def test_clients_that_vanish_in_the_middle_of_a_stream_leave_nothing(self):
        for _ in range(100):
            client = self.client()
            client.send(random.choice(["io.hearken.Monitor", "io.hearken.FollowEvents"]), more=True)
            client.socket.close()
        deadline = time.monotonic() + PATIENCE
        while self.ask("GetStatus")["status"]["clients"] > 2:
            self.assertLess(time.monotonic(), deadline)


class SlowDevices(Case):
    """A copy of hearkend beside a hearken-capture of ours, which is slow as on a busy machine."""

    def ask_for_devices(self, script):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "daemon"
        folder.mkdir()
        shutil.copy(os.environ["HEARKEND"], folder / "hearkend")
        (folder / "hearken-capture").write_text(f"#!/bin/sh\n[ $1 = --list ] || exec {os.environ['HEARKEN_CAPTURE']} $1\n{script}")
        (folder / "hearken-capture").chmod(0o755)
        self.path = folder / "socket"
        with subprocess.Popen([folder / "hearkend", "--model", self.model, "--socket", self.path, "--input", "-", "--rate", str(RATE),
                               "--history", folder / "history.db"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            self.addCleanup(process.kill)
            end = time.monotonic() + PATIENCE
            while not self.path.exists():
                self.assertLess(time.monotonic(), end)
                time.sleep(0.02)
            try:
                with Client(self.path, timeout=2 * PATIENCE) as client:
                    return client.call("io.hearken.ListDevices")["devices"]
            finally:
                process.kill()

    def test_a_list_that_makes_progress_is_waited_for_however_long_it_takes(self):
        line = json.dumps({"name": "mic", "host_api": "ALSA", "channels": 1, "default_rate": 16000, "default": True, "busy": False})
        listed = self.ask_for_devices("".join(f"echo '{line}'\nsleep 4\n" for _ in range(3)))
        self.assertEqual([device["name"] for device in listed], ["mic"] * 3)

    def test_a_list_that_hangs_is_an_error(self):
        with self.assertRaises(Error) as caught:
            self.ask_for_devices("exec sleep 1000\n")
        self.assertEqual((caught.exception.name, caught.exception.parameters["reason"]),
                         ("io.hearken.DevicesUnavailable", "the sound system does not answer"))


class Places(Case):
    def run_daemon(self, *args, **options):
        return Daemon("--model", self.model, "--input", "-", "--rate", RATE, *args, stdin=subprocess.PIPE, **options)

    def test_the_socket_is_there_for_owner_and_group_only_and_gone_at_the_end(self):
        with self.start("--input", "-", "--rate", RATE, stdin=subprocess.PIPE) as daemon:
            self.ask("GetStatus")
            self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o660)
            daemon.stop()
        self.assertFalse(self.path.exists())

    def test_what_a_killed_daemon_left_is_replaced_and_a_live_one_is_not(self):
        with self.start("--input", "-", "--rate", RATE, stdin=subprocess.PIPE) as daemon:
            self.ask("GetStatus")
            daemon.process.kill()
            daemon.process.wait()
        self.assertTrue(self.path.exists())
        with self.start("--input", "-", "--rate", RATE, stdin=subprocess.PIPE) as daemon:
            self.ask("GetStatus")
            with self.run_daemon("--socket", self.path) as second:
                self.assertNotEqual(second.wait(), 0)
                self.assertIn(f"{self.path}: another daemon answers there", "\n".join(second.log))
            self.ask("GetStatus")
        plain = self.folder / "plain"
        plain.write_text("precious")
        with self.run_daemon("--socket", plain) as daemon:
            self.assertNotEqual(daemon.wait(), 0)
            self.assertIn("exists and is not a socket", "\n".join(daemon.log))
        self.assertEqual(plain.read_text(), "precious")

    def listen(self, path, *args):
        """Returns the socket that listens at PATH, and the command by which a daemon gets it as from systemd."""
        listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(listening.close)
        listening.bind(str(path))
        listening.listen()
        starter = self.folder / "starter"
        starter.write_text(f'#!/bin/sh\nexec 3<&{listening.fileno()}\nLISTEN_PID=$$ LISTEN_FDS=1 exec "$@"\n')
        starter.chmod(0o755)
        return listening, [starter, os.environ["HEARKEND"], "--model", self.model, "--history", "none", *args]

    def test_who_waits_for_a_daemon_that_cannot_start_gets_the_reason_and_is_let_go(self):
        wrong = self.folder / "wrong.conf"
        wrong.write_text("[audio]\ndevise = x\n")
        nothing = os.fsencode(self.folder) + b"/no-\xff.wav"
        for code, args, reason in ((78, ["--config", wrong], f'{wrong}:2: no key "devise"'),
                                   (64, ["--devise", "x"], 'no option "--devise"'),
                                   (66, ["--input", nothing], f"{self.folder}/no-?.wav: cannot be opened: No such file")):
            with self.subTest(code):
                path = self.folder / f"waited-for-{code}.sock"
                listening, command = self.listen(path, *args)
                # one that asks, one that has not yet, one that is gone again
                asking, silent, gone = Client(path), Client(path), Client(path)
                asking.send("io.hearken.GetStatus")
                gone.socket.close()
                done = subprocess.run(command, pass_fds=[listening.fileno()], stderr=subprocess.PIPE, timeout=PATIENCE)
                self.assertEqual(done.returncode, code, done.stderr)
                for client in (asking, silent):
                    with self.assertRaises(Error) as caught:
                        client.receive()
                    self.assertEqual(caught.exception.name, "io.hearken.StartFailed")
                    self.assertEqual(caught.exception.parameters["instance"], "default")
                    self.assertIn(reason, caught.exception.parameters["reason"])
                    client.socket.close()
                listening.setblocking(False)
                with self.assertRaises(BlockingIOError):  # nothing waits that would start the service again
                    listening.accept()

    def test_the_socket_that_systemd_passes_is_used_and_left(self):
        path = self.folder / "passed.sock"
        listening, command = self.listen(path, "--input", "-", "--rate", str(RATE))
        process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listening.fileno()], stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        with Client(path) as client:
            self.assertEqual(client.call("io.hearken.GetStatus")["status"]["pid"], process.pid)
        process.terminate()  # before its source ends, which is another exit code
        self.assertEqual(process.wait(PATIENCE), 0, process.stderr.read())
        process.stdin.close()
        self.assertTrue(path.exists())


if __name__ == "__main__":
    print("SEED", SEED, file=sys.stderr)
    unittest.main()
