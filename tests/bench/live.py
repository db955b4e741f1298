# SPDX-License-Identifier: MIT
"""What the running daemon costs: start, memory, processor time, and how soon a client hears of an event."""

import configparser
import contextlib
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

    def __init__(self, pipe, data):
        super().__init__(daemon=True)
        self.pipe = pipe
        self.data = data
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
        self.began = 0.0  # when the last daemon was executed

    def daemon(self, *options, rules="", **more):
        (self.folder / "hearken.conf").write_text(rules)
        for left_over in [*self.folder.glob("bench.*"), *self.history.parent.glob("bench.db*")]:
            left_over.unlink(missing_ok=True)
        self.began = time.monotonic()
        return Daemon("--config", self.folder / "hearken.conf", "--model", self.model, "--socket", self.socket,
                      "--history", self.history, *options, **more)

    def piped(self, **more):
        return self.daemon("--input", "-", "--rate", RATE, stdin=subprocess.PIPE, **more)


def smoothing_lag_s(model):
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(model / "model.ini")
    return int(ini.get("smoothing", "lag", fallback="0 s").removesuffix(" s"))


def spent(pid):
    """Seconds of processor time of a process and its children so far."""
    return sum(map(run_seconds, processes(pid)))


def measure_start(runner, n_starts):
    """From exec to READY=1, with sound on stdin; and to the first window beyond the two seconds that it takes, and what
    the model's smoothing looks ahead."""
    wall, cpu, first = [], [], []
    lag_s = smoothing_lag_s(runner.model)
    sound = pcm(scene(5 + lag_s))
    for _ in range(n_starts):
        systemd = Systemd(str(runner.folder))
        with runner.piped(env=systemd.env) as daemon:
            player = Player(daemon.process.stdin, sound)
            systemd.wait_for("READY")
            wall.append((time.monotonic() - runner.began) * 1000)
            cpu.append(spent(daemon.process.pid) * 1000)
            with Client(runner.socket) as client:
                next(client.stream("io.hearken.Monitor"))
            first.append((time.monotonic() - runner.began - 2 - lag_s) * 1000)
            player.stop()
        systemd.close()
    return {"wall_ms": spread(wall), "cpu_ms": spread(cpu), "first_window_ms": spread(first), "lag_s": lag_s, "starts": n_starts}


class PortAudio:
    """bench-portaudio: no more than PortAudio and what it loads. A context manager; `waited_ms` for the first sound."""

    def __init__(self, program, microphone):
        self.began = time.monotonic()
        self.process = subprocess.Popen([program, *microphone.portaudio], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        env={**os.environ, **microphone.env})

    def __enter__(self):
        if not self.process.stdout.read(1):
            raise SystemExit("bench: bench-portaudio hears nothing")
        self.waited_ms = (time.monotonic() - self.began) * 1000
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@contextlib.contextmanager
def live_microphones(folder, faultmic, seconds):
    """{what to call it: microphone} that a quiet room of so many seconds is heard with. Each has `options` for the
    daemon and words for bench-portaudio."""
    wav = folder / "room.wav"
    sounds.write_s16(wav, sounds.noise(seconds, RATE, 0.003), RATE)
    with contextlib.ExitStack() as stack:
        (folder / "alsa").mkdir()
        device = microphones.FaultMicrophone(folder / "alsa", wav, faultmic, word=None, begins_with_capture=True)
        found = {"an ALSA device": stack.enter_context(device)}
        device.options, device.portaudio = ["--device", "ALSA: mic"], ["mic"]
        try:
            (folder / "pulse").mkdir()
            server = stack.enter_context(microphones.Pulse(folder / "pulse"))
            # what the tests set so that it reacts quickly, and nobody else
            server.env = {key: value for key, value in server.env.items() if key != "PULSE_LATENCY_MSEC"}
            server.options, server.portaudio = [], []
            player = server.play(wav)
            stack.callback(player.wait)
            stack.callback(player.terminate)
            found["PulseAudio, by ALSA's plugin"] = server
        except microphones.Missing:
            pass
        yield found


def measure_live_start(runner, portaudio, microphones_, n_starts):
    """From exec to READY=1 with a microphone, by turns with PortAudio alone from exec to its first sound."""
    result = {}
    for name, microphone in microphones_.items():
        ours, alone = [], []
        for _ in range(n_starts):
            systemd = Systemd(str(runner.folder))
            with runner.daemon(*microphone.options, env={**microphone.env, **systemd.env}) as daemon:
                systemd.wait_for("READY")
                ours.append(((time.monotonic() - runner.began) * 1000, spent(daemon.process.pid) * 1000))
            systemd.close()
            with PortAudio(portaudio, microphone) as bare:
                alone.append((bare.waited_ms, spent(bare.process.pid) * 1000))
        result[name] = {of: {"wall_ms": spread([wall for wall, _ in times]), "cpu_ms": spread([cpu for _, cpu in times])}
                        for of, times in (("ours", ours), ("alone", alone))}
    return result


