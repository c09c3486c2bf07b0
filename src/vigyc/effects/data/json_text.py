"""From JSON text to data: strictly RFC 8259, and what is wrong is said with its place.

Python's decoder does the work. It is given no text nested so deep that its recursion would matter; it is told to
refuse what it would let pass (`NaN`, a repeated key). Only when something is refused is the text walked again, token
by token, to find where.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final, NoReturn

from vigyc.effects.data.bounds import DEPTH, at_line, check_items, too_deep
from vigyc.effects.result import EffectFailed
from vigyc.runtime.values import INT_MAX, INT_MIN, MAX_ITEMS

_STRING: Final = r'"(?:[^"\\]++|\\.)*+"?'  # closed or not: a text of nothing but quotes is walked once
_STRUCTURE: Final = re.compile(rf"{_STRING}|[][{{}}]", re.DOTALL)
_TOKEN: Final = re.compile(rf"{_STRING}|[][{{}}:]|NaN|-?Infinity|-?[0-9][0-9.eE+-]*", re.DOTALL)
_WIDE: Final = re.compile(r"[0-9]{19}|[eE]\+?[0-9]{3}")  # without this no number is beyond 64 bits, an int or not
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ODD: Final = re.compile("[\ud800-\udfff]|\\\\u[dD][89a-fA-F]")


class _Refused(Exception):
    """The decoder has met with something; where is yet to be found."""


def parse(op: str, text: str) -> object:
    """The data of JSON `text`; an int beyond 64 bits is a float. Raises EffectFailed `decode` with the place."""
    deep = _deepest(text)
    if deep is not None:
        _fail(text, deep, too_deep(DEPTH))
    if text.count(",") >= MAX_ITEMS:
        check_items(op, text.count(",") + 1)
    try:
        data: object = (_WIDE_DECODER if _WIDE.search(text) else _DECODER).decode(text)
    except json.JSONDecodeError as error:
        _fail(text, error.pos, error.msg[0].lower() + error.msg[1:].removesuffix(" at").removesuffix(" starting"))
    except _Refused:
        _check(text)
        raise AssertionError("what the decoder refused must be in the text") from None
    if _ODD.search(text):
        _check(text)
    return data


def _fail(text: str, at: int, why: str) -> NoReturn:
    raise EffectFailed("decode", f"{at_line(text, at)}: {why}")


def _deepest(text: str) -> int | None:
    """Where `text` first goes deeper than it may."""
    if text.count("[") + text.count("{") <= DEPTH:
        return None
    depth = 0
    for token in _STRUCTURE.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > DEPTH:
                return token.start()
        elif first in "]}":
            depth -= 1
    return None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused
    return found


def _constant(name: str) -> NoReturn:
    raise _Refused


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Refused
    return value


def _int(text: str) -> int | float:
    if len(text) > 20:
        return _float(text)
    value = int(text)
    return value if INT_MIN <= value <= INT_MAX else float(value)


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
_WIDE_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_int, parse_float=_float
)


def _check(text: str) -> None:
    """Raise EffectFailed for the first thing in well-formed `text` that is refused, if there is any."""
    keys: list[set[str]] = [set()]
    last, at = "", 0
    for token in _TOKEN.finditer(text):
        word = token[0]
        first = word[0]
        if first == '"':
            last, at = json.loads(word), token.start()
            if _SURROGATE.search(last):
                _fail(text, at, "half of a surrogate pair")
        elif first == ":":
            if last in keys[-1]:
                _fail(text, at, f"key {json.dumps(last[:80], ensure_ascii=False)} is there before")
            keys[-1].add(last)
        elif first in "[{":
            keys.append(set())
        elif first in "]}":
            keys.pop()
        elif word in {"NaN", "Infinity", "-Infinity"}:
            _fail(text, token.start(), f"{word} is not JSON")
        elif math.isinf(float(word)):
            _fail(text, token.start(), "the number is out of range")
