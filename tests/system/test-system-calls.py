#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The thread that hears asks nothing of the kernel but to be woken, and to wake main: no file, no memory, no other
thread's lock, no clock that is not in the vdso. Its allocations are counted in tests/unit/test-analyzer.c."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np

import sounds
from daemon import PATIENCE, Daemon
from varlink import Client

RATE = 16000
SECONDS = 60  # of sound, as fast as it is heard
MODEL = pathlib.Path(__file__).resolve().parent.parent.parent / "models" / "home"


def pcm(seconds):
    samples = 0.5 * sounds.beeps(seconds, RATE) + sounds.noise(seconds, RATE, 0.003)
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def thread_of(pid, name):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int(task.name)
    return None


class Trace:
    """strace of one thread. A context manager; `calls` of each system call afterwards."""

    def __init__(self, thread, path):
        self.path = path
        self.process = subprocess.Popen(["strace", "-qq", "-o", path, "-p", str(thread)], stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + PATIENCE
        status = pathlib.Path(f"/proc/{thread}/status")
        while "TracerPid:\t0" in status.read_text():
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                raise unittest.SkipTest(f"strace cannot attach: {self.process.communicate()[1].strip()}")
            time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
        self.calls = {}
        for line in self.path.read_text().splitlines():
            name = re.match(r"(\w+)\(", line)
            if name and "<unfinished" not in line:
                self.calls[name[1]] = self.calls.get(name[1], 0) + 1


class AnalysisThread(unittest.TestCase):
    def test_a_window_costs_no_system_call_but_the_wake_ups(self):
        if not shutil.which("strace"):
            self.skipTest("needs strace")
        folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-calls-"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "hearken.conf").write_text("")
        with Daemon("--config", folder / "hearken.conf", "--model", MODEL, "--socket", folder / "s", "--input", "-",
                    "--rate", RATE, stdin=subprocess.PIPE) as daemon:
            def play(seconds):
                daemon.process.stdin.write(pcm(seconds))
                daemon.process.stdin.flush()

            daemon.wait_for((folder / "s").exists, "the socket")
            with Client(folder / "s") as client:
                client.follow("io.hearken.Monitor")
                play(9)
                for _ in range(4):  # the first windows may set up what the others use
                    client.receive()
                with Trace(thread_of(daemon.process.pid, "analysis"), folder / "trace") as trace:
                    play(SECONDS)
                    for _ in range(SECONDS):
                        client.receive()
        print(f"      {trace.calls}", file=sys.stderr)
        self.assertLessEqual(set(trace.calls), {"futex", "write", "restart_syscall"}, (folder / "trace").read_text()[-2000:])
        # main is woken for each report: windows and the starts and ends of events
        self.assertLessEqual(trace.calls.get("write", 0), 2 * SECONDS)
        writes = [line for line in (folder / "trace").read_text().splitlines() if line.startswith("write(")]
        # of the last strace may have seen the beginning
        self.assertTrue(all(', "\\1\\0\\0\\0\\0\\0\\0\\0", 8' in line for line in writes), writes)
        # it waits for each block and is woken by none of its own: never more than a wait a millisecond of sound
        self.assertLessEqual(trace.calls.get("futex", 0), SECONDS * 1000)
        waits = [line for line in (folder / "trace").read_text().splitlines() if line.startswith("futex(")]
        self.assertEqual({re.search(r"FUTEX_\w+", line)[0] for line in waits} - {"FUTEX_WAIT_BITSET", "FUTEX_WAIT"}, set())
        self.assertLessEqual(len({re.match(r"futex\((\w+)", line)[1] for line in waits}), 1, "one semaphore, no lock")


if __name__ == "__main__":
    unittest.main()
