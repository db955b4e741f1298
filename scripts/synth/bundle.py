# SPDX-License-Identifier: MIT
"""bundle: change what a model's bundle says of itself: model.ini."""

import configparser
import shutil


def change(bundle, sections):
    """Set {section: {key: value}} in BUNDLE's model.ini; a section that is None goes."""
    ini = configparser.ConfigParser(interpolation=None)
    ini.optionxform = str
    path = bundle / "model.ini"
    ini.read_string(path.read_text())
    for section, values in sections.items():
        if values is None:
            ini.remove_section(section)
        else:
            ini.read_dict({section: values})
    with open(path, "w") as f:
        ini.write(f)
    # one empty line between sections, none at the end, as hearken writes it
    path.write_text(path.read_text().rstrip("\n") + "\n")


def variant(bundle, folder, sections):
    """A copy of BUNDLE in the new FOLDER, changed."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(bundle, folder)
    change(folder, sections)
    return folder
