# SPDX-License-Identifier: MIT
"""What the running daemon costs: start, memory, processor time, and how soon a client hears of an event."""

import os
import pathlib
import subprocess
import threading
import time

import numpy as np

import microphones
import sounds
from daemon import Daemon, Systemd
from pieces import spread
from probe import children
from varlink import Client

RATE = 16000  # of models/home: nothing is resampled
SAMPLE_SIZE = 2


def pcm(samples):
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def scene(seconds):
    """A room in which something happens."""
    return 0.5 * sounds.beeps(seconds, RATE) + sounds.noise(seconds, RATE, 0.003)


class Player(threading.Thread):
    """Writes sound into a pipe at the speed of sound, 10 ms at a time, from the moment it is made."""

    def __init__(self, pipe, seconds):
        super().__init__(daemon=True)
        self.pipe = pipe
        self.data = pcm(scene(seconds))
        self.over = threading.Event()
        self.start()

    def run(self):
        block = RATE // 100 * SAMPLE_SIZE
        began = time.monotonic()
        try:
            for i in range(0, len(self.data), block):
                if self.over.wait(max(0.0, began + i / SAMPLE_SIZE / RATE - time.monotonic())):
                    return
                self.pipe.write(self.data[i:i + block])
                self.pipe.flush()
        except (BrokenPipeError, ValueError):
            pass

    def stop(self):
        self.over.set()
        self.join()


def processes(pid):
    return [pid, *children(pid)]


def run_seconds(pid):
    """Seconds that all threads of a process have run, to the nanosecond."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total * 1e-9


def memory_mib(pid):
    """What /proc says: peak and present RSS of a process, and the part of it that no file backs."""
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: int(fields[key].split()[0]) / 1024
            for name, key in (("peak", "VmHWM"), ("now", "VmRSS"), ("own", "RssAnon"))}


class Runner:
    """Starts daemons in a folder of its own."""

    def __init__(self, folder, model, history=None):
        """HISTORY: where to keep it; default: in FOLDER."""
        self.folder = pathlib.Path(folder)
        self.model = model
        self.history = history or self.folder / "bench.db"
        self.socket = self.folder / "bench.sock"

    def daemon(self, *options, rules="", **more):
        (self.folder / "hearken.conf").write_text(rules)
        for left_over in [*self.folder.glob("bench.*"), *self.history.parent.glob("bench.db*")]:
            left_over.unlink(missing_ok=True)
        return Daemon("--config", self.folder / "hearken.conf", "--model", self.model, "--socket", self.socket,
                      "--history", self.history, *options, **more)

    def piped(self, **more):
        return self.daemon("--input", "-", "--rate", RATE, stdin=subprocess.PIPE, **more)


def measure_start(runner, n_starts):
    """From exec to READY=1, with sound on stdin; and to the first window beyond the two seconds that it takes."""
    wall, cpu, first = [], [], []
    for _ in range(n_starts):
        systemd = Systemd(str(runner.folder))
        began = time.monotonic()
        with runner.piped(env=systemd.env) as daemon:
            player = Player(daemon.process.stdin, 5)
            systemd.wait_for("READY")
            wall.append((time.monotonic() - began) * 1000)
            cpu.append(sum(map(run_seconds, processes(daemon.process.pid))) * 1000)
            with Client(runner.socket) as client:
                next(client.stream("io.hearken.Monitor"))
            first.append((time.monotonic() - began - 2) * 1000)
            player.stop()
        systemd.close()
    return {"wall_ms": spread(wall), "cpu_ms": spread(cpu), "first_window_ms": spread(first), "starts": n_starts}


def measure_memory(runner, seconds):
    """After so many seconds of sound as fast as it is taken, events and a client included."""
    with runner.piped() as daemon:
        daemon.process.stdin.write(pcm(scene(2)))
        daemon.process.stdin.flush()
        daemon.wait_for(runner.socket.exists, "the socket")
        with Client(runner.socket) as client:
            client.send("io.hearken.Monitor", more=True)
            data = pcm(scene(seconds))
            daemon.process.stdin.write(data)
            daemon.process.stdin.flush()
            for _ in range(seconds):
                client.receive()
            found = {pathlib.Path(f"/proc/{pid}/comm").read_text().strip(): memory_mib(pid)
                     for pid in processes(daemon.process.pid)}
    return {"seconds": seconds, "processes": found}


def used_cpu(runner, options, env, seconds):
    """Seconds of processor time, by getrusage, of a daemon and its helper that hear for so long after READY."""
    systemd = Systemd(str(runner.folder))
    with runner.daemon(*options, env={**env, **systemd.env}) as daemon:
        systemd.wait_for("READY")
        time.sleep(seconds)
        process = daemon.process
        process.terminate()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    systemd.close()
    return usage.ru_utime + usage.ru_stime


def share_of_core(runner, options, env, seconds):
    """What a start and an end cost is taken off."""
    spent = [used_cpu(runner, options, env, s) for s in (0, seconds)]
    return (spent[1] - spent[0]) / seconds


def measure_idle(runner, faultmic, seconds):
    """A live microphone in a quiet room. {microphone: share of a core}."""
    wav = runner.folder / "room.wav"
    sounds.write_s16(wav, sounds.noise(seconds + 60, RATE, 0.003), RATE)
    shares = {"a file at the speed of sound": share_of_core(runner, ["--input", wav, "--realtime"], {}, seconds)}
    with microphones.FaultMicrophone(runner.folder, wav, faultmic) as microphone:
        shares["the tests' ALSA device"] = share_of_core(runner, ["--device", "ALSA: mic"], microphone.env, seconds)
    try:
        with microphones.Pulse(runner.folder) as microphone:
            player = microphone.play(wav)
            shares["PulseAudio, by ALSA's plugin"] = share_of_core(runner, [], microphone.env, seconds)
            player.terminate()
            player.wait()
    except microphones.Missing:
        pass
    return {"seconds": seconds, "shares": shares}


def follow(path):
    """A client that will hear of every event from now on."""
    client = Client(path)
    client.send("io.hearken.FollowEvents", more=True)
    with Client(path) as other:
        other.call("io.hearken.GetStatus")  # answered after what was sent before
    return client


def wait_for_state(client, state):
    while (client.receive().get("event") or {}).get("state") != state:
        pass


def measure_latency(runner, n_events):
    """From the write of the last 10 ms of the window that begins an event to the event at a client of the socket. The
    model is make-bundle's: a loud second makes its first window `tone`. The history is committed to the disk before
    anyone is told, and that is in it, too."""
    quiet, loud = pcm(sounds.noise(1, RATE, 0.0005)), pcm(0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE))
    last = RATE // 100 * SAMPLE_SIZE
    waits = []
    with runner.piped(rules="[class tone]\nconfirm = 1 of 1\nrelease = 1 s\n") as daemon:
        def play(data):
            daemon.process.stdin.write(data)
            daemon.process.stdin.flush()

        play(2 * quiet)
        daemon.wait_for(runner.socket.exists, "the socket")
        with follow(runner.socket) as client:
            for _ in range(n_events):
                play(loud[:-last])
                time.sleep(0.02)  # as with a microphone, the sound before is dealt with
                written = time.monotonic()
                play(loud[-last:])
                wait_for_state(client, "ongoing")
                waits.append((time.monotonic() - written) * 1000)
                play(4 * quiet)
                wait_for_state(client, "ended")
    waits.sort()
    return {"events": n_events, **{f"p{p}": waits[min(n_events - 1, int(p / 100 * n_events))] for p in (50, 99, 99.9)}}
