# SPDX-License-Identifier: MIT
"""packages: hours of music and speech from Debian's packages, none of which a model learns from: what is heard
in a home for most of the day. Each package becomes long recordings without a fire alarm in them."""

import csv
import io
import subprocess
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from . import sound_file
from .backgrounds import load
from .checked import BadInput
from .signals import RATE

# name: what is heard
PACKAGES = {
    "asterisk-core-sounds-en-wav": "speech",
    "asterisk-core-sounds-es-wav": "speech",
    "asterisk-core-sounds-fr-wav": "speech",
    "asterisk-core-sounds-it-wav": "speech",
    "asterisk-core-sounds-ru-wav": "speech",
    "asterisk-prompt-it-menardi-wav": "speech",
    "fillets-ng-data-cs": "speech",
    "fillets-ng-data-nl": "speech",
    "klettres-data": "speech",
    "ktuberling-data": "speech",
    "tuxpaint-stamps-default": "speech",
    "colobot-common-sounds": "music",
    "flare-game": "music",
    "freedink-data": "music",
    "nexuiz-music": "music",
    "warmux-data": "music",
}
FORMATS = {".ogg", ".wav", ".flac"}
PAUSE_S = 0.3
LONGEST_S = 1200.0  # of a joined recording


def unpacked(folder, name):
    """The files of package NAME, downloaded into FOLDER by apt-get when they are not there yet."""
    target = folder / name
    if not target.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            for words in (["apt-get", "-q", "download", name], ["sh", "-c", f"dpkg-deb -x {name}_*.deb files"]):
                result = subprocess.run(words, cwd=work, capture_output=True, text=True, check=False)
                if result.returncode:
                    raise BadInput(f"{name}: {words[0]} failed: {result.stderr.strip().splitlines()[-1:]}")
            (Path(work) / "files").rename(target)
    return target


def sounds(folder):
    """(name, what backgrounds.load takes) of every recording below FOLDER, those in pk3 archives included."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        if path.suffix.lower() in FORMATS:
            yield str(path), path
        elif path.suffix.lower() == ".pk3":
            with zipfile.ZipFile(path) as archive:
                for name in sorted(archive.namelist()):
                    if Path(name).suffix.lower() in FORMATS:
                        yield f"{path}/{name}", io.BytesIO(archive.read(name))


def write(out, name, number, parts):
    """A scene without events: `hearken evaluate` counts what is heard in it an hour."""
    path = out / f"{name}-{number:02}.wav"
    sound_file.write(path, np.concatenate(parts))
    with open(path.with_suffix(".tsv"), "w", newline="") as f:
        csv.writer(f, delimiter="\t", lineterminator="\n").writerow(["onset", "offset", "label"])


def join(folder, name, out):
    """Package NAME in FOLDER as scenes in OUT. Returns seconds."""
    parts, n_parts, number, total = [], 0, 0, 0
    for _, sound in sounds(unpacked(folder, name)):
        parts += [load(sound), np.zeros(int(PAUSE_S * RATE))]
        n_parts += len(parts[-2]) + len(parts[-1])
        if n_parts >= LONGEST_S * RATE:
            write(out, name, number, parts)
            total, parts, n_parts, number = total + n_parts, [], 0, number + 1
    if n_parts >= 2 * RATE:
        write(out, name, number, parts)
        total += n_parts
    return total / RATE
