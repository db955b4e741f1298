#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""README, CONTRIBUTING and docs/ speak of what there is: links, files, tests, commands, options, settings and unit
lines. So a page cannot outlive what it describes."""

import functools
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

import help_texts

HEARKEND = os.environ["HEARKEND"]
SOURCE = pathlib.Path(os.environ["HEARKEN_SOURCE"])
PAGES = [SOURCE / "README.md", SOURCE / "CONTRIBUTING.md", *sorted((SOURCE / "docs").glob("*.md")),
         *sorted((SOURCE / "models").glob("*/README.md"))]
FOLDERS = "clients|config|core|daemon|debian|docs|man|models|scripts|systemd|tests"
SCREEN = 60  # lines
# Where Debian looks for a command that a user types; what is beside them (sbin) is not found.
USERS_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"


def fences(text):
    """(language, lines) of each block of code."""
    return [(language, body.splitlines()) for language, body in
            re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def spans(text):
    """What stands between backticks outside of the blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))


def command_lines(language, lines):
    """Of a block of the language `console` what stands behind a prompt, else every line; what \\ or | breaks is put
    together."""
    whole = re.sub(r"(\\|(?<=\|))\n", " ", "\n".join(lines)).splitlines()
    return [line[2:] for line in whole if line.startswith(("$ ", "# "))] if language == "console" else whole


