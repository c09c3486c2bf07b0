"""From words on a command line to values: the options several commands share and the types of their values."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar

import click

from vigyc.lang.errors import Invalid
from vigyc.model.duration import parse_duration_ms
from vigyc.service.database_path import VARIABLE, database_path
from vigyc.surfaces.cli.main import debug_option
from vigyc.surfaces.cli.output import is_terminal

F = TypeVar("F", bound=Callable[..., Any])
Format: TypeAlias = Literal["table", "json", "jsonl"]

_BYTES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


def duration(text: str) -> float:
    """The seconds of a time such as `500ms`, `10s`, `5m`, `1h` or `1m30s`; a bare number is ms."""
    return milliseconds(text) / 1000


def milliseconds(text: str) -> int:
    """The ms of a time such as `500ms`, `10s`, `5m`, `1h` or `1m30s`; a bare number is ms."""
    try:
        return parse_duration_ms(text)
    except Invalid as error:
        raise click.BadParameter(str(error)) from None


def size(text: str) -> int:
    """The bytes of a size such as `500K`, `20M` or `1G`, powers of 1024; a bare number is bytes."""
    match = re.fullmatch(r"([0-9]{1,15})([KMG]?)(?:i?B)?", text, re.IGNORECASE)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a size such as 500K, 20M or 1G")
    return int(match[1]) * _BYTES[match[2].upper()]


def answer(function: F) -> F:
    """Give a command `-o text|json`, as argument `as_json`, and `--debug`."""
    as_json = click.option(
        "-o",
        "--output",
        "as_json",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        callback=lambda _ctx, _param, value: value == "json",
        help="Text for people, or JSON, one object a line.",
    )
    return as_json(debug_option(function))


def format_option(function: F) -> F:
    """Give a command `-o table|json|jsonl`, as argument `as_format`, and `--debug`."""
    as_format = click.option(
        "-o",
        "--output",
        "as_format",
        type=click.Choice(["table", "json", "jsonl"]),
        default="table",
        show_default=True,
        help="Text for people, one JSON value, or JSON, one object a line.",
    )
    return as_format(debug_option(function))


def stream_format(function: F) -> F:
    """The same for what has no end: on a terminal text, elsewhere JSON unless said otherwise."""
    as_format = click.option(
        "-o",
        "--output",
        "as_format",
        type=click.Choice(["table", "json", "jsonl"]),
        callback=lambda _ctx, _param, value: value or ("table" if is_terminal(sys.stdout) else "jsonl"),
        help="Text for people (on a terminal), or JSON, one object a line (elsewhere).",
    )
    return as_format(debug_option(function))


database = click.option(
    "--db",
    metavar="PATH",
    callback=lambda ctx, _param, value: value if ctx.resilient_parsing else database_path(value),
    help=f"The file of the store (default: ${VARIABLE}, the setting `db`, or ~/.local/share/vigy/vigy.db).",
)
"""Which store, as argument `db`, a path; `opening.opened` opens it."""

yes = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
"""For commands that ask, see confirmation.py."""

no_cache = click.option("--no-cache", is_flag=True, help="Compile anew; neither read nor write the bytecode cache.")


def cache_choice(no_cache: bool) -> bool | None:
    """The `cache` argument of the compiler: none at all, or the one at the default place."""
    return False if no_cache else None
