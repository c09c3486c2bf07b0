"""From JSON data that anybody may have written to parts of the kind they must be, or to what is wrong and where.

A reader takes a part and its place (`vigy.labels.team`) and gives what it stands for; it raises Invalid, naming the
place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

from vigyc.lang.errors import Invalid
from vigyc.model.timestamp import parse_rfc3339

T = TypeVar("T")
D = TypeVar("D")
Reader: TypeAlias = Callable[[object, str], T]

_KINDS: Final = {
    dict: "an object", list: "a list", str: "text", bool: "a truth value", int: "a number", float: "a number",
    type(None): "null",
}  # fmt: skip


class Fields:
    """The fields of the JSON object `data` that is at `where`."""

    def __init__(self, data: object, where: str) -> None:
        self._data = mapping(data, where)
        self._where = where

    def need(self, name: str, read: Reader[T]) -> T:
        """A field that must be there."""
        if name not in self._data:
            raise Invalid(f"{self._where}.{name}: it is missing")
        return read(self._data[name], f"{self._where}.{name}")

    def may(self, name: str, read: Reader[T], default: D) -> T | D:
        """A field that may be absent, or null."""
        value = self._data.get(name)
        return default if value is None else read(value, f"{self._where}.{name}")

    def given(self, name: str, read: Reader[T], default: D) -> T | D:
        """A field that may be absent, where null is a value."""
        return read(self._data[name], f"{self._where}.{name}") if name in self._data else default

    def only(self, *names: str) -> None:
        """Refuse every field but these."""
        for name in self._data:
            if name not in names:
                raise Invalid(f"{self._where}.{name}: there is no such field; there are {', '.join(names)}")


def anything(value: object, _where: str) -> Any:
    """Any JSON data."""
    return value


def text(value: object, where: str) -> str:
    """Text."""
    if not isinstance(value, str):
        raise _refusal(where, "text", value)
    return value


def flag(value: object, where: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise _refusal(where, "true or false", value)
    return value


def whole(value: object, where: str) -> int:
    """An integer of 64 bits."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refusal(where, "a whole number", value)
    if not -(2**63) <= value < 2**63:
        raise Invalid(f"{where}: it must fit in 64 bits")
    return value


def number(value: object, where: str) -> float:
    """A number; null is no number (NaN)."""
    if value is None:
        return math.nan
    return value if isinstance(value, float) else float(whole(value, where))


def stamp(value: object, where: str) -> int:
    """RFC 3339 text, as ms since 1970."""
    written = text(value, where)
    try:
        return parse_rfc3339(written)
    except Invalid as fault:
        raise Invalid(f"{where}: {fault}") from None


def mapping(value: object, where: str) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise _refusal(where, "an object", value)
    return value


def one_of(*texts: str) -> Reader[str]:
    """One of `texts`."""

    def read(value: object, where: str) -> str:
        if value not in texts:
            raise Invalid(f"{where}: it must be one of {', '.join(texts)}, not {value!r:.60}")
        return str(value)

    return read


def each(read: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list of what `read` reads."""

    def read_all(value: object, where: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise _refusal(where, "a list", value)
        return tuple(read(part, f"{where}[{at}]") for at, part in enumerate(value))

    return read_all


def values(read: Reader[T]) -> Reader[dict[str, T]]:
    """An object whose values `read` reads."""

    def read_all(value: object, where: str) -> dict[str, T]:
        return {key: read(part, f"{where}.{key}") for key, part in mapping(value, where).items()}

    return read_all


def _refusal(where: str, wanted: str, value: object) -> Invalid:
    return Invalid(f"{where}: it must be {wanted}, not {_KINDS.get(value.__class__, type(value).__name__)}")
