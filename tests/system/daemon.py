# SPDX-License-Identifier: MIT
"""A hearkend that runs: started, watched line by line, told what to do, and ended. And systemd's side of it."""

import contextlib
import json
import os
import queue
import re
import signal
import socket
import subprocess
import threading
import time

from times import PATIENCE

HEARKEND = os.environ["HEARKEND"]
FAULTS = re.compile(r"ERROR: |runtime error|WARNING: ThreadSanitizer")


class Daemon:
    def __init__(self, *args, stdin=subprocess.DEVNULL, env=None, under=()):
        """UNDER: words of a command that runs the daemon and ends with it."""
        self.events, self.log = [], []
        self._news = queue.Queue()
        self.process = subprocess.Popen(
            [*under, HEARKEND, "--events-json", *map(str, args)], stdin=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, **(env or {})}, start_new_session=bool(under))
        self._kill = lambda: os.killpg(self.process.pid, signal.SIGKILL) if under else self.process.kill()
        self._readers = [threading.Thread(target=self._read, args=pipe, daemon=True) for pipe in (
            (self.process.stdout, self.events, json.loads), (self.process.stderr, self.log, str.rstrip))]
        for reader in self._readers:
            reader.start()

    def _read(self, pipe, to, parse):
        for line in pipe:
            to.append(parse(line.decode()))
            self._news.put(None)
        self._news.put(None)

    def wait_for(self, condition, what, seconds=PATIENCE):
        """Until CONDITION is true; it is looked at again whenever the daemon says something."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or (self.process.poll() is not None and not self._reading()):
                raise AssertionError(f"waited for {what} in vain; log:\n" + "\n".join(self.log))
            try:
                self._news.get(timeout=0.2)
            except queue.Empty:
                pass

    def _reading(self):
        return any(reader.is_alive() for reader in self._readers)

    def wait_for_event(self, **fields):
        self.wait_for(lambda: any(fields.items() <= event.items() for event in self.events), f"event {fields}")

    def wait_for_log(self, words, n=1, seconds=PATIENCE):
        self.wait_for(lambda: sum(words in line for line in self.log) >= n, f'"{words}" in the log', seconds)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """The exit code, all output read; a sanitizer's word is a failure."""
        code = self.process.wait(PATIENCE)
        self._close()
        text = "\n".join(self.log)
        if FAULTS.search(text):
            raise AssertionError(text)
        return code

    def _close(self):
        for reader in self._readers:
            reader.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe:
                # a daemon that was killed reads no more of what is still on its way
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self._kill()
        self.process.wait()
        self._close()


def run(*args, **options):
    """A daemon to its end: exit code, events, log."""
    with Daemon(*args, **options) as daemon:
        return daemon.wait(), daemon.events, daemon.log


class Systemd:
    """Takes what a service tells by NOTIFY_SOCKET: a list of (seconds, {KEY: value})."""

    def __init__(self, folder, watchdog_s=None):
        self.path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.socket.bind(self.path)
        self.socket.settimeout(PATIENCE)
        self.env = {"NOTIFY_SOCKET": self.path}
        if watchdog_s:
            self.env["WATCHDOG_USEC"] = str(int(watchdog_s * 1e6))
        self.heard = []

    def next(self):
        message = dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())
        self.heard.append((time.monotonic(), message))
        return message

    def wait_for(self, key, value=None):
        """The next message that has KEY (with VALUE in it)."""
        while True:
            message = self.next()
            if key in message and (value is None or value in message[key]):
                return message

    def collect(self, seconds):
        """What comes within so many seconds."""
        messages, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                messages.append(self.next())
            except TimeoutError:
                pass
        self.socket.settimeout(PATIENCE)
        return messages

    def close(self):
        self.socket.close()
        os.unlink(self.path)
