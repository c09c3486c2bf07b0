"""From rows to stdout: a table for people, one JSON list, or JSON, one object a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, TypeVar

from vigyc.surfaces.cli.colors import painted
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say, say_json, wants_color

T = TypeVar("T")

WIDEST: Final = 60
"""The width that no column exceeds; a longer text pushes what follows it on its own line only."""


def say_list(
    items: Sequence[T], as_format: Format, heads: Sequence[str], row: Callable[[T], Sequence[str]],
    data: Callable[[T], Any], hued: Collection[int] = (),
) -> None:  # fmt: skip
    """Write `items`: as a table of `row` under `heads` (nothing if there are none), or as JSON `data`."""
    if as_format != "table":
        say_data([data(item) for item in items], as_format)
    elif items:
        for line in aligned([heads, *map(row, items)], hued):
            say(line)


def say_data(items: Sequence[Any], as_format: Format) -> None:
    """Write JSON data as one list, or, in format `jsonl`, one a line."""
    if as_format == "json":
        say_json(items)
    else:
        for item in items:
            say_json(item)


def aligned(rows: Sequence[Sequence[str]], hued: Collection[int] = ()) -> list[str]:
    """A line for each row, in columns as wide as their widest text, up to WIDEST; on a terminal, the columns `hued`
    (from 0) in colour by their first word."""
    cells = [[one_line(text) for text in row] for row in rows]
    widths = [min(max(map(width, column)), WIDEST) for column in zip(*cells, strict=True)]
    painting = hued if wants_color(err=False) else ()
    return [_line(row, widths, painting) for row in cells]


def width(text: str) -> int:
    """How many places of a terminal `text` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(1 + (unicodedata.east_asian_width(each) in "WF") for each in text if not unicodedata.combining(each))


def _line(row: Sequence[str], widths: Sequence[int], painting: Collection[int]) -> str:
    line = ""
    for at, (text, space) in enumerate(zip(row, widths, strict=True)):
        line += (painted(text) if at in painting else text) + " " * (max(space - width(text), 0) + 2)
    return line.rstrip()
