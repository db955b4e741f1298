#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""kill -9 at random moments while events are written and followed: whatever somebody was told is stored, is. Thirty
moments, or two hundred with HEARKEN_LONG=1; SEED=N repeats a run."""

import itertools
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import numpy as np

from daemon import PATIENCE, Daemon
from times import LONG
from varlink import Client

RATE = 2000  # low: a second of sound is made and heard in no time
N_MOMENTS = 200 if LONG else 30
N_PER_HISTORY = 10  # kills, before a new one is begun
LONGEST_S = 0.4  # from the first event to the kill
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
ONGOING, INTERRUPTED = 0, 2  # in the history


def second(tone):
    t = np.arange(RATE) / RATE
    return (16000 * tone * np.sin(2 * np.pi * 440 * t)).astype("<i2").tobytes()


class Follower(threading.Thread):
    """Everything that FollowEvents told until the daemon was gone."""

    def __init__(self, path, after_cursor):
        super().__init__(daemon=True)
        self.client = Client(path, timeout=PATIENCE)
        self.told = []
        self.after_cursor = after_cursor
        self.start()

    def run(self):
        with self.client:
            try:
                for reply in self.client.stream("io.hearken.FollowEvents", after_cursor=self.after_cursor):
                    self.told.append(reply["event"])
            except (EOFError, ConnectionResetError, BrokenPipeError):
                pass


class Watcher(threading.Thread):
    """Load: all windows and pictures, read and forgotten; and the history, read over and over."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.start()

    def run(self):
        try:
            with Client(self.path) as monitor, Client(self.path) as reader:
                monitor.send("io.hearken.Monitor", more=True, pictures=True)
                while True:
                    monitor.receive()
                    reader.call("io.hearken.ListEvents", limit=100, newest_first=True)
        except (EOFError, OSError):
            pass


class Crash(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-crash-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.model = self.folder / "tone"
        subprocess.run([os.environ["MAKE_BUNDLE"], self.model, "tone", str(RATE)], check=True)
        self.config = self.folder / "hearken.conf"
        self.config.write_text("[class tone]\nconfirm = 1 of 1\nrelease = 1 s\n")
        self.socket = self.folder / "s"
        self.random = random.Random(SEED)

    def start(self, history):
        return Daemon("--model", self.model, "--config", self.config, "--input", "-", "--rate", RATE, "--socket",
                      self.socket, "--history", history, stdin=subprocess.PIPE)

    def answering(self, daemon):
        """A client of the daemon, once it answers. What a killed one left of its socket does not."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return Client(self.socket)
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > end or daemon.process.poll() is not None:
                    raise AssertionError(f"no answer; log: {daemon.log}")
                time.sleep(0.005)

    def play_and_kill(self, daemon, after_s):
        """A tone now and then, until the daemon is killed AFTER_S after the first event."""
        sounds, killed = [3 * second(True), 5 * second(False)], threading.Event()

        def play():
            try:
                for sound in itertools.cycle(sounds):
                    if killed.is_set():
                        break
                    daemon.process.stdin.write(sound)
                    daemon.process.stdin.flush()
                    time.sleep(0.01)
            except BrokenPipeError:
                pass

        player = threading.Thread(target=play)
        player.start()
        try:
            daemon.wait_for_event(label="tone")
            time.sleep(after_s)
        finally:
            daemon.process.kill()
            killed.set()
            player.join()

    def left_behind(self, history):
        """{id: (cursor, state)}, looked up in a copy, as the crash left it, so that the daemon has to mend its own."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in self.folder.glob(history.name + "*"):
            if not file.name.endswith("-shm"):  # made anew from the WAL
                shutil.copy(file, copy)
        database = sqlite3.connect(copy / history.name)
        try:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchall():
                return {}  # killed before the first history was laid out
            return {row[0]: row[1:] for row in database.execute("SELECT id, cursor, state FROM events")}
        finally:
            database.close()

    def assert_mended(self, daemon, was_open):
        """What the last crash left open is interrupted, and nothing else is open."""
        with self.answering(daemon) as client:
            self.assertEqual(client.call("io.hearken.ListEvents", state="ongoing")["events"], [])
            reply = client.call("io.hearken.ListEvents", state="interrupted", limit=1000)
            self.assertFalse(reply["has_more"])
            self.assertLessEqual(was_open, {event["id"] for event in reply["events"]})

    def test_what_was_told_to_be_stored_is_stored_whenever_the_daemon_is_killed(self):
        n_told = n_open = n_early = 0
        for moment in range(N_MOMENTS):
            with self.subTest(moment=moment, seed=SEED):
                if moment % N_PER_HISTORY == 0:
                    history = self.folder / f"history-{moment}.db"
                    promised, was_open, last_cursor = {}, set(), 0
                with self.start(history) as daemon:
                    if self.random.random() < 0.2:  # while it starts, and mends
                        time.sleep(self.random.uniform(0, 0.1))
                        daemon.process.kill()
                        daemon.process.wait()
                        n_early += 1
                        followers = []
                    else:
                        self.assert_mended(daemon, was_open)
                        followers = [Follower(self.socket, last_cursor) for _ in range(3)]
                        Watcher(self.socket)
                        self.play_and_kill(daemon, self.random.uniform(0, LONGEST_S))
                        daemon.process.wait()
                    for follower in followers:
                        follower.join(PATIENCE)
                        self.assertFalse(follower.is_alive())
                        cursors = [event["cursor"] for event in follower.told]
                        self.assertEqual(cursors, sorted(set(cursors)), "told twice, or out of order")
                        for event in follower.told:
                            last_cursor = max(last_cursor, event["cursor"])
                            if event["stored"]:
                                promised[event["id"]] = max(promised.get(event["id"], 0), event["cursor"])
                        n_told += len(follower.told)
                    self.assertFalse([line for line in daemon.log if "damaged" in line], daemon.log)
                stored = self.left_behind(history) if history.exists() else {}
                lost = {id: cursor for id, cursor in promised.items() if stored.get(id, (0,))[0] < cursor}
                self.assertEqual(lost, {})
                was_open = {id for id, (_, state) in stored.items() if state == ONGOING}
                n_open += len(was_open)
                if moment % N_PER_HISTORY == N_PER_HISTORY - 1:
                    with self.start(history) as daemon:
                        self.assert_mended(daemon, was_open)
                        self.assertEqual(daemon.stop(), 0)
                    self.assertTrue(all(state == INTERRUPTED for id, (_, state) in self.left_behind(history).items()
                                        if id in was_open))
        print(f"{N_MOMENTS} kills, {n_early} of them at the start; {n_told} changes told; {n_open} events left open",
              file=sys.stderr)
        self.assertGreater(n_told, 3 * N_MOMENTS)
        self.assertGreater(n_open, 0)


if __name__ == "__main__":
    print("SEED", SEED, file=sys.stderr)
    unittest.main()
