"""From words on a command line to values: the options several commands share and the types of their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from vigyc.surfaces.cli.main import debug_option

F = TypeVar("F", bound=Callable[..., Any])

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "": 1.0}
_BYTES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


def duration(text: str) -> float:
    """The seconds of a time such as `500ms`, `10s`, `5m`, `1h` or `1d`; a bare number is seconds."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d|)", text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a time such as 500ms, 10s, 5m, 1h or 1d")
    return float(match[1]) * _SECONDS[match[2]]


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


no_cache = click.option("--no-cache", is_flag=True, help="Compile anew; neither read nor write the bytecode cache.")


def cache_choice(no_cache: bool) -> bool | None:
    """The `cache` argument of the compiler: none at all, or the one at the default place."""
    return False if no_cache else None
