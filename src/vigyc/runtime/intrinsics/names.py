"""From a key, name or text argument to its text: strings, symbols and keywords (without their colon) will do."""

from __future__ import annotations

from vigyc.lang.datum import Keyword, Symbol
from vigyc.lang.errors import TickError
from vigyc.runtime.faults import type_mismatch


def name_of(value: object) -> str:
    """The text of a symbol or keyword; callers have strings dealt with themselves, for speed."""
    if value.__class__ is Keyword or value.__class__ is Symbol:
        return value.name
    if value.__class__ is str:
        return value
    raise type_mismatch("string|symbol|keyword", value)


def own_key(name: str, value: object) -> str:
    """The key `value`, which intrinsic `name` is about to change; those of the runtime are refused (decision D30)."""
    key = name_of(value)
    if key.startswith("__"):
        raise TickError("reserved-key", f"`{name}` cannot change `{key}`: keys beginning with `__` are the runtime's")
    return key
