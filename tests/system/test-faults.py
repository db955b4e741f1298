#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whatever the system refuses the daemon, it works on and says so, or ends and says so; it never crashes and never loses
an event that it told to be stored. The same for who saves a bundle: there is always a whole one.

Some of the Nth calls, chosen by a seed (SEED=N); all of them with HEARKEN_LONG=1."""

import errno
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import numpy as np

import sounds
from daemon import HEARKEND, PATIENCE, Daemon
from follower import get_status
from times import LONG
from varlink import Client

RATE = 2000
SEED = int(os.environ.get("SEED", "7"))
MAKE_BUNDLE, SHIM = os.environ["MAKE_BUNDLE"], os.environ["FAULTS_SHIM"]
CHOSEN = 4  # of the Nth calls, when not all
ERRORS = {  # of each call, what it is made to say
    "accept4": [errno.EMFILE], "bind": [errno.EACCES], "epoll_create1": [errno.EMFILE], "epoll_ctl": [errno.ENOSPC],
    "eventfd": [errno.EMFILE], "fdatasync": [errno.EIO], "fsync": [errno.EIO], "ftruncate": [errno.ENOSPC],
    "linkat": [errno.EMLINK], "listen": [errno.EADDRINUSE], "memfd_create": [errno.EMFILE], "mkdtemp": [errno.EACCES],
    "mmap": [errno.ENOMEM], "open": [errno.EMFILE, errno.EACCES], "pipe2": [errno.EMFILE],
    "posix_spawn": [errno.EAGAIN], "pread": [errno.EIO], "pthread_create": [errno.EAGAIN],
    "pwrite": [errno.ENOSPC, errno.EIO], "read": [errno.EIO], "rename": [errno.EACCES], "renameat2": [errno.ENOSPC],
    "send": [errno.ENOBUFS], "signalfd": [errno.EMFILE], "socket": [errno.EMFILE], "timerfd_create": [errno.EMFILE],
    "unlink": [errno.EACCES], "write": [errno.ENOSPC, errno.EIO],
}
# the runtime of AddressSanitizer wants to be the first library
PRELOAD = {"LD_PRELOAD": SHIM, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}


def fault(program, call="", nth=0, error=0, counts=None, lasts=False):
    return {**PRELOAD, "FAULT_PROGRAM": program, "FAULT_CALL": call, "FAULT_NTH": str(nth), "FAULT_ERRNO": str(error),
            "FAULT_LASTS": str(int(lasts)), **({"FAULT_COUNTS": str(counts)} if counts else {})}


def chosen(rng, n):
    """Which of N calls: all, or the first, the last and some between."""
    if LONG or n <= CHOSEN:
        return range(1, n + 1)
    return sorted({1, n, *rng.sample(range(1, n + 1), CHOSEN - 2)})


def read_counts(path):
    return {name: int(n) for name, n in (line.split() for line in path.read_text().splitlines())}


def stored_ids(history):
    database = sqlite3.connect(history)
    found = {row[0] for row in database.execute("SELECT id FROM events")}
    database.close()
    return found


def second(tone):
    t = np.arange(RATE) / RATE
    return (16000 * tone * np.sin(2 * np.pi * 440 * t) + 30 * np.cos(300 * t)).astype("<i2").tobytes()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-faults-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.rng = random.Random(SEED)
        self.bundle = self.folder / "tone"
        subprocess.run([MAKE_BUNDLE, self.bundle, "tone", str(RATE)], check=True)
        self.config = self.folder / "hearken.conf"
        self.config.write_text("[class tone]\nrelease = 1 s\n")
        self.history = self.folder / "state" / "h.db"
        self.history.parent.mkdir()
        samples = np.frombuffer(b"".join(second(i % 10 in (4, 5)) for i in range(30)), "<i2") / 32768
        sounds.write_s16(self.folder / "a.wav", samples, RATE)

    def args(self, source="a.wav"):
        return ["--model", self.bundle, "--config", self.config, "--socket", self.folder / "s", "--history", self.history,
                "--input", self.folder / source if source != "-" else "-", *(["--rate", RATE] if source == "-" else [])]

    def mount(self, options):
        if os.geteuid() != 0:
            self.skipTest("needs root, to mount a small disk")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", self.history.parent],
                          capture_output=True).returncode:
            self.skipTest("this machine does not let root mount a disk")
        self.addCleanup(subprocess.run, ["umount", self.history.parent], check=True)


class Calls(Case):
    def run_to_end(self, env, allowed_s=PATIENCE):
        with Daemon(*self.args(), env=env) as daemon:
            daemon.process.wait(allowed_s)
            return daemon.wait(), daemon.events, daemon.log

    def check_run(self, what, env):
        for file in self.history.parent.iterdir():
            file.unlink()
        for file in self.before.iterdir():
            shutil.copy(file, self.history.parent)
        code, events, log = self.run_to_end(env)
        text = "\n".join(log)
        self.assertGreaterEqual(code, 0, f"{what}: ended by signal {-code}:\n{text}")
        stored = {event["id"] for event in events if event["stored"]}
        # the next run finds what this one left
        again, later, log_of_next = self.run_to_end({})
        self.assertEqual(again, 0, f"{what}: the next run: {log_of_next}")
        self.assertEqual(len(later), 6)
        known = stored_ids(self.before / "h.db") | stored | {event["id"] for event in later}
        self.assertLessEqual(known, stored_ids(self.history), f"{what}:\n{text}")
        if code != 0:
            self.assertRegex(text, "hearkend: .*: .", f"{what}: ended with {code} and said nothing")
        else:
            self.assertEqual(len(events), 6, f"{what}:\n{text}")
            if len(stored) != 3:
                self.assertRegex(text, "history .*(cannot be written|never written|no history)", what)
        self.assertNotIn("was damaged", text, f"{what}: a fault is no damage")
        return code

    def test_each_call_that_can_fail_may_fail_once(self):
        counts = self.folder / "counts"
        self.assertEqual(self.run_to_end({})[0], 0)
        self.before = self.folder / "before"
        shutil.copytree(self.history.parent, self.before)
        code, events, log = self.run_to_end(fault("hearkend", counts=counts))
        self.assertEqual((code, len(events)), (0, 6), log)
        n_runs, codes = 0, {}
        for call, n in read_counts(counts).items():
            for nth in chosen(self.rng, n):
                for error in ERRORS[call]:
                    what = f"{call} number {nth} of {n}: {errno.errorcode[error]}"
                    with self.subTest(what):
                        code = self.check_run(what, fault("hearkend", call, nth, error))
                        codes[code] = codes.get(code, 0) + 1
                    n_runs += 1
        print(f"{n_runs} runs with a call that failed; exit codes {codes}", file=sys.stderr)
        self.assertGreater(n_runs, 50)

    def test_a_disk_that_never_works_delays_no_event(self):
        for call in ("open", "fdatasync", "pwrite"):
            with self.subTest(call):
                # before the history is opened other things are
                nth = 1 if call != "open" else 1000
                counts = self.folder / "counts"
                if call == "open":
                    self.run_to_end(fault("hearkend", counts=counts))
                    nth = max(1, read_counts(counts)["open"] - 2)
                code, events, log = self.run_to_end(fault("hearkend", call, nth, errno.EIO, lasts=True))
                self.assertEqual((code, [event["state"] for event in events]), (0, ["ongoing", "ended"] * 3), log)


class Save(Case):
    def save(self, name, env):
        return subprocess.run([MAKE_BUNDLE, self.bundle, name, str(RATE)], env={**os.environ, **env},
                              capture_output=True, text=True, timeout=PATIENCE)

    def model_name(self):
        shown = subprocess.run([os.environ["HEARKEN"], "model", "show", "--json", self.bundle], capture_output=True,
                               text=True, timeout=PATIENCE)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        return "new" if '"new"' in shown.stdout else "tone"

    def test_a_bundle_that_cannot_be_saved_stays_what_it_was(self):
        counts = self.folder / "counts"
        (self.bundle / "NOTES").write_text("kept")
        self.assertEqual(self.save("tone", fault("make-bundle", counts=counts)).returncode, 0)
        n_runs = 0
        for call, n in read_counts(counts).items():
            for nth in chosen(self.rng, n):
                for error in ERRORS[call]:
                    what = f"{call} number {nth} of {n}: {errno.errorcode[error]}"
                    with self.subTest(what):
                        done = self.save("new", fault("make-bundle", call, nth, error))
                        name = self.model_name()
                        self.assertGreaterEqual(done.returncode, 0, what)
                        self.assertEqual((self.bundle / "NOTES").read_text(), "kept")
                        if done.returncode:
                            self.assertRegex(done.stderr, "make-bundle: .*: .")
                            # only the last fsync, of the folder around it, comes after the exchange
                            self.assertTrue(name == "tone" or call in ("fsync", "open"), what)
                        else:
                            self.assertEqual(name, "new", what)
                        left = [file.name for file in self.folder.iterdir() if file.name.startswith(".tone")]
                        self.assertTrue(not left or call in ("unlink", "open"), f"{what}: {left}")
                    n_runs += 1
                    for file in self.folder.glob(".tone*"):
                        shutil.rmtree(file)
                    self.assertEqual(self.save("tone", {}).returncode, 0)
        print(f"{n_runs} bundles that could not be saved", file=sys.stderr)
        self.assertGreater(n_runs, 10)


    def test_a_model_that_was_learnt_and_cannot_be_saved_leaves_the_old_one(self):
        rate = 16000
        for k in range(2):
            for name, samples in (("hum", sounds.hum(14, rate, 120 + 10 * k)), ("hiss", sounds.noise(14, rate, 0.05, k))):
                (self.folder / "in" / name).mkdir(parents=True, exist_ok=True)
                sounds.write_s16(self.folder / "in" / name / f"{k}.wav", samples, rate)
        for call, error in (("mkdtemp", errno.EACCES), ("write", errno.ENOSPC), ("fsync", errno.EIO),
                            ("renameat2", errno.ENOSPC)):
            with self.subTest(call):
                done = subprocess.run(
                    [os.environ["HEARKEN"], "train", self.folder / "in", "--output", self.bundle, "--quiet"],
                    env={**os.environ, **fault("hearken", call, 1, error, lasts=True)}, capture_output=True, text=True,
                    timeout=PATIENCE)
                self.assertGreater(done.returncode, 0, done.stderr)
                self.assertRegex(done.stderr, "hearken: .*: .")
                self.assertEqual(self.model_name(), "tone")
                self.assertEqual([file.name for file in self.folder.iterdir() if file.name.startswith(".tone")], [])


class Playing(Case):
    """A daemon that is played to."""

    def play(self, daemon, tone, seconds=4):
        for _ in range(seconds):
            daemon.process.stdin.write(second(tone))
        daemon.process.stdin.flush()

    def event(self, daemon):
        """One from its start to its end."""
        n = len(daemon.events)
        self.play(daemon, True)
        self.play(daemon, False)
        daemon.wait_for(lambda: len(daemon.events) >= n + 2, "an event's start and end")
        return daemon.events[n:]

    def wait_for_store(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition(store := get_status(self.folder / "s")["store"]):
            self.assertLess(time.monotonic(), end, store)
            time.sleep(0.05)


class Disk(Playing):
    def test_a_full_disk_is_said_and_what_waited_is_written_when_there_is_room(self):
        self.mount("size=400k")
        with Daemon(*self.args("-"), stdin=subprocess.PIPE) as daemon:
            before = self.event(daemon)
            self.wait_for_store(lambda store: store["queued"] == 0)
            filler = self.history.parent / "filler"
            with open(filler, "wb", buffering=0) as file:
                for size in (65536, 4096, 1):
                    try:
                        while file.write(b"x" * size):
                            pass
                    except OSError as full:
                        self.assertEqual(full.errno, errno.ENOSPC)
            n_events = 0
            while not any("cannot be written" in line for line in daemon.log):
                self.event(daemon)  # a page that has room is written still
                n_events += 1
                self.assertLess(n_events, 100)
            during = self.event(daemon)
            self.assertEqual([event["stored"] for event in during], [False, False])
            self.assertNotEqual(get_status(self.folder / "s")["store"]["state"], "ok")
            filler.unlink()
            daemon.wait_for_log("can be written again")
            after = self.event(daemon)
            self.wait_for_store(lambda store: store["queued"] == 0 and store["lost"] == 0)
            self.assertEqual(daemon.stop(), 0)
            self.assertLessEqual({event["id"] for event in daemon.events}, stored_ids(self.history))
            self.assertTrue(after[0]["stored"] and before[0]["stored"])

    def test_a_state_folder_that_cannot_be_written_is_said_and_hearing_goes_on(self):
        self.mount("size=400k,ro")
        with Daemon(*self.args()) as daemon:
            self.assertEqual(daemon.wait(), 0)
            self.assertEqual([event["state"] for event in daemon.events], ["ongoing", "ended"] * 3)
            self.assertTrue(any("cannot be written" in line for line in daemon.log), daemon.log)
            self.assertTrue(any("never written" in line for line in daemon.log), daemon.log)


class Descriptors(Playing):
    def test_too_few_descriptors_to_start_with_are_said(self):
        def limit(n):
            return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))

        codes = {}
        for n in range(3, 40):
            done = subprocess.run([HEARKEND, *map(str, self.args())], preexec_fn=limit(n), capture_output=True, text=True,
                                  timeout=PATIENCE)
            self.assertGreaterEqual(done.returncode, 0, f"{n} descriptors: {done.stderr}")
            self.assertTrue(done.stderr, f"{n} descriptors: not a word")
            codes.setdefault(done.returncode, []).append(n)
        self.assertIn(39, codes.get(0, []), codes)

    def test_clients_beyond_the_descriptors_are_turned_away_and_hearing_goes_on(self):
        with Daemon(*self.args("-"), stdin=subprocess.PIPE) as daemon:
            self.event(daemon)
            n_open = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
            resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (n_open + 3, n_open + 3))
            clients = [Client(self.folder / "s") for _ in range(20)]
            for client in clients:
                client.send("io.hearken.GetStatus")
            self.assertEqual(len(self.event(daemon)), 2)
            for client in clients:
                client.socket.close()
            get_status(self.folder / "s")
            self.event(daemon)
            self.wait_for_store(lambda store: store["queued"] == 0)
            self.assertEqual(daemon.stop(), 0)
            self.assertLessEqual({event["id"] for event in daemon.events}, stored_ids(self.history))


class Reload(Playing):
    N_RELOADS = 400 if LONG else 60

    def test_a_configuration_that_changes_while_it_is_read_is_taken_whole_or_refused(self):
        good = "[class tone]\non = 0.7\noff = 0.2\nrelease = 1 s\n" + 900 * "# a comment\n" + \
            "[log]\nlevel = info\n"
        stop = threading.Event()

        def meddle():
            rng = random.Random(SEED)
            while not stop.is_set():
                text = good if rng.random() < 0.5 else good[:rng.randrange(len(good))]
                how = rng.randrange(3)
                if how == 0:
                    self.config.write_text(text)
                elif how == 1:
                    (self.folder / "next").write_text(text)
                    (self.folder / "next").rename(self.config)
                else:
                    self.config.unlink(missing_ok=True)

        with Daemon(*self.args("-"), stdin=subprocess.PIPE) as daemon:
            self.event(daemon)
            meddler = threading.Thread(target=meddle)
            meddler.start()
            try:
                for n in range(1, self.N_RELOADS + 1):
                    daemon.signal(signal.SIGHUP)
                    daemon.wait_for(lambda: sum("model reloaded" in line or "reload failed" in line
                                                for line in daemon.log) >= n, f"answer {n} to a reload")
            finally:
                stop.set()
                meddler.join()
            refused = [line for line in daemon.log if "reload failed" in line]
            for line in refused:
                self.assertIn(str(self.config), line)
            self.config.write_text(good)
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_log("model reloaded", self.N_RELOADS + 1 - len(refused))
            self.assertEqual([event["state"] for event in self.event(daemon)], ["ongoing", "ended"])
            self.assertEqual(daemon.stop(), 0)
        print(f"{self.N_RELOADS} reloads, {len(refused)} refused", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
