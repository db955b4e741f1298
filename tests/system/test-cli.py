#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`hearken` as people and programs call it: the real binary, real files, exit codes and messages."""

import io
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import tempfile
import unittest
import unittest.mock

import numpy as np

import bundles
import sounds

HEARKEN = os.environ["HEARKEN"]
RATE = 16000
LABELS = ["alarm", "hum", "quiet"]
RULES = "[class quiet]\nevent = no\n[class alarm]\non = 0.6\noff = 0.4\nconfirm = 1 of 1\nrelease = 2 s\n"


def hearken(*args, **options):
    return subprocess.run([HEARKEN, *map(str, args)], capture_output=True, timeout=120, **options)


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def features(path, *args):
    return np.load(io.BytesIO(hearken("features", path, "--format", "npy", *args, check=True).stdout))


def make_model(folder, name, profile, rate):
    recordings = [f"{folder}/{label}{rate}.wav" for label in LABELS]
    header = hearken("features", recordings[0], "--profile", profile, check=True).stdout.split(b"\n")[0]
    model = bundles.NearestMean(LABELS, [features(r, "--profile", profile) for r in recordings])
    bundles.write(f"{folder}/{name}", model, header.decode().split(","), profile, rate, RULES)


def setUpModule():
    """A folder with sounds and two models that tell them apart; each class has a copy."""
    Case.made = tempfile.mkdtemp(prefix="hearken-cli-")
    unittest.addModuleCleanup(shutil.rmtree, Case.made)
    for rate in (RATE, 44100):
        examples = (sounds.beeps(12, rate), sounds.hum(12, rate), sounds.noise(12, rate, 0.001))
        for label, samples in zip(LABELS, examples):
            sounds.write_s16(f"{Case.made}/{label}{rate}.wav", samples + sounds.noise(12, rate, 0.001, 2), rate)
    make_model(Case.made, "mel", "mel-modulation", RATE)
    make_model(Case.made, "picture", "spectrogram", 44100)
    scene = sounds.noise(30, RATE, 0.002, 3)
    scene[10 * RATE:18 * RATE] += sounds.beeps(8, RATE)
    sounds.write_s16(f"{Case.made}/scene.wav", scene, RATE)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hearken-cli-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        shutil.copytree(cls.made, cls.folder, dirs_exist_ok=True)
        cls.mel, cls.picture, cls.scene = cls.path("mel"), cls.path("picture"), cls.path("scene.wav")

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    def assert_fails(self, result, code, *words):
        """The exit code, a line of ours that holds WORDS, and nothing of a crash or a sanitizer."""
        message = result.stderr.decode()
        self.assertEqual(result.returncode, code, message)
        self.assertTrue(message.startswith("hearken: "), message)
        self.assertNotIn("ERROR:", message)
        self.assertNotIn("runtime error", message)
        for word in words:
            self.assertIn(word, message)


