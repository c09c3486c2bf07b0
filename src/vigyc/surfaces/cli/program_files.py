"""From a file name to a program's text, or to one clear line why it cannot be read (exit code 2)."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from vigyc.lang.source import Source
from vigyc.surfaces.cli import exit_codes

STDIN = "-"


class Unreadable(click.ClickException):
    """A file that cannot be read, or several."""

    exit_code = exit_codes.USAGE


def read_program(name: str) -> Source:
    """The text of file `name`, `-` being standard input. Raises Unreadable."""
    data = read_bytes(name)
    try:
        return Source("<stdin>" if name == STDIN else name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise Unreadable(f"cannot read {name}: line {line} is not UTF-8 (byte 0x{byte:02x})") from None


def read_programs(names: Iterable[str]) -> list[Source]:
    """The texts of several files. Raises Unreadable with a line for each that cannot be read."""
    sources: list[Source] = []
    problems: list[str] = []
    for name in names:
        try:
            sources.append(read_program(name))
        except Unreadable as error:
            problems.append(error.message)
    if problems:
        raise Unreadable("\nError: ".join(problems))
    return sources


def read_bytes(name: str) -> bytes:
    """What file `name` holds. Raises Unreadable."""
    if name == STDIN:
        if (stdin := getattr(sys.stdin, "buffer", None)) is None:
            raise Unreadable("cannot read standard input: it is closed")
        return bytes(stdin.read())
    try:
        return Path(name).read_bytes()
    except IsADirectoryError:
        raise Unreadable(f"cannot read {name}: it is a directory") from None
    except FileNotFoundError:
        raise Unreadable(f"cannot read {name}: there is no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreadable(f"cannot read {name}: {reason.lower()}") from None
