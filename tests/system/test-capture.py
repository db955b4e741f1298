#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The ear alone: hearken-capture under capture-probe, on files, pipes, a microphone that fails on order, and real sound servers.

The sound is a counter wherever it can be, so that every sample says where it belongs: a hole of the wrong length
and a broken block cannot hide.
"""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import wave

import numpy as np

import microphones
import probe
import sounds
from times import LONG, PATIENCE, SLOW, check_promise, note

RATE = 44100
FAULTMIC = os.environ.get("FAULTMIC")

# What is promised, in seconds.
NOTICED = 1.0
RECOVERED = 2.0
RECOVERED_FROM_GONE = 5.0
CPU_SHARE = 0.05  # while the device is gone

# Without a frame for so long the helper is ended: HK_GIVEN_UP_NS.
GIVEN_UP = 1.5

# Frames by which holes may be wrong: the capture clock of two processes, read to some tens of microseconds,
# and the faultmic's own rounding; and one more for each restart (0.3 in the mean of 1,000 kills).
CLOCK_FRAMES = 64


def ramp(n_frames, first=0):
    """Frame k has the 16 bit value k modulo 65536."""
    return (np.arange(first, first + n_frames) % 65536).astype("<u2").tobytes()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hearken-capture-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return self.folder / name

    def write_ramp(self, name, n_frames, rate=RATE):
        with wave.open(str(self.path(name)), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(ramp(n_frames))
        return self.path(name)

    def start(self, *options, **more):
        running = probe.Probe(*options, **more)
        self.enterContext(running)
        return running

    def enterContext(self, manager):
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def assert_sound(self, summary):
        """What holds in every case: nothing broken was read, and every frame was heard or stands in a hole."""
        self.assertEqual(summary["bad"], 0)
        self.assertEqual(summary["back"], 0)
        self.assertEqual(summary["got"] + summary["lost"], summary["next"] - summary["first"])
        self.assertEqual(summary["n_lost_frames"], summary["lost"])


class Files(Case):
    def test_a_file_arrives_whole_and_in_order(self):
        summary = self.start("--file", self.write_ramp("a.wav", 3_000_000), "--fast", "--ramp").summary()
        self.assert_sound(summary)
        self.assertEqual((summary["got"], summary["lost"], summary["breaks"]), (3_000_000, 0, 0))
        self.assertEqual((summary["summary"], summary["end"], summary["starts"]), ("ended", True, 1))

    def test_a_slow_reader_makes_a_fast_file_wait(self):
        # More than the ring holds, read with a nap after every block.
        summary = self.start("--file", self.write_ramp("a.wav", 800_000), "--fast", "--ramp", "--slow", 2).summary()
        self.assertEqual((summary["got"], summary["lost"], summary["breaks"]), (800_000, 0, 0))
        self.assertEqual(summary["n_dropped_blocks"], 0)

    def test_a_slow_reader_is_no_stall(self):
        running = self.start("--file", self.write_ramp("a.wav", 800_000), "--fast", "--slow", 20, "--seconds", 5)
        running.summary()
        self.assertEqual([line["state"] for line in running.states], ["hearing"])

    def test_a_file_in_real_time_takes_its_time(self):
        begin = time.monotonic()
        summary = self.start("--file", self.write_ramp("a.wav", 2 * RATE), "--ramp").summary()
        # What else the machine does can only make it longer.
        self.assertGreater(time.monotonic() - begin, 1.9)
        self.assertEqual((summary["got"], summary["lost"], summary["breaks"]), (2 * RATE, 0, 0))

    def test_a_file_may_start_later(self):
        summary = self.start("--file", self.write_ramp("a.wav", 3 * RATE), "--fast", "--ramp", "--start", 1).summary()
        self.assertEqual((summary["first"], summary["got"], summary["breaks"]), (RATE, 2 * RATE, 0))

    def test_eight_channels_at_192_kHz_in_floats(self):
        samples = np.zeros((192_000, 8))
        samples[:, 2] = (np.arange(192_000) % 65536).astype("<u2").view("<i2") / 32768
        sounds.write_f32(self.path("a.wav"), samples, 192_000)
        summary = self.start("--file", self.path("a.wav"), "--fast", "--ramp", "--channel", 3).summary()
        self.assertEqual((summary["got"], summary["breaks"]), (192_000, 0))

    def refused(self, *options):
        """Standard error of a probe that must fail at once."""
        result = subprocess.run(
            [probe.PROBE, "--helper", probe.HELPER, *map(str, options)], capture_output=True, text=True, timeout=PATIENCE
        )
        self.assertEqual(result.returncode, 1, result)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        return result.stderr

    def test_files_that_can_never_work_are_refused_by_name(self):
        self.path("empty.wav").touch()
        self.path("text.wav").write_text("This is not a recording.\n" * 100)
        self.path("cut.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVE")
        good = self.write_ramp("good.wav", 1000)
        for name in ("missing.wav", "empty.wav", "text.wav", "cut.wav"):
            with self.subTest(name):
                self.assertIn(str(self.path(name)), self.refused("--file", self.path(name)))
        self.assertIn(str(self.folder), self.refused("--file", self.folder))
        self.assertIn("channel 2 does not exist", self.refused("--file", good, "--channel", 2))
        self.assertIn("expected", self.refused("--file", good, "--start", -1))

    def test_a_file_that_is_cut_off_is_heard_to_the_cut_and_said(self):
        whole = self.write_ramp("whole.wav", 100_000).read_bytes()
        self.path("cut.wav").write_bytes(whole[: 44 + 2 * 60_000])
        running = self.start("--file", self.path("cut.wav"), "--fast", "--ramp")
        summary = running.summary()
        self.assertEqual((summary["got"], summary["end"], summary["breaks"]), (60_000, True, 0))
        self.assertIn("cut.wav", running.states[-1]["why"])


class Pipes(Case):
    """Raw PCM on stdin and in a FIFO."""

    def feed(self, running, data, chunk=1 << 16, pause=0.0):
        for at in range(0, len(data), chunk):
            running.process.stdin.buffer.write(data[at : at + chunk])
            running.process.stdin.flush()
            time.sleep(pause)

    def stdin(self, *options):
        running = self.start("--pipe", "-", "--rate", RATE, *options, stdin=subprocess.PIPE)
        return running

    def test_stdin_is_heard_to_its_end(self):
        running = self.stdin("--ramp")
        self.feed(running, ramp(500_000))
        running.process.stdin.close()
        summary = running.summary()
        self.assertEqual((summary["got"], summary["lost"], summary["breaks"]), (500_000, 0, 0))
        self.assertEqual((summary["summary"], summary["end"]), ("ended", True))
        self.assertEqual(running.states[-1]["why"], "")

    def test_frames_that_are_torn_between_two_reads_are_put_together(self):
        running = self.stdin("--ramp", "--channels", 2, "--channel", 2)
        frames = np.zeros((20_000, 2), "<u2")
        frames[:, 1] = np.arange(20_000)
        self.feed(running, frames.tobytes(), chunk=1111, pause=0.001)
        running.process.stdin.close()
        summary = running.summary()
        self.assertEqual((summary["got"], summary["breaks"]), (20_000, 0))

    def test_a_torn_frame_at_the_end_is_said(self):
        running = self.stdin("--channels", 2)
        self.feed(running, b"\0" * 4003)
        running.process.stdin.close()
        self.assertEqual(running.summary()["got"], 1000)
        self.assertIn("3 bytes are left over", running.states[-1]["why"])

    def test_an_empty_stdin_is_an_end_that_is_said(self):
        running = self.stdin()
        running.process.stdin.close()
        running.summary()
        self.assertEqual(running.states[-1]["state"], "ended")
        self.assertIn("no audio came", running.states[-1]["why"])

    def test_floats_are_heard(self):
        running = self.stdin("--format", "f32le", "--ramp")
        values = (np.arange(100_000) % 65536).astype("<u2").view("<i2").astype("<f4") / 32768
        self.feed(running, values.astype("<f4").tobytes(), chunk=4099)
        running.process.stdin.close()
        summary = running.summary()
        self.assertEqual((summary["got"], summary["breaks"]), (100_000, 0))

    def test_a_slow_reader_makes_the_writer_wait(self):
        running = self.stdin("--ramp", "--slow", 2)
        self.feed(running, ramp(800_000))
        running.process.stdin.close()
        summary = running.summary()
        self.assertEqual((summary["got"], summary["lost"], summary["breaks"]), (800_000, 0, 0))

    def test_a_writer_that_pauses_is_stalled_and_loses_nothing(self):
        running = self.stdin("--ramp")
        data = ramp(RATE)
        self.feed(running, data[:RATE])
        running.wait_for("hearing")
        paused = time.monotonic()
        stalled = running.wait_for("stalled")
        note(f"stalled {stalled['t'] - paused:.2f} s after the last byte")
        check_promise(stalled["t"] - paused, NOTICED, "to notice", paused)
        time.sleep(2)
        self.feed(running, data[RATE:])
        running.wait_for("hearing", after=stalled["t"])
        running.process.stdin.close()
        summary = running.summary()
        self.assertEqual((summary["got"], summary["lost"], summary["breaks"]), (RATE, 0, 0))
        self.assertEqual(summary["n_restarts"], 0)

    def test_a_fifo_whose_writer_ends_is_lost_and_heard_again(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        running = self.start("--pipe", fifo, "--rate", RATE, "--ramp", "--seconds", 60)
        with open(fifo, "wb") as writer:
            writer.write(ramp(5000))
        lost = running.wait_for("lost")
        self.assertIn(str(fifo), lost["why"])
        time.sleep(1)
        with open(fifo, "wb") as writer:
            writer.write(ramp(5000))
            writer.flush()
            hearing = running.wait_for("hearing", after=lost["t"])
        lost = running.wait_for("lost", after=hearing["t"])
        # Somebody makes the FIFO anew.
        fifo.unlink()
        os.mkfifo(fifo)
        with open(fifo, "wb") as writer:
            writer.write(ramp(5000))
            writer.flush()
            hearing = running.wait_for("hearing", after=lost["t"])
        running.wait_for("lost", after=hearing["t"])
        summary = running.finish()
        self.assert_sound(summary)
        self.assertEqual((summary["got"], summary["starts"], summary["breaks"]), (15_000, 3, 0))
        self.assertEqual([hole["flags"] & 1 for hole in running.holes], [1, 1])
        self.assertGreater(running.holes[0]["frames"], RATE // 2)

    def test_a_path_that_is_not_there_is_refused_by_name(self):
        with self.assertRaises(AssertionError) as refused:
            self.start("--pipe", self.path("nowhere")).summary()
        self.assertIn(str(self.path("nowhere")), str(refused.exception))


class FaultCase(Case):
    def setUp(self):
        super().setUp()
        if not FAULTMIC:
            self.skipTest("needs libasound2-dev")
        wav = self.write_ramp("ramp.wav", 65536)
        self.mic = self.enterContext(microphones.FaultMicrophone(self.folder, wav, FAULTMIC))

    def hear(self, *options, device="ALSA: mic", **more):
        return self.start("--device", device, "--seconds", 7200, *options, env=self.mic.env, **more)

    def begin(self):
        running = self.hear("--ramp")
        running.wait_for("hearing")
        time.sleep(1.5)
        return running

    def finish(self, running, n_breaks=0):
        """Stop after a while of good sound; the summary, with what always holds."""
        time.sleep(1)
        helper = running.helper()
        summary = running.finish()
        self.assert_sound(summary)
        self.assertLessEqual(summary["breaks"], n_breaks)
        # All that was lost is counted: what is heard at the end stands in its place in the world.
        self.assertLess(abs(summary["offset"]), CLOCK_FRAMES * SLOW + summary["starts"], summary)
        self.assertFalse(os.path.exists(f"/proc/{helper}"), "the helper outlived the daemon")
        return summary

    def fault(self, running, word, state, pause, noticed_s, recovered_s, while_away=lambda: None):
        """Order WORD: STATE is said while the device is away, which is PAUSE seconds at least, and hearing after its return."""
        ordered = self.mic.order(word)
        noticed = running.wait_for(state, after=ordered)
        while_away()
        time.sleep(max(0.0, pause - (time.monotonic() - ordered)))
        self.assertNotEqual(running.states[-1]["state"], "hearing", "it heard what is not there")
        returned = self.mic.order("loop")
        hearing = running.wait_for("hearing", after=returned)
        noticed_after, recovered_after = noticed["t"] - ordered, hearing["t"] - returned
        note(f"{state} {noticed_after:.2f} s after the fault, hearing {recovered_after:.2f} s after the return; "
             f"holes: {[hole['frames'] for hole in running.holes]} frames")
        check_promise(noticed_after, noticed_s, "to notice", ordered)
        check_promise(recovered_after, recovered_s, "to recover", returned)

    @staticmethod
    def helpers_cpu(running):
        """CPU seconds of the helpers that came and went."""
        fields = probe.stat(running.process.pid)
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


class Faults(FaultCase):
    """A microphone that fails on order."""

    def test_a_good_microphone_loses_nothing(self):
        running = self.begin()
        time.sleep(8)
        summary = self.finish(running)
        self.assertEqual((summary["lost"], summary["n_overruns"], summary["n_restarts"]), (0, 0, 0))
        self.assertEqual(len(running.states), 1)

    def test_stall_3_s(self):
        running = self.begin()
        self.fault(running, "stall", "stalled", 3, NOTICED, RECOVERED)
        self.finish(running)
        self.assertGreater(sum(hole["frames"] for hole in running.holes), 2.5 * RATE)

    def test_a_short_stall_leaves_a_hole_too(self):
        running = self.begin()
        ordered = self.mic.order("stall")
        stalled = running.wait_for("stalled", after=ordered)
        time.sleep(max(0.0, 0.9 - (time.monotonic() - ordered)))
        returned = self.mic.order("loop")
        running.wait_for("hearing", after=stalled["t"])
        # The device froze within a block.
        summary = self.finish(running, n_breaks=1)
        self.assertGreater(sum(hole["frames"] for hole in running.holes), 0)
        # On a busy machine it may have been none of the short ones.
        if returned - ordered < GIVEN_UP - 0.2:
            self.assertEqual(summary["n_restarts"], 0)

    def test_20_xruns(self):
        running = self.begin()
        for i in range(20):
            self.mic.order(f"xrun{i}")
            self.assertTrue(microphones.until(lambda: len(running.holes) > i), f"overrun {i} left no hole")
            time.sleep(0.2)
        # PortAudio hands over a block that began before the xrun and ends after it.
        summary = self.finish(running, n_breaks=20)
        note(f"20 xruns: {summary['n_overruns']} counted, {summary['lost']} frames lost, {summary['offset']} not counted")
        self.assertEqual((summary["n_overruns"], summary["n_restarts"]), (20, 0))
        self.assertEqual(summary["flagged_overruns"], 20)

    def test_unplug_5_s_replug(self):
        running = self.begin()
        self.fault(running, "unplug", "lost", 5, RECOVERED, RECOVERED)
        self.finish(running)

    def test_gone_while_portaudio_spins(self):
        # The helper in which it spins is ended before the device is back, so nothing spins on; another one hears.
        running = self.begin()
        spinning = running.helper()

        def while_away():
            self.assertTrue(microphones.until(lambda: not os.path.exists(f"/proc/{spinning}")), "it spins on")
            cpu_s = lambda: probe.cpu_seconds(running.process.pid) + self.helpers_cpu(running)
            begin, before = time.monotonic(), cpu_s()
            time.sleep(3)
            share = (cpu_s() - before) / (time.monotonic() - begin)
            note(f"CPU while the device is gone: {100 * share:.1f} % (probe and helpers)")
            if LONG:
                self.assertLess(share, CPU_SHARE * SLOW)

        self.fault(running, "gone", "lost", 5, RECOVERED, RECOVERED_FROM_GONE, while_away)
        self.assertNotEqual(running.helper(), spinning)
        self.assertLess(len(running.states), 20)
        self.finish(running)


class Levels(FaultCase):
    """What is said of how loud it is."""

    def test_a_device_that_falls_silent_is_said_once_and_its_sound_once(self):
        running = self.begin()
        ordered = self.mic.order("silence")
        silent = running.wait_for("silent-digital", after=ordered)
        self.assertGreater(silent["t"] - ordered, 9)
        time.sleep(2)
        returned = self.mic.order("loop")
        running.wait_for("hearing", after=returned)
        self.assertEqual([line["state"] for line in running.states], ["hearing", "silent-digital", "hearing"])
        running.finish()

    def test_clipping_is_said_once_and_its_end_once(self):
        loud = np.where(np.arange(RATE) % 100 < 50, 1.0, -1.0) * (np.arange(RATE) % 2 == 0)
        sounds.write_s16(self.path("ramp.wav"), loud, RATE)
        running = self.hear()
        running.wait_for("hearing")
        time.sleep(5)
        self.mic.order("silence")
        running.wait_for("silent-digital")
        time.sleep(3)
        began, ended = [line["clipping"] for line in running.lines if "clipping" in line]
        self.assertAlmostEqual(began, 0.5, delta=0.02)
        self.assertEqual(ended, 0)
        running.finish()

    def test_frames_at_full_scale_are_counted(self):
        running = self.begin()
        summary = self.finish(running)
        # The ramp has three such values in 65536: 32767, -32768 and -32767.
        self.assertLessEqual(abs(summary["n_clipped"] - 3 * summary["n_frames"] / 65536), 3)


class Helper(FaultCase):
    """The process with the microphone: its rights, its options, its end."""

    def test_without_the_right_to_it_there_is_no_priority_and_still_sound(self):
        rights = ["setpriv", "--bounding-set=-sys_nice,-ipc_lock", "--inh-caps=-all"]
        running = self.hear("--ramp", wrapper=["prlimit", "--rtprio=0", "--memlock=0", *rights])
        hearing = running.wait_for("hearing")
        self.assertFalse(hearing["realtime"])
        if SLOW == 1:  # a sanitizer's mlock says yes to all
            self.assertFalse(hearing["locked"])
        time.sleep(2)
        self.assertEqual(self.finish(running)["lost"], 0)

    def test_with_the_right_to_it_the_capture_thread_has_priority(self):
        if subprocess.run(["chrt", "-f", "1", "true"], capture_output=True).returncode != 0:
            self.skipTest("real-time priority is not allowed here")
        running = self.hear()
        self.assertTrue(running.wait_for("hearing")["realtime"])

    def test_a_rate_that_the_device_refuses_gives_way_to_its_own(self):
        running = self.hear("--rate", 16000)
        self.assertEqual(running.wait_for("hearing")["rate"], RATE)

    def test_a_name_that_means_nothing_lists_what_there_is(self):
        running = self.hear(device="webcam")
        lost = running.wait_for("lost")
        for name in ('"webcam"', '"ALSA: mic"', '"ALSA: default"'):
            self.assertIn(name, lost["why"])

    def test_a_channel_that_the_device_does_not_have_is_said(self):
        running = self.hear("--channel", 2)
        self.assertIn("channel 2 does not exist", running.wait_for("lost")["why"])

    def test_the_helper_dies_with_its_daemon(self):
        running = self.begin()
        helper = running.helper()
        running.process.kill()
        running.process.wait()
        self.assertTrue(microphones.until(lambda: not os.path.exists(f"/proc/{helper}")))

    def test_the_helper_is_deaf_to_signals_that_are_meant_for_the_daemon(self):
        running = self.begin()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(running.helper(), number)
        time.sleep(1)
        self.assertEqual(self.finish(running)["n_restarts"], 0)

    def test_the_helper_holds_nothing_of_its_daemon(self):
        running = self.begin()
        fds = pathlib.Path(f"/proc/{running.helper()}/fd")
        try:
            inherited = {fd.name: os.readlink(fd) for fd in fds.iterdir()}
        except PermissionError:
            self.skipTest("needs CAP_SYS_PTRACE, to look into the helper")
        self.assertEqual([inherited[fd] for fd in "012"], ["/dev/null"] * 3)
        self.assertIn("memfd:hearken-capture", inherited["3"])
        self.assertIn("pipe:", inherited["4"])
        sockets = [target for target in inherited.values() if target.startswith("socket:")]
        self.assertEqual(sockets, [])

    def test_the_helper_has_confined_itself(self):
        """What that keeps it from: tests/unit/test-confine.c."""
        running = self.begin()
        status = pathlib.Path(f"/proc/{running.helper()}/status").read_text()
        self.assertRegex(status, r"NoNewPrivs:\s*1\n")
        self.assertRegex(status, r"Seccomp:\s*2\n")
        self.assertEqual(self.finish(running)["lost"], 0)


class LateDevices(FaultCase):
    """What cannot be opened at the start."""

    def appears_after(self, word):
        self.mic.order(word)
        running = self.hear("--ramp")
        self.assertIn("no input device", running.wait_for("lost")["why"])
        time.sleep(5)
        returned = self.mic.order("loop")
        hearing = running.wait_for("hearing", after=returned)
        note(f"{word} at the start: hearing {hearing['t'] - returned:.2f} s after the return")
        check_promise(hearing["t"] - returned, RECOVERED, "to hear")
        self.finish(running)

    def test_busy_at_start_free_later(self):
        self.appears_after("busy")

    def test_no_device_at_start_appears_later(self):
        self.appears_after("unplug")


class NoDevice(Case):
    """A machine without any sound, and one whose ALSA configuration makes PortAudio abort."""

    def setUp(self):
        super().setUp()
        self.path("none.conf").write_text("pcm.!default { type hw card 31 }\nctl.!default { type hw card 31 }\n")
        self.path("empty.conf").touch()

    def env(self, name):
        return {**os.environ, "ALSA_CONFIG_PATH": str(self.path(name)), **microphones.NO_JACK}

    def test_no_device_at_all_is_one_line_and_a_failure(self):
        result = subprocess.run([probe.HELPER, "--list"], env=self.env("none.conf"), capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn("no input device", result.stderr)

    def test_messages_begin_with_the_program_that_the_user_called(self):
        for name, line in (("none.conf", "no input device"), ("empty.conf", "PortAudio aborts")):
            with self.subTest(name):
                result = subprocess.run([os.environ["HEARKEN"], "devices"], env=self.env(name), capture_output=True, text=True)
                self.assertEqual(result.returncode, 69)
                self.assertRegex(result.stderr, f"^hearken: {line}.*\n$")

    def test_an_empty_alsa_configuration_is_one_line_and_a_failure(self):
        result = subprocess.run([probe.HELPER, "--list"], env=self.env("empty.conf"), capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn("ALSA's configuration", result.stderr)

    def test_the_daemon_stays_up_says_why_and_shows_no_noise(self):
        running = self.start("--seconds", 3, env=self.env("none.conf"))
        self.assertIn("no input device", running.wait_for("lost")["why"])
        running.process.wait(PATIENCE)
        self.assertEqual(running.process.stderr.read(), "")

    def test_portaudio_that_aborts_takes_only_the_helper_along(self):
        running = self.start("--seconds", 4, env=self.env("empty.conf"))
        self.assertIn("PortAudio aborts", running.wait_for("lost")["why"])
        running.process.wait(PATIENCE)
        self.assertEqual((running.process.returncode, running.process.stderr.read()), (0, ""))


class Kills(FaultCase):
    """SIGKILL at random moments; `--kills N` for more of them."""

    n_kills = 30

    def kill_at_random(self, running):
        seed = random.randrange(1 << 32)
        note(f"{self.n_kills} kills, seed {seed}")
        moments = random.Random(seed)
        n_left = self.n_kills
        while n_left > 0:
            self.assertTrue(microphones.until(running.helper))
            helper = running.helper()
            time.sleep(moments.choice((0.05, 0.5, 1.2)) * moments.random())
            if helper == running.helper():
                os.kill(helper, signal.SIGKILL)
                self.assertTrue(microphones.until(lambda: running.helper() != helper))
                n_left -= 1
        running.wait_for("hearing", after=time.monotonic())

    def test_a_microphone_whose_helper_is_killed_again_and_again(self):
        running = self.begin()
        self.kill_at_random(running)
        summary = self.finish(running)
        self.assertGreaterEqual(summary["n_restarts"], self.n_kills)
        self.assertEqual(summary["flagged_overruns"], summary["n_overruns"])

    def test_a_file_whose_helper_is_killed_again_and_again(self):
        seconds = 60 + 4 * self.n_kills
        wav = self.write_ramp("long.wav", seconds * RATE)
        running = self.start("--file", wav, "--ramp", "--seconds", seconds)
        running.wait_for("hearing")
        self.kill_at_random(running)
        summary = running.finish()
        self.assert_sound(summary)
        # Every frame of the file stands exactly where the file has it.
        self.assertEqual((summary["offset"], summary["breaks"]), (0, 0))
        for hole in running.holes:
            self.assertEqual(hole["offset"], 0)


class ServerCase(Case):
    def setUp(self):
        super().setUp()
        try:
            self.server = self.enterContext(self.Server(self.folder))
        except microphones.Missing as missing:
            self.skipTest(str(missing))

    def begin(self, *options):
        running = self.start("--seconds", 600, *options, env=self.server.env)
        running.wait_for("hearing")
        time.sleep(2)
        return running

    def assert_recovers(self, running, fault, repair, promised=RECOVERED_FROM_GONE, pause=5.0):
        """Lost between FAULT and REPAIR, which returns when it was done; hearing after that."""
        happened = time.monotonic()
        fault()
        noticed = running.wait_for("lost", after=happened)["t"]
        note(f"noticed after {noticed - happened:.2f} s")
        check_promise(noticed - happened, 2 * NOTICED, "to notice")
        time.sleep(max(0.0, pause - (time.monotonic() - happened)))
        returned = repair()
        # A server may answer us before it answers the one who asked whether it is up.
        hearing = running.wait_for("hearing", after=noticed)
        took = max(0.0, hearing["t"] - returned)
        note(f"hearing {took:.2f} s after the return")
        check_promise(took, promised, "to recover", returned)

    def finish(self, running):
        time.sleep(1)
        helper = running.helper()
        summary = running.finish()
        self.assert_sound(summary)
        self.assertFalse(os.path.exists(f"/proc/{helper}"))
        note(f"{summary['n_restarts']} helpers more, {summary['lost']} frames lost, {summary['n_overruns']} overruns")
        return summary


class PulseAudio(ServerCase):
    Server = microphones.Pulse

    def test_killed_and_restarted(self):
        running = self.begin()
        self.assert_recovers(running, self.server.crash, self.server.up)
        self.finish(running)

    def test_stopped_for_5_s(self):
        running = self.begin()
        self.assert_recovers(running, self.server.freeze, self.server.thaw)
        self.finish(running)

    def test_unplug_5_s_replug(self):
        running = self.begin()
        self.assert_recovers(running, self.server.unplug, self.server.replug, RECOVERED)
        self.finish(running)

    def test_a_source_is_listed_by_its_name_and_heard_by_it(self):
        result = subprocess.run([probe.HELPER, "--list"], env={**os.environ, **self.server.env}, capture_output=True)
        names = [json.loads(line)["name"] for line in result.stdout.splitlines()]
        self.assertIn("ALSA: pulse:vmic.monitor", names)
        running = self.begin("--device", "ALSA: pulse:vmic.monitor")
        self.assertEqual(running.states[-1]["device"], "ALSA: pulse:vmic.monitor")
        self.finish(running)

    def test_a_source_that_is_not_there_is_waited_for(self):
        running = self.start("--seconds", 60, "--device", "ALSA: pulse:late.monitor", env=self.server.env)
        self.assertIn("pulse:late.monitor", running.wait_for("lost")["why"])
        returned = self.server.pactl("load-module", "module-null-sink", "sink_name=late", "norewinds=1")
        took = running.wait_for("hearing", after=returned)["t"] - returned
        note(f"hearing {took:.2f} s after it is there")
        check_promise(took, RECOVERED, "to hear", returned)

    def test_what_is_played_is_heard(self):
        tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE) / RATE)
        sounds.write_s16(self.path("tone.wav"), tone, RATE)
        running = self.begin("--device", "ALSA: vmic")
        player = self.server.play(self.path("tone.wav"))
        self.assertEqual(player.wait(PATIENCE), 0)
        self.assertGreater(self.finish(running)["peak"], 0.4)


class JackAudio(ServerCase):
    Server = microphones.Jack

    def begin(self):
        return super().begin("--device", "JACK Audio Connection Kit: system", "--rate", RATE)

    def test_killed_and_restarted(self):
        running = self.begin()
        self.assert_recovers(running, self.server.crash, self.server.up)
        self.finish(running)

    def test_stopped_for_5_s(self):
        running = self.begin()
        self.assert_recovers(running, self.server.freeze, self.server.thaw)
        self.finish(running)


class PipeWireServer(ServerCase):
    Server = microphones.PipeWire

    def test_killed_and_restarted(self):
        running = self.begin()
        self.assert_recovers(running, self.server.crash, self.server.up)
        self.finish(running)

    def test_stopped_for_5_s(self):
        running = self.begin()
        self.assert_recovers(running, self.server.freeze, self.server.thaw)
        self.finish(running)


if __name__ == "__main__":
    if "--kills" in sys.argv:
        at = sys.argv.index("--kills")
        Kills.n_kills = int(sys.argv[at + 1])
        del sys.argv[at : at + 2]
    outcome = unittest.main(exit=False).result
    if outcome.wasSuccessful() and len(outcome.skipped) == outcome.testsRun:
        sys.exit(77)  # meson's word for a test that was skipped
    sys.exit(not outcome.wasSuccessful())