class Detect(Case):
    def test_an_alarm_in_a_scene_is_one_event_at_its_place(self):
        result = hearken("detect", "--model", self.mel, "--json", self.scene, check=True)
        events = lines(result)
        self.assertEqual([event["label"] for event in events], ["alarm"])
        event = events[0]
        self.assertEqual(event["file"], self.scene)
        self.assertAlmostEqual(event["start_s"], 10, delta=1)
        self.assertAlmostEqual(event["end_s"], 18, delta=1)
        self.assertGreater(event["peak_probability"], 0.6)
        self.assertLessEqual(event["mean_probability"], event["peak_probability"])
        self.assertEqual(event["state"], "ended")
        self.assertGreaterEqual(event["n_windows"], 6)
        self.assertIsNone(event["continues"])
        self.assertTrue(-25 < event["level_dbfs"] < -10)

    def test_a_pipe_gets_json_unless_a_table_is_wanted(self):
        as_json = hearken("detect", "-m", self.mel, "--json", self.scene, check=True).stdout
        self.assertEqual(hearken("detect", "-m", self.mel, self.scene, check=True).stdout, as_json)
        table = hearken("detect", "-m", self.mel, "--table", self.scene, check=True).stdout.decode().splitlines()
        self.assertEqual(table[0].split(), ["START", "END", "LABEL", "PEAK", "MEAN", "DBFS", "FILE"])
        self.assertEqual(table[1].split()[2], "alarm")
        self.assertEqual(len(table), 2)

    def test_the_environment_names_the_model_when_the_command_line_does_not(self):
        result = hearken("detect", "--json", self.scene, env={**os.environ, "HEARKEN_MODEL": self.mel}, check=True)
        self.assertEqual([event["label"] for event in lines(result)], ["alarm"])
        result = hearken("detect", self.scene, env={**os.environ, "HEARKEN_MODEL": "/nowhere/at-all"})
        self.assert_fails(result, 78, "/nowhere/at-all")

    @unittest.skipUnless(os.path.exists(os.path.join(os.environ["HEARKEN_SOURCE"], "models", "home")), "no models/home")
    def test_the_label_of_a_window_is_the_most_probable_class_whatever_the_votes_decide(self):
        source = os.environ["HEARKEN_SOURCE"]
        path = self.path("alarm.wav")
        subprocess.run([os.path.join(source, "scripts", "make-alarms"), "--demo", path, "--seconds", "24"], check=True,
                       stdout=subprocess.DEVNULL)
        windows = lines(hearken("classify", "-m", os.path.join(source, "models", "home"), "--json", path, check=True))
        for window in windows:
            self.assertEqual(window["label"], max(window["probabilities"], key=window["probabilities"].get))
        # here the two differ
        self.assertTrue(any(window["label"] != window["decided"] for window in windows))

    @unittest.skipUnless(os.path.exists(os.path.join(os.environ["HEARKEN_SOURCE"], "models", "home")), "no models/home")
    def test_a_binary_in_its_build_tree_has_the_default_model_of_its_source_tree(self):
        env = {name: value for name, value in os.environ.items() if name != "HEARKEN_MODEL"}
        shown = json.loads(hearken("model", "show", "--json", "home", env=env, check=True).stdout)
        self.assertEqual(shown["bytes"], sum(os.path.getsize(os.path.join(shown["path"], name))
                                             for name in ("model.ini", "scaler.csv", "svm.model", "vectors.bin")
                                             if os.path.exists(os.path.join(shown["path"], name))))
        windows = lines(hearken("classify", "--json", self.scene, env=env, check=True))
        self.assertEqual(set(windows[0]["probabilities"]), set(shown["labels"]))

    def test_an_event_at_the_end_of_a_file_ends_with_it(self):
        path = self.path("end.wav")
        sounds.write_s16(path, np.concatenate([sounds.noise(8, RATE), sounds.beeps(6, RATE)]), RATE)
        events = lines(hearken("detect", "-m", self.mel, "--json", path, check=True))
        self.assertEqual([(event["label"], event["state"]) for event in events], [("alarm", "ended")])
        self.assertAlmostEqual(events[0]["end_s"], 14, delta=1e-9)


