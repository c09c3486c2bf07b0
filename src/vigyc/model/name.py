"""From what somebody calls a vigy to a name: one that can be shown on a line, typed, and told from an id."""

from __future__ import annotations

import re
from typing import Final

from vigyc.lang.errors import Invalid

LONGEST: Final = 253
TESTS: Final = ".test"
"""How the name of a vigy ends whose program tests that of the one whose name stands before it."""

_LIKE_AN_ID: Final = re.compile("[0-9a-fA-F]{16}")


def checked_name(text: object) -> str:
    """`text` if it is a name. Raises Invalid."""
    if not isinstance(text, str):
        raise Invalid(f"name: it must be text, not {type(text).__name__}")
    fault = _fault(text)
    if fault is not None:
        raise Invalid(f"name {text[:60]!r}: {fault}")
    return text


def unprintable(text: str) -> str | None:
    """What is wrong with `text` if it holds a character that does not show: a control, a direction, half a pair."""
    if text.isprintable():
        return None
    at, char = next((at, char) for at, char in enumerate(text) if not char.isprintable())
    return f"character {at + 1} (U+{ord(char):04X}) cannot be printed"


def _fault(text: str) -> str | None:
    if not text:
        return "it must not be empty"
    if len(text) > LONGEST:
        return f"it must be at most {LONGEST} characters, and has {len(text)}"
    if text != text.strip():
        return "it must not begin or end with a space"
    if text.startswith("-"):
        return "it must not begin with `-`, which reads as an option"
    if _LIKE_AN_ID.fullmatch(text):
        return "it must not be 16 hex digits, which read as an id"
    return unprintable(text)
