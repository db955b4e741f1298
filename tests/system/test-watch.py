#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hearken watch` in a terminal (tmux) beside a real hearkend that hears a file in real time."""

import itertools
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import numpy as np

import sounds
from daemon import PATIENCE, Daemon

HEARKEN = os.environ["HEARKEN"]
RATE = 16000
PAINTED = re.compile("[\u2580\u2584\u2588]")  # half and full blocks


class Terminal:
    """A shell in tmux, and what its screen shows."""

    numbers = itertools.count(1)

    def __init__(self, folder, columns=100, rows=32):
        # a server of its own: the one before may still be ending
        self.folder, self.name = folder, f"hearken-{os.getpid()}-{next(self.numbers)}"
        env = {**os.environ, "LC_ALL": "C.UTF-8", "PS1": "$ ", "COLORTERM": "truecolor"}
        env.pop("NO_COLOR", None)
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), "sh", env=env)

    def tmux(self, *args, **options):
        return subprocess.run(["tmux", "-L", self.name, "-u", "-f", "/dev/null", *args], check=True,
                              capture_output=True, text=True, timeout=PATIENCE, **options).stdout

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def screen(self, colours=False):
        return self.tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def size(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def flags(self):
        return self.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{wrap_flag}").strip()

    def start(self, *args, before=""):
        """Start `hearken watch`; when it ends, what `stty -g` said before and after lies in files."""
        self.marks = {mark: os.path.join(self.folder, mark) for mark in ("before", "after", "code", "stderr")}
        for path in self.marks.values():
            if os.path.exists(path):
                os.unlink(path)
        script = os.path.join(self.folder, "watch.sh")
        with open(script, "w") as file:
            file.write(f"echo marker\nstty -g >{self.marks['before']}\n"
                       f"{before} {shlex.join([HEARKEN, 'watch', *args])} 2>{self.marks['stderr']}\n"
                       f"code=$?\nstty -g >{self.marks['after']}\necho $code >{self.marks['code']}\n")
        self.keys(f"sh {script}", "Enter")

    def mark(self, name):
        try:
            with open(self.marks[name]) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def close(self):
        try:
            self.tmux("kill-server")
        except subprocess.CalledProcessError:
            pass


@unittest.skipUnless(shutil.which("tmux"), "needs tmux")
class Watch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hearken-watch-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.model = os.path.join(cls.folder, "tone")
        subprocess.run([os.environ["MAKE_BUNDLE"], cls.model, "tone", str(RATE)], check=True)
        cls.sound = os.path.join(cls.folder, "tone.wav")
        samples = sounds.noise(300, RATE, 0.0005)
        t = np.arange(len(samples)) / RATE
        on = t % 8 < 4
        samples[on] += (0.5 * np.sin(2 * np.pi * 1000 * t))[on]
        sounds.write_s16(cls.sound, samples, RATE)
        cls.socket = os.path.join(cls.folder, "s.sock")

    def setUp(self):
        self.daemon = self.start_daemon()
        self.terminal = Terminal(self.folder)
        self.addCleanup(self.terminal.close)

    def start_daemon(self):
        daemon = Daemon("--input", self.sound, "--realtime", "--model", self.model, "--socket", self.socket)
        self.addCleanup(daemon.__exit__)
        daemon.wait_for_log("hearing")
        return daemon

    def wait_for(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                self.fail(f"waited for {what} in vain; the screen:\n{self.terminal.screen()}\n"
                          f"{self.terminal.mark('stderr')}")
            time.sleep(0.1)

    def watch(self, *args, shows="clock|gaps", **options):
        self.terminal.start("--socket", self.socket, *args, **options)
        self.wait_for(lambda: re.search(shows, self.terminal.screen()), shows)

    def assert_left(self, code=0):
        self.wait_for(lambda: self.terminal.mark("code"), "the end")
        self.assertEqual(int(self.terminal.mark("code")), code, self.terminal.mark("stderr"))
        self.assertEqual(self.terminal.mark("before"), self.terminal.mark("after"))
        self.assertTrue(self.terminal.mark("before"))
        self.assertEqual(self.terminal.flags(), "0 1 1")  # first screen, cursor, wrapping
        self.assertIn("marker", self.terminal.screen())

    def test_the_picture_the_class_and_the_event_are_there_and_move(self):
        self.watch(shows=r"events +\d\d:\d\d:\d\d +tone +ongoing")
        screen = self.terminal.screen()
        lines = screen.splitlines()
        self.assertRegex(lines[0], r"^default hearing  model tone .*gaps 0, 0 frames lost")
        self.assertRegex(screen, r"1 kHz[ \u2580]")
        self.assertRegex(screen, r"level .*-\d+\.\d dBFS, peak -\d")
        self.assertRegex(screen, r"(tone|quiet) +\u2588")
        # 24-bit colours: the tone's row is brighter than any other of the spectrogram
        painted = self.terminal.screen(colours=True)
        self.assertIn("[38;2;", painted)
        before = [line for line in painted.splitlines() if PAINTED.search(line)]
        self.wait_for(lambda: [line for line in self.terminal.screen(colours=True).splitlines()
                               if PAINTED.search(line)] != before, "a picture that moves")
        self.wait_for(lambda: re.search(r"tone +ended", self.terminal.screen()), "the end of the event")
        self.terminal.keys("q")
        self.assert_left()

    def test_it_takes_the_size_of_the_terminal(self):
        self.watch(shows="now +(tone|quiet)")
        for columns, rows in ((60, 20), (150, 45), (20, 5), (80, 24)):
            self.terminal.size(columns, rows)
            if columns < 30:
                self.wait_for(lambda: "too small" in self.terminal.screen(), "a word")
                continue
            self.wait_for(lambda: any(PAINTED.search(line) and len(line) >= columns - 1
                                      for line in self.terminal.screen().splitlines()), f"{columns} columns")
            self.assertTrue(all(len(line) <= columns for line in self.terminal.screen().splitlines()))
        self.terminal.keys("C-c")
        self.assert_left()

    def test_a_killed_daemon_is_told_and_a_new_one_is_shown(self):
        self.watch(shows="now +(tone|quiet)")
        self.daemon.signal(signal.SIGKILL)
        self.daemon.process.wait()
        self.wait_for(lambda: "trying again" in self.terminal.screen(), "the loss")
        self.start_daemon()
        self.wait_for(lambda: self.terminal.screen().startswith("default hearing"), "the new daemon")
        self.wait_for(lambda: re.search("now +(tone|quiet)", self.terminal.screen()), "its windows")
        self.terminal.keys("q")
        self.assert_left()

    def test_a_daemon_that_hangs_is_reported_and_shown_again_when_it_answers(self):
        for before_it_began in True, False:
            if before_it_began:
                self.daemon.signal(signal.SIGSTOP)
                self.watch(before="env HEARKEN_TIMEOUT=1", shows="does not answer; trying again")
            else:
                self.watch(before="env HEARKEN_TIMEOUT=1", shows="now +(tone|quiet)")
                self.daemon.signal(signal.SIGSTOP)
                self.wait_for(lambda: "does not answer; trying again" in self.terminal.screen(), "the silence")
            self.daemon.signal(signal.SIGCONT)
            self.wait_for(lambda: self.terminal.screen().startswith("default hearing"), "the daemon that goes on")
            self.wait_for(lambda: re.search("now +(tone|quiet)", self.terminal.screen()), "its windows")
            self.terminal.keys("q")
            self.assert_left()

    def test_each_class_keeps_its_place_and_the_history_is_there_from_the_start(self):
        self.daemon.wait_for_event(state="ended")
        self.watch(shows=r"tone +ended")  # it ended before there was a watch
        for columns, rows in ((80, 24), (120, 40)):
            self.terminal.size(columns, rows)
            places = set()
            for label in "tone", "quiet":  # each the most probable one at some time
                self.wait_for(lambda: re.search(rf"{label} +\u2588.* (0\.[5-9]|1\.00)", self.terminal.screen()), label)
                places.add(tuple(re.findall(r"(tone|quiet) +[\u2588.]", self.terminal.screen())))
            self.assertEqual(places, {("tone", "quiet")} if len(places) == 1 and ("tone", "quiet") in places
                             else {("quiet", "tone")})
        self.terminal.keys("q")
        self.assert_left()

    def test_tab_goes_to_the_next_instance_also_from_one_that_is_gone(self):
        attic = Daemon("--instance", "attic", "--input", self.sound, "--realtime", "--model", self.model, "--socket",
                       os.path.join(self.folder, "attic.sock"))
        self.addCleanup(attic.__exit__)
        attic.wait_for_log("hearing")

        def shows(start):
            self.wait_for(lambda: re.match(start, self.terminal.screen()), start)
            self.wait_for(lambda: re.search("now +(tone|quiet)", self.terminal.screen()), "its windows")

        self.terminal.start("--instance", "aaa,attic", "-i", "s", before=f"env HEARKEN_SOCKET={self.folder}")
        shows(r"2 of 3, Tab: next +attic hearing")
        self.terminal.keys("Tab")
        shows(r"3 of 3, Tab: next +default hearing")
        self.terminal.keys("Tab")
        self.wait_for(lambda: re.match("1 of 3, Tab: next .*aaa.sock: no daemon", self.terminal.screen()),
                      "the missing one")
        self.terminal.keys("Tab")
        shows(r"2 of 3, Tab: next +attic hearing")
        attic.signal(signal.SIGKILL)
        self.wait_for(lambda: re.match("2 of 3, .*attic.sock: ", self.terminal.screen()), "the loss")
        self.terminal.keys("Tab")
        shows(r"3 of 3, Tab: next +default hearing")
        self.terminal.keys("q")
        self.assert_left()
        self.assertIn("aaa.sock: no daemon answers", self.terminal.mark("stderr"))

    def test_a_terminal_without_a_cursor_is_refused(self):
        for term in "dumb", "":
            self.terminal.start("--socket", self.socket, before=f"env TERM={term}")
            self.assert_left(64)
            self.assertIn(f'this terminal cannot show a picture (TERM is "{term}")', self.terminal.mark("stderr"))

    def test_signals_end_it_as_keys_do_and_a_lost_daemon_does_not_hold_it(self):
        self.watch(shows="now +(tone|quiet)")
        self.daemon.signal(signal.SIGKILL)
        self.wait_for(lambda: "trying again" in self.terminal.screen(), "the loss")
        shell = self.terminal.tmux("display-message", "-p", "#{pane_pid}").strip()
        script = subprocess.run(["ps", "-o", "pid=", "--ppid", shell], capture_output=True, text=True).stdout.split()[0]
        watch = subprocess.run(["ps", "-o", "pid=", "--ppid", script], capture_output=True, text=True).stdout.split()[0]
        os.kill(int(watch), signal.SIGTERM)
        self.assert_left()

    def test_fewer_colours_and_none(self):
        ascii_only = lambda text: all(ord(c) < 128 for c in text)
        for args, before, colour, plain in (
            (("--colors", "256"), "", "[38;5;", False),
            ((), "COLORTERM= TERM=screen-256color", "[38;5;", False),
            (("--colors", "none"), "", None, True),
            ((), "NO_COLOR=1", None, True),
            ((), "LC_ALL=C", None, True),
            ((), "TERM=vt100 COLORTERM=", None, True),
        ):
            with self.subTest(args=args, before=before):
                self.watch(*args, before=f"env {before}", shows=r"now +(tone|quiet)(.|\n)*events +\d")
                screen, painted = self.terminal.screen(), self.terminal.screen(colours=True)
                self.assertEqual(ascii_only(screen), plain)
                self.assertEqual(bool(re.search(r"\x1b\[[34]8;", painted)), colour is not None)
                if colour:
                    self.assertIn(colour, painted)
                self.terminal.keys("q")
                self.assert_left()

    def test_ten_pictures_and_more_come_for_each_second_of_sound(self):
        connection = socket.socket(socket.AF_UNIX)
        self.addCleanup(connection.close)
        connection.settimeout(PATIENCE)
        connection.connect(self.socket)
        connection.sendall(json.dumps({"method": "io.hearken.Monitor", "parameters": {"pictures": True},
                                       "more": True}).encode() + b"\0")
        pictures, data = [], b""
        while len(pictures) < 60:
            data += connection.recv(65536)
            *messages, data = data.split(b"\0")
            pictures += [reply["picture"] for reply in (json.loads(m)["parameters"] for m in messages)
                         if reply.get("picture")]
        for one, next_one in zip(pictures, pictures[1:]):
            columns = len(one["columns"])
            self.assertEqual((len(one["minimum"]), len(one["maximum"])), (columns, columns))
            self.assertTrue(all(len(column) == 64 for column in one["columns"]))
            self.assertEqual(next_one["start_frame"], one["start_frame"] + columns * one["frames_per_column"])
        seconds = (pictures[-1]["start_frame"] - pictures[0]["start_frame"]) / pictures[0]["rate_hz"]
        self.assertGreaterEqual((len(pictures) - 1) / seconds, 10)

    def test_without_a_terminal_or_a_daemon_it_says_so(self):
        result = subprocess.run([HEARKEN, "watch", "--socket", self.socket], capture_output=True, timeout=PATIENCE)
        self.assertEqual((result.returncode, result.stdout), (64, b""))
        self.assertIn(b"terminal", result.stderr)
        self.terminal.start("--socket", "/nowhere.sock")
        self.assert_left(69)
        self.assertIn("/nowhere.sock", self.terminal.mark("stderr"))


if __name__ == "__main__":
    unittest.main()