class Classify(Case):
    def test_the_windows_cover_the_file_and_their_probabilities_sum_to_one(self):
        windows = lines(hearken("classify", "-m", self.mel, "--json", self.scene, check=True))
        self.assertEqual([window["start_s"] for window in windows], list(range(29)))
        self.assertEqual([window["end_s"] for window in windows], list(range(2, 31)))
        for window in windows:
            self.assertEqual(list(window["probabilities"]), LABELS)
            self.assertAlmostEqual(sum(window["probabilities"].values()), 1, places=9)
            self.assertEqual(window["label"], max(window["probabilities"], key=window["probabilities"].get))
        self.assertEqual([w["label"] for w in windows[11:16]], ["alarm"] * 5)

    def test_probabilities_are_those_of_the_same_model_in_numpy(self):
        recordings = [self.path(f"{label}{RATE}.wav") for label in LABELS]
        model = bundles.NearestMean(LABELS, [features(r, "--profile", "mel-modulation") for r in recordings])
        expected = model.probabilities(features(self.scene, "--model", self.mel))
        windows = lines(hearken("classify", "-m", self.mel, "--json", self.scene, check=True))
        got = np.array([list(window["probabilities"].values()) for window in windows])
        np.testing.assert_allclose(got, expected, atol=1e-4)  # float32 in the machine

    def test_digital_zeros_have_no_label_and_are_told(self):
        path = self.path("muted.wav")
        sounds.write_s16(path, np.concatenate([sounds.noise(4, RATE), np.zeros(6 * RATE)]), RATE)
        result = hearken("classify", "-m", self.mel, "--json", path, check=True)
        windows = lines(result)
        self.assertEqual([window["zeros"] for window in windows], [False] * 4 + [True] * 5)
        for window in windows[4:]:
            self.assertIsNone(window["label"])
            self.assertIsNone(window["probabilities"])
            self.assertIsNone(window["level_dbfs"])
        self.assertIn("5 of 9 windows are digital zeros", result.stderr.decode())
        table = hearken("classify", "-m", self.mel, "--table", path, check=True).stdout.decode()
        self.assertEqual(table.count("samples do not change, not classified"), 5)

    def test_what_is_left_at_the_end_is_told(self):
        path = self.path("odd.wav")
        sounds.write_s16(path, sounds.noise(4.75, RATE), RATE)
        result = hearken("classify", "-m", self.mel, "--json", path, check=True)
        self.assertEqual(len(lines(result)), 3)
        self.assertIn("the last 0.75 s fill no window of 2 s", result.stderr.decode())
        for command in ("classify", "detect"):
            told = hearken(command, "-m", self.mel, "--json", *[path] * 20, check=True).stderr.decode().splitlines()
            self.assertEqual([line for line in told if "window" in line], [
                f"hearken: {path}: the last 0.75 s fill no window of 2 s and were not analysed",
                "hearken: 20 files in all end in less than a window: 15 s of them were not analysed"])

    def test_a_channel_can_be_chosen_or_all_are_mixed(self):
        path = self.path("stereo.wav")
        stereo = np.stack([sounds.hum(6, RATE), sounds.beeps(6, RATE)], axis=1)
        sounds.write_s16(path, stereo + 0.001, RATE)
        for channel, label in ((1, "hum"), (2, "alarm")):
            windows = lines(hearken("classify", "-m", self.mel, "-c", channel, "--json", path, check=True))
            self.assertEqual({window["label"] for window in windows}, {label})
        self.assert_fails(hearken("classify", "-m", self.mel, "-c", 3, path), 65, path)

    def test_eight_channels_at_192_khz_are_heard(self):
        path = self.path("wide.wav")
        beeps = sounds.beeps(4, 192000) + sounds.noise(4, 192000, 0.001)
        sounds.write_f32(path, np.repeat(beeps[:, None], 8, axis=1), 192000)
        result = hearken("classify", "-m", self.mel, "--json", path, check=True)
        self.assertEqual({window["label"] for window in lines(result)}, {"alarm"})
        self.assertIn("the mean of its 8 channels", result.stderr.decode())

    def test_a_low_rate_under_a_high_one_says_what_it_means(self):
        path = self.path("narrow.wav")
        sounds.write_s16(path, sounds.noise(4, 8000), 8000)
        result = hearken("classify", "-m", self.picture, "--json", path, check=True)
        message = result.stderr.decode()
        self.assertIn("recorded at 8000 Hz for a model trained at 44100 Hz", message)
        self.assertIn("nothing above 4000 Hz", message)
        self.assertEqual(len(lines(result)), 3)


