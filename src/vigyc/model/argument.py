"""From what a caller gives to what it must be, or to a line that says what it is instead."""

from __future__ import annotations

import math

from vigyc.lang.errors import Invalid


def checked_text(what: str, given: object) -> str:
    """`given` if it is text that a store can hold. Raises Invalid."""
    if not isinstance(given, str):
        raise Invalid(f"{what}: it must be text, not {type(given).__name__}")
    try:
        given.encode()
    except UnicodeEncodeError as error:
        raise Invalid(f"{what}: character {error.start + 1} is half of a surrogate pair; it must be Unicode") from None
    return given


def checked_count(what: str, given: object) -> int:
    """`given` if it is a whole number, 0 or more. Raises Invalid."""
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise Invalid(f"{what} {given!r}: it must be a whole number, 0 or more")
    return given


def checked_seconds(what: str, given: object) -> float | None:
    """`given` if it is a number of seconds, or None, which is as long as it takes. Raises Invalid."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or math.isnan(given):
        raise Invalid(f"{what} {given!r}: it must be a number of seconds")
    return given
