#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The manual pages say what the programs say: every option, key, default and exit code, both ways."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import numpy as np

import bundles
from help_texts import HEARKEN, command_options, commands, exit_codes, options, output

HEARKEND = os.environ["HEARKEND"]
SOURCE = pathlib.Path(os.environ["HEARKEN_SOURCE"])


def page(name):
    """{section: {term: text}} of a page; a term is what is bold at the start of an entry."""
    sections, terms = {}, []
    entries = sections.setdefault("", {})
    for line in (SOURCE / "man" / f"{name}.scd").read_text().splitlines():
        line = line.replace("\\", "")
        if line.startswith("#"):
            entries, terms = sections.setdefault(line.lstrip("# "), {}), []
        elif line.startswith("*"):
            terms = re.findall(r"\*([^*]+)\*", line)
            entries.update((term, "") for term in terms)
        elif line.startswith("\t"):
            for term in terms:
                entries[term] += line.strip() + " "
        elif line:
            terms = []
    # entries that begin a paragraph of prose have no text of their own
    return {section: {term: text for term, text in entries.items() if text} for section, entries in sections.items()}


def typeset(source, folder):
    """The page as the build makes it of SOURCE."""
    made = pathlib.Path(folder, source.stem)
    subprocess.run([SOURCE / "man" / "typeset.py", "scdoc", source, made], check=True)
    return made