class Features(Case):
    def test_csv_and_npy_hold_the_same_values(self):
        for profile, n_features in (("mel-modulation", 556), ("spectrogram", 8198)):
            matrix = features(self.scene, "--profile", profile)
            self.assertEqual(matrix.dtype, np.float32)
            self.assertEqual(matrix.shape, (29, n_features))
            csv = hearken("features", self.scene, "--profile", profile, check=True).stdout.decode().splitlines()
            names = csv[0].split(",")
            self.assertEqual(len(set(names)), n_features)
            table = np.array([row.split(",") for row in csv[1:]]).astype(np.float32)
            np.testing.assert_array_equal(table, matrix)

    def test_spectrogram_works_at_the_files_own_rate_unless_told_otherwise(self):
        path = self.path(f"alarm{44100}.wav")
        own = features(path, "--profile", "spectrogram")
        self.assertEqual(own.shape[0], 11)
        told = features(path, "--profile", "spectrogram", "--rate", RATE)
        self.assertGreater(np.abs(own - told).max(), 1)
        np.testing.assert_array_equal(own, features(path, "--model", self.picture))
        np.testing.assert_array_equal(own, features(path, "--profile", "spectrogram", "--rate", 44100))

    def test_the_number_of_rows_is_right_for_lengths_around_a_window(self):
        for rate in (RATE, 11025, 44100):
            for n_frames in (2 * rate, 3 * rate - 1, 3 * rate, 3 * rate + 1):
                path = self.path("length.wav")
                sounds.write_s16(path, sounds.noise(4, rate)[:n_frames], rate)
                rows = features(path, "--profile", "mel-modulation")
                windows = lines(hearken("classify", "-m", self.mel, "--json", path, check=True))
                self.assertEqual(len(rows), len(windows))

    def test_windows_of_digital_zeros_are_rows_of_nan(self):
        path = self.path("zeros.wav")
        sounds.write_s16(path, np.concatenate([sounds.noise(3, RATE), np.zeros(3 * RATE)]), RATE)
        matrix = features(path, "--profile", "mel-modulation")
        np.testing.assert_array_equal(np.isnan(matrix).all(axis=1), [False] * 3 + [True] * 2)
        csv = hearken("features", path, "--profile", "mel-modulation", check=True).stdout.decode().splitlines()
        self.assertEqual(csv[-1], ",".join(["nan"] * 556))

    def test_a_profile_or_a_model_is_needed_but_not_both(self):
        self.assert_fails(hearken("features", self.scene), 64, "either --profile or --model")
        both = hearken("features", self.scene, "--profile", "spectrogram", "--model", self.mel)
        self.assert_fails(both, 64, "either --profile or --model")
        self.assert_fails(hearken("features", self.scene, "--profile", "x"), 64, "mel-modulation, spectrogram")


class Profiles(Case):
    def shown(self, *args):
        return json.loads(hearken("profiles", "--json", *args, check=True).stdout)

    def test_all_are_listed_and_each_is_shown_with_its_parameters(self):
        listed = hearken("profiles", check=True).stdout.decode().splitlines()[1:]
        self.assertEqual([line.split()[:2] for line in listed], [["mel-modulation", "556"], ["spectrogram", "8198"]])
        for name, n in (line.split()[:2] for line in listed):
            profile = self.shown(name)
            self.assertEqual((profile["name"], len(profile["features"])), (name, int(n)))
            text = hearken("profiles", name, check=True).stdout.decode()
            for parameter, value in profile["parameters"].items():
                self.assertRegex(text, rf"\n{parameter} +{re.escape(value)} ")

    def test_the_features_named_are_those_that_features_prints(self):
        printed = hearken("features", self.scene, "--profile", "mel-modulation", check=True).stdout.decode()
        self.assertEqual(self.shown("mel-modulation")["features"], printed.partition("\n")[0].split(","))

    def test_other_parameters_make_another_profile(self):
        usual, other = self.shown("mel-modulation"), self.shown("mel-modulation", "--set", "extensions=level")
        self.assertEqual(other["parameters"]["extensions"], "level")
        self.assertEqual(other["features"][:556], usual["features"])
        self.assertGreater(len(other["features"]), 556)

    def test_what_is_no_profile_or_no_parameter_is_told(self):
        for args, word in ((["whistle"], '"whistle"'), (["mel-modulation", "--set", "hops=3"], "hops"),
                           (["mel-modulation", "--rate", "8000"], "8000")):
            result = hearken("profiles", *args)
            self.assertNotEqual(result.returncode, 0, args)
            self.assertIn(word, result.stderr.decode())
            self.assertEqual(result.stdout, b"")


