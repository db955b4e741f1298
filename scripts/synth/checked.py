# SPDX-License-Identifier: MIT
"""checked: what the scripts take from people: numbers, tables and files, and how they say what is wrong with them."""

import argparse
import contextlib
import csv
import math
import os


class BadInput(Exception):
    """Its text names the file, the line and what was expected."""


@contextlib.contextmanager
def told(program):
    """End PROGRAM with one line, not with a traceback, when an input or a file is at fault."""
    try:
        yield
    except BadInput as error:
        raise SystemExit(f"{program}: {error}") from None
    except OSError as error:
        raise SystemExit(f"{program}: {error.filename}: {error.strerror}") from None


def whole_number(text):
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f'expected a whole number, 0 or more, got "{text}"')
    return int(text)


def above_zero(text):
    with contextlib.suppress(ValueError):
        value = float(text)
        if math.isfinite(value) and value > 0:
            return value
    raise argparse.ArgumentTypeError(f'expected a number above 0, got "{text}"')


@contextlib.contextmanager
def numbers_of(path):
    """What a table says of PATH is made into numbers."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise BadInput(f"{path}: active_start and active_end: {error}") from None


def rows(table, *columns):
    """The rows of the file TABLE, fields separated by tabs, as dicts; it has to have these COLUMNS."""
    with open(table, newline="", encoding="utf-8-sig") as f:
        reader = csv.DictReader(f, delimiter="\t")
        try:
            for column in columns:
                if column not in (reader.fieldnames or []):
                    raise BadInput(f'{table}:1: no column "{column}"')
            for row in reader:
                for column in columns:
                    if not row[column]:
                        raise BadInput(f"{table}:{reader.line_num}: {column} is empty")
                yield row
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadInput(f"{table}: expected a table, fields separated by tabs: {error}") from None


@contextlib.contextmanager
def whole_file(path, mode="wb"):
    """A file that takes the place of PATH when all of it is written, and leaves nothing if that fails."""
    new = path.with_name(f".{path.name}.new")
    try:
        with open(new, mode, newline=None if "b" in mode else "") as f:
            yield f
        os.replace(new, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            new.unlink()
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise
