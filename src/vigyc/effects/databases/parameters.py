"""From what a program gives for the parameters of a statement to what SQLite binds, each value with its type.

A secret is no parameter: a statement could take it apart, and what it made of it would be another text.
"""

from __future__ import annotations

from typing import Any

from vigyc.effects.databases.database import Bound
from vigyc.lang.datum import Keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.lists import Vec, items
from vigyc.runtime.maps import SharedMap, as_dict
from vigyc.runtime.values import kind_of

_PLAIN = frozenset({type(None), bool, int, float, str, bytes})


def bound(op: str, given: object) -> Bound:
    """A list's values in order, a map's by name (string or keyword). Raises TickError `type-mismatch`."""
    if given is None or given.__class__ in {list, tuple, Vec}:
        return tuple([_value(op, item) for item in items(given)])
    if given.__class__ in {dict, SharedMap}:
        return {_name(op, key): _value(op, item) for key, item in as_dict(given).items()}
    raise TickError("type-mismatch", f"`{op}`: params must be a list or a map, got {kind_of(given)}")


def size(values: Bound) -> int:
    """How many characters and bytes they have."""
    each = values.values() if isinstance(values, dict) else values
    return sum([len(value) for value in each if value.__class__ in {str, bytes}])


def _value(op: str, value: Any) -> Any:
    if value.__class__ in _PLAIN:
        return value
    raise TickError(
        "type-mismatch", f"`{op}`: a parameter must be nil, a number, a boolean, text or bytes, got {kind_of(value)}"
    )


def _name(op: str, key: object) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, Keyword):
        return key.name
    raise TickError("type-mismatch", f"`{op}`: the name of a parameter must be a string or a keyword")
