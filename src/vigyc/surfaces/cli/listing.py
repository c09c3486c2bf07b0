"""From rows to stdout: a table for people, one JSON list, or JSON, one object a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.screen import one_line, say, say_json

T = TypeVar("T")


def say_list(
    items: Sequence[T], as_format: Format, heads: Sequence[str], row: Callable[[T], Sequence[str]],
    data: Callable[[T], Any],
) -> None:  # fmt: skip
    """Write `items`: as a table of `row` under `heads` (nothing if there are none), or as JSON `data`."""
    if as_format == "json":
        say_json([data(item) for item in items])
    elif as_format == "jsonl":
        for item in items:
            say_json(data(item))
    elif items:
        say_table(heads, [row(item) for item in items])


def say_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write `rows` under `heads`, in columns as wide as their widest text."""
    lines = [[one_line(text) for text in row] for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        say("  ".join(f"{text:<{width}}" for text, width in zip(line, widths, strict=True)).rstrip())
