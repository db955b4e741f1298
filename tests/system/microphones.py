# SPDX-License-Identifier: MIT
"""Microphones for machines without a sound card: one that fails on order, and three real sound servers.

Each is a context manager with `env`, what a capturing program needs in its environment. They run as any user,
without D-Bus, udev and systemd, and end what they started by its process id.
"""

import fcntl
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from times import PATIENCE

NO_JACK = {"JACK_NO_START_SERVER": "1"}


class Missing(Exception):
    """A program that the microphone needs is not installed."""


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Missing(f"{program} is not installed")


def until(condition, seconds=PATIENCE):
    """Wait for CONDITION; false when it did not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def succeeds(*command, env):
    return subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


class FaultMicrophone:
    """
    testbed/faultmic.c: `order` takes the words that are explained there. The sound of WAV began when this was made and
    goes on whoever listens, or begins with each capture. Without a WORD it takes no orders and plays WAV once: nothing
    is read but sound, as of a device.
    """

    def __init__(self, folder, wav, plugin, word="loop", begins_with_capture=False):
        self.folder = pathlib.Path(folder)
        self.wav = wav
        self.plugin = plugin
        self.word = word
        self.epoch = 0 if begins_with_capture else time.monotonic_ns()

    def __enter__(self):
        ctl = f'ctl "{self.folder}/ctl"' if self.word else ""
        fields = f'type faultmic wav "{self.wav}" {ctl} epoch "{self.epoch}"'
        (self.folder / "asound.conf").write_text(
            f'pcm_type.faultmic {{ lib "{self.plugin}" }}\n'
            f"pcm.mic {{ {fields} }}\n"
            f"pcm.!default {{ type plug slave.pcm {{ {fields} }} }}\n"
            "ctl.!default { type hw card 0 }\n"
        )
        self.env = {"ALSA_CONFIG_PATH": f"{self.folder}/asound.conf", **NO_JACK}
        if self.word:
            self.order(self.word)
        return self

    def __exit__(self, *_):
        pass

    def order(self, word):
        """At once and whole. Returns the time."""
        (self.folder / "ctl.new").write_text(word + "\n")
        os.replace(self.folder / "ctl.new", self.folder / "ctl")
        return time.monotonic()


class Servers:
    """Processes of a sound server, ended by their ids."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.processes = []

    def start(self, *command, env):
        with open(self.folder / f"{command[0]}.log", "ab") as log:
            process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    @property
    def server(self):
        return self.processes[-1]

    def crash(self):
        """SIGKILL. Returns the time."""
        self.server.kill()
        self.server.wait()
        return time.monotonic()

    def freeze(self):
        self.server.send_signal(signal.SIGSTOP)
        return time.monotonic()

    def thaw(self):
        self.server.send_signal(signal.SIGCONT)
        return time.monotonic()