def measure_memory(runner, seconds):
    """After so many seconds of sound as fast as it is taken, events and a client included."""
    with runner.piped() as daemon:
        daemon.process.stdin.write(pcm(scene(2)))
        daemon.process.stdin.flush()
        daemon.wait_for(runner.socket.exists, "the socket")
        with Client(runner.socket) as client:
            client.follow("io.hearken.Monitor")
            data = pcm(scene(seconds + smoothing_lag_s(runner.model)))
            daemon.process.stdin.write(data)
            daemon.process.stdin.flush()
            for _ in range(seconds):
                client.receive()
            found = {pathlib.Path(f"/proc/{pid}/comm").read_text().strip(): memory_mib(pid)
                     for pid in processes(daemon.process.pid)}
    return {"seconds": seconds, "processes": found}


def spent_in(pids, seconds):
    """Shares of a core that processes take within so many seconds."""
    before = [run_seconds(pid) for pid in pids]
    time.sleep(seconds)
    return [(run_seconds(pid) - spent) / seconds for pid, spent in zip(pids, before, strict=True)]


def shares_of_core(runner, options, env, seconds):
    """Of a daemon that hears for so long after READY, and of its helper."""
    systemd = Systemd(str(runner.folder))
    with runner.daemon(*options, env={**env, **systemd.env}) as daemon:
        systemd.wait_for("READY")
        hearkend, helper = spent_in(processes(daemon.process.pid), seconds)
    systemd.close()
    return {"hearkend": hearkend, "helper": helper}


def measure_idle(runner, portaudio, microphones_, seconds):
    """A live microphone in a quiet room. {microphone: shares of a core}; `alone`: PortAudio by itself."""
    shares = {"a file at the speed of sound": shares_of_core(
        runner, ["--input", runner.folder / "room.wav", "--realtime"], {}, seconds)}
    for name, microphone in microphones_.items():
        shares[name] = shares_of_core(runner, microphone.options, microphone.env, seconds)
        with PortAudio(portaudio, microphone) as bare:
            shares[name]["alone"], = spent_in([bare.process.pid], seconds)
    return {"seconds": seconds, "shares": shares}


def wait_for_state(client, state):
    while (client.receive().get("event") or {}).get("state") != state:
        pass


class Chain:
    """Three processes that hand on what they are given: as many as there are between a microphone and a client."""

    def __init__(self):
        self.links = []
        for _ in range(3):
            before = self.links[-1].stdout if self.links else subprocess.PIPE
            self.links.append(subprocess.Popen(["cat"], stdin=before, stdout=subprocess.PIPE, bufsize=0))

    def hand_on(self, data):
        """Milliseconds until DATA is back."""
        began = time.monotonic()
        self.links[0].stdin.write(data)
        self.links[-1].stdout.read(len(data))
        return (time.monotonic() - began) * 1000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.links[0].stdin.close()
        for link in self.links:
            link.wait()
            link.stdout.close()


def sync_page(file):
    """Milliseconds for a page on the disk that the history lies on."""
    began = time.monotonic()
    file.write(bytes(4096))
    os.fdatasync(file.fileno())
    return (time.monotonic() - began) * 1000


def percentiles(values):
    values = sorted(values)
    return {f"p{p}": values[min(len(values) - 1, int(p / 100 * len(values)))] for p in (50, 99, 99.9)}


def measure_latency(runner, n_events):
    """From the write of the last 10 ms of the window that begins an event to the event at a client of the socket. The
    model is make-bundle's: a loud second makes its first window `tone`. The history is committed to the disk before
    anyone is told, and that is in it, too. By turns with what the machine itself needs for the like."""
    quiet, loud = pcm(sounds.noise(1, RATE, 0.0005)), pcm(0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE))
    last = RATE // 100 * SAMPLE_SIZE
    waits, handed_on, synced = [], [], []
    with (runner.piped(rules="[class tone]\nconfirm = 1 of 1\nrelease = 1 s\n") as daemon, Chain() as chain,
          open(runner.history.parent / "bench.db.page", "wb", buffering=0) as page):
        def play(data):
            daemon.process.stdin.write(data)
            daemon.process.stdin.flush()

        play(2 * quiet)
        daemon.wait_for(runner.socket.exists, "the socket")
        with Client(runner.socket) as client:
            client.follow("io.hearken.FollowEvents")
            for _ in range(n_events):
                handed_on.append(chain.hand_on(loud[-last:]))
                synced.append(sync_page(page))
                play(loud[:-last])
                time.sleep(0.02)  # as with a microphone, the sound before is dealt with
                written = time.monotonic()
                play(loud[-last:])
                wait_for_state(client, "ongoing")
                waits.append((time.monotonic() - written) * 1000)
                play(4 * quiet)
                wait_for_state(client, "ended")
    return {"events": n_events, "event": percentiles(waits), "chain": percentiles(handed_on), "page": percentiles(synced)}
