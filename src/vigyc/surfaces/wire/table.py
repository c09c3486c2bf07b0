"""From the name of an operation to the operation: all there are."""

from __future__ import annotations

from typing import Final

from vigyc.lang.errors import NotFound
from vigyc.surfaces.wire.operation import Operation
from vigyc.surfaces.wire.operations import enhance, issues, kv, looking, programs, registry, ticking

OPERATIONS: Final[dict[str, Operation]] = {
    found.name: found
    for family in (registry, looking, ticking, kv, programs, issues, enhance)
    for found in vars(family).values()
    if isinstance(found, Operation)
}
"""In the order in which they are listed to people."""


def operation_named(name: str) -> Operation:
    """The operation called `name`. Raises NotFound."""
    found = OPERATIONS.get(name)
    if found is None:
        raise NotFound(f"there is no operation {name!r}")
    return found
