#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The layout that CONTRIBUTING.md promises: folders depend downwards only, names are unique, files are short."""

import os
import re
import subprocess
import unittest
from collections import defaultdict
from pathlib import Path

SOURCE = Path(os.environ["HEARKEN_SOURCE"])
BUILD = Path(os.environ["HEARKEN_BUILD"])

# What each top folder may include, beside itself.
BELOW = {
    "core": set(),
    "config": {"core"},
    "learning": {"core"},
    "daemon": {"config", "core"},
    "clients": {"config", "core", "learning"},
}


def sources():
    """Every C file that is not a test, relative to the source tree."""
    return sorted(path.relative_to(SOURCE) for top in BELOW for path in (SOURCE / top).rglob("*.[ch]"))


def includes(path):
    """What PATH includes of this project."""
    return [Path(text) for text in re.findall(r'^#include "([^"]+)"', (SOURCE / path).read_text(), re.M) if "/" in text]


def room(path):
    """The folder of PATH, two levels deep: core/audio."""
    return "/".join(path.parent.parts[:2])


def circle(arrows):
    """A circle in ARROWS {from: {to: ...}}, or None."""
    done, trail = set(), []

    def walk(node):
        if node in trail:
            return trail[trail.index(node):] + [node]
        if node in done:
            return None
        trail.append(node)
        found = next(filter(None, map(walk, sorted(arrows.get(node, ())))), None)
        trail.pop()
        done.add(node)
        return found

    return next(filter(None, map(walk, sorted(arrows))), None)


class Folders(unittest.TestCase):
    maxDiff = None

    def arrows(self, place):
        """{place(file): {place(included file)}} without those within one place."""
        result = defaultdict(set)
        for path in sources():
            for target in includes(path):
                if place(path) != place(target):
                    result[place(path)].add(place(target))
        return result

    def test_includes_name_files_that_exist(self):
        generated = {"io.hearken.varlink.h"}
        missing = [f"{path}: {target}" for path in sources() for target in includes(path)
                   if not (SOURCE / target).is_file() and target.name not in generated]
        self.assertEqual(missing, [])

    def test_top_folders_include_only_what_lies_below_them(self):
        wrong = [f"{path} includes {target}" for path in sources() for target in includes(path)
                 if target.parts[0] != path.parts[0] and target.parts[0] not in BELOW[path.parts[0]]]
        self.assertEqual(wrong, [])

    def test_the_process_with_the_microphone_shares_only_its_memory_with_the_daemon(self):
        wrong = [f"{path} includes {target}" for path in sources() if path.is_relative_to("daemon/capture-helper")
                 for target in includes(path) if not room(target).startswith(("daemon/capture-helper", "daemon/capture-shared", "core/"))]
        self.assertEqual(wrong, [])

    def test_only_the_socket_folder_and_what_uses_it_speak_to_the_daemon(self):
        offline = ("clients/draw", "clients/evaluate", "clients/fit", "clients/offline", "clients/train", "learning")
        wrong = [f"{path} includes {target}" for path in sources() if str(path).startswith(offline)
                 for target in includes(path) if room(target) in ("clients/socket", "clients/watch")]
        self.assertEqual(wrong, [])

    def test_no_two_folders_include_each_other(self):
        self.assertIsNone(circle(self.arrows(room)))


class Contributing(unittest.TestCase):
    def test_every_path_it_names_exists(self):
        text = (SOURCE / "CONTRIBUTING.md").read_text()
        tops = (*BELOW, "systemd", "models", "man", "docs", "scripts", "debian", "tests")
        paths = [path for path in re.findall(r"`((?:" + "|".join(tops) + r")/[\w./-]*)`", text) if "NAME" not in path]
        self.assertGreater(len(paths), 20)
        self.assertEqual([path for path in paths if not (SOURCE / path).exists()], [])


class Names(unittest.TestCase):
    maxDiff = None

    def test_a_tag_names_one_thing(self):
        places = defaultdict(list)
        for path in sources():
            for tag in re.findall(r"^(?:typedef )?((?:struct|enum|union) \w+) \{", (SOURCE / path).read_text(), re.M):
                places[tag].append(str(path))
        del places["struct hk_extractor"]  # opaque: each profile defines its own
        self.assertEqual({tag: found for tag, found in places.items() if len(found) > 1}, {})

    def test_function_types_end_in_fn(self):
        wrong = []
        for path in sources():
            for name in re.findall(r"^typedef (?!.*__attribute__)[^;{(]*?\b(?:\(\*(\w+)\)|(\w+))\(", (SOURCE / path).read_text(), re.M):
                if not (name[0] or name[1]).endswith("_fn"):
                    wrong.append(f"{path}: {name[0] or name[1]}")
        self.assertEqual(wrong, [])

    def external(self):
        """{symbol: [file it is defined in, ...]} of all libraries in the build."""
        defined = defaultdict(set)
        for library in BUILD.rglob("libhearken-*.a"):
            if "kernel-sums" in library.name:
                continue
            text = subprocess.run(["nm", "--defined-only", "--extern-only", str(library)],
                                  check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
            unit = None
            for line in text.splitlines():
                if line.endswith(".o:"):
                    unit = f"{library.relative_to(BUILD).parent}/{line.split('(')[-1].rstrip('):')}"
                elif (words := line.split()) and len(words) == 3 and words[1] in "TDBR" and not words[2].startswith("_"):
                    defined[words[2]].add(unit)
        self.assertGreater(len(defined), 500)
        return defined

    def test_an_external_symbol_is_defined_once(self):
        self.assertEqual({name: sorted(units) for name, units in self.external().items() if len(units) > 1}, {})

    def test_every_external_symbol_carries_the_prefix(self):
        self.assertEqual([name for name in self.external() if not name.startswith("hk_")], [])


if __name__ == "__main__":
    unittest.main()