class Pulse(Servers):
    """PulseAudio with a null sink; what is played into it is heard. ALSA's device `vmic`, also the default."""

    # Without norewinds the first frames of an idle sink come up to 2 s late.
    SINK = ("module-null-sink", "sink_name=vmic", "norewinds=1", "rate=44100", "channels=1", "format=float32le")

    def __enter__(self):
        need("pulseaudio", "pactl", "paplay")
        socket = self.folder / "native"
        self.own_env = {
            **os.environ,
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_COOKIE": f"{self.folder}/cookie",
            "PULSE_RUNTIME_PATH": f"{self.folder}/run",
            "PULSE_STATE_PATH": f"{self.folder}/run",
            "HOME": str(self.folder),
        }
        (self.folder / "pulse.pa").write_text(
            f"load-module {' '.join(self.SINK)}\n"
            "set-default-source vmic.monitor\n"
            f"load-module module-native-protocol-unix socket={socket} auth-anonymous=1\n"
        )
        device = f'type pulse server "unix:{socket}" device "vmic.monitor"'
        (self.folder / "asound.conf").write_text(
            'pcm_type.pulse { lib "libasound_module_pcm_pulse.so" }\n'
            f'pcm.vmic {{ {device} hint {{ show on description "virtual microphone" }} }}\n'
            f"pcm.!default {{ {device} }}\n"
            # As Debian's libasound2-plugins has it: "pulse:SOURCE".
            'pcm.pulse { @args [ SOURCE ] @args.SOURCE { type string default "" } type pulse device $SOURCE '
            'hint { show on description "PulseAudio" } }\n'
            "ctl.!default { type hw card 0 }\n"
        )
        self.env = {
            "ALSA_CONFIG_PATH": f"{self.folder}/asound.conf",
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_LATENCY_MSEC": "20",
            **NO_JACK,
        }
        self.up()
        return self

    def up(self):
        """Start the server, also after a crash. Returns the time at which it answered."""
        for left_over in ("native", "run/pid"):
            (self.folder / left_over).unlink(missing_ok=True)
        options = ["--daemonize=no", "--use-pid-file=no", "--system=no", "--realtime=no", "--exit-idle-time=-1"]
        env = {**self.own_env, "PULSE_SERVER": ""}
        self.start("pulseaudio", "-n", "-F", f"{self.folder}/pulse.pa", *options, env=env)
        assert until(lambda: succeeds("pactl", "info", env=self.own_env)), "pulseaudio does not answer"
        return time.monotonic()

    def pactl(self, *words):
        subprocess.run(["pactl", *words], env=self.own_env, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic()

    def unplug(self):
        return self.pactl("unload-module", "module-null-sink")

    def replug(self):
        self.pactl("load-module", *self.SINK)
        return self.pactl("set-default-source", "vmic.monitor")

    def play(self, wav):
        """Start to play; returns the process."""
        return subprocess.Popen(["paplay", "--device=vmic", wav], env=self.own_env)


class Jack(Servers):
    """jackd with the dummy driver at 44100 Hz: exact pacing, silence. Device "JACK Audio Connection Kit: system"."""

    def __enter__(self):
        need("jackd", "jack_lsp")
        (self.folder / "asound.conf").write_text("pcm.!default { type null }\nctl.!default { type hw card 0 }\n")
        # JACK has room for eight names, and forgets one whose server was killed only when a server of that name comes
        for number in itertools.count():
            self.lock = open(pathlib.Path(tempfile.gettempdir(), f"hearken-jack-{os.getuid()}-{number}.lock"), "w")
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                self.lock.close()
        self.env = {
            "JACK_DEFAULT_SERVER": f"hearken-{number}",
            "ALSA_CONFIG_PATH": f"{self.folder}/asound.conf",
            **NO_JACK,
        }
        self.own_env = {**os.environ, **self.env}
        self.up()
        return self

    def __exit__(self, *_):
        super().__exit__()
        self.lock.close()

    def up(self):
        name = self.env["JACK_DEFAULT_SERVER"]
        driver = ["-d", "dummy", "-r", "44100", "-p", "512", "-C", "1", "-P", "1"]
        self.start("jackd", "-n", name, "--no-realtime", *driver, env=self.own_env)
        assert until(lambda: succeeds("jack_lsp", env=self.own_env)), "jackd does not answer"
        return time.monotonic()


class PipeWire(Servers):
    """PipeWire as PulseAudio's stand-in, heard through ALSA's pulse plugin; never through pipewire-alsa."""

    def __enter__(self):
        need("pipewire", "wireplumber", "pipewire-pulse", "pactl", "dbus-daemon")
        run = self.folder / "run"
        run.mkdir(mode=0o700)
        self.own_env = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(run),
            "PIPEWIRE_RUNTIME_DIR": str(run),
            "HOME": str(self.folder),
            "PULSE_SERVER": f"unix:{run}/pulse/native",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={run}/bus",
        }
        self.own_env.pop("PULSE_RUNTIME_PATH", None)
        (self.folder / "asound.conf").write_text(
            'pcm_type.pulse { lib "libasound_module_pcm_pulse.so" }\n'
            f'pcm.!default {{ type pulse server "unix:{run}/pulse/native" device "vmic.monitor" }}\n'
            "ctl.!default { type hw card 0 }\n"
        )
        self.env = {"ALSA_CONFIG_PATH": f"{self.folder}/asound.conf", "PULSE_LATENCY_MSEC": "20", **NO_JACK}
        # for Bluetooth wireplumber wants to know who is logged in, and ends where no systemd can tell it
        settings = self.folder / ".config" / "wireplumber" / "bluetooth.lua.d"
        settings.mkdir(parents=True)
        (settings / "51-none.lua").write_text("bluez_monitor.enabled = false\n")
        bus = f"--address=unix:path={run}/bus"
        self.start("dbus-daemon", "--session", "--nofork", bus, env=self.own_env)
        assert until((run / "bus").exists), "dbus-daemon does not answer"
        self.start("pipewire", env=self.own_env)
        assert until((run / "pipewire-0").exists), "pipewire does not answer"
        self.start("wireplumber", env=self.own_env)
        self.up()
        return self

    def up(self):
        """Start the Pulse side, also after a crash."""
        self.start("pipewire-pulse", env=self.own_env)
        assert until(lambda: succeeds("pactl", "info", env=self.own_env)), "pipewire-pulse does not answer"
        sink = ["module-null-sink", "sink_name=vmic", "rate=44100", "channels=1"]
        subprocess.run(["pactl", "load-module", *sink], env=self.own_env, check=True, stdout=subprocess.DEVNULL)
        sources = ["pactl", "list", "short", "sources"]
        has_source = lambda: b"vmic.monitor" in subprocess.run(sources, env=self.own_env, capture_output=True).stdout
        assert until(has_source), "pipewire has no source"
        return time.monotonic()