def words_of_commands(line):
    """The commands in a line of shell or of a unit, each a list of words."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # prose with an apostrophe
        return
    command = []
    for word in [*words, ";"]:
        word = re.sub(r"^Exec\w+=-?", "", word)
        if re.fullmatch(r"[;|&()<>]+", word):
            if command:
                yield command
            command = []
        elif command or not (word in ("sudo", "exec", "do", "then", "!") or re.match(r"\w+=", word)):
            command.append(word)


@functools.cache
def known_options(program, command=None):
    text = help_texts.output(HEARKEND, "--help") if program == "hearkend" else \
        help_texts.output(help_texts.HEARKEN, "help", *command.split())
    known = help_texts.options(text)
    return set(known) | {letter for letter, _ in known.values() if letter}


def wrong_words(words):
    """What of the command WORDS the programs do not know; "" if nothing."""
    program = words[0].rpartition("/")[2]
    if program == "hearkend":
        known, rest = known_options(program), words[1:]
    elif program == "hearken" and len(words) > 1 and not words[1].startswith("-"):
        commands = help_texts.commands()
        command = next((c for c in (" ".join(words[1:3]), words[1]) if c in commands), None)
        if not command:
            return f"no command {words[1]}"
        known, rest = known_options(program, command), words[1 + len(command.split()):]
    else:
        return ""
    for word in rest:
        if word.startswith("-") and len(word) > 1 and not word[1].isdigit() and word.partition("=")[0] not in known:
            return f"no option {word}"
        if word in ("--exec", "-x"):
            break
    return ""


class Pages(unittest.TestCase):
    def each_page(self):
        for page in PAGES:
            with self.subTest(page=str(page.relative_to(SOURCE))):
                yield page, page.read_text()

    def test_links_lead_somewhere(self):
        for page, text in self.each_page():
            for target in re.findall(r"\]\(([^)\s]+)\)", text):
                if "://" not in target:
                    path, _, anchor = target.partition("#")
                    to = page.parent / path if path else page
                    self.assertTrue(to.exists(), target)
                    if anchor:
                        headings = re.findall(r"^#+ (.*)$", to.read_text(), re.MULTILINE)
                        made = [re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings]
                        self.assertIn(anchor, made, target)

    def test_files_of_the_project_that_are_named_are_there(self):
        for _, text in self.each_page():
            for span in spans(text):
                for path in re.findall(rf"(?<![\w/.-])(?:\./)?((?:{FOLDERS})/[\w./@-]*\w)(?![\w*]|\.\.\.)", span):
                    if "NAME" not in path:
                        self.assertTrue((SOURCE / path).exists(), path)

    def test_commands_and_options_that_are_shown_exist(self):
        n_commands = 0
        for _, text in self.each_page():
            lines = [line for fence in fences(text) for line in command_lines(*fence)] + spans(text)
            for line in lines:
                for words in words_of_commands(line):
                    self.assertEqual(wrong_words(words), "", line)
                    n_commands += words[0].endswith(("hearken", "hearkend"))
        self.assertGreater(n_commands, 30)

    def test_what_a_user_is_to_type_is_in_a_users_path(self):
        n_commands = 0
        for _, text in self.each_page():
            for language, lines in fences(text):
                if language != "console":
                    continue
                shown = re.sub(r"^# .*", "", "\n".join(lines), flags=re.MULTILINE).splitlines()
                for line in command_lines(language, shown):
                    # whose path sudo takes is another matter
                    for words in words_of_commands(re.sub(r"\bsudo (-\S+ )*", "/usr/bin/sudo ", line)):
                        self.assertNotEqual(words[0], "hearkend", f"{line}: it is in /usr/sbin")
                        self.assertTrue("/" in words[0] or shutil.which(words[0], path=USERS_PATH)
                                        or not shutil.which(words[0], path="/usr/local/sbin:/usr/sbin:/sbin"), line)
                        n_commands += 1
        self.assertGreater(n_commands, 30)

    def test_settings_that_are_shown_are_taken_by_the_daemon(self):
        home = SOURCE / "models" / "home"
        labels = re.search(r"^labels = (.*)$", (home / "model.ini").read_text(), re.MULTILINE)[1].split()
        for _, text in self.each_page():
            for language, lines in fences(text):
                if language != "ini" or not any(re.match(r"\[(audio|model|history|socket|log|daemon|class )", line)
                                                for line in lines):
                    continue
                # the page's own model and classes are not here
                settings = "\n".join(f"path = {home}" if re.match(r"path = .*models?/", line) else line for line in lines)
                for label in re.findall(r"^\[class (\w+)\]$", settings, re.MULTILINE):
                    if label not in labels:
                        settings = settings.replace(f"[class {label}]", "[class other]")
                with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
                    file.write(settings + "\n")
                    file.flush()
                    done = subprocess.run([HEARKEND, "--show-config", "--config", file.name, "--model", home],
                                          capture_output=True, text=True)
                    self.assertEqual(done.returncode, 0, done.stderr + settings)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
    def test_units_that_are_shown_are_taken_by_systemd(self):
        for _, text in self.each_page():
            for language, lines in fences(text):
                if language != "ini" or "[Service]" not in lines or "[Unit]" not in lines:
                    continue
                # the programs need not be installed here, nor the users and units
                unit = re.sub(r"^(Exec\w+=)(\S+)", r"\1/bin/true", "\n".join(lines), flags=re.MULTILINE)
                with tempfile.TemporaryDirectory() as folder:
                    path = pathlib.Path(folder, "shown.service")
                    path.write_text(unit + "\n")
                    done = subprocess.run(["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", path],
                                          capture_output=True, text=True)
                    self.assertEqual((done.returncode, done.stderr), (0, ""), unit)

    def test_every_page_of_docs_is_in_the_index(self):
        linked = re.findall(r"\]\(([\w-]+\.md)\)", (SOURCE / "docs" / "README.md").read_text())
        pages = {page.name for page in (SOURCE / "docs").glob("*.md")} - {"README.md"}
        self.assertEqual(set(linked), pages)

    def test_the_readme_is_one_screen(self):
        self.assertLessEqual(len((SOURCE / "README.md").read_text().splitlines()), SCREEN)


class Security(unittest.TestCase):
    def test_every_test_that_is_named_as_evidence_is_there(self):
        text = (SOURCE / "docs" / "security.md").read_text()
        named = re.findall(r"`(tests/[\w/]+/test-[\w-]+\.(?:c|py))`((?:,?\s`\w+`)+)", text)
        self.assertGreater(len(named), 15)
        for path, names in named:
            code = (SOURCE / path).read_text()
            for name in re.findall(r"`(\w+)`", names):
                self.assertRegex(code, rf"(def|static void) {name}\(", path)

    def test_every_unit_line_that_is_quoted_is_in_the_unit(self):
        units = [line.strip() for name in ("hearkend@.service.in", "hearkend@.socket.in")
                 for line in (SOURCE / "systemd" / name).read_text().splitlines()]
        n_lines = 0
        for name in ("security.md", "what-is-stored.md"):
            for span in spans((SOURCE / "docs" / name).read_text()):
                if re.match(r"[A-Z]\w+=", span):
                    self.assertIn(span, units, name)
                    n_lines += 1
        self.assertGreater(n_lines, 10)


if __name__ == "__main__":
    unittest.main()
