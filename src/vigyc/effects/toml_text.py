"""From a TOML file to its data, and from what is wrong in it to the line that says it.

A place in the data is the path of keys and indices that leads there: `("for", 1, "limits", "rows")`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar

from vigyc.lang.errors import Invalid, SettingsError

T = TypeVar("T")
At = tuple[str | int, ...]

_NAME: Final = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_PATH: Final = rf"({_NAME}(?:\s*\.\s*{_NAME})*)"
_TABLE: Final = re.compile(rf"\s*(\[\[?)\s*{_PATH}\s*\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(rf"\s*{_PATH}\s*=")
_FAULT: Final = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", re.DOTALL)


class TomlText:
    """The TOML file at `path`, in `folder`: its `data`. Raises SettingsError for one that cannot be read."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.folder = os.path.dirname(os.path.abspath(path))
        try:
            text = self.path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise SettingsError(f"{self.path}: {getattr(error, 'strerror', None) or error}") from error
        self._lines = text.split("\n")
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._unreadable(str(error)) from error
        self._places = _places(self._lines)

    def line(self, at: At, item: object = None) -> int:
        """The line, from 1, that says what is at `at`; or, from there on, that has the text `item`."""
        while at and at not in self._places:
            at = at[:-1]
        first = self._places.get(at, 1)
        if isinstance(item, str) and item:
            for number, line in enumerate(self._lines[first - 1 :], first):
                if item in line:
                    return number
        return first

    def fault(self, at: At, message: str, item: object = None) -> SettingsError:
        """`message`, with the file and the line it is about."""
        return SettingsError(f"{self.path}:{self.line(at, item)}: {message}")

    def table(self, value: object, at: At, known: Collection[str] | None = None) -> dict[str, Any]:
        """`value` if it is a table, of `known` keys alone. Raises SettingsError."""
        if not isinstance(value, dict):
            raise self.fault(at, f"{shown(at)} must be a table")
        for key in value:
            if known is not None and key not in known:
                raise self.fault((*at, key), f"there is no key {key!r}{_where(at)}{meant(key, known)}")
        return value

    def read(self, read: Callable[[Any], T], value: object, at: At, *, prefix: str | None = None) -> T:
        """What `read` makes of `value`, which is at `at`; a SettingsError, after `prefix`, where it raises."""
        try:
            return read(value)
        except (Invalid, ValueError) as error:
            before = f"{at[-1]} cannot be {value!r}: " if prefix is None else prefix
            raise self.fault(at, f"{before}{error}", value) from error

    def _unreadable(self, said: str) -> SettingsError:
        match = _FAULT.fullmatch(said)
        message, line = (match[1], match[2]) if match is not None else (said, "1")
        return SettingsError(f"{self.path}:{line or len(self._lines)}: {message}")


def meant(name: str, known: Collection[str], *, few: bool = True) -> str:
    """Which of `known` was meant by `name`, after a semicolon; if none is near and they are `few`, all of them."""
    near = get_close_matches(name, known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(known)}" if few and known else ""


def shown(at: At) -> str:
    """A place as people write it: `limits.rows`."""
    return ".".join(part for part in at if isinstance(part, str)) or "the file"


def text_of(value: object) -> str:
    """`value` if it is text, and not blank. Raises Invalid."""
    if not isinstance(value, str) or not value.strip():
        raise Invalid("it must be text, and not empty")
    return value


def _where(at: At) -> str:
    return f" in {shown(at)}" if at else ""


def _places(lines: list[str]) -> dict[At, int]:
    """The line of every table and key that begins one."""
    places: dict[At, int] = {}
    last: dict[At, int] = {}
    table: At = ()
    for number, line in enumerate(lines, 1):
        if (header := _TABLE.fullmatch(line)) is not None:
            *outer, name = _names(header[2])
            table = (*_within(outer, last), name)
            if header[1] == "[[":
                last[table] = last.get(table, -1) + 1
                table = (*table, last[table])
            places.setdefault(table, number)
        elif (key := _KEY.match(line)) is not None:
            at: At = table
            for name in _names(key[1]):
                at = (*at, name)
                places.setdefault(at, number)
    return places


def _within(names: list[str], last: dict[At, int]) -> At:
    """The table of these names: of several under one name, the last."""
    at: At = ()
    for name in names:
        at = (*at, name)
        if at in last:
            at = (*at, last[at])
    return at


def _names(path: str) -> list[str]:
    return [name.strip("\"'") for name in re.findall(_NAME, path)]