class ModelShow(Case):
    def test_json_says_what_the_bundle_is(self):
        shown = json.loads(hearken("model", "show", "--json", self.mel, check=True).stdout)
        self.assertEqual(shown["name"], "mel")
        self.assertEqual(shown["labels"], LABELS)
        self.assertEqual(shown["audio"]["rate_hz"], RATE)
        self.assertEqual(shown["audio"]["window_s"], 2)
        self.assertEqual(shown["profile"]["name"], "mel-modulation")
        self.assertEqual(shown["profile"]["parameters"]["n_fft"], 1024)
        self.assertEqual(shown["classifier"]["vectors"], 3)
        self.assertEqual(shown["classifier"]["features"], 556)
        self.assertEqual(shown["calibration"]["method"], "softmax")
        self.assertEqual(shown["classes"]["quiet"]["event"], False)
        self.assertEqual(shown["classes"]["alarm"]["confirm"], "1 of 1")
        self.assertEqual(shown["training"], {"made_by": "a test"})
        self.assertEqual(shown["bytes"], sum(entry.stat().st_size for entry in os.scandir(self.mel)))
        self.assertRegex(shown["hash"], "^[0-9a-f]{64}$")

    def test_people_get_the_same_in_words(self):
        text = hearken("model", "show", self.mel, check=True).stdout.decode()
        for words in ("16000 Hz, windows of 2 s every 1 s", "3 support vectors of 556 features, one-vs-rest, linear",
                      "Class alarm", "1 of 1", "made_by = a test", "Profile mel-modulation"):
            self.assertIn(words, text)


class Devices(Case):
    # what keeps PortAudio from looking for servers that other tests may run
    ALONE = {"PULSE_SERVER": "/nowhere", "JACK_NO_START_SERVER": "1"}

    def test_a_device_is_listed_by_the_name_for_the_configuration(self):
        path = self.path("asound.conf")
        pathlib.Path(path).write_text("pcm.!default { type null }\nctl.!default { type null }\n"
                                      'pcm.test_mic { type null hint { show on description "zeros" } }\n')
        # ALSA's null device takes 757 MB when it is asked for a rate: not to be filled by MALLOC_PERTURB_
        env = {**os.environ, **self.ALONE, "ALSA_CONFIG_PATH": path, "MALLOC_PERTURB_": "0"}
        devices = lines(hearken("devices", "--json", env=env, check=True))
        self.assertIn("ALSA: test_mic", [device["name"] for device in devices])
        table = hearken("devices", env=env, check=True).stdout.decode().splitlines()
        self.assertEqual(table[0].split(), ["DEFAULT", "USED", "BY", "CHANNELS", "RATE", "RATES", "DEVICE"])
        self.assertTrue(any(row.endswith("  ALSA: test_mic") for row in table[1:]), table)

    @unittest.skipIf(os.path.exists("/proc/asound/cards") and "[" in pathlib.Path("/proc/asound/cards").read_text(),
                     "this machine has a sound card")
    def test_without_a_device_one_line_says_so(self):
        result = hearken("devices", env={**os.environ, **self.ALONE})
        self.assertEqual(result.returncode, 69)
        self.assertEqual(result.stdout, b"")
        self.assertIn(b"no input device", result.stderr)
        self.assertEqual(result.stderr.count(b"\n"), 1)


