#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""typeset.py SCDOC PAGE.scd PAGE: a manual page by scdoc, in which what somebody copies stays as it is.

roff sets - ' ` ^ and ~ as typographic characters, which no shell takes. In blocks of code and in what is bold or
underlined they are escaped here; in prose they stay for the typesetter."""

import re
import subprocess
import sys

ESCAPES = {"-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
# an escape of roff is a thing of its own; \f changes the font
TOKEN = re.compile(r"\\f[BIR]|\\\(..|\\.|.")


def typeset(roff):
    lines, in_code, in_name = [], False, False
    for line in roff.splitlines():
        if line.startswith("."):
            in_code = {".nf": True, ".fi": False}.get(line, in_code)
            lines.append(line)
            continue
        tokens = []
        for token in TOKEN.findall(line):
            if token.startswith("\\f"):
                in_name = token != "\\fR"
            tokens.append(ESCAPES.get(token, token) if in_code or in_name else token)
        lines.append("".join(tokens))
    return "\n".join(lines) + "\n"


def main():
    scdoc, source, target = sys.argv[1:]
    with open(source, "rb") as text:
        done = subprocess.run([scdoc], stdin=text, stdout=subprocess.PIPE, check=True)
    with open(target, "w", encoding="utf-8") as page:
        page.write(typeset(done.stdout.decode()))


if __name__ == "__main__":
    main()
