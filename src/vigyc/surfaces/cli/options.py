"""From words on a command line to values: the options several commands share and the types of their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from vigyc.surfaces.cli.main import Vigyc

F = TypeVar("F", bound=Callable[..., Any])

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "": 1.0}
_BYTES = {"": 1, "B": 1, "K": 2**10, "M": 2**20, "G": 2**30}


class Duration(click.ParamType):
    """A time such as `500ms`, `10s`, `5m`, `1h` or `1d`, as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds; a bare number is seconds."""
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d|)", str(value))
        if match is None:
            self.fail(f"{value!r} is not a time such as 500ms, 10s, 5m, 1h or 1d", param, ctx)
        return float(match[1]) * _SECONDS[match[2]]


class Size(click.ParamType):
    """A number of bytes such as `500K`, `20M` or `1G`."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes; K, M and G are powers of 1024."""
        match = re.fullmatch(r"(\d{1,15})(?:([KMG]?)(?:i?B)?)", str(value), re.IGNORECASE)
        if match is None:
            self.fail(f"{value!r} is not a size such as 500K, 20M or 1G", param, ctx)
        return int(match[1]) * _BYTES[match[2].upper()]


def _debug(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    root = ctx.find_root().command
    if value and isinstance(root, Vigyc):
        root.debug = True


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
    debug = click.option(
        "--debug", is_flag=True, expose_value=False, callback=_debug, help="Show Python tracebacks of failures."
    )
    return as_json(debug(function))


no_cache = click.option("--no-cache", is_flag=True, help="Compile anew; neither read nor write the bytecode cache.")


def cache_choice(no_cache: bool) -> bool | None:
    """The `cache` argument of the compiler: none at all, or the one at the default place."""
    return False if no_cache else None