class BadInput(Case):
    def bad_files(self):
        """Name, what is in it, exit code, words of the message."""
        wav = pathlib.Path(self.scene).read_bytes()
        return (
            ("empty.wav", b"", 65, "empty.wav"),
            ("text.wav", b"this is no audio file at all, but long enough to be looked at\n" * 10, 65, "text.wav"),
            ("no-frames.wav", wav[:44].replace(wav[40:44], b"\0\0\0\0"), 65, "no-frames.wav"),
            ("cut.wav", wav[:len(wav) // 2], 65, "cut.wav"),
            ("short.wav", wav[:36] + b"data" + (1000).to_bytes(4, "little") + wav[44:1044], 65, "shorter than one window"),
        )

    def test_each_bad_file_is_told_and_none_crashes_any_command(self):
        for name, data, code, words in self.bad_files():
            pathlib.Path(self.path(name)).write_bytes(data)
            for command in (["detect", "-m", self.mel], ["classify", "-m", self.mel],
                            ["features", "--profile", "spectrogram"],
                            ["features", "--profile", "mel-modulation", "--format", "npy"]):
                with self.subTest(file=name, command=command):
                    self.assert_fails(hearken(*command, self.path(name)), code, self.path(name), words)

    def test_a_file_that_is_not_there_or_no_file_is_told(self):
        self.assert_fails(hearken("classify", "-m", self.mel, "/nowhere.wav"), 66, "/nowhere.wav")
        self.assert_fails(hearken("classify", "-m", self.mel, self.folder), 66, self.folder)

    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("setpriv"), "root reads everything")
    def test_a_file_that_may_not_be_read_is_told(self):
        path = self.path("secret.wav")
        shutil.copy(self.scene, path)
        os.chmod(path, 0)
        os.chmod(self.folder, 0o755)
        drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        result = subprocess.run([*drop, HEARKEN, "classify", "-m", self.mel, path], capture_output=True)
        self.assert_fails(result, 66, path)

    def test_the_other_files_are_done_and_the_first_fault_is_the_exit_code(self):
        result = hearken("detect", "-m", self.mel, "--json", "/nowhere.wav", self.scene, self.folder)
        self.assert_fails(result, 66, "/nowhere.wav", self.folder)
        self.assertEqual([event["label"] for event in lines(result)], ["alarm"])

    def test_a_damaged_rest_interrupts_an_event_and_what_came_before_is_kept(self):
        path = self.path("torn.wav")
        pathlib.Path(path).write_bytes(pathlib.Path(self.scene).read_bytes()[:44 + 2 * 15 * RATE])
        result = hearken("detect", "-m", self.mel, "--json", path)
        self.assert_fails(result, 65, path)
        self.assertEqual([(e["label"], e["state"]) for e in lines(result)], [("alarm", "interrupted")])

    def test_a_bundle_that_cannot_be_used_is_refused_with_its_file(self):
        def changed(name, file, old, new):
            folder = self.path(name)
            shutil.copytree(self.mel, folder)
            path = pathlib.Path(folder, file)
            self.assertIn(old, path.read_text())
            path.write_text(path.read_text().replace(old, new, 1))
            return folder

        cases = (
            (self.path("no-such-bundle"), "no-such-bundle"),
            (changed("other-profile", "model.ini", "name = mel-modulation", "name = spectrogram"), "model.ini"),
            (changed("unknown-profile", "model.ini", "name = mel-modulation", "name = wavelet"), "wavelet"),
            (changed("unknown-key", "model.ini", "format = 1", "format = 1\nsecret = 1"), "model.ini:3"),
            (changed("wrong-hash", "svm.model", "nr_class 3", "nr_class 4"), "svm.model"),
            (changed("impossible-rules", "model.ini", "off = 0.4", "off = 0.9"), "alarm"),
        )
        for folder, words in cases:
            for command in (["model", "show", folder], ["classify", "-m", folder, self.scene]):
                with self.subTest(folder=folder, command=command[0]):
                    self.assert_fails(hearken(*command), 78, words)


class CommandLine(Case):
    def test_a_wrong_command_line_is_exit_64_and_says_where_help_is(self):
        for args in ([], ["nonsense"], ["detect"], ["detect", "--nonsense", "x"], ["model"], ["model", "hide", "x"],
                     ["features", self.scene, "--rate", "1"], ["features", self.scene, "--format", "xml"],
                     ["version", "x"], ["help", "nonsense"], ["completions", "tcsh"]):
            with self.subTest(args=args):
                self.assert_fails(hearken(*args), 64, "hearken help" if args[:1] != ["version"] else "version")

    def test_a_part_of_a_command_is_told_with_the_whole(self):
        for args, words in ((["model"], '"model": expected model show;'), (["help", "model"], '"model": expected model show;'),
                            (["model", "shwo", "x"], '"model shwo": expected model show;'), (["modell"], '"modell";')):
            result = hearken(*args)
            self.assertEqual((result.returncode, result.stdout), (64, b""))
            self.assertEqual(result.stderr.decode(), f"hearken: no command {words} see `hearken help`\n")

    def test_help_is_the_same_by_all_its_names_and_goes_to_stdout(self):
        for args in (["detect"], ["model", "show"], []):
            texts = {hearken("help", *args, check=True).stdout, hearken(*args, "--help", check=True).stdout,
                     hearken(*args, "-h", check=True).stdout}
            self.assertEqual(len(texts), 1)
            self.assertIn(b"Usage: hearken", texts.pop())

    def test_version_is_one_line(self):
        self.assertRegex(hearken("version", check=True).stdout, rb"^hearken \d+\.\d+\.\d+\n$")
        self.assertEqual(hearken("--version").stdout, hearken("version").stdout)

    def test_a_full_disk_and_a_closed_stdout_are_failures(self):
        for args in (["version"], ["help"], ["model", "show", self.mel], ["classify", "-m", self.mel, self.scene],
                     ["detect", "-m", self.mel, self.scene], ["features", "--profile", "spectrogram", self.scene],
                     ["features", "--profile", "spectrogram", "--format", "npy", self.scene]):
            with self.subTest(args=args):
                with open("/dev/full", "wb") as full:
                    result = subprocess.run([HEARKEN, *args], stdout=full, stderr=subprocess.PIPE)
                self.assert_fails(result, 74, "No space left")
                result = subprocess.run(["sh", "-c", 'exec "$0" "$@" >&-', HEARKEN, *args], stderr=subprocess.PIPE)
                self.assert_fails(result, 74, "cannot write")

    def test_a_reader_that_leaves_early_ends_it_quietly(self):
        command = f"'{HEARKEN}' features --profile spectrogram '{self.scene}'; echo $? >&2"
        result = subprocess.run(["sh", "-c", f"({command}) | head -c 10"], capture_output=True)
        self.assertEqual(len(result.stdout), 10)
        self.assertEqual(result.stderr, b"0\n")

    def on_terminal(self, *args, **environment):
        """What a terminal gets."""
        main, other = pty.openpty()
        env = {**os.environ, "TERM": "xterm", **environment}
        process = subprocess.Popen([HEARKEN, *args], stdout=other, stderr=subprocess.PIPE, env=env)
        os.close(other)
        text = b""
        while True:
            try:
                data = os.read(main, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            text += data
        os.close(main)
        process.communicate()
        return process.returncode, text

    def test_a_terminal_gets_a_table_in_colours_unless_no_color_is_set(self):
        env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        with unittest.mock.patch.dict(os.environ, env, clear=True):
            code, text = self.on_terminal("detect", "-m", self.mel, self.scene)
            self.assertEqual(code, 0)
            self.assertIn(b"\033[1mLABEL\033[0m", text)
            for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
                code, text = self.on_terminal("detect", "-m", self.mel, self.scene, **environment)
                self.assertIn(b"LABEL", text)
                self.assertNotIn(b"\033", text)

    def test_a_name_cannot_write_to_the_terminal(self):
        path = self.path("\033[2Jalarm.wav")
        shutil.copy(self.scene, path)
        code, text = self.on_terminal("detect", "-m", self.mel, path)
        self.assertEqual(code, 0)
        self.assertNotIn(b"\033[2J", text)

    def test_binary_data_is_not_sent_to_a_terminal(self):
        code, text = self.on_terminal("features", "--profile", "spectrogram", "-f", "npy", self.scene)
        self.assertEqual((code, text), (64, b""))



if __name__ == "__main__":
    unittest.main()
