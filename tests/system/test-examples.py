#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The examples that the pages show: clients in three languages, scripts for follow --exec, a backup, a forwarded socket."""

import contextlib
import http.server
import json
import os
import pathlib
import shutil
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

    def test_mqtt_keeps_the_password_off_the_command_line(self):
        calls = self.folder / "calls"
        self.program("mosquitto_pub", f'echo "$@" >>{calls}; cat "$XDG_CONFIG_HOME/mosquitto_pub" >>{calls}; '
                                      f'case "$*" in *" -s") cat >>{calls};; esac; echo >>{calls}')
        credentials = self.folder / "credentials"
        credentials.mkdir()
        (credentials / "mqtt").write_text("-u hearken\n-P SECRET\n")
        self.follow("hearken-mqtt", CREDENTIALS_DIRECTORY=str(credentials), BROKER="broker.example.org",
                    PATH=f"{self.folder}:{os.environ['PATH']}")
        events = self.change()
        wait_until(lambda: calls.exists() and calls.read_text().count("SECRET") == 4 and
                   calls.read_text().rstrip().endswith("}"))
        told = calls.read_text()
        for event, state in zip(events, ("ON", "OFF")):
            self.assertIn(f"-h broker.example.org -q 1 -r -t hearken/default/fire_alarm/state -m {state}\n-u hearken\n-P SECRET",
                          told)
            self.assertIn(json.dumps(event, separators=(",", ":"))[:60], told)

    def test_the_unit_hands_over_the_credential_that_the_script_reads(self):
        unit = (EXAMPLES / "hearken-mqtt.service").read_text()
        self.assertIn("LoadCredential=mqtt:/etc/hearken/mqtt\n", unit)
        self.assertIn("/examples/hearken-mqtt\n", unit)
        if shutil.which("systemd-analyze"):
            path = self.folder / "hearken-mqtt.service"
            path.write_text(unit.replace("ExecStart=/usr/bin/hearken", "ExecStart=/bin/true"))
            done = subprocess.run(["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", path],
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))


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
