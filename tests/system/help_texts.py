# SPDX-License-Identifier: MIT
"""What the programs say of themselves when they are asked for help."""

import os
import re
import subprocess

HEARKEN = os.environ["HEARKEN"]


def output(*args):
    return subprocess.run(args, check=True, capture_output=True, text=True).stdout


def options(text):
    """{"--name": (letter or None, what is said)} of a help text."""
    found, name = {}, None
    for line in text.splitlines():
        match = re.match(r"  (?:-(\w), |    )?--([\w-]+)", line)
        if match:
            name = "--" + match[2]
            found[name] = ("-" + match[1] if match[1] else None, line[match.end():])
        elif name and line.startswith("     "):
            found[name] = (found[name][0], found[name][1] + " " + line.strip())
        else:
            name = None
    return found


def exit_codes(text):
    return set(re.findall(r"^ +(\d+)  ", text.partition("Exit codes:")[2], re.MULTILINE))


def commands():
    """The commands of hearken, some of two words."""
    listed = output(HEARKEN, "help").partition("Commands:")[2].partition("\n\n")[0]
    return re.findall(r"^  (\w+(?: \w+)?) ", listed, re.MULTILINE)


def command_options(command):
    return options(output(HEARKEN, "help", *command.split()))
