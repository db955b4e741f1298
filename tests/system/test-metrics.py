#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The metrics of live daemons, as others read them: Debian's promtool, the parsers of prometheus_client, the manual."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

import sounds
from daemon import Daemon
from times import PATIENCE

HEARKEN = os.environ["HEARKEN"]
SOURCE = pathlib.Path(os.environ["HEARKEN_SOURCE"])
RATE = 16000
READERS = {"prometheus": read_prometheus, "openmetrics": read_openmetrics}
PROMTOOL = shutil.which("promtool")


def samples(families):
    """{(name, labels): value}"""
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in families for sample in family.samples}


class Metrics(unittest.TestCase):
    """Two instances that hear a pipe each: one a tone, one nothing yet."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-metrics-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        model = cls.folder / "tone"
        subprocess.run([os.environ["MAKE_BUNDLE"], model, "tone", str(RATE)], check=True)
        cls.daemons = {}
        for instance in ("kitchen", "attic"):
            cls.daemons[instance] = Daemon(
                "--instance", instance, "--model", model, "--socket", cls.folder / f"{instance}.sock",
                "--history", cls.folder / f"{instance}.db", "--input", "-", "--rate", RATE, "--channels", 1, "--format",
                "s16le", stdin=subprocess.PIPE)
            cls.addClassCleanup(cls.daemons[instance].__exit__)
        sound = sounds.scene(20, [(4, 9)], RATE)
        pipe = cls.daemons["kitchen"].process.stdin
        pipe.write((sound * 32767).astype("<i2").tobytes())
        pipe.flush()
        cls.daemons["kitchen"].wait_for_event(label="tone", state="ended")

    def text(self, instance, *words):
        return subprocess.run([HEARKEN, "metrics", "-S", self.folder / f"{instance}.sock", *words], check=True, text=True,
                              capture_output=True, timeout=PATIENCE).stdout

    @unittest.skipUnless(PROMTOOL, "promtool (Debian's package prometheus) is not installed")
    def test_promtool_finds_nothing_to_complain_of(self):
        for instance in self.daemons:
            for words in ([], ["--format", "prometheus"]):
                done = subprocess.run([PROMTOOL, "check", "metrics"], input=self.text(instance, *words), text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
                self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_each_format_is_read_by_its_own_strict_parser_and_both_hold_the_same_values(self):
        moving = re.compile("hearken_(client|source_since)")  # they count our own questions

        def read_both():
            read = {name: samples(parse(self.text("kitchen", "--format", name))) for name, parse in READERS.items()}
            return read, {name: {key: value for key, value in found.items() if not moving.match(key[0])}
                          for name, found in read.items()}

        before, (read, values) = None, read_both()
        while before != values:  # the end of the sound may still be analysed
            before, (read, values) = values, read_both()
        self.assertEqual(values["prometheus"], values["openmetrics"])
        self.assertEqual(read["prometheus"].keys(), read["openmetrics"].keys())
        self.assertGreater(values["prometheus"]["hearken_windows_total", (("instance", "kitchen"),)], 10)
        version = re.search(r"version: '([^']+)'", (SOURCE / "meson.build").read_text())[1]
        build = ("hearken_build_info", (("instance", "kitchen"), ("version", version)))
        self.assertEqual(values["prometheus"][build], 1)

    def test_types_are_known_to_both_formats(self):
        for name, parse in READERS.items():
            families = list(parse(self.text("kitchen", "--format", name)))
            self.assertLessEqual({family.type for family in families}, {"counter", "gauge", "histogram", "info"})
            self.assertEqual([family.name for family in families if not family.documentation], [])

    def test_two_instances_have_no_sample_in_common_and_agree_on_types_and_help(self):
        """What the textfile collector demands of the files that it reads together."""
        families = {instance: list(read_prometheus(self.text(instance))) for instance in self.daemons}
        kitchen, attic = (samples(families[instance]) for instance in self.daemons)
        self.assertEqual(kitchen.keys() & attic.keys(), set())
        told = [{(f.name, f.type, f.documentation) for f in found} for found in families.values()]
        self.assertEqual(len({name for name, _, _ in told[0] | told[1]}), len(told[0] | told[1]))

    def merged(self, *words):
        return subprocess.run([HEARKEN, "metrics", *words], check=True, text=True, capture_output=True, timeout=PATIENCE,
                              env={**os.environ, "HEARKEN_SOCKET": str(self.folder)}).stdout

    def test_the_metrics_of_all_instances_are_one_valid_text(self):
        for name, parse in READERS.items():
            together = self.merged("--instance", "kitchen,attic", "--format", name)
            if PROMTOOL and name == "prometheus":
                done = subprocess.run([PROMTOOL, "check", "metrics"], input=together, text=True, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, timeout=PATIENCE)
                self.assertEqual((done.returncode, done.stdout), (0, ""))
            families = list(parse(together))
            self.assertEqual(len({family.name for family in families}), len(families))
            alone = [samples(parse(self.text(instance, "--format", name))).keys() for instance in self.daemons]
            self.assertEqual(samples(families).keys(), alone[0] | alone[1])
            for kind in "TYPE", "HELP", "UNIT":
                heads = re.findall(rf"(?m)^# {kind} (\S+)", together)
                self.assertEqual(len(heads), len(set(heads)))
            self.assertEqual(together.count("# EOF\n"), 1)

    def test_the_manual_lists_every_metric_and_no_other(self):
        page = (SOURCE / "man" / "hearkend.8.scd").read_text().replace("\\", "")
        section = page.partition("# METRICS")[2].partition("\n# ")[0]
        listed = set(re.findall(r"(?m)^\*(hearken_\w+)\*$", section))
        source = "".join((SOURCE / "daemon" / "status" / name).read_text() for name in ("metrics.c", "metrics_text.c"))
        named = {re.sub("_(bucket|count|sum)$", "", name) for name in re.findall(r'"(hearken_[a-z0-9_]+)"', source)}
        self.assertEqual(listed, named)
        # and what this daemon returns is among them, by the name of its samples
        text = self.text("kitchen")
        shown = set(re.findall(r"(?m)^# TYPE (\S+)", text))
        self.assertLessEqual(shown, listed)

    def test_the_longest_wait_for_the_analysis_is_measured(self):
        daemon = Daemon("--instance", "cellar", "--model", self.folder / "tone", "--socket", self.folder / "cellar.sock",
                        "--input", "-", "--rate", RATE, "--channels", 1, "--format", "s16le", stdin=subprocess.PIPE)
        with daemon:
            end = time.monotonic() + PATIENCE
            quiet = (sounds.noise(0.1, RATE) * 32767).astype("<i2").tobytes()
            while time.monotonic() < end:
                daemon.process.stdin.write(quiet)
                daemon.process.stdin.flush()
                if (self.folder / "cellar.sock").exists():
                    value = samples(read_prometheus(self.text("cellar"))).get(
                        ("hearken_ring_worst_lag_seconds", (("instance", "cellar"),)))
                    if value:
                        break
                time.sleep(0.05)
            self.assertGreater(value, 0)
            self.assertLess(value, PATIENCE)


if __name__ == "__main__":
    unittest.main()