def rendered(source):
    """What a reader sees, by groff as it comes: Debian's man.local takes a part of its typography back."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "man.local").touch()
        done = subprocess.run(["groff", "-M", folder, "-man", "-Tutf8", "-P-cbou", "-rLL=100n", typeset(source, folder)],
                              capture_output=True, check=True)
        return done.stdout.decode()


def code_blocks(source):
    return [re.sub("^[ \t]+", "", block, flags=re.M).replace("\\\\", "\\") for block in
            re.findall("^```\n(.*?)^```$", source.read_text(), re.M | re.S)]


def wait_for_socket(daemon, path):
    """False: the daemon ended without one."""
    while daemon.poll() is None:
        if os.path.exists(path):
            return True
        time.sleep(0.02)
    return False


class Hearken(unittest.TestCase):
    def setUp(self):
        self.page = page("hearken.1")
        self.commands = commands()

    def section(self, command):
        found = [entries for heading, entries in self.page.items() if re.match(rf"{command}($| [^a-z])", heading)]
        self.assertEqual(len(found), 1, f"man/hearken.1.scd: expected one section for the command {command}")
        return found[0]

    def test_every_command_has_its_section_and_every_section_its_command(self):
        self.assertIn("model show", self.commands)
        for command in self.commands:
            self.section(command)
        headings = {heading for heading in self.page if re.match("[a-z]", heading)}
        self.assertEqual(len(headings), len(self.commands))

    def test_every_option_is_in_the_section_of_its_command_and_no_other_is(self):
        for command in self.commands:
            known = command_options(command)
            del known["--help"]
            terms = {term for term in self.section(command)}
            self.assertEqual(terms, set(known) | {letter for letter, _ in known.values() if letter},
                             f"man/hearken.1.scd: options of {command}")

    def test_defaults_are_those_of_the_code(self):
        for command in self.commands:
            for name, (_, text) in command_options(command).items():
                default = re.search(r"\(default: (.*)\)", text)
                if default:
                    self.assertIn(f"Default: {default[1]}", self.section(command)[name], (command, name))

    def test_where_a_daemon_is_looked_for_is_said_as_by_the_help(self):
        n_found = 0
        for command in self.commands:
            said = re.search(r"default: \$HEARKEN_SOCKET, else (.*)", command_options(command).get("--socket", ("", ""))[1])
            if said:
                self.assertIn(f"Default: what HEARKEN_SOCKET names, else {said[1]}.",
                              self.section(command)["--socket"].replace("_", "").replace("HEARKENSOCKET", "HEARKEN_SOCKET"))
                n_found += 1
        self.assertGreater(n_found, 5)

    def test_exit_codes_of_a_command_are_said_as_by_the_help(self):
        text = (SOURCE / "man" / "hearken.1.scd").read_text()
        known = exit_codes(output(HEARKEN, "help"))
        said = {command: known & set(re.findall(r"\bwith (\d+)\b", output(HEARKEN, "help", *command.split())))
                for command in self.commands}
        self.assertEqual(said["status"], {"1", "69"})
        for command, codes in said.items():
            section = re.search(rf"^## {command}\b.*\n((?:(?!## ).*\n)*)", text, re.MULTILINE)[1]
            self.assertEqual(codes, known & set(re.findall(r"\bwith (\d+)\b", section)), command)

    def test_variables_of_the_environment_are_those_of_the_code(self):
        code = "".join(path.read_text() for folder in ("clients", "core", "config")
                       for path in (SOURCE / folder).rglob("*.c"))
        read = set(re.findall(r'getenv\("(HEARKEN_\w+|NO_COLOR|XDG_\w+)"\)', code))
        text = (SOURCE / "man" / "hearken.1.scd").read_text()
        described = text.partition("# ENVIRONMENT")[2].partition("# EXIT STATUS")[0]
        self.assertEqual(set(re.findall(r"^_(\w+)_$", described, re.MULTILINE)), read)

    def test_variables_that_a_command_of_follow_gets_are_those_of_the_code(self):
        made = set(re.findall(r'"(HEARKEN_\w+)', (SOURCE / "clients" / "socket" / "exec_environment.c").read_text()))
        text = (SOURCE / "man" / "hearken.1.scd").read_text()
        section = text.partition("## follow")[2].partition("\n## ")[0]
        self.assertEqual(set(re.findall(r"_(HEARKEN_\w+?)_(?!\w)", section)) - {"HEARKEN_SOCKET"}, made)

    def test_exit_codes_are_those_of_the_code(self):
        self.assertEqual(set(self.page["EXIT STATUS"]), exit_codes(output(HEARKEN, "help")))


class Typesetting(unittest.TestCase):
    @unittest.skipUnless(shutil.which("scdoc") and shutil.which("man"), "no scdoc or no man")
    def test_every_page_is_set_without_a_warning(self):
        pages = sorted((SOURCE / "man").glob("*.scd"))
        self.assertGreaterEqual(len(pages), 5)
        for source in pages:
            with self.subTest(source.name), tempfile.TemporaryDirectory() as folder:
                made = typeset(source, folder)
                done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", made],
                                      capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("scdoc") and shutil.which("groff"), "no scdoc or no groff")
    def test_what_is_code_in_a_page_is_shown_character_by_character(self):
        n_blocks = 0
        for source in sorted((SOURCE / "man").glob("*.scd")):
            shown = rendered(source)
            for block in code_blocks(source):
                with self.subTest(source.name, block=block):
                    self.assertIn(block, re.sub("^ +", "", shown, flags=re.M))
                    n_blocks += 1
            names = {name for name in re.findall(r"\*(--[a-z-]+)\*", source.read_text()) if not name.endswith("-")}
            unbroken = re.sub(r"\n *", " ", shown)
            self.assertEqual({name for name in names if name not in unbroken}, set(), source.name)
        self.assertGreater(n_blocks, 8)

    @unittest.skipUnless(shutil.which("scdoc") and shutil.which("groff"), "no scdoc or no groff")
    def test_the_example_of_hearken_varlink_works_as_it_is_copied_from_the_page(self):
        shown = rendered(SOURCE / "man" / "hearken-varlink.7.scd")
        for indented in True, False:
            example = re.search(r"^ *python3 -c '.*?'$", shown, re.M | re.S)[0]
            if not indented:
                example = re.sub("^ +", "", example, flags=re.M)
            with self.subTest(indented=indented), tempfile.TemporaryDirectory() as folder:
                path = f"{folder}/s.sock"
                daemon = subprocess.Popen([HEARKEND, "--input", "-", "--rate", "16000", "--history", "none", "--socket", path,
                                           "--model", SOURCE / "models" / "home"],
                                          stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
                try:
                    self.assertTrue(wait_for_socket(daemon, path))
                    done = subprocess.run(example.replace("/run/hearken/default.sock", path), shell=True, text=True,
                                          capture_output=True, timeout=60)
                    self.assertEqual(done.stderr, "")
                    self.assertEqual(json.loads(done.stdout)["parameters"]["status"]["instance"], "default")
                finally:
                    daemon.kill()
                    daemon.communicate()


class Hearkend(unittest.TestCase):
    def test_options_and_exit_codes_are_those_of_the_code(self):
        text, sections = output(HEARKEND, "--help"), page("hearkend.8")
        self.assertEqual(set(sections["OPTIONS"]), set(options(text)))
        self.assertEqual(set(sections["EXIT STATUS"]), exit_codes(text))

    def test_fields_of_the_journal_are_those_of_the_code(self):
        code = (SOURCE / "daemon" / "publish" / "event_journal.c").read_text() + (SOURCE / "daemon" / "publish" / "event_journal.h").read_text()
        fields = set(re.findall(r'"(HEARKEN_\w+)=', code))
        self.assertGreater(len(fields), 10)
        events = page("hearkend.8")["EVENTS"]
        self.assertEqual({term for term in events if term.startswith("HEARKEN_")}, fields)
        for message_id in re.findall(r'"([0-9a-f]{32})"', code):
            self.assertIn(message_id, events["MESSAGE_ID"])


class Configuration(unittest.TestCase):
    def test_keys_and_defaults_are_those_of_the_shipped_file(self):
        """Which a unit test holds against the table of settings."""
        shipped, section, comment, at_start = {}, None, "", set()
        for line in (SOURCE / "config" / "hearken.conf").read_text().splitlines():
            if re.match(r"#?\[", line):
                section = shipped.setdefault(line.lstrip("#"), {})
            match = re.match(r"#(\w+) =(.*)", line)
            if match:
                section[match[1]] = match[2].strip()
                if "Read at the start only" in comment:
                    at_start.add((list(shipped)[-1], match[1]))
            comment = line if line.startswith("# ") else ""
        described = page("hearken.conf.5")
        self.assertEqual({heading for heading in described if heading.startswith("[")}, set(shipped))
        for name, keys in shipped.items():
            self.assertEqual(set(described[name]), set(keys), name)
            for key, default in keys.items():
                if default:
                    self.assertIn(f"Default: {default}", described[name][key])
                self.assertEqual("Read at the start only." in described[name][key], (name, key) in at_start, (name, key))
        self.assertIn(("[history]", "path"), at_start)


class Model(unittest.TestCase):
    def bundle(self, profile, n_features):
        names = output(HEARKEN, "features", "--profile", profile, self.sound).splitlines()[0].split(",")
        rng = np.random.default_rng(1)
        model = bundles.NearestMean(["a", "b"], [rng.standard_normal((4, n_features)) for _ in range(2)])
        folder = os.path.join(self.folder, profile)
        bundles.write(folder, model, names, profile, 16000)
        return folder

    def test_keys_are_those_that_the_loader_takes(self):
        """A bundle with all of them loads; the loader refuses any other."""
        import sounds
        described = page("hearken-model.5")
        with tempfile.TemporaryDirectory() as self.folder:
            self.sound = os.path.join(self.folder, "a.wav")
            sounds.write_s16(self.sound, sounds.noise(2, 16000), 16000)
            for profile, n_features in (("mel-modulation", 556), ("spectrogram", 8198)):
                folder = self.bundle(profile, n_features)
                shown = json.loads(output(HEARKEN, "model", "show", "--json", folder))
                described_parameters = described[f"[profile] name = {profile}"]
                self.assertEqual(set(described_parameters), set(shown["profile"]["parameters"]))
                for key, value in bundles.PARAMETERS[profile].items():
                    if "," not in key and key not in ("fmin_hz", "fmax_hz"):
                        self.assertIn(f"Default: {value}", described_parameters[key])
                section, keys = None, {}
                for line in pathlib.Path(folder, "model.ini").read_text().splitlines():
                    if line.startswith("["):
                        section = keys.setdefault(line, set())
                    else:
                        section.add(line.partition(" =")[0])
                keys["[profile]"] = {"name"}
                del keys["[training]"]  # free
                keys["[files]"].add("vectors.bin")  # of packed models only
                for name, expected in keys.items():
                    self.assertEqual(set(described[name]), expected, name)
        text = (SOURCE / "man" / "hearken-model.5.scd").read_text()
        for key in shown["classes"]["a"]:
            self.assertIn(f"*{key}*", text)


class Varlink(unittest.TestCase):
    """hearken-varlink(7) against the interface file, which tests/unit/test-api.c holds against the server."""

    @classmethod
    def setUpClass(cls):
        text = (SOURCE / "daemon" / "io.hearken.varlink").read_text()
        text = "".join(line for line in text.splitlines(True) if not line.startswith("#"))
        cls.interface = {"Methods": {}, "Types": {}, "Errors": {}}
        for kind, name, rest in re.findall(r"^(method|type|error) (\w+) ?(\(.*?\)(?: -> \(.*?\))?)$", text, re.M | re.S):
            rest = re.sub(r"\((?:\w+, )+\w+\)", "", rest)  # the words of an enumeration
            cls.interface[kind.capitalize() + "s"][name] = set(re.findall(r"(\w+):", rest))
        cls.page = page("hearken-varlink.7")

    def test_the_page_has_the_methods_types_and_errors_of_the_interface_and_no_others(self):
        self.assertGreater(len(self.interface["Methods"]), 5)
        for section, names in self.interface.items():
            self.assertEqual(set(self.page[section]), set(names), section)

    def test_every_field_is_explained_where_it_belongs(self):
        for section, names in self.interface.items():
            for name, fields in names.items():
                missing = fields - set(re.findall(r"\*([^*]+)\*", self.page[section][name]))
                self.assertEqual(missing, set(), f"{section}: {name}")


if __name__ == "__main__":
    unittest.main()
