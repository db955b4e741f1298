#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The examples that the pages show: clients in three languages, scripts for follow --exec, a backup, a forwarded socket."""

import contextlib
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

import sounds
from fake_daemon import FakeDaemon, VarlinkError

HEARKEN, HEARKEND = os.environ["HEARKEN"], os.environ["HEARKEND"]
SOURCE = pathlib.Path(os.environ["HEARKEN_SOURCE"])
EXAMPLES = SOURCE / "docs" / "examples"
RATE = 16000
MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def wait_until(condition, seconds=60):
    """For what has to happen; the time is only to fail at all."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen")
        time.sleep(0.02)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-examples-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = str(self.folder / "s.sock")

    def start_daemon(self):
        daemon = FakeDaemon(self.path)
        self.addCleanup(daemon.stop)
        return daemon

    def start(self, *command, **environment):
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env={**os.environ, **environment})
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process


class Clients(Case):
    def check(self, *command):
        daemon = self.start_daemon()
        first = daemon.put(1, "music", "ended")
        process = self.start(*command, self.path)
        self.assertEqual(process.stdout.readline(), f"{first['start']} music ended\n")
        for state in "ongoing", "ended":
            event = daemon.put(2, "fire_alarm", state)
            self.assertEqual(process.stdout.readline(), f"{event['start']} fire_alarm {state}\n")
        process.kill()
        daemon.fail["FollowEvents"] = VarlinkError("StoreUnavailable", reason="disk full")
        done = subprocess.run([*map(str, command), self.path], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("io.hearken.StoreUnavailable", done.stderr)

    def test_python(self):
        self.check("/usr/bin/python3", EXAMPLES / "follow.py")

    @unittest.skipUnless(shutil.which("node"), "needs node")
    def test_node(self):
        self.check("node", EXAMPLES / "follow.js")

    @unittest.skipUnless(shutil.which("cc"), "needs a compiler")
    def test_c(self):
        subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", EXAMPLES / "follow.c", "-o", self.folder / "follow",
                        "-ljansson"], check=True)
        self.check(self.folder / "follow")

    def test_the_page_shows_what_was_run(self):
        text = (SOURCE / "docs" / "write-a-client.md").read_text()
        for name, language in ("follow.py", "python"), ("follow.js", "js"), ("follow.c", "c"):
            self.assertIn(f"```{language}\n{(EXAMPLES / name).read_text()}```\n", text, name)


class Web(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, dict(self.headers), body.decode()))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_):
        pass


class Scripts(Case):
    """Each as `hearken follow --exec` runs it."""

    def setUp(self):
        super().setUp()
        self.daemon = self.start_daemon()

    def follow(self, name, **environment):
        process = self.start(HEARKEN, "follow", "-S", self.path, "--exec", EXAMPLES / name, **environment)
        wait_until(lambda: any(method == "FollowEvents" for method, _ in list(self.daemon.requests)))
        return process

    def change(self):
        return [self.daemon.put(1, "fire_alarm", state) for state in ("ongoing", "ended")]

    def serve(self):
        server = http.server.HTTPServer(("127.0.0.1", 0), Web)
        server.posts, server.answer = [], 200
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        return server, f"http://127.0.0.1:{server.server_port}"

    def program(self, name, text):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def test_mail(self):
        mails = self.folder / "mails"
        sendmail = self.program("sendmail", f'echo "$@" >>{mails}; cat >>{mails}; echo END >>{mails}')
        self.follow("hearken-mail", SENDMAIL=str(sendmail), MAILTO="me@example.org")
        event, _ = self.change()
        self.daemon.put(2, "music", "ongoing")
        wait_until(lambda: mails.exists() and mails.read_text().count("END") == 2)  # starts only
        text = mails.read_text()
        self.assertIn("-i -t\nTo: me@example.org\nSubject: hearken: fire_alarm (default)\n", text)
        self.assertIn(f"\n\nfire_alarm started at {event['start']}, probability 0.987654", text)

    @unittest.skipUnless(shutil.which("curl"), "needs curl")
    def test_ntfy(self):
        server, url = self.serve()
        token = self.folder / "token"
        token.write_text("tk_secret\n")
        self.follow("hearken-ntfy", NTFY_URL=f"{url}/house", NTFY_TOKEN_FILE=str(token))
        self.change()
        self.daemon.put(2, "music", "ongoing")
        wait_until(lambda: len(server.posts) == 2)
        path, headers, body = server.posts[0]
        self.assertEqual((path, headers["Title"], headers["Authorization"]), ("/house", "fire_alarm", "Bearer tk_secret"))
        self.assertIn("fire_alarm started at", body)
        self.assertEqual(server.posts[1][1]["Title"], "music")

    @unittest.skipUnless(shutil.which("curl"), "needs curl")
    def test_webhook(self):
        server, url = self.serve()
        process = self.follow("hearken-webhook", WEBHOOK_URL=url)
        events = self.change()
        wait_until(lambda: len(server.posts) == 2)
        self.assertEqual([json.loads(body) for _, _, body in server.posts], events)
        self.assertEqual([headers["Idempotency-Key"] for _, headers, _ in server.posts],
                         [f"default-{event['cursor']}" for event in events])
        server.answer = 403
        self.daemon.put(2, "music", "ended")
        self.assertIn("403", process.stderr.readline())
        self.assertIn("ended with 22", process.stderr.readline())

    def test_the_unit_hands_over_the_credential_that_the_script_reads(self):
        unit = (EXAMPLES / "hearken-mqtt.service").read_text()
        self.assertIn("LoadCredential=mqtt:/etc/hearken/mqtt\n", unit)
        self.assertIn("StateDirectory=hearken-mqtt\n", unit)
        self.assertIn("ExecStart=/usr/share/doc/hearken/examples/hearken-mqtt\n", unit)
        if shutil.which("systemd-analyze"):
            path = self.folder / "hearken-mqtt.service"
            path.write_text(unit.replace("ExecStart=/usr/share/doc/hearken/examples/hearken-mqtt", "ExecStart=/bin/true"))
            done = subprocess.run(["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", path],
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))


@unittest.skipUnless(MOSQUITTO and shutil.which("mosquitto_pub"), "needs mosquitto and mosquitto-clients")
class Mqtt(Case):
    """hearken-mqtt as its unit runs it, with a broker that wants a password."""

    def setUp(self):
        super().setUp()
        self.path = str(self.folder / "default.sock")  # where HEARKEN_SOCKET, a folder, has the instance default
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (self.folder / "passwords").write_text("hearken:SECRET\n")
        subprocess.run(["mosquitto_passwd", "-U", self.folder / "passwords"], check=True)
        self.config = self.folder / "mosquitto.conf"
        self.config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous false\nuser root\nlog_type error\n"
                               f"password_file {self.folder / 'passwords'}\n")
        self.credentials = self.folder / "credentials"
        self.credentials.mkdir()
        (self.credentials / "mqtt").write_text(f"-p {self.port}\n-u hearken\n-P SECRET\n")
        self.brokers = []
        self.start_broker()
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "hearken").symlink_to(HEARKEN)

    def start_broker(self):
        broker = subprocess.Popen([MOSQUITTO, "-c", self.config], stderr=subprocess.DEVNULL)
        self.addCleanup(broker.wait)
        self.addCleanup(broker.kill)
        self.brokers.append(broker)
        wait_until(lambda: self.pub("ready", "yes"))
        return broker

    def client(self, program, *args):
        return [program, "-h", "127.0.0.1", "-p", str(self.port), "-u", "hearken", "-P", "SECRET", *args]

    def pub(self, topic, text):
        return subprocess.run(self.client("mosquitto_pub", "-r", "-q", "1", "-t", topic, "-m", text),
                              stderr=subprocess.DEVNULL).returncode == 0

    def retained(self, topic):
        """What somebody who comes now gets; None: nothing. Waits a while for it."""
        done = subprocess.run(self.client("mosquitto_sub", "-t", topic, "-C", "1", "-W", "1"), capture_output=True, text=True)
        return done.stdout.rstrip("\n") or None

    def start_bridge(self, **environment):
        bridge = subprocess.Popen([EXAMPLES / "hearken-mqtt"], start_new_session=True, stderr=subprocess.DEVNULL, env={
            **os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "BROKER": "127.0.0.1",
            "CREDENTIALS_DIRECTORY": str(self.credentials), "STATE_DIRECTORY": str(self.folder), "TMPDIR": str(self.folder),
            "HEARKEN_SOCKET": str(self.folder), **environment})
        self.addCleanup(bridge.wait)
        self.addCleanup(self.kill, bridge)
        return bridge

    @staticmethod
    def kill(bridge):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(bridge.pid, signal.SIGKILL)

    def wait_for(self, topic, text):
        wait_until(lambda: self.retained(topic) == text)

    def test_what_is_over_is_off_after_each_kind_of_restart(self):
        state, availability = "hearken/default/fire_alarm/state", "hearken/default/availability"
        daemon = self.start_daemon()
        bridge = self.start_bridge()
        self.wait_for(availability, "online")
        wait_until(lambda: any(method == "FollowEvents" for method, _ in list(daemon.requests)))
        daemon.put(1, "fire_alarm", "ongoing")
        self.wait_for(state, "ON")
        # the bridge is killed, and the event ends meanwhile: the will, and the place in the history
        self.kill(bridge)
        self.wait_for(availability, "offline")
        self.assertEqual(self.retained(state), "ON")
        daemon.put(1, "fire_alarm", "ended")
        bridge = self.start_bridge()
        self.wait_for(state, "OFF")
        self.wait_for(availability, "online")
        # the daemon comes back without the history that had the event
        daemon.put(2, "fire_alarm", "ongoing")
        self.wait_for(state, "ON")
        bridge.terminate()
        self.assertEqual(bridge.wait(60), 0)
        self.wait_for(availability, "offline")
        daemon.stop()
        os.unlink(self.path)
        daemon = self.start_daemon()
        self.start_bridge()
        self.wait_for(state, "OFF")

    def test_an_alarm_that_goes_on_stays_on_when_the_bridge_restarts(self):
        state = "hearken/default/fire_alarm/state"
        daemon = self.start_daemon()
        daemon.put(1, "fire_alarm", "ongoing")
        self.assertTrue(self.pub(state, "ON"))
        self.assertTrue(self.pub("hearken/default/music/state", "ON"))
        self.start_bridge()
        self.wait_for("hearken/default/availability", "online")  # after it looked what is over
        self.assertEqual(self.retained("hearken/default/music/state"), "OFF")
        self.assertEqual(self.retained(state), "ON")

    def test_a_broker_that_was_away_gets_what_happened_meanwhile(self):
        daemon = self.start_daemon()
        self.start_bridge()
        self.wait_for("hearken/default/availability", "online")
        wait_until(lambda: any(method == "FollowEvents" for method, _ in list(daemon.requests)))
        daemon.put(1, "fire_alarm", "ongoing")
        self.wait_for("hearken/default/fire_alarm/state", "ON")
        broker = self.brokers[-1]
        broker.kill()
        broker.wait()
        daemon.put(1, "fire_alarm", "ended")
        self.start_broker()  # it forgot everything that was retained
        self.wait_for("hearken/default/fire_alarm/state", "OFF")

    def test_labels_of_any_letters_have_ascii_topics_and_ids(self):
        daemon = self.start_daemon()
        self.start_bridge(DISCOVERY="homeassistant")
        wait_until(lambda: any(method == "FollowEvents" for method, _ in list(daemon.requests)))
        topic = "hearken/default/T_c3_bcr_20_2b1/state"
        daemon.put(1, "Tür +1", "ongoing")
        self.wait_for(topic, "ON")
        event = daemon.put(1, "Tür +1", "ended")
        self.wait_for(topic, "OFF")
        self.assertEqual(event["label"], "Tür +1")
        # of the fake daemon's model, alarm and music
        found = json.loads(self.retained("homeassistant/binary_sensor/hearken_default/alarm/config"))
        self.assertEqual((found["name"], found["unique_id"], found["state_topic"], found["availability_topic"]),
                         ("alarm", "hearken_default_alarm", "hearken/default/alarm/state", "hearken/default/availability"))
        self.assertIsNotNone(self.retained("homeassistant/binary_sensor/hearken_default/music/config"))

    def test_each_change_is_sent_whole_and_the_password_is_on_no_command_line(self):
        daemon = self.start_daemon()
        watcher = self.start("stdbuf", "-oL", *self.client("mosquitto_sub", "-q", "1", "-t", "hearken/default/+/event"))
        log = self.folder / "commands"
        for name in "mosquitto_pub", "mosquitto_sub":
            self.folder.joinpath("bin", name).write_text(f'#!/bin/sh\necho "$@" >>{log}\nexec {shutil.which(name)} "$@"\n')
            self.folder.joinpath("bin", name).chmod(0o755)
        self.start_bridge()
        self.wait_for("hearken/default/availability", "online")
        wait_until(lambda: any(method == "FollowEvents" for method, _ in list(daemon.requests)))
        for label, state in ("fire_alarm", "ongoing"), ("fire_alarm", "ended"):
            event = daemon.put(1, label, state)
            self.assertEqual(json.loads(watcher.stdout.readline()), event)
        self.assertIn("--will-topic hearken/default/availability", log.read_text())
        self.assertNotIn("SECRET", log.read_text())


class Backup(Case):
    def hearkend(self, history, *args):
        process = subprocess.Popen([HEARKEND, "--rate", str(RATE), "--history", history, "--socket", self.path, *args],
                                   stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdin.close)
        return process

    def events(self):
        done = subprocess.run([HEARKEN, "events", "--json", "-S", self.path], capture_output=True, text=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    @unittest.skipUnless(shutil.which("sqlite3"), "needs sqlite3")
    def test_a_backup_of_a_running_daemon_restores_its_events(self):
        history, kept = self.folder / "default.db", self.folder / "kept.db"
        samples = sounds.noise(24, RATE, 0.002)
        beeps = sounds.beeps(12, RATE)
        samples[6 * RATE:6 * RATE + len(beeps)] += beeps
        first = self.hearkend(history, "--input", "-")
        first.stdin.write((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
        first.stdin.flush()
        wait_until(lambda: any(event["state"] == "ended" for event in self.events()))
        before = self.events()
        subprocess.run(["sqlite3", history, f".backup '{kept}'"], check=True)
        first.kill()
        first.wait()
        # as the page says: what belonged to the old history goes, then the copy takes its place
        for name in "default.db", "default.db-wal", "default.db-shm":
            with contextlib.suppress(FileNotFoundError):
                (self.folder / name).unlink()
        subprocess.run(["install", "-m", "600", kept, history], check=True)
        self.hearkend(history, "--input", "-")
        wait_until(lambda: self.events())
        ended = [event for event in before if event["state"] == "ended"]
        self.assertEqual([event for event in self.events() if event["state"] == "ended"], ended)
        with contextlib.closing(sqlite3.connect(history)) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))


class Forwarded(Case):
    """What ssh -L does with the socket, without ssh: a local socket, each connection carried on to the daemon's."""

    def forward(self, to):
        path = str(self.folder / "forwarded.sock")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        connections = []

        def carry(source, sink):
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    near, far = listener.accept()[0], socket.socket(socket.AF_UNIX)
                    connections.extend((near, far))
                    far.connect(to)
                    for pair in (near, far), (far, near):
                        threading.Thread(target=carry, args=pair, daemon=True).start()

        def end():
            for one in (listener, *connections):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            os.unlink(path)

        threading.Thread(target=serve, daemon=True).start()
        return path, end

    def test_questions_and_streams_go_through_and_come_back_after_the_tunnel_broke(self):
        daemon = self.start_daemon()
        daemon.put(1, "music", "ended")
        path, end = self.forward(self.path)
        done = subprocess.run([HEARKEN, "events", "--json", "-S", path], capture_output=True, text=True)
        self.assertEqual(json.loads(done.stdout)["id"], 1, done.stderr)
        follower = self.start(HEARKEN, "follow", "--json", "-S", path)
        wait_until(lambda: any(method == "FollowEvents" for method, _ in list(daemon.requests)))
        daemon.put(2, "music", "ended")
        self.assertEqual(json.loads(follower.stdout.readline())["id"], 2)
        end()
        self.assertIn("trying again", follower.stderr.readline())
        daemon.put(3, "music", "ended")
        _, end = self.forward(self.path)
        self.addCleanup(end)
        self.assertEqual(json.loads(follower.stdout.readline())["id"], 3)


if __name__ == "__main__":
    unittest.main()
