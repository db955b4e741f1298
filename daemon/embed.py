#!/usr/bin/python3
"""embed.py INPUT OUTPUT NAME: a C header with the text of INPUT as `static const char NAME[]`.

As numbers, a line of them a line of the text: C does not promise string literals of this length.
"""
import sys

source, target, name = sys.argv[1:]
with open(source, "rb") as text, open(target, "w", encoding="ascii") as header:
    header.write("/* Made of %s. */\nstatic const char %s[] = {\n" % (source.rsplit("/", 1)[-1], name))
    header.writelines("\t%s,\n" % ", ".join(map(str, line)) for line in text)
    header.write("\t0,\n};\n")
