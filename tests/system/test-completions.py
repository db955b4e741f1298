#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The completion scripts in the shells they are for. A shell that is not installed is skipped."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import help_texts

HEARKEN = os.environ["HEARKEN"]

# Reads a line's words, puts the cursor at its end, prints what is offered.
BASH = """
source "$1"; shift
compopt() { :; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_hearken
printf '%s\\n' "${COMPREPLY[@]}"
"""

# zsh completes in an interactive shell only: one in a pseudo-terminal, whose compadd says what it is given.
ZSH_SETUP = """
PS1=; stty -echo cols 200
autoload -U compinit; compinit -D -u; source "$1"
compadd() {
	builtin compadd -O found "$@"
	(( $#found )) && print -l "" OFFER$^found
	builtin compadd "$@"
}
complete-and-say() { zle complete-word; print DONE }
zle -N complete-and-say; bindkey '^I' complete-and-say
"""
ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
wait_for() {
	local all= line
	while zpty -r shell line; do
		all+=$line
		[[ $all == *$1* ]] && break
	done
	print -r -- $all
}
zpty -w shell "source $1 $2; print READ''Y"
wait_for READY >/dev/null
for line in "${@:3}"; do
	zpty -w -n shell "$line"$'\\t'
	wait_for DONE
	print NEXT
	zpty -w -n shell $'\\C-u'
done
zpty -d shell
"""


class Shell(unittest.TestCase):
    shell = None

    @classmethod
    def setUpClass(cls):
        if cls.shell is None or not shutil.which(cls.shell):
            raise unittest.SkipTest(f"no {cls.shell}")
        cls.script = tempfile.NamedTemporaryFile("w", suffix=cls.shell)
        cls.script.write(subprocess.run([HEARKEN, "completions", cls.shell], check=True,
                                        capture_output=True, text=True).stdout)
        cls.script.flush()
        cls.addClassCleanup(cls.script.close)

    def offered(self, line):
        raise NotImplementedError

    def offered_at_once(self, lines):
        return [self.offered(line) for line in lines]

    def test_the_script_has_no_syntax_error(self):
        subprocess.run([self.shell, "-n", self.script.name], check=True)

    def test_the_first_word_is_a_command_and_each_is_offered_once(self):
        offers = self.offered("hearken ")
        self.assertEqual(len(offers), len(set(offers)))
        self.assertLessEqual({"detect", "classify", "features", "model", "help"}, set(offers))

    def test_the_second_word_of_a_command_is_offered_after_its_first(self):
        self.assertIn("show", self.offered("hearken model "))

    def test_options_of_the_command_are_offered_and_no_others(self):
        offers = self.offered("hearken features --")
        self.assertLessEqual({"--profile", "--rate", "--format", "--help"}, {o.rstrip("=") for o in offers})
        self.assertNotIn("--json", offers)
        self.assertIn("--json", self.offered("hearken model show --"))

    def test_every_option_of_every_command_is_offered_and_none_of_another(self):
        commands = help_texts.commands()
        offered = self.offered_at_once([f"hearken {command} --" for command in commands])
        for command, offers in zip(commands, offered, strict=True):
            wanted = set(help_texts.command_options(command))
            self.assertEqual({offer.rstrip("=") for offer in offers}, wanted, command)

    def test_an_option_with_words_offers_them_and_nothing_else(self):
        self.assertEqual(set(self.offered("hearken features --format ")), {"csv", "npy"})
        self.assertIn("spectrogram", self.offered("hearken features -p "))

    def test_files_are_offered_where_files_are_wanted(self):
        with tempfile.TemporaryDirectory() as folder:
            open(os.path.join(folder, "alarm.wav"), "w").close()
            offers = self.offered(f"hearken detect {folder}/al")
            self.assertTrue(any(offer.endswith("alarm.wav") for offer in offers), offers)

    def test_help_offers_commands(self):
        self.assertIn("detect", self.offered("hearken help "))


class Bash(Shell):
    shell = "bash"

    def offered(self, line):
        out = subprocess.run(["bash", "--norc", "-c", BASH, "bash", self.script.name, *line.split(" ")],
                             check=True, capture_output=True, text=True)
        self.assertEqual(out.stderr, "")
        return out.stdout.split()

    def test_a_value_after_an_equals_sign_is_completed(self):
        self.assertEqual(self.offered("hearken features --format = n"), ["npy"])


class Fish(Shell):
    shell = "fish"

    def offered(self, line):
        with tempfile.TemporaryDirectory() as home:
            out = subprocess.run(["fish", "--no-config", "-c", f"source {self.script.name}; complete -C '{line}'"],
                                 check=True, capture_output=True, text=True, env={**os.environ, "HOME": home})
        self.assertEqual(out.stderr, "")
        return [offer.split("\t")[0] for offer in out.stdout.splitlines()]


class Zsh(Shell):
    shell = "zsh"

    def offered(self, line):
        return self.offered_at_once([line])[0]

    def offered_at_once(self, lines):
        """In one shell: to start it takes the better part of a second."""
        with tempfile.NamedTemporaryFile("w") as setup:
            setup.write(ZSH_SETUP)
            setup.flush()
            out = subprocess.run(["zsh", "-f", "-c", ZSH, "zsh", setup.name, self.script.name, *lines], check=True,
                                 capture_output=True, text=True, timeout=60)
        # the same word may be added twice: once to be shown, once to be inserted
        return [list(dict.fromkeys(re.findall(r"OFFER(\S+)", part))) for part in out.stdout.split("NEXT\n")[:-1]]


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for case in (Bash, Fish, Zsh):
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    unittest.main()
