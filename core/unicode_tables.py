#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""unicode_tables.py OUTPUT: a C header with what label.c needs of Unicode: letters, canonical decompositions, classes.

CJK compatibility ideographs are neither letters here nor decomposed: a label has the unified ones.
"""
import sys
import unicodedata

# <compat> letters that people type: Thai and Lao AM, the Armenian ligature ECH YIWN, Tibetan vowels
TYPED = {0x0E33, 0x0EB3, 0x0587, 0x0F77, 0x0F79}
INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0}
INVISIBLE |= {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
HANGUL = range(0xAC00, 0xD7A4)  # composed by arithmetic


def is_letter(code):
    text = chr(code)
    category = unicodedata.category(text)
    if not (category[0] in "LM" or category == "Nd") or category == "Me" or code in INVISIBLE:
        return False
    decomposition = unicodedata.decomposition(text)
    return code in TYPED or not decomposition or (decomposition[0] != "<" and unicodedata.normalize("NFC", text) == text)


def is_cjk_compatible(code):
    return 0xF900 <= code <= 0xFAFF or 0x2F800 <= code <= 0x2FA1F


def ranges(function):
    """[first, last, value] wherever FUNCTION(code) is something."""
    found = []
    for code in range(0x80, 0x110000):
        value = function(code)
        if value and found and found[-1][1:] == [code - 1, value]:
            found[-1][1] = code
        elif value:
            found.append([code, code, value])
    return found


def decompositions():
    """whole, first, second (0: none), and whether these two are joined again."""
    for code in range(0x80, 0x110000):
        parts = unicodedata.decomposition(chr(code))
        if parts and parts[0] != "<" and not is_cjk_compatible(code) and code not in HANGUL:
            first, second = ([int(part, 16) for part in parts.split()] + [0])[:2]
            yield code, first, second, int(unicodedata.normalize("NFC", chr(code)) == chr(code))


def table(file, name, fields, rows):
    file.write("static const struct {\n\tuint32_t %s;\n} %s[] = {\n" % (", ".join(fields), name))
    file.writelines("\t{ %s },\n" % ", ".join("0x%x" % value for value in row) for row in rows)
    file.write("};\n\n")


with open(sys.argv[1], "w", encoding="ascii") as header:
    header.write("/* Made of Unicode %s. */\n" % unicodedata.unidata_version)
    table(header, "letters", ("first", "last"), (row[:2] for row in ranges(is_letter)))
    table(header, "classes", ("first", "last", "class"), ranges(lambda code: unicodedata.combining(chr(code))))
    table(header, "marks", ("first", "last"), (row[:2] for row in ranges(lambda code: unicodedata.category(chr(code))[0] == "M")))
    table(header, "decompositions", ("whole", "first", "second", "joins"), decompositions())
