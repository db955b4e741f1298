# SPDX-License-Identifier: MIT
"""recordings: the real sounds that models/home is trained on, with their papers."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

TARGETS = ("fire_alarm", "music", "silence", "vacuum_cleaner")

# Classes that resemble an alarm or a target so much that they must not stand behind one.
NOT_A_BACKGROUND = {
    "fire_alarm", "music", "vacuum_cleaner", "siren", "clock_alarm", "ringtone", "church_bells", "car_horn",
    "chime", "electronic_beep", "doorbell", "pager_alert", "appliance_beep", "bell", "horn",
}  # fmt: skip

# Negatives that are taken for a target most easily: they are heard through more rooms.
NEAR = {
    "siren", "clock_alarm", "ringtone", "church_bells", "car_horn", "doorbell", "electronic_beep", "pager_alert",
    "appliance_beep", "bell", "horn", "washing_machine", "hand_saw", "chainsaw", "dishwasher", "engine", "crickets",
    "insects", "chirping_birds", "airplane", "train", "helicopter", "running_tap",
}  # fmt: skip


ESC10_FREE = {"CC0": "CC0-1.0", "CC-BY": "CC-BY-3.0"}


@dataclass
class Recording:
    path: Path
    relative: str  # to the data folder
    kind: str  # the class in its data set
    group: str
    start: str  # seconds, as written; "" = all of it
    end: str
    source: str
    url: str
    author: str
    licence: str
    note: str = ""

    @property
    def label(self):
        return self.kind if self.kind in TARGETS else "other"


def open_recordings(data):
    with open(data / "open/MANIFEST.tsv", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            timed = row["class"] in ("fire_alarm", "vacuum_cleaner")
            yield Recording(
                path=(data / "open" / row["path"]).resolve(),
                relative="open/" + row["path"],
                kind=row["class"],
                group=row["split_group"],
                start=row["active_start"] if timed else "",
                end=row["active_end"] if timed else "",
                source=row["source"],
                url=row["url"],
                author=row["author"],
                licence=row["licence"],
                note=row["note"],
            )


def esc10_papers(data):
    """{"1-100032-A.ogg": (url, author, licence)} from the data set's README."""
    papers = {}
    line = re.compile(r"^- \[(\S+\.ogg)\]:\s+clip derived from .*\((http\S+)\) by (.+) \[(\S+)\]$")
    for text in (data / "esc10/README.txt").read_text(errors="replace").splitlines():
        match = line.match(text.strip())
        if match:
            papers[match[1]] = match.groups()[1:]
    return papers


def esc10_recordings(data):
    """Those whose own licence is free: some clips of the collection are CC-Sampling+."""
    papers = esc10_papers(data)
    for folder in sorted(p for p in (data / "esc10").iterdir() if p.is_dir()):
        for path in sorted(folder.glob("*.ogg")):
            url, author, licence = papers[path.name]
            if licence not in ESC10_FREE:
                continue
            yield Recording(
                path=path.resolve(),
                relative=f"esc10/{folder.name}/{path.name}",
                kind=folder.name.split(" - ")[1].lower().replace(" ", "_"),
                group="fs-author:" + re.sub(r"[^a-z0-9.]+", "_", author.lower()),
                start="",
                end="",
                source="ESC-10 (K. J. Piczak)",
                url=url,
                author=author,
                licence=ESC10_FREE[licence],
            )


def all_recordings(data):
    return [*open_recordings(data), *esc10_recordings(data)]
