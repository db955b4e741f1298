#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hearken plot`: what the pixels of its pictures say about a recording whose sounds are known."""

import json
import os
import resource
import shutil
import struct
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
import zlib

import numpy as np

import sounds

HEARKEN = os.environ["HEARKEN"]
RATE, SECONDS = 16000, 20
LEFT, RIGHT = 76, 170  # margins beside the plots
WIDTH, HEIGHT = 600, 500


def pixels(path):
    """The PNG at PATH as rows x columns x (red, green, blue)."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
            assert (depth, colour) == (8, 2)
        elif kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += 12 + length
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + 3 * width)
    image = np.zeros((height, width, 3), int)
    above = np.zeros((width, 3), int)
    for y, line in enumerate(lines):
        row = line[1:].reshape(width, 3).astype(int)
        if line[0] == 1:
            row = np.cumsum(row, 0) % 256
        elif line[0] == 2:
            row = (row + above) % 256
        elif line[0] in (3, 4):
            done, up = row.ravel().tolist(), above.ravel().tolist()  # plain numbers: an array of three is slow
            for i, b in enumerate(up):
                a, c = (done[i - 3], up[i - 3]) if i >= 3 else (0, 0)
                if line[0] == 3:
                    guess = (a + b) // 2
                else:
                    far = abs(b - c), abs(a - c), abs(a + b - 2 * c)
                    guess = a if far[0] <= far[1] and far[0] <= far[2] else b if far[1] <= far[2] else c
                done[i] = (done[i] + guess) % 256
            row = np.array(done).reshape(width, 3)
        image[y] = above = row
    return image


class Plot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hearken-plot-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.model = os.path.join(cls.folder, "tone")
        subprocess.run([os.environ["MAKE_BUNDLE"], cls.model, "tone", str(RATE)], check=True)
        cls.scene = os.path.join(cls.folder, "scene.wav")
        samples = sounds.noise(SECONDS, RATE, 0.0005)
        t = np.arange(len(samples)) / RATE
        samples[(t >= 6) & (t < 10)] += (0.5 * np.sin(2 * np.pi * 1000 * t))[(t >= 6) & (t < 10)]
        sounds.write_s16(cls.scene, samples, RATE)
        path = os.path.join(cls.folder, "scene.png")
        subprocess.run([HEARKEN, "plot", cls.scene, "--model", cls.model, "--output", path, "--width", str(WIDTH),
                        "--height", str(HEIGHT)], check=True, timeout=120)
        cls.image = pixels(path)

    def plot(self, *args):
        return subprocess.run([HEARKEN, "plot", *args], capture_output=True, timeout=120)

    def drawn(self, name, *args, path=None):
        out = os.path.join(self.folder, name)
        result = self.plot(path or self.scene, "--model", self.model, "--output", out, *args)
        self.assertEqual(result.returncode, 0, result.stderr.decode(errors="replace"))
        return out

    def test_a_tone_is_bright_at_its_time_and_frequency_and_dark_elsewhere(self):
        self.assertEqual(self.image.shape, (HEIGHT, WIDTH, 3))
        at = lambda second: int(LEFT + second / SECONDS * (WIDTH - LEFT - RIGHT))
        light = self.image.sum(2)
        # the spectrogram is the longest stretch that is dark while all is quiet
        edges = np.flatnonzero(np.diff(np.concatenate([[0], light[:, at(3)] < 300, [0]])))
        top, bottom = max(zip(edges[::2], edges[1::2]), key=lambda stretch: stretch[1] - stretch[0])
        bright = top + np.flatnonzero(light[top:bottom, at(8)] > 450)
        # a log axis from 8000 Hz down to 60 Hz
        expected = top + (bottom - top) * np.log(8000 / 1000) / np.log(8000 / 60)
        self.assertAlmostEqual(bright.mean(), expected, delta=0.03 * (bottom - top))
        self.assertLess(len(bright), 0.1 * (bottom - top))

    def assert_bars_are_events(self, image, model):
        found = subprocess.run([HEARKEN, "detect", "--model", model, "--json", self.scene],
                               capture_output=True, check=True, timeout=60)
        events = [json.loads(line) for line in found.stdout.splitlines()]
        self.assertEqual(len(events), 1)
        row = image[HEIGHT - 46 - 11, LEFT + 1:WIDTH - RIGHT - 1]
        coloured = np.flatnonzero(row.max(1) - row.min(1) > 60)
        scale = SECONDS / (WIDTH - LEFT - RIGHT)
        self.assertAlmostEqual((coloured[0] + 1) * scale, events[0]["start_s"], delta=3 * scale)
        self.assertAlmostEqual((coloured[-1] + 2) * scale, events[0]["end_s"], delta=3 * scale)
        self.assertEqual(len(coloured), coloured[-1] - coloured[0] + 1)
        return events[0]

    def test_the_bars_are_the_events_that_detect_prints(self):
        plain = self.assert_bars_are_events(self.image, self.model)
        smooth = os.path.join(self.folder, "smooth")
        shutil.copytree(self.model, smooth)
        with open(os.path.join(smooth, "model.ini"), "a") as ini:
            ini.write("[smoothing]\nmethod = hmm\nlag = 2 s\n")
        path = os.path.join(self.folder, "smooth.png")
        subprocess.run([HEARKEN, "plot", self.scene, "--model", smooth, "--output", path, "--width", str(WIDTH),
                        "--height", str(HEIGHT)], check=True, timeout=120)
        smoothed = self.assert_bars_are_events(pixels(path), smooth)
        self.assertNotEqual((plain["start_s"], plain["end_s"]), (smoothed["start_s"], smoothed["end_s"]))

    def test_an_svg_names_the_axes_in_seconds_and_hertz_and_the_classes(self):
        # cairo draws letters as shapes: the file must hold many, and the spectrogram as an image
        tree = xml.etree.ElementTree.parse(self.drawn("scene.svg"))
        tags = [element.tag.split("}")[1] for element in tree.iter()]
        self.assertIn("image", tags)
        self.assertGreater(tags.count("use"), 80)

    def test_the_size_is_what_was_asked_for(self):
        with open(self.drawn("wide.png", "--width", "1500", "--height", "510"), "rb") as file:
            self.assertEqual(struct.unpack(">II", file.read(24)[16:]), (1500, 510))

    def test_silence_and_names_that_are_no_text_are_drawn_too(self):
        path = os.path.join(self.folder.encode(), b"still \xff.wav").decode("utf-8", "surrogateescape")
        sounds.write_s16(os.fsencode(path).decode("utf-8", "surrogateescape"), np.zeros(5 * RATE), RATE)
        self.drawn("still.png", path=path)

    def test_a_picture_that_does_not_fit_leaves_the_old_one_and_says_why(self):
        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

        folder = os.path.join(self.folder, "full")
        os.mkdir(folder)
        for name in ("a.svg", "a.png"):
            path = os.path.join(folder, name)
            with open(path, "w") as file:
                file.write("old")
            result = subprocess.run([HEARKEN, "plot", self.scene, "--model", self.model, "--output", path],
                                    preexec_fn=small_files, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
            self.assertEqual(result.returncode, 74, result.stderr)
            self.assertIn(f"hearken: {path}: File too large\n", result.stderr.decode())
            with open(path) as file:
                self.assertEqual(file.read(), "old")
        self.assertEqual(sorted(os.listdir(folder)), ["a.png", "a.svg"])

    def test_what_cannot_be_drawn_is_said(self):
        short = os.path.join(self.folder, "short.wav")
        sounds.write_s16(short, np.zeros(RATE), RATE)
        out = os.path.join(self.folder, "x.png")
        for args, code, words in (
            ((self.scene,), 64, "--output"),
            ((self.scene, "-o", "x.pdf"), 64, ".png or .svg"),
            ((self.scene, "-o", out, "--width", "10"), 64, "width"),
            (("/nowhere.wav", "-o", out), 66, "/nowhere.wav"),
            ((short, "-o", out), 65, "shorter than one window"),
            ((self.scene, "-o", "/nowhere/x.png"), 74, "/nowhere/x.png"),
            ((self.scene, "-o", "/nowhere/x.svg"), 74, "/nowhere/x.svg"),
        ):
            result = self.plot(*args, "--model", self.model)
            self.assertEqual((result.returncode, result.stdout), (code, b""), args)
            self.assertIn(words, result.stderr.decode())
        self.assertFalse(os.path.exists(out))


if __name__ == "__main__":
    unittest.main()
