"""From a parameter as a sentence or the constraints give it to its value, or to what is wrong with it.

Every reader takes the value and where it was given, for the message, and raises NoRule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigyc.enhance.rewriter.rule import NoRule
from vigyc.lang.errors import Invalid
from vigyc.model.duration import parse_duration_ms

NAME: Final = r"[^\s()'\"`,;]{1,100}"
"""What a name may be made of, in a sentence or a program."""

_QUOTE: Final = "[`'\"]?"


def target(suffix: str = "") -> str:
    """The pattern of `restart`, `the action restart` or `event heartbeat`; its groups are named with the suffix."""
    event, action = (f"{_QUOTE}(?P<{what}{suffix}>{NAME}){_QUOTE}" for what in ("event", "action"))
    return f"(?:the )?(?:event {event}|(?:action )?{action})"


LONGEST_MS: Final = 366 * 86_400_000
MOST: Final = 10**17
MOST_TICKS: Final = 1_000
_LONGEST_TEXT: Final = 500

_NAME: Final = re.compile(NAME)
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,17}(\.[0-9]{1,17})?")
_SPOKEN: Final = re.compile(r"(?P<count>[0-9]{1,9}(?:\.[0-9]{1,3})?)?\s*(?P<unit>[a-z]{1,12})")
_UNITS: Final = {
    "ms": 1, "millisecond": 1, "s": 1_000, "sec": 1_000, "second": 1_000, "m": 60_000, "min": 60_000, "minute": 60_000,
    "h": 3_600_000, "hour": 3_600_000, "d": 86_400_000, "day": 86_400_000,
}  # fmt: skip


def a_name(value: object, where: str) -> str:
    """A name: of an action, an event, a symbol, a key."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise NoRule(f"{where}: give a name of 1 to 100 characters, without spaces, brackets and quotes")
    return value


def a_text(value: object, where: str) -> str:
    """A text of some length."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT:
        raise NoRule(f"{where}: give a text of 1 to {_LONGEST_TEXT} characters")
    return value


def a_duration(value: object, where: str) -> int:
    """A stretch of time in ms: a number of ms, `30s`, `1m30s`, `30 seconds`, `minute`."""
    ms = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str):
        ms = _spoken_ms(value.lower())
    if ms is None:
        raise NoRule(f"{where}: give a duration such as 500ms, 30s, 5m, 1h, 1d or a whole number of ms")
    if not 0 < ms <= LONGEST_MS:
        raise NoRule(f"{where}: a duration is between 1ms and 366d, and this is {ms} ms")
    return ms


def _spoken_ms(text: str) -> int | None:
    found = _SPOKEN.fullmatch(text.strip())
    if found is not None:
        unit = found["unit"]
        factor = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
        amount = float(found["count"] or 1) * factor if factor else 0.5
        return int(amount) if amount == int(amount) else None
    try:
        return parse_duration_ms(text)
    except Invalid:
        return None


def some_ticks(value: object, where: str) -> int:
    """A number of ticks, at least 2: one tick is no condition."""
    ticks = int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value
    if not isinstance(ticks, int) or isinstance(ticks, bool) or not 2 <= ticks <= MOST_TICKS:
        raise NoRule(f"{where}: give a whole number of ticks from 2 to {MOST_TICKS}")
    return ticks


def a_line(value: object, where: str) -> int:
    """The number of a line, from 1."""
    line = int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value
    if not isinstance(line, int) or isinstance(line, bool) or line < 1:
        raise NoRule(f"{where}: give the number of a line, from 1")
    return line


def a_number(value: object, where: str) -> int | float:
    """A number, whole or with decimals."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and -MOST < value < MOST:
        return value
    raise NoRule(f"{where}: give a number such as 5, -1 or 0.9")


def read_parameters(
    given: Mapping[str, object], parameters: Mapping[str, Any], needed: frozenset[str], where: str
) -> dict[str, Any]:
    """Every parameter given, read; no others may be there, and those needed must be."""
    for name in given:
        if name not in parameters:
            raise NoRule(f"{where}{name}: there is no such parameter; there are {', '.join(parameters)}")
    for name in parameters:
        if name in needed and name not in given:
            raise NoRule(f"{where}{name}: it is missing")
    return {name: parameters[name](value, where + name) for name, value in given.items()}
