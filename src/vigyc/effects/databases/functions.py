"""From SQLite's text functions whose time is the product of two sizes to ones that are as quick as their arguments.

SQLite cannot be stopped inside a function: `instr` of a long text in another takes hours. The ones here answer the
same, and are found before SQLite's own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import apsw

Value = str | bytes | int | float | None

_MOST_TRIMMED: Final = 1000  # different characters that trim can take away


def replace_slow_functions(connection: apsw.Connection, longest: int) -> None:
    """Have `connection` use these; no text they give is longer than `longest`."""
    declare: Any = partial(connection.create_scalar_function, deterministic=True, flags=apsw.SQLITE_INNOCUOUS)
    declare("instr", _instr, 2)
    declare("replace", partial(_replace, longest), 3)
    for name, strip in (("trim", str.strip), ("ltrim", str.lstrip), ("rtrim", str.rstrip)):
        declare(name, partial(_trim, strip), 1)
        declare(name, partial(_trim, strip), 2)
    declare("unhex", _unhex, 2)


def _text(value: Value) -> str:
    """`value` as SQLite makes text of it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, int):
        return str(value)
    digits, e, exponent = format(value, ".15g").partition("e")
    return digits + ("" if "." in digits or "n" in digits else ".0") + e + exponent


def _instr(text: Value, part: Value) -> int | None:
    if text is None or part is None:
        return None
    if isinstance(text, bytes) and isinstance(part, bytes):
        return text.find(part) + 1
    return _text(text).find(_text(part)) + 1


def _replace(longest: int, text: Value, old: Value, new: Value) -> str | None:
    if text is None or old is None or new is None:
        return None
    whole, before, after = _text(text), _text(old), _text(new)
    if not before:
        return whole
    if len(whole) + whole.count(before) * (len(after) - len(before)) > longest:
        raise apsw.TooBigError("string or blob too big")
    return whole.replace(before, after)


def _trim(strip: Callable[[str, str], str], text: Value, taken: Value = " ") -> str | None:
    if text is None or taken is None:
        return None
    characters = _text(taken)
    if len(characters) > _MOST_TRIMMED:
        raise apsw.TooBigError(f"trim takes away at most {_MOST_TRIMMED} characters")
    return strip(_text(text), characters)


def _unhex(text: Value, passed_over: Value) -> None:
    raise apsw.SQLError("unhex is there with one argument only")
