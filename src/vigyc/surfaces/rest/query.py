"""From the query of a URL to arguments as JSON data; a list is a field that is there several times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigyc.lang.errors import Invalid
from vigyc.surfaces.rest.request import Request
from vigyc.surfaces.wire.argument import Argument


def query_arguments(what: str, known: Mapping[str, Argument], request: Request) -> dict[str, Any]:
    """The arguments of operation `what` in the query of `request`, yet to be checked. Raises Invalid."""
    found: dict[str, Any] = {}
    for name, text in request.query():
        argument = known.get(name)
        if argument is None:
            raise Invalid(f"{what}: there is no query parameter {name!r:.60}; there are {', '.join(known) or 'none'}")
        if is_list(argument):
            found.setdefault(name, []).append(text)
        elif name in found:
            raise Invalid(f"{what}.{name}: it is there more than once")
        else:
            found[name] = argument.kind.of_text(text)
    return found


def is_list(argument: Argument) -> bool:
    """Whether it takes several values."""
    return argument.kind.schema.get("type") == "array"
