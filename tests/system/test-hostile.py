#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What somebody who means harm can hand to the programs: a model bundle, an audio file, a sound. docs/security.md says
what may come of it; whatever a header says, no program may need more memory or time than its file is worth."""

import base64
import hashlib
import html.parser
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import unittest
import xml.etree.ElementTree

import numpy as np

import sounds
from daemon import FAULTS, PATIENCE, Daemon
from varlink import Client, Error

HEARKEN = os.environ["HEARKEN"]
HOME = pathlib.Path(os.environ["HEARKEN_SOURCE"]) / "models" / "home"
RATE = 16000
MEMORY_KIB = 400 * 1024  # with a sanitizer's own; the absurd headers ask for gigabytes


def told(text, name):
    """An escape sequence or a NUL in a message would be the sender's, not ours."""
    return name in text and not any(ord(c) < 32 and c not in "\n\t" for c in text)


def watched(*args):
    """A program to its end: (exit code, stdout, stderr, most memory in KiB)."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([str(arg) for arg in args], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return process.returncode, out.read().decode(), err.read().decode(errors="replace"), usage.ru_maxrss


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-hostile-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.model = cls.folder / "tone"
        subprocess.run([os.environ["MAKE_BUNDLE"], cls.model, "tone", str(RATE)], check=True)

    def assert_whole(self, code, error, memory):
        """It ended by itself, in order, and small."""
        self.assertGreaterEqual(code, 0, error)
        self.assertIsNone(FAULTS.search(error), error)
        self.assertLess(memory, MEMORY_KIB)


class Bundle(Case):
    """Each is refused by `hearken model show` and by a daemon that runs, which keeps the model it has."""

    def spoilt(self):
        """(name, what to do to the files of a good bundle, what the message names)"""
        def link(name, target):
            def spoil(folder):
                (folder / name).unlink()
                (folder / name).symlink_to(target)
            return spoil

        def replaced(name, old, new):
            def spoil(folder):
                data = (folder / name).read_bytes()
                self.assertIn(old, data)
                (folder / name).write_bytes(data.replace(old, new, 1))
            return spoil

        def fifo(folder):
            (folder / "model.ini").unlink()
            os.mkfifo(folder / "model.ini")

        def sparse(name):
            return lambda folder: os.truncate(folder / name, 1 << 40)

        return [
            ("link to itself", link("svm.model", "svm.model"), "svm.model"),
            ("link to a device without an end", link("scaler.csv", "/dev/zero"), "scaler.csv"),
            ("link to the memory of the process", link("svm.model", "/proc/self/mem"), "svm.model"),
            ("link to somebody's secrets", link("model.ini", "/etc/passwd"), "model.ini"),
            ("FIFO that nobody writes", fifo, "model.ini"),
            ("terabyte of nothing", sparse("svm.model"), "svm.model"),
            ("terabyte of settings", sparse("model.ini"), "model.ini"),
            ("a mean that is no number", replaced("scaler.csv", b",0.05,", b",nan,"), "scaler.csv"),
            ("a scale that is endless", replaced("scaler.csv", b",0.01", b",inf"), "scaler.csv"),
            ("a scale of nothing", replaced("scaler.csv", b",0.01", b",0"), "scaler.csv"),
            ("two thousand million vectors", replaced("svm.model", b"total_sv 1", b"total_sv 2000000000"), "svm.model"),
            ("a class that is not there", replaced("svm.model", b"nr_class 2", b"nr_class 2147483647"), "svm.model"),
            ("an index beyond all memory", replaced("svm.model", b" 3:", b" 2147483647:"), "svm.model"),
            ("a coefficient that is no number", replaced("svm.model", b"SV\n1", b"SV\nnan"), "svm.model"),
            ("a window without an end", replaced("model.ini", b"window_frames = 32000", b"window_frames = 4294967295"),
             "model.ini"),
            ("a step that stands still", replaced("model.ini", b"step_frames = 16000", b"step_frames = 0"), "model.ini"),
            ("a transform beyond all memory", replaced("model.ini", b"n_fft = 2048", b"n_fft = 1073741824"), "model.ini"),
            ("a picture beyond all memory", replaced("model.ini", b"n_columns = 2", b"n_columns = 2147483647"), "model.ini"),
            ("a slope that is no number", replaced("model.ini", b"slope = ", b"slope = nan\n#"), "model.ini"),
            ("a name that writes to the terminal", replaced("model.ini", b"labels = tone", b"labels = \033[2Jtone"),
             "model.ini"),
            ("a byte that ends texts", replaced("model.ini", b"name = tone", b"name = to\0ne"), "model.ini"),
        ]

    @staticmethod
    def sign(folder):
        """As whoever made it would: the hashes in model.ini are those of its files, where they can be read at all."""
        ini = folder / "model.ini"
        if ini.is_symlink() or not ini.is_file() or ini.stat().st_size > 1 << 20:
            return
        text = ini.read_bytes()
        for name in (b"scaler.csv", b"svm.model"):
            path = folder / name.decode()
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 20:
                digest = hashlib.sha256(path.read_bytes()).hexdigest().encode()
                lines = [name + b" = " + digest if line.startswith(name + b" = ") else line for line in text.split(b"\n")]
                text = b"\n".join(lines)
        ini.write_bytes(text)

    def test_hostile_bundles_are_refused_by_name_and_the_model_in_use_stays(self):
        config = self.folder / "hearken.conf"
        config.write_text(f"[model]\npath = {self.model}\n")
        path = self.folder / "bundle.sock"
        with Daemon("--config", config, "--socket", path, "--history", "none", "--input", "-", "--rate", RATE,
                    stdin=subprocess.PIPE) as daemon:
            daemon.process.stdin.write(bytes(2 * RATE))
            daemon.process.stdin.flush()
            daemon.wait_for_log("hearing")
            with Client(path) as client:
                before = client.call("io.hearken.GetStatus")["status"]
                for i, (what, spoil, name) in enumerate(self.spoilt()):
                    with self.subTest(what):
                        folder = self.folder / f"bundle{i}"
                        shutil.copytree(self.model, folder)
                        spoil(folder)
                        self.sign(folder)
                        code, out, error, memory = watched(HEARKEN, "model", "show", folder)
                        self.assert_whole(code, error, memory)
                        self.assertEqual((code, out), (78, ""), error)
                        self.assertTrue(told(error, f"{folder}/{name}"), error)
                        config.write_text(f"[model]\npath = {folder}\n")
                        with self.assertRaises(Error) as caught:
                            client.call("io.hearken.Reload")
                        self.assertEqual(caught.exception.name, "io.hearken.ReloadFailed")
                        self.assertTrue(told(caught.exception.parameters["reason"], f"{folder}/{name}"))
                after = client.call("io.hearken.GetStatus")["status"]
            self.assertEqual((after["pid"], after["model"]), (before["pid"], before["model"]))
            self.assertEqual(daemon.stop(), 0)


def wav(form=1, channels=1, rate=RATE, byte_rate=None, align=None, bits=16, form_size=16, before=b"", data=b"\0\1" * RATE * 3,
        data_size=None, riff_size=None):
    align = channels * bits // 8 if align is None else align
    byte_rate = rate * align if byte_rate is None else byte_rate
    chunks = struct.pack("<4sIHHIIHH", b"fmt ", form_size, form & 0xffff, channels & 0xffff, rate & 0xffffffff,
                         byte_rate & 0xffffffff, align & 0xffff, bits & 0xffff)
    chunks += before + struct.pack("<4sI", b"data", len(data) if data_size is None else data_size) + data
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks) if riff_size is None else riff_size, b"WAVE") + chunks


class AudioFile(Case):
    FILES = {
        "no channels": wav(channels=0),
        "65535 channels": wav(channels=65535),
        "65 channels": wav(channels=65),
        "no rate": wav(rate=0),
        "a rate of 4 GHz": wav(rate=0xffffffff),
        "a rate below zero": wav(rate=-16000),
        "samples of no bits": wav(bits=0, align=2),
        "samples of 65535 bits": wav(bits=65535),
        "blocks of nothing": wav(align=0),
        "blocks of 64 KiB": wav(align=65535),
        "a format that is none": wav(form=0x1234),
        "ADPCM without its table": wav(form=2, bits=4, align=65535),
        "a format of 2 GiB": wav(form_size=0x7fffffff),
        "4 GiB of audio in a header": wav(data_size=0xfffffffe),
        "audio of odd length": wav(data=b"\1" * 100001),
        "nothing behind the header": wav(data=b""),
        "a chunk that reaches beyond 4 GiB": wav(before=struct.pack("<4sI", b"LIST", 0xfffffff7)),
        "a hundred thousand empty chunks": wav(before=struct.pack("<4sI", b"junk", 0) * 100000),
        "comments of 1 GiB": wav(before=struct.pack("<4sI4s4sI", b"LIST", 1 << 30, b"INFO", b"ICMT", 1 << 30)),
        "a hundred thousand cue points": wav(before=struct.pack("<4sII", b"cue ", 28, 100000) + bytes(24)),
        "no end of chunks": wav()[:12] + struct.pack("<4sI", b"fmt ", 0) * 1000,
        "RIFF and no more": b"RIFF\xff\xff\xff\xffWAVE",
        "RF64 with 2^64 bytes": b"RF64\xff\xff\xff\xffWAVEds64" + struct.pack("<IQQQI", 28, *[2**64 - 1] * 3, 2**32 - 1) +
                                wav()[12:36] + b"data\xff\xff\xff\xff" + bytes(1000),
        "FLAC and no more": b"fLaC" + bytes(100),
        "FLAC with a picture of 16 MiB": b"fLaC\6\xff\xff\xff" + bytes(1000),
        "OGG with pages of nothing": (b"OggS" + bytes(22) + b"\xff" + bytes(255)) * 1000,
    }

    def test_absurd_headers_are_refused_or_heard_as_far_as_the_file_goes(self):
        path = self.folder / "hostile.wav"
        n_refused = 0
        for what, data in self.FILES.items():
            path.write_bytes(data)
            for command in ((HEARKEN, "classify", "--model", self.model, path), (HEARKEN, "detect", "--model", self.model, path),
                            (os.environ["HEARKEND"], "--model", self.model, "--input", path)):
                with self.subTest(what, command=command[:2]):
                    code, out, error, memory = watched(*command)
                    self.assert_whole(code, error, memory)
                    self.assertIn(code, (0, 65, 66), error)
                    self.assertLessEqual(len(out.splitlines()), 10)  # not more windows than the file is long
                    if code:
                        self.assertTrue(told(error, str(path)), error)
                        n_refused += 1
        self.assertGreater(n_refused, 2 * len(self.FILES))


def one_second_of(kind):
    t = np.arange(RATE)
    with np.errstate(over="ignore", invalid="ignore"):
        return {
            "no numbers": np.full(RATE, np.nan),
            "endless": np.where(t % 2, np.inf, -np.inf),
            "as large as floats get": np.where(t % 3, 3.4e38, -3.4e38),
            "as small as floats get": np.where(t % 2, 1e-45, -1e-45),
            "a single sample that is no number": np.where(t == 7000, np.nan, 0.001),
            "direct current": np.ones(RATE),
            "a square at half the rate": np.where(t % 2, 1.0, -1.0),
            "a square of 100 Hz": np.where(t // 80 % 2, 1.0, -1.0),
            "one impulse": np.where(t == 0, 1.0, 0.0),
            "noise a hundred times too loud": 100 * np.random.default_rng(1).standard_normal(RATE),
        }[kind].astype(np.float32)


KINDS = ("no numbers", "endless", "as large as floats get", "as small as floats get", "a single sample that is no number",
         "direct current", "a square at half the rate", "a square of 100 Hz", "one impulse", "noise a hundred times too loud")


class Sound(Case):
    def test_every_window_of_a_hostile_sound_has_probabilities_or_is_silence(self):
        path = self.folder / "sound.wav"
        for model in (self.model, HOME):
            for kind in KINDS:
                with self.subTest(kind, model=model.name):
                    sounds.write_f32(path, np.tile(one_second_of(kind), 4), RATE)
                    code, out, error, memory = watched(HEARKEN, "classify", "--json", "--model", model, path)
                    self.assert_whole(code, error, memory)
                    self.assertEqual(code, 0, error)
                    windows = [json.loads(line, parse_constant=self.fail) for line in out.splitlines()]
                    self.assertEqual(len(windows), 3)
                    for window in windows:
                        if not window["zeros"]:
                            chances = window["probabilities"].values()
                            self.assertAlmostEqual(sum(chances), 1, delta=1e-6)
                            self.assertTrue(all(0 <= chance <= 1 for chance in chances))
                            self.assertTrue(-1000 < window["level_dbfs"] < 1000)

    def test_nothing_of_a_hostile_sound_is_left_when_it_is_over(self):
        """The daemon tells a tone after it as if it had not been."""
        quiet = 0.0005 * np.random.default_rng(2).standard_normal(6 * RATE)
        tone = quiet + np.where((np.arange(6 * RATE) >= RATE) & (np.arange(6 * RATE) < 4 * RATE),
                                0.5 * np.sin(2 * np.pi * 440 * np.arange(6 * RATE) / RATE), 0)
        for kind in KINDS:
            with self.subTest(kind):
                samples = np.concatenate([np.tile(one_second_of(kind), 3), quiet, tone, quiet]).astype("<f4")
                with Daemon("--model", self.model, "--input", "-", "--rate", RATE, "--format", "f32le",
                            stdin=subprocess.PIPE) as daemon:
                    daemon.process.stdin.write(samples.tobytes())
                    daemon.process.stdin.close()
                    daemon.process.stdin = None
                    self.assertEqual(daemon.wait(), 0, daemon.log)
                last = daemon.events[-1]
                self.assertEqual((last["label"], last["state"]), ("tone", "ended"))
                # the windows that touch the tone at 10 to 13 s
                self.assertEqual((last["start_frame"], last["end_frame"]), (9 * RATE, 14 * RATE))
                self.assertEqual(len({event["id"] for event in daemon.events if event["start_frame"] >= 4 * RATE}), 1)


class Name(Case):
    """Bytes that are no UTF-8 in names: what is written stays valid JSON, XML and HTML, and the name stays in it."""

    BAD, SHOWN = b"a \xff<&\"'\xc3.wav", "a \ufffd<&\"'\ufffd.wav"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bytes = os.fsencode(cls.folder)
        t = np.arange(8 * RATE) / RATE
        burst = np.where((t >= 2) & (t < 6), 0.5 * np.sin(2 * np.pi * 440 * t), 0) + 1e-3 * np.sin(2 * np.pi * 90 * t)
        cls.recording = os.path.join(cls.bytes, b"clips", b"tone", cls.BAD)
        for label in (b"tone", b"quiet"):
            os.makedirs(os.path.join(cls.bytes, b"clips", label))
            sounds.write_s16(os.fsdecode(os.path.join(cls.bytes, b"clips", label, cls.BAD)), burst, RATE)

    def output(self, *args):
        result = subprocess.run([HEARKEN, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
        self.assertEqual(result.returncode, 0, result.stderr)
        result.stderr.decode()  # raises what is not UTF-8
        return result.stdout.decode()

    def test_json_of_a_recording_names_it(self):
        for command in ("detect", "classify"):
            lines = self.output(command, "--json", self.recording, "--model", self.model).splitlines()
            self.assertGreater(len(lines), 0)
            for line in lines:
                self.assertTrue(json.loads(line)["file"].endswith("/" + self.SHOWN), line)

    def test_a_picture_of_it_is_xml_and_a_page_that_shows_it_is_valid_html(self):
        svg = os.path.join(self.bytes, b"\xff.svg")
        self.output("plot", self.recording, "--model", self.model, "--output", svg)
        letters = [element for element in xml.etree.ElementTree.parse(svg).iter() if element.tag.endswith("}use")]
        self.assertGreater(len(letters), 80)
        page = os.path.join(self.bytes, b"page \xff")
        report = json.loads(self.output("evaluate", self.model, os.path.join(self.bytes, b"clips"), "--json", "--report",
                                        page))
        files = {recording["file"] for recording in report["runs"]["as-recorded"]["files"]}
        self.assertEqual({name.rpartition("/")[2] for name in files}, {self.SHOWN})
        with open(os.path.join(page, b"index.html"), "rb") as file:
            text = file.read().decode()  # raises what is not UTF-8
        texts = []
        parser = html.parser.HTMLParser()
        parser.handle_data = texts.append
        parser.feed(text)
        self.assertTrue(any(self.SHOWN in words for words in texts), texts)
        for picture in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", text):
            xml.etree.ElementTree.fromstring(base64.b64decode(picture))

    def test_columns_of_a_table_are_named_in_json_and_drawn(self):
        table, svg = self.folder / "table.csv", self.folder / "table.svg"
        table.write_bytes(b"le\xffvel,d\xc3b\n" + b"".join(b"%d,%d\n" % (x, 2 * x + x % 3) for x in range(9)))
        fit = json.loads(self.output("fit", table, "--x", b"le\xffvel", "--y", b"d\xc3b", "--json", "--plot", svg))
        self.assertEqual((fit["x"], fit["y"]), (["le\ufffdvel"], "d\ufffdb"))
        xml.etree.ElementTree.parse(svg)

    def test_a_daemon_that_hears_it_has_a_status(self):
        socket, fifo = self.folder / "socket", os.path.join(self.bytes, b"\xff.fifo")
        os.mkfifo(fifo)
        with Daemon("--model", self.model, "--socket", socket, "--input", os.fsdecode(fifo), "--rate", RATE,
                    "--history", self.folder / "events.db") as daemon:
            with open(fifo, "wb") as pipe:
                pipe.write(b"\1\0" * RATE)
                pipe.flush()
                daemon.wait_for_log("hearing")
                with Client(str(socket)) as client:
                    self.assertEqual(client.call("io.hearken.GetStatus")["status"]["source"]["device"],
                                     f"{self.folder}/\ufffd.fifo")
                self.output("status", "--socket", socket)
            daemon.stop()


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    unittest.main()
