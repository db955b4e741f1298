#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""hearkend as systemd, a person and a program meet it: the real binary on scenes with known events."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest

import numpy as np

import journal
import sounds
from daemon import HEARKEND, Daemon, Systemd, run
from hang import go_on, hang
from sounds import scene
from times import PATIENCE

RATE = 16000
STEP = RATE  # of the model, in frames; its windows are two steps long


def expected_spans(seconds, tones):
    """Frames from the first to the last window that a tone reaches into (the model's rule, worked out by hand)."""
    spans = []
    for start, end in tones:
        windows = [i for i in range(seconds - 1) if i < end and i + 2 > start]
        spans.append((windows[0] * STEP, (windows[-1] + 2) * STEP))
    return spans


def spans(events):
    return [(e["start_frame"], e["end_frame"]) for e in events if e["state"] != "ongoing"]


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hearkend-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.model = cls.make_model("tone", RATE)
        cls.tones = [(5, 10), (18.25, 21.5)]
        cls.scene = cls.path("scene.wav")
        sounds.write_s16(cls.scene, scene(30, cls.tones), RATE)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def make_model(cls, name, rate, folder=None):
        subprocess.run([os.environ["MAKE_BUNDLE"], cls.path(folder or name), name, str(rate)], check=True)
        return cls.path(folder or name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def config(self, text=""):
        return self.write("hearken.conf", text)

    def assert_one_clear_line(self, result, code, *words):
        exit_code, events, log = result
        text = "\n".join(log)
        self.assertEqual(exit_code, code, text)
        self.assertEqual(events, [])
        self.assertTrue(log and log[-1].startswith("hearkend: "), text)
        for word in words:
            self.assertIn(word, log[-1])


class Listening:
    """A daemon on stdin, to which the test plays sound as it likes, ten seconds' worth at once."""

    def __init__(self, case, *args, **options):
        self.samples = {True: scene(10, [(0, 10)]), False: scene(10, [])}
        self.daemon = Daemon("--model", case.model, "--input", "-", "--rate", RATE, *args, stdin=subprocess.PIPE,
                             **options)

    def play(self, tone):
        self.daemon.process.stdin.write((self.samples[tone] * 32767).astype("<i2").tobytes())
        self.daemon.process.stdin.flush()

    def __enter__(self):
        self.daemon.__enter__()
        return self

    def __exit__(self, *args):
        self.daemon.__exit__(*args)


class Events(Case):
    def test_a_file_gives_its_events_where_they_stand_and_exit_code_0(self):
        code, events, log = run("--model", self.model, "--input", self.scene)
        self.assertEqual(code, 0, log)
        self.assertEqual(spans(events), expected_spans(30, self.tones))
        self.assertEqual([e["state"] for e in events], ["ongoing", "ended"] * 2)
        for start, end in zip(events[::2], events[1::2]):
            self.assertEqual(start["id"], end["id"])
            self.assertEqual(start["start"], end["start"])
            self.assertNotIn("end", start)
            self.assertEqual(end["duration_ms"], (end["end_frame"] - end["start_frame"]) * 1000 // RATE)
            self.assertEqual(end["start_s"], end["start_frame"] / RATE)
            self.assertEqual((end["label"], end["model"], end["instance"]), ("tone", "tone", "default"))
            self.assertGreater(end["mean_probability"], 0.9)
            self.assertFalse(end["gap"])
        self.assertLess(events[0]["id"], events[2]["id"])

    def test_real_time_and_fast_raw_pcm_and_file_tell_the_same(self):
        short = self.path("short.wav")
        sounds.write_s16(short, scene(6, [(1, 3)]), RATE)
        expected = expected_spans(6, [(1, 3)])
        self.assertEqual(spans(run("--model", self.model, "--input", short, "--realtime")[1]), expected)
        self.assertEqual(spans(run("--model", self.model, "--input", short, "--fast")[1]), expected)
        with open(short, "rb") as pcm:
            pcm.seek(44)
            code, events, log = run("--model", self.model, "--input", "-", "--rate", RATE, stdin=pcm)
        self.assertEqual(code, 0, log)
        self.assertEqual(spans(events), expected)
        self.assertNotIn("start_s", events[0])

    def test_lines_for_people_go_to_stderr(self):
        log = run("--model", self.model, "--input", self.scene)[2]
        self.assertIn("4.000 s  tone started, probability 1.00", log)
        self.assertIn("11.000 s  tone ended after 7.0 s, probability 1.00", log)

    def test_rules_of_the_configuration_go_over_those_of_the_bundle(self):
        config = self.config("[class tone]\nmin_duration = 6500 ms\n")
        events = run("--config", config, "--model", self.model, "--input", self.scene)[1]
        self.assertEqual(spans(events), expected_spans(30, self.tones)[:1])
        config = self.config("[class tone]\nevent = no\n")
        self.assertEqual(run("--config", config, "--model", self.model, "--input", self.scene)[1], [])

    def test_start_says_model_labels_source_and_rate(self):
        log = "\n".join(run("--model", self.model, "--input", self.scene, "--instance", "kitchen")[2])
        for words in ("instance kitchen", "model tone (tone, quiet)", "16000 Hz", f"hearing {self.scene} at 16000 Hz"):
            self.assertIn(words, log)

    def test_a_source_with_less_bandwidth_than_the_model_knows_is_said(self):
        wide = self.make_model("wide", 44100)
        narrow = self.path("narrow.wav")
        sounds.write_s16(narrow, scene(10, [(3, 5)], 8000), 8000)
        code, events, log = run("--model", wide, "--input", narrow)
        self.assertEqual(code, 0)
        self.assertEqual(len(spans(events)), 1)
        warning = [line for line in log if "8000 Hz" in line and "44100 Hz" in line]
        self.assertEqual(len(warning), 1)
        self.assertIn("above 4000 Hz", warning[0])

    def test_eight_channels_of_floats_at_192_kHz_are_heard(self):
        wide = self.path("eight.wav")
        sounds.write_f32(wide, np.repeat(scene(6, [(2, 3)], 192000)[:, None], 8, axis=1), 192000)
        code, events, log = run("--model", self.model, "--input", wide)
        self.assertEqual(code, 0, log)
        (start, end), = spans(events)
        self.assertEqual((start / 192000, end / 192000), (1, 4))

    def test_a_reader_that_goes_away_is_an_error(self):
        short = self.path("burst.wav")
        sounds.write_s16(short, scene(6, [(0, 2)]), RATE)
        with open(os.devnull, "wb") as nothing:
            reader = subprocess.Popen(["head", "-n", "1"], stdin=subprocess.PIPE, stdout=nothing)
            daemon = subprocess.Popen(
                [HEARKEND, "--events-json", "--model", self.model, "--input", short, "--realtime"],
                stdout=reader.stdin, stderr=subprocess.PIPE)
            reader.stdin.close()
            log = daemon.communicate(timeout=60)[1].decode()
            reader.wait(60)
        self.assertEqual(daemon.returncode, 1)
        self.assertIn("cannot write an event to stdout: Broken pipe", log)


class Signals(Case):
    def test_stop_signals_interrupt_an_open_event_and_end_the_daemon_cleanly(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Listening(self) as listening:
                listening.play(True)
                listening.daemon.wait_for_event(state="ongoing")
                listening.daemon.signal(number)
                self.assertEqual(listening.daemon.wait(), 0)
                end = listening.daemon.events[-1]
                self.assertEqual((end["state"], end["start_frame"]), ("interrupted", 0))
                self.assertEqual(end["id"], listening.daemon.events[0]["id"])

    def test_a_good_reload_takes_new_rules_and_a_new_model(self):
        config = self.config()
        model = self.make_model("old", RATE, "exchanged")
        with Listening(self, "--model", model, "--config", config) as listening:
            daemon = listening.daemon
            listening.play(True)
            daemon.wait_for_event(state="ongoing", model="old")
            self.make_model("new", RATE, "exchanged")
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_log("model reloaded")
            daemon.wait_for_event(state="interrupted", model="old")
            listening.play(True)
            daemon.wait_for_event(state="ongoing", model="new")
            self.config("[class tone]\nevent = no\n")
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_log("model reloaded", 2)
            daemon.wait_for_event(state="interrupted", model="new")
            n_events = len(daemon.events)
            listening.play(True)
            daemon.process.stdin.close()
            daemon.process.stdin = None
            self.assertEqual(daemon.wait(), 0)
            self.assertEqual(len(daemon.events), n_events)

    def test_a_reload_that_changes_nothing_leaves_open_events_alone(self):
        with Listening(self, "--config", self.config("# one\n")) as listening:
            listening.play(True)
            listening.daemon.wait_for_event(state="ongoing")
            self.config("# two\n[log]\nlevel = debug\n")
            listening.daemon.signal(signal.SIGHUP)
            listening.daemon.wait_for_log("model reloaded")
            listening.play(False)
            listening.daemon.wait_for_event(state="ended")
            listening.daemon.wait_for_log("window at")
            self.assertEqual(listening.daemon.stop(), 0)

    def test_a_bad_reload_is_refused_and_all_stays_as_it_was(self):
        config = self.config()
        model = self.make_model("good", RATE, "spoilt")
        with Listening(self, "--model", model, "--config", config) as listening:
            daemon = listening.daemon
            listening.play(True)
            daemon.wait_for_event(state="ongoing")
            self.config("[audio]\n\nrate = fast\n")
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_log(f"reload failed, keeping the current configuration: {config}:3: rate: expected")
            self.config("")
            with open(os.path.join(model, "svm.model"), "a") as file:
                file.write("1 1:1\n")
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_log("svm.model", 1)
            listening.play(False)
            daemon.wait_for_event(state="ended", model="good")
            self.assertEqual(len(daemon.events), 2)
            self.assertEqual(daemon.stop(), 0)

    def test_a_reload_that_only_a_start_would_make_true_is_refused_with_file_line_and_key(self):
        config = self.config("[history]\npath = none\n")
        lines = ("[history]\n\npath = {0}/other.db\n", "[history]\npath = none\n[socket]\npath = {0}/other.sock\n",
                 "[history]\npath = none\n[daemon]\nready_timeout = 9 s\n")
        places = (f'{config}:3: path: takes effect at the next start only: expected "none", as it was started, got '
                  f'"{self.folder}/other.db"', f"{config}:4: path: takes effect", f"{config}:4: ready_timeout: takes effect")
        with Listening(self, "--config", config) as listening:
            daemon = listening.daemon
            daemon.wait_for_log("hearkend 0")
            for text, place in zip(lines, places):
                self.config(text.format(self.folder))
                daemon.signal(signal.SIGHUP)
                daemon.wait_for_log(f"reload failed, keeping the current configuration: {place}")
            self.config("[log]\nlevel = info\n")  # the default is another one
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_log("reload failed, keeping the current configuration: [history] path: takes effect")
            self.config("[history]\npath = none\nmax_events = 7\n")
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_log("configuration and model reloaded")
            self.assertEqual(daemon.stop(), 0)
        self.assertFalse(os.path.exists(self.path("other.db")) or os.path.exists(self.path("other.sock")))

    def test_a_reload_can_change_the_source(self):
        other = self.path("other.wav")
        sounds.write_s16(other, scene(8, [(2, 4)]), RATE)
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        config = self.config(f"[audio]\ninput = {fifo}\nrate = {RATE}\n[model]\npath = {self.model}\n")
        with Daemon("--config", config) as daemon:
            daemon.wait_for_log("hearkend 0")
            self.config(f"[audio]\ninput = {other}\n[model]\npath = {self.model}\n")
            daemon.signal(signal.SIGHUP)
            self.assertEqual(daemon.wait(), 0)
            self.assertEqual(spans(daemon.events), expected_spans(8, [(2, 4)]))


class Inputs(Case):
    """What the path or the descriptor of an input holds is looked at before it is believed."""

    RAW = ["--rate", RATE, "--socket", "none", "--history", "none"]

    def containers(self):
        with open(self.scene, "rb") as file:
            wav = file.read()
        yield "a WAV file", wav
        yield "an RF64 (WAV) file", b"RF64" + wav[4:]
        for name, magic in (("a FLAC file", b"fLaC"), ("an OGG file", b"OggS"), ("an AIFF file", b"FORM"),
                            ("an AU file", b".snd"), ("an ID3 tag", b"ID3\x04\0\0\0\0\x10\0"),
                            ("an M4A or MP4 file", b"\0\0\0\x20ftypM4A ")):
            yield name, magic + wav[len(magic):]
        # three frames of 417 bytes: 128 kbit/s at 44100 Hz
        yield "an MP3 file", 8 * (b"\xff\xfb\x90\x64" + 413 * b"\x55")

    def test_an_audio_file_on_stdin_is_refused_by_its_name_and_not_heard(self):
        for name, data in self.containers():
            with self.subTest(name), tempfile.TemporaryFile() as stdin:
                stdin.write(data)
                stdin.seek(0)
                code, events, log = run("--model", self.model, "--input", "-", *self.RAW, stdin=stdin)
                self.assertEqual((code, events), (66, []))
                said = [line for line in log if "stdin: begins as" in line]
                self.assertEqual(len(said), 1, log)
                for words in (name, "expected raw PCM", "arecord -t raw", "ffmpeg"):
                    self.assertIn(words, said[0])
                self.assertFalse([line for line in log if "hearing stdin" in line])

    def test_few_bytes_of_raw_pcm_are_still_heard(self):
        with tempfile.TemporaryFile() as stdin:
            stdin.write(b"RIF\0")
            stdin.seek(0)
            code, _, log = run("--model", self.model, "--input", "-", *self.RAW, stdin=stdin)
        self.assertEqual(code, 0, log)
        self.assertTrue([line for line in log if "hearing stdin" in line], log)

    def test_an_audio_file_in_a_fifo_is_thrown_away_and_the_next_writer_is_heard(self):
        fifo = self.path("mixed")
        os.mkfifo(fifo)
        with open(self.scene, "rb") as file:
            wav = file.read()
        with Daemon("--model", self.model, "--input", fifo, *self.RAW) as daemon:
            with open(fifo, "wb") as writer:
                writer.write(wav)
                writer.flush()
                # closed at once, a slow daemon would only see the later of the two reasons
                daemon.wait_for_log("begins as a WAV file")
            daemon.wait_for_log("the writer closed the pipe")
            self.assertEqual(daemon.events, [])
            with open(fifo, "wb") as writer:
                writer.write(wav[44:])
            daemon.wait_for(lambda: len(spans(daemon.events)) == 2, "the tones of the raw PCM")
            self.assertEqual(daemon.stop(), 0)
        os.unlink(fifo)

    def test_only_a_fifo_is_heard_where_a_fifo_was(self):
        fifo, listener = self.path("camera"), socket.socket(socket.AF_UNIX)
        with open(self.scene, "rb") as file:
            pcm = file.read()[44:]

        def regular_file():
            with open(fifo, "wb") as file:
                file.write(pcm)
        self.addCleanup(listener.close)
        kinds = [("a regular file", regular_file), ("a folder", lambda: os.mkdir(fifo)),
                 ("a socket", lambda: listener.bind(fifo)), ("a device", lambda: os.symlink("/dev/zero", fifo))]
        os.mkfifo(fifo)
        with Daemon("--model", self.model, "--input", fifo, *self.RAW) as daemon:
            with open(fifo, "wb"):
                pass
            daemon.wait_for_log("the writer closed the pipe")
            for n, (kind, make) in enumerate(kinds, 1):
                if n == 1:
                    os.unlink(fifo)
                make()
                daemon.wait_for_log(f"{fifo}: expected a FIFO (mkfifo), got {kind}")
                os.rmdir(fifo) if kind == "a folder" else os.unlink(fifo)
            self.assertEqual(daemon.events, [])
            os.mkfifo(fifo)
            with open(fifo, "wb") as writer:
                writer.write(pcm)
            daemon.wait_for(lambda: spans(daemon.events), "an event of the FIFO")
            self.assertEqual(daemon.stop(), 0)
        os.unlink(fifo)

    def test_a_header_that_promises_too_little_is_named_and_all_is_heard(self):
        with open(self.scene, "rb") as file:
            wav = file.read()
        short = self.path("short.wav")
        with open(short, "wb") as file:
            file.write(wav[:40] + (1000).to_bytes(4, "little") + wav[44:])
        code, events, log = run("--model", self.model, "--input", short, "--socket", "none", "--history", "none")
        self.assertEqual((code, spans(events)), (0, expected_spans(30, self.tones)))
        self.assertEqual(len([line for line in log if f"{short}: its header promises 1000 bytes of audio" in line]), 1, log)

    def test_closed_descriptors_become_dev_null_in_the_daemon_and_its_capture_process(self):
        for closed in ((0,), (1,), (2,), (0, 1, 2)):
            with self.subTest(closed):
                fifo = self.path("still")
                os.mkfifo(fifo)
                process = subprocess.Popen(
                    [HEARKEND, "--events-json", "--model", self.model, "--input", fifo, *map(str, self.RAW)],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    preexec_fn=lambda: [os.close(fd) for fd in closed])
                with open(fifo, "wb"):  # until hearken-capture has it open
                    for pid in (process.pid, *children_of(process.pid)):
                        for fd in range(3):
                            self.assertEqual(os.readlink(f"/proc/{pid}/fd/{fd}"), "/dev/null")
                    process.terminate()
                    self.assertEqual(process.wait(PATIENCE), 0)
                os.unlink(fifo)
                result = subprocess.run(
                    [HEARKEND, "--events-json", "--model", self.model, "--input", self.scene, *map(str, self.RAW[2:])],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE,
                    preexec_fn=lambda: [os.close(fd) for fd in closed])
                self.assertEqual(result.returncode, 0)

    def test_a_configuration_is_a_regular_file_and_nothing_is_waited_for(self):
        fifo, huge, listener = self.path("c.fifo"), self.path("huge.conf"), socket.socket(socket.AF_UNIX)
        os.mkfifo(fifo)
        with open(huge, "wb") as file:
            file.truncate(5 << 30)
        listener.bind(self.path("c.sock"))
        self.addCleanup(listener.close)
        for path, words in ((fifo, "expected a regular file, got a FIFO"), ("/dev/zero", "expected a regular file, got a device"),
                            (self.folder, "expected a regular file, got a folder"), (huge, "expected at most "),
                            (self.path("c.sock"), "c.sock: ")):
            self.assert_one_clear_line(run("--config", path, "--check-config"), 78, path, words)

    def test_sigterm_and_sigint_end_a_daemon_that_has_not_begun_to_listen(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            reading, writing = os.pipe()
            os.set_blocking(writing, False)
            try:
                while True:
                    os.write(writing, bytes(4096))
            except BlockingIOError:
                os.set_blocking(writing, True)
            # The settings find no room in the pipe: it waits, before or here, when the signal comes.
            process = subprocess.Popen([HEARKEND, "--show-config", "--model", self.model, "--config", self.config()],
                                       stdout=writing, preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, []))
            process.send_signal(number)
            self.assertEqual(process.wait(PATIENCE), -number)
            os.close(reading)
            os.close(writing)


class History(Case):
    ONGOING, INTERRUPTED = 0, 2  # in the file

    def rows(self):
        database = sqlite3.connect(f"file:{self.history}?mode=ro", uri=True)
        found = database.execute("SELECT instance, state FROM events ORDER BY id").fetchall()
        database.close()
        return found

    def test_a_second_daemon_leaves_the_events_of_the_first_alone_and_follows_when_that_was_killed(self):
        self.history = self.path("shared.db")
        with Listening(self, "--instance", "three", "--history", self.history) as first:
            first.play(True)
            first.daemon.wait_for_event(state="ongoing", stored=True)
            with Listening(self, "--instance", "four", "--history", self.history) as second:
                daemon = second.daemon
                daemon.wait_for_log(f"history {self.history} cannot be written: in use by another hearkend; ")
                second.play(True)
                daemon.wait_for_event(state="ongoing", stored=False)
                self.assertEqual(self.rows(), [("three", self.ONGOING)])
                first.daemon.process.kill()
                daemon.wait_for_log("closed 1 events left open")
                daemon.wait_for_log(f"history {self.history} can be written again")
                self.assertEqual(self.rows(), [("three", self.INTERRUPTED), ("four", self.ONGOING)])
                self.assertEqual(daemon.stop(), 0)


class Layers(Case):
    """hearken.conf for all, NAME.conf over it, drop-ins over each; the folder is the one that systemd gives a user's
    service, which goes before those of the machine."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=self.folder)
        self.addCleanup(folder.cleanup)
        self.layers = pathlib.Path(folder.name)
        self.env = {"CONFIGURATION_DIRECTORY": str(self.layers)}

    def layer(self, name, text):
        (self.layers / name).parent.mkdir(exist_ok=True)
        (self.layers / name).write_text(text)

    def check(self, instance):
        done = subprocess.run([HEARKEND, "--check-config", "--model", self.model, "--instance", instance], capture_output=True,
                              text=True, env={**os.environ, **self.env}, timeout=60)
        return done.returncode, done.stderr

    def test_a_rule_for_a_class_of_another_model_is_a_warning_in_common_files_and_an_error_in_ones_own(self):
        text = "[class tone]\non = 0.75\n[class barking]\non = 0.5\n"
        for name in ("hearken.conf", "hearken.conf.d/50-dogs.conf"):
            self.layer(name, text)
            code, told = self.check("attic")
            self.assertEqual(code, 0, told)
            self.assertRegex(told, rf'{name}:3: model tone has no class "barking": expected one of tone, quiet; ignoring the section')
            self.assertEqual(told.count("barking"), 1)
            shown = self.show("--instance", "attic", "--model", str(self.model))[0]
            self.assertEqual(shown["[class tone]", "on"], ("0.75", f"{self.layers}/{name}:2"))
            (self.layers / name).unlink()
        for name in ("attic.conf", "attic.conf.d/50-dogs.conf"):
            self.layer(name, text)
            code, told = self.check("attic")
            self.assertEqual(code, 78)
            self.assertIn(f'{name}:3: model tone has no class "barking"', told)
            self.assertEqual(self.check("kitchen"), (0, ""))
            (self.layers / name).unlink()

    def check_all(self, *args):
        done = subprocess.run([HEARKEND, "--check-config", "--all", *args], capture_output=True, text=True,
                              env={**os.environ, **self.env}, timeout=60)
        return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()

    def test_one_check_finds_what_is_wrong_in_every_instance(self):
        model = f"[model]\npath = {self.model}\n"
        self.layer("hearken.conf", model)
        self.assertEqual(self.check_all(), (0, [f"default: {self.layers}/hearken.conf: OK (model tone)"], []))
        self.layer("kitchen.conf", "[class tone]\non = 0.75\n")
        self.layer("hall.conf.d/10-x.conf", "[class barking]\non = 0.5\n")
        self.layer("attic.conf", "[audio]\ninput = /nowhere.wav\n")
        self.layer("attic.conf.d/50-more.conf", "[audio]\nchannel = 1\n")
        code, right, wrong = self.check_all()
        self.assertEqual(code, 66)  # the first of attic, hall, kitchen
        self.assertEqual(right, [f"kitchen: {self.layers}/hearken.conf, {self.layers}/kitchen.conf: OK (model tone)"])
        self.assertEqual(len(wrong), 2, wrong)
        self.assertIn(f"instance attic: {self.layers}/attic.conf:2: input: /nowhere.wav: cannot be opened", wrong[0])
        self.assertIn(f'instance hall: {self.layers}/hall.conf.d/10-x.conf:1: model tone has no class "barking"', wrong[1])
        for name in ("attic.conf", "attic.conf.d/50-more.conf", "hall.conf.d/10-x.conf"):
            (self.layers / name).unlink()
        self.layer("no name.conf", "")
        code, right, wrong = self.check_all()
        self.assertEqual((code, len(wrong)), (78, 1))
        self.assertIn("instance no name: --instance: expected a name of letters", wrong[0])
        self.layer("hearken.conf", model + "[class barking]\non = 0.5\n")
        self.assertIn("ignoring the section", self.check_all()[2][0])

    def test_all_is_for_a_check_of_installed_files(self):
        for args in (["--all"], ["--all", "--show-config"], ["--all", "--check-config", "--instance", "default"],
                     ["--all", "--check-config", "--config", self.layers / "x.conf"]):
            self.assert_one_clear_line(run(*map(str, args)), 64, "--all: expected it with --check-config")

    def show(self, *args):
        """{(section, key): (value, origin)}"""
        text = subprocess.run([HEARKEND, "--show-config", *args], capture_output=True, text=True, check=True,
                              env={**os.environ, **self.env}, timeout=60).stdout
        found, section, origin = {}, None, None
        for line in text.splitlines():
            if line.startswith("["):
                section = line
            elif line.startswith("#"):
                origin = line[2:]
            elif line:
                key, _, value = line.partition(" =")
                found[section, key] = (value.strip(), origin)
        return found, text

    def test_an_instance_hears_what_its_layers_say(self):
        self.layer("hearken.conf", f"[audio]\ndevice = none such\n[model]\npath = {self.model}\n")
        self.layer("hearken.conf.d/50-rules.conf", "[class tone]\nevent = no\n")
        self.layer("hall.conf", f"[audio]\ninput = {self.scene}\n")
        self.layer("hall.conf.d/50-rules.conf", "[class tone]\nevent = yes\nmin_duration = 6500 ms\n")
        code, events, log = run("--instance", "hall", env=self.env)
        self.assertEqual(code, 0, log)
        self.assertEqual(spans(events), [span for span in expected_spans(30, self.tones)
                                         if span[1] - span[0] >= 6.5 * RATE])
        self.assertEqual(len(spans(events)), 1)

    def test_every_value_is_shown_with_the_place_it_comes_from(self):
        self.layer("hearken.conf", f"[model]\npath = {self.model}\n[audio]\nrate = 8000\n")
        self.layer("hall.conf", "\n[audio]\nrate = 16000\n")
        self.layer("hall.conf.d/a.conf", "[class tone]\non = 0.75\n")
        self.layer("hall.conf.d/b.conf", "[class tone]\non = 0.7\n")
        (self.layers / "hall.conf.d" / "b.conf").unlink()
        (self.layers / "hall.conf.d" / "b.conf").symlink_to("/dev/null")
        found, text = self.show("--instance", "hall", "--channel", "1")
        self.assertEqual(found["[audio]", "rate"], ("16000", f"{self.layers}/hall.conf:3"))
        self.assertEqual(found["[model]", "path"], (self.model, f"{self.layers}/hearken.conf:2"))
        self.assertEqual(found["[class tone]", "on"], ("0.75", f"{self.layers}/hall.conf.d/a.conf:2"))
        self.assertEqual(found["[class tone]", "off"], ("0.4", "model tone"))
        self.assertEqual(found["[audio]", "channel"], ("1", "--channel"))
        self.assertEqual(found["[audio]", "channels"], ("1", "default"))
        self.assertEqual(found["[history]", "path"], ("auto", "default; read at the start only"))
        # it is a configuration that says the same
        again, _ = self.show("--config", self.write("shown.conf", text))
        self.assertEqual({key: value for key, (value, _) in again.items()},
                         {key: value for key, (value, _) in found.items()})
        self.assertEqual(self.show("--instance", "attic")[0]["[audio]", "rate"][0], "8000")

    def test_a_reload_reads_all_layers_again_and_names_the_one_at_fault(self):
        self.layer("hearken.conf", "[class tone]\nevent = no\n")
        with Listening(self, "--instance", "hall", env=self.env) as listening:
            daemon = listening.daemon
            daemon.wait_for_log("hearkend 0")
            self.layer("hall.conf.d/rules.conf", "[class tone]\n\nconfirm = 9 of 3\n")
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_log(f"reload failed, keeping the current configuration: {self.layers}/hall.conf.d/rules.conf:3: confirm: "
                                "expected")
            self.layer("hall.conf.d/rules.conf", "[class tone]\nevent = yes\n")
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_log("configuration and model reloaded")
            listening.play(True)
            daemon.wait_for_event(state="ongoing")
            self.assertEqual(daemon.stop(), 0)

    def test_a_link_that_leads_nowhere_is_named(self):
        (self.layers / "hall.conf").symlink_to("nowhere")
        self.assert_one_clear_line(run("--instance", "hall", env=self.env), 78, f"{self.layers}/hall.conf: No such file")


class Faults(Case):
    def test_a_limit_of_file_size_is_an_error_in_words_and_no_signal(self):
        limited = ["bash", "-c", 'ulimit -f 1; exec "$0" "$@"', HEARKEND, "--model", self.model, "--input", self.scene, "--socket", "none"]
        result = subprocess.run([*limited, "--history", os.path.join(self.folder, "limited.db")], capture_output=True, text=True)
        self.assertEqual(result.returncode, 66, result.stderr)
        self.assertIn("File too large", result.stderr)

    def test_bad_configurations_are_refused_with_file_line_key_and_expectation(self):
        cases = [
            ("[audio]\nrat = 1\n", ":2: ", 'no key "rat"', "rate"),
            ("[audio]\n\n\nrate = fast\n", ":4: rate: expected", "fast"),
            ("[audio]\nchannel = 65\n", ":2: channel: expected", "64"),
            ("[audio]\nrate = 44k\n", ":2: rate: expected 0 or a whole number from 1000 to 768000 Hz", "44k"),
            ("[audio]\nrate = 500\n", ":2: rate: expected 0 or a whole number from 1000 to 768000 Hz", "500"),
            ("[audio]\nrealtime = maybe\n", ":2: realtime: expected"),
            ("[Audio]\nrate = 1\n", ":1: no section [Audio]: expected one of [audio], [model],", "[class NAME]"),
            ("[audio]\ndevice = a\ninput = b\n", ":3: input: expected one of device and input"),
            ("[audio]\n\n[model]\npath =\n", ":4: path: expected a model bundle"),
            ("[history]\npath =\n", ":2: path: expected a file, auto or none"),
            ("nonsense\n", ":1: expected"),
            ("[log]\nlevel = info\nlevel = debug\n", ":3: ", "line 2"),
            ("[class tone]\non = 2\n", ":2: on: expected", '"2"'),
            ("[class tone]\noff = 0.9\n", ":2: [class tone] off: expected at most on (0.6)"),
            ("[class bell]\non = 0.5\n", ":1: ", 'no class "bell"', "tone, quiet"),
            ("[class tone]\nconfirm = 3 of 2\n", ":2: confirm: expected"),
        ]
        for text, place, *words in cases:
            with self.subTest(text):
                config = self.config(text)
                for mode in (["--check-config"], ["--input", self.scene]):
                    result = run("--config", config, "--model", self.model, *mode)
                    self.assert_one_clear_line(result, 78, config + place, *words)

    def test_what_cannot_start_is_told_with_its_place_by_the_check_and_by_the_start(self):
        nothing, text, folder = self.path("nothing"), self.write("text.wav", "no audio\n" * 9), self.folder
        fifo = self.path("raw")
        os.mkfifo(fifo)
        cases = [
            (78, f"[model]\n\npath = {nothing}\n", f":3: path: {nothing}: No such file or directory; expected a bundle's folder"),
            (66, f"[audio]\ninput = {nothing}\n", f":2: input: {nothing}: cannot be opened: No such file"),
            (66, f"[audio]\ninput = {folder}\n", f":2: input: {folder}: is a folder; expected"),
            (66, f"[audio]\ninput = {text}\n", f":2: input: {text}: is not a WAV, FLAC, OGG or MP3 file"),
            (66, f"[audio]\ninput = {self.scene}\nchannel = 2\n", f":3: channel: {self.scene}: channel 2 does not exist"),
            (78, f"[audio]\ninput = {fifo}\n", ":2: input: expected the rate of the raw PCM"),
            (78, "[audio]\ninput = -\n", ":2: input: expected the rate of the raw PCM"),
            (78, "[audio]\nchannel = 3\nchannels = 2\n", ":2: channel: expected at most 2"),
            (78, f"[audio]\ninput = {fifo}\nrate = 8000\nchannel = 2\n", ":4: channel: expected at most 1"),
        ]
        for code, config, place in cases:
            config = self.config(config)
            args = ["--config", config, *(["--model", self.model] if "path" not in place else [])]
            for mode in (["--check-config"], []):
                with self.subTest(config=pathlib.Path(config).read_text(), mode=mode):
                    self.assert_one_clear_line(run(*args, *mode), code, f"hearkend: {config}{place}")
        for code, args, place in ((78, ["--model", nothing], f"--model: {nothing}"),
                                  (66, ["--model", self.model, "--input", nothing], f"--input: {nothing}: cannot be")):
            for mode in (["--check-config"], []):
                self.assert_one_clear_line(run("--config", self.config(), *args, *mode), code, f"hearkend: {place}")

    def check(self, config):
        """What is said of a right one."""
        result = subprocess.run([HEARKEND, "--check-config", "--config", config, "--model", self.model],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def test_a_check_leaves_a_pipe_to_who_hears_it_and_takes_a_device_that_is_away(self):
        fifo = self.path("heard")
        os.mkfifo(fifo)
        config = self.config(f"[audio]\ninput = {fifo}\nrate = 8000\nchannels = 2\nchannel = 2\n")
        with open(os.open(fifo, os.O_RDWR), "r+b", buffering=0) as pipe:
            pipe.write(b"sound")
            self.check(config)
            self.assertEqual(pipe.read(5), b"sound")
        config = self.config("[audio]\ndevice = none such\nchannel = 8\n")
        self.check(config)

    def test_a_socket_that_cannot_be_is_told_with_its_place(self):
        config = self.config(f"[socket]\npath = {self.path('nodir')}/x.sock\n")
        self.assert_one_clear_line(run("--config", config, "--model", self.model, "--input", self.scene), 1,
                                   f"{config}:2: path: socket {self.path('nodir')}/x.sock: No such file or directory")
        self.assert_one_clear_line(
            run("--config", config, "--model", self.model, "--input", self.scene, "--socket", self.scene), 1,
            f"--socket: socket {self.scene}: exists and is not a socket")

    def test_a_right_configuration_is_said_to_be_right(self):
        config = self.config("[class tone]\non = 0.7\n")
        self.assertIn(config, self.check(config))
        self.check(self.config(f"[audio]\ninput = {self.scene}\nchannel = 1\n"))

    def test_what_cannot_be_read_is_named(self):
        self.assert_one_clear_line(run("--config", self.path("none.conf")), 78, "none.conf", "No such file")
        self.assert_one_clear_line(run("--config", self.folder), 78, self.folder)
        self.assert_one_clear_line(run("--model", self.path("none")), 78, self.path("none"), "No such file")
        if os.geteuid() != 0:
            os.chmod(self.config(), 0)
            self.assert_one_clear_line(run("--config", self.config()), 78, "Permission denied")

    def test_a_spoilt_bundle_is_refused_with_file_and_line(self):
        model = self.make_model("bad", RATE)
        ini = pathlib.Path(model, "model.ini")
        good = ini.read_text()
        for old, new, words in (("name = spectrogram", "name = whistle", "whistle"), ("step_frames = 16000",
                                "step_frames = -1", "step_frames"), ("labels = tone quiet", "labels = tone", "labels")):
            with self.subTest(new):
                ini.write_text(good.replace(old, new))
                self.assert_one_clear_line(run("--model", model, "--input", self.scene), 78, "model.ini:", words)

    def test_bad_audio_is_named_with_exit_code_66(self):
        pathlib.Path(self.path("empty.wav")).write_bytes(b"")
        pathlib.Path(self.path("noise.wav")).write_bytes(os.urandom(5000))
        sounds.write_s16(self.path("zero.wav"), np.zeros(0), RATE)
        for name in ("none.wav", "empty.wav", "noise.wav", "zero.wav"):
            with self.subTest(name):
                self.assert_one_clear_line(run("--model", self.model, "--input", self.path(name)), 66, name)
        self.assert_one_clear_line(run("--model", self.model, "--input", self.scene, "--channel", "2"), 66, "channel")

    def test_a_file_that_breaks_off_is_heard_so_far_and_named(self):
        whole = self.path("whole.flac")
        subprocess.run(["sox", self.scene, whole], check=True)
        broken = self.path("broken.flac")
        data = bytearray(pathlib.Path(whole).read_bytes())
        data[len(data) // 2:] = os.urandom(len(data) - len(data) // 2)
        pathlib.Path(broken).write_bytes(data)
        code, events, log = run("--model", self.model, "--input", broken)
        self.assertEqual(code, 66, log)
        self.assertEqual(spans(events)[:1], expected_spans(30, self.tones)[:1])
        self.assertTrue(any(broken in line for line in log), log)

    def test_a_bad_command_line_has_exit_code_64(self):
        for args, words in ((["--frobnicate"], "--frobnicate"), (["--rate"], "--rate"), (["x.wav"], "x.wav"),
                            (["--rate", "ten"], "--rate: expected"), (["--instance", "a/b"], "a/b"),
                            (["--input", "b", "--device", "a"], "--device: expected one of device and input"),
                            (["--realtime", "--fast"], "--fast and --realtime are mutually exclusive"),
                            (["--log-level", "foo"], "--log-level: expected one of")):
            with self.subTest(args):
                self.assert_one_clear_line(run(*args), 64, words)

    def test_raw_pcm_without_its_rate_is_refused(self):
        self.assert_one_clear_line(run("--model", self.model, "--input", "-"), 78, "--rate")

    def test_help_and_version(self):
        text = subprocess.run([HEARKEND, "--help"], capture_output=True, text=True, check=True, timeout=60).stdout
        self.assertIn("--check-config", text)
        text = subprocess.run([HEARKEND, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
        self.assertRegex(text, r"^hearkend \d+\.\d+\.\d+\n$")


class Notify(Case):
    WATCHDOG_S = 8  # four looks in that time; a window is due every second

    def setUp(self):
        self.systemd = Systemd(self.folder, self.WATCHDOG_S)
        self.addCleanup(self.systemd.close)

    def test_ready_with_the_first_audio_then_status_watchdog_reload_and_stop(self):
        with Listening(self, "--config", self.config(), env=self.systemd.env) as listening:
            listening.play(True)
            status = self.systemd.wait_for("READY")["STATUS"]
            self.assertIn("Hearing stdin at 16000 Hz with model tone", status)
            self.assertIn("1 event, the last: tone at ", self.systemd.wait_for("STATUS", "1 event")["STATUS"])
            self.systemd.wait_for("WATCHDOG")
            listening.daemon.signal(signal.SIGHUP)
            self.assertGreater(int(self.systemd.wait_for("RELOADING", "1")["MONOTONIC_USEC"]), 0)
            self.systemd.wait_for("READY")
            listening.daemon.signal(signal.SIGTERM)
            self.systemd.wait_for("STOPPING", "1")
            self.assertEqual(listening.daemon.wait(), 0)

    def test_without_audio_ready_comes_after_the_bound_and_the_watchdog_is_fed(self):
        config = self.config("[daemon]\nready_timeout = 500 ms\n")
        with Listening(self, "--config", config, env=self.systemd.env) as listening:
            # so that a bound beyond the unit's TimeoutStartSec is kept, too
            self.assertGreater(int(self.systemd.wait_for("EXTEND_TIMEOUT_USEC")["EXTEND_TIMEOUT_USEC"]), 500000)
            status = self.systemd.wait_for("READY")["STATUS"]
            self.assertIn("Not hearing, source is st", status)
            for _ in range(3):
                self.systemd.wait_for("WATCHDOG")
            listening.play(False)
            self.systemd.wait_for("STATUS", "Hearing stdin")
            self.assertEqual(listening.daemon.stop(), 0)

    def test_a_history_that_cannot_be_written_is_in_the_status(self):
        history = pathlib.Path(self.folder) / "no" / "such" / "folder.db"
        with Listening(self, "--history", history, env=self.systemd.env) as listening:
            listening.play(True)
            self.systemd.wait_for("STATUS", "the history is not being written: No such file or directory")
            self.assertEqual(listening.daemon.stop(), 0)

    def test_a_hung_analysis_is_not_covered_up(self):
        with Listening(self, env=self.systemd.env) as listening:
            listening.play(False)
            self.systemd.wait_for("WATCHDOG")
            thread = hang(listening.daemon.process.pid, "analysis")
            if not thread:
                self.skipTest("ptrace is not allowed here")
            # one look may still see what was done before the stop; then there is none until systemd would end it
            self.systemd.collect(self.WATCHDOG_S / 4 + 1)
            end = time.monotonic() + PATIENCE
            while any("WATCHDOG" in message for message in self.systemd.collect(self.WATCHDOG_S)):
                self.assertLess(time.monotonic(), end, "fed on")
            go_on(thread)
            self.systemd.wait_for("WATCHDOG")
            self.assertEqual(listening.daemon.stop(), 0)


JOURNAL_MISSING = journal.missing()


@unittest.skipIf(JOURNAL_MISSING, JOURNAL_MISSING)
class Journal(Case):
    MESSAGE_IDS = ("49d817809ed845869b761544a92ca23f", "e14d79c6519948b0b7e124a1b6eea3e1")

    def test_start_and_end_are_records_with_fields_of_their_own(self):
        folder = self.path("journal")
        stderr = self.path("stderr")
        config = self.config("[class tone]\npriority = alert\n")
        subprocess.run([*journal.service(folder, stderr), HEARKEND, "--config", config, "--model", self.model,
                        "--input", self.scene, "--instance", "attic"], check=True, timeout=120)
        self.assertEqual(pathlib.Path(stderr).read_text(), "")
        ours = [r for r in journal.records(folder) if r.get("HEARKEN_INSTANCE") == "attic"]
        self.assertTrue(any("hearing" in r["MESSAGE"] and r["PRIORITY"] == "6" for r in ours))
        events = [r for r in ours if "HEARKEN_EVENT_ID" in r]
        self.assertEqual([r["MESSAGE_ID"] for r in events], list(self.MESSAGE_IDS) * 2)
        start, end = events[:2]
        self.assertEqual(end["HEARKEN_EVENT_ID"], start["HEARKEN_EVENT_ID"])
        self.assertNotIn("HEARKEN_END", start)
        expected = {
            "PRIORITY": "1", "HEARKEN_LABEL": "tone", "HEARKEN_STATE": "ended", "HEARKEN_START_FRAME": "64000",
            "HEARKEN_END_FRAME": "176000", "HEARKEN_RATE_HZ": "16000", "HEARKEN_DURATION_MS": "7000",
            "HEARKEN_START_S": "4.000", "HEARKEN_END_S": "11.000", "HEARKEN_MODEL": "tone", "HEARKEN_WINDOWS": "6",
            "HEARKEN_GAP": "0", "HEARKEN_LEVEL_DBFS": "-9.0", "MESSAGE": "tone ended after 7.0 s, probability 1.00",
        }
        self.assertEqual({key: end.get(key) for key in expected}, expected)
        self.assertRegex(end["HEARKEN_START"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertRegex(end["HEARKEN_END"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertGreater(float(end["HEARKEN_PROBABILITY"]), 0.9)
        self.assertEqual(len(end["HEARKEN_MODEL_HASH"]), 64)


@unittest.skipUnless(os.environ.get("FAULTMIC"), "the fault microphone needs ALSA's headers")
class Microphone(Case):
    def alsa(self, wav):
        plugin = f'{{ type faultmic wav "{wav}" ctl "{self.path("ctl")}" }}'
        conf = self.write("asound.conf", f'pcm_type.faultmic {{ lib "{os.environ["FAULTMIC"]}" }}\n'
                          f"pcm.mic {plugin}\npcm.!default {{ type plug slave.pcm {plugin} }}\n"
                          "ctl.!default { type hw card 0 }\n")
        return {"ALSA_CONFIG_PATH": conf, "JACK_NO_START_SERVER": "1"}

    def test_a_minute_by_microphone_is_heard_whole_and_in_place(self):
        tones = [(6, 9), (20, 30), (41, 42), (50, 55)]
        wav = self.path("minute.wav")
        sounds.write_s16(wav, scene(64, tones), RATE)
        with Daemon("--model", self.model, "--log-level", "debug", env=self.alsa(wav)) as daemon:
            daemon.wait_for_log("window at", 60, seconds=120)
            self.assertEqual(daemon.stop(), 0)
            log, events = daemon.log, daemon.events
        windows = [int(line.split("window at ")[1].split(":")[0]) for line in log if "window at" in line]
        self.assertEqual(windows, [i * STEP for i in range(len(windows))])  # 0 frames lost
        self.assertFalse([line for line in log if re.search("lost(?!, counted as overruns)|stalled", line)], log)
        self.assertEqual(len(spans(events)), len(tones))
        for (start, end), (first, last) in zip(spans(events), expected_spans(64, tones)):
            self.assertLessEqual(abs(start - first), STEP)
            self.assertLessEqual(abs(end - last), STEP)

    def test_without_a_device_it_waits_says_why_and_hears_when_one_comes(self):
        systemd = Systemd(self.folder)
        self.addCleanup(systemd.close)
        self.write("ctl", "busy")
        wav = self.path("late.wav")
        sounds.write_s16(wav, scene(30, [(0, 30)]), RATE)
        config = self.config("[daemon]\nready_timeout = 1 s\n")
        env = {**self.alsa(wav), **systemd.env}
        with Daemon("--model", self.model, "--config", config, env=env) as daemon:
            self.assertRegex(systemd.wait_for("READY")["STATUS"], "Not hearing, source is (starting|lost)")
            self.write("ctl", "run")
            systemd.wait_for("STATUS", "Hearing")
            daemon.wait_for_event(state="ongoing")
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(len(daemon.log), 20, daemon.log)


if __name__ == "__main__":
    unittest.main()
