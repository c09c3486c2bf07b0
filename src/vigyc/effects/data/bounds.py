"""From what a pure function would build to a refusal where that is too large or too deep."""

from __future__ import annotations

from typing import Final

from vigyc.effects.result import EffectFailed
from vigyc.runtime.faults import size_exceeded
from vigyc.runtime.json_value import Json
from vigyc.runtime.values import MAX_ITEMS, MAX_TEXT

DEPTH: Final = 512
"""How deep data may be nested in a text that is read."""


def check_text(op: str, size: int) -> None:
    """Raise TickError `size-exceeded` if a text of `size` characters is too large to be built."""
    if size > MAX_TEXT:
        raise size_exceeded(op, MAX_TEXT)


def check_items(op: str, count: int) -> None:
    """Raise TickError `size-exceeded` if a list or map of `count` elements is too large to be built."""
    if count > MAX_ITEMS:
        raise size_exceeded(op, MAX_ITEMS)


def too_deep(depth: int) -> str:
    """What is said of data that is nested deeper than `depth`."""
    return f"nested more than {depth} deep"


def check_data(op: str, data: Json, depth: int | None = None) -> None:
    """Refuse data whose strings alone make too large a text, or that is nested deeper than `depth`.

    Raises TickError `size-exceeded`, EffectFailed `encode`.
    """
    size = 0
    stack: list[tuple[Json, int]] = [(data, 0)]
    while stack:
        value, level = stack.pop()
        if value.__class__ is str:
            size += len(value)
        elif isinstance(value, dict | list):
            if level == depth:
                raise EffectFailed("encode", too_deep(level))
            parts = value
            if isinstance(value, dict):
                size += sum(map(len, value))
                parts = list(value.values())
            size += 2 * len(parts)
            stack.extend((part, level + 1) for part in parts)
        check_text(op, size)


def at_line(text: str, at: int) -> str:
    """The place of character `at` of `text`, as `line 3, column 7`."""
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"
