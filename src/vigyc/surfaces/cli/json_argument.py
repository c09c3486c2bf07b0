"""From text on a command line, or in a file, to the JSON data that it is; what is not JSON is wrong usage."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

import click

from vigyc.surfaces.cli.program_files import read_program


def json_of(text: str, what: str, hint: str = "") -> Any:
    """The JSON data in `text`. Raises click.UsageError, which calls it `what` and ends with `hint`."""
    try:
        return json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{what} is not JSON ({error}){hint}") from None


def object_in(file: str) -> dict[str, Any]:
    """The JSON object in `file` (- for standard input). Raises Unreadable, click.UsageError."""
    data = json_of(read_program(file).text, file)
    if not isinstance(data, dict):
        raise click.UsageError(f"{file} is not a JSON object")
    return data


def assignments(words: Iterable[str], option: str) -> dict[str, Any]:
    """What `KEY=JSON` words of `option` say. Raises click.UsageError."""
    found: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not key:
            raise click.UsageError(f"{option} {word[:60]!r}: give KEY=JSON, such as limit=5")
        if key in found:
            raise click.UsageError(f"{option} {key[:60]!r}: it is given twice")
        found[key] = json_of(text, f"{option} {key[:60]!r}: the value", f"""; text takes quotes: '{key[:60]}="..."'""")
    return found


def _finite(text: str) -> float:
    """The number, which JSON and the store can hold: neither NaN nor beyond what there is. Raises ValueError."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number that can be kept")
    return number
