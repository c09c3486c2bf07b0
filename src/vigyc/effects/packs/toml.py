"""From TOML text to data and back: the pack `toml`.

Dates and times come as texts (RFC 3339 where they have an offset), for data have none. Python's `tomllib` reads,
`tomli-w` (of the extra `data`) writes.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time
from typing import Any, Final

from vigyc.effects.data.bounds import check_data, check_text, too_deep
from vigyc.effects.extras import need
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.runtime.faults import size_exceeded
from vigyc.runtime.json_value import Json
from vigyc.runtime.values import INT_MAX, INT_MIN

PACK: Final = Pack("toml", "TOML text and data.")

_MOST: Final = 2**22
_DEPTH: Final = 100
_PART: Final = r"(?:[A-Za-z0-9_-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
# tomllib takes the square of a key's length; no key of this many parts would be let through afterwards either.
_LONG_KEY: Final = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}[ \t]*+\.[ \t]*+){{{_DEPTH}}}")


@PACK.pure("toml-parse", result=True, example='(toml-parse "[a]\\nb = 1") => {:ok #t, :value {"a" {"b" 1}}}')
def toml_parse(text: str) -> object:
    """The data of a TOML text of at most 4 Mi characters, at most 100 deep; dates and times are strings.

    Error `decode`, with line and column where there is one.
    """
    if len(text) > _MOST:
        raise size_exceeded("toml-parse", _MOST)
    if _LONG_KEY.search(text):
        raise EffectFailed("decode", too_deep(_DEPTH))
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise EffectFailed("decode", too_deep(_DEPTH)) from None
    except ValueError as error:
        raise EffectFailed("decode", _said(str(error))) from None
    _settle(data)
    return data


def _said(message: str) -> str:
    """`Invalid value (at line 1, column 2)` as `line 1, column 2: invalid value`."""
    what, _, place = message.rpartition(" (at ")
    if not what:
        return "an integer does not fit 64 bits"  # Python's own refusal of more than 4300 digits
    return f"{place.removesuffix(')')}: {what[0].lower()}{what[1:]}"


def _settle(data: Any) -> None:
    """Make values of what `tomllib` made. Raises EffectFailed."""
    stack: list[tuple[Any, int]] = [(data, 1)]
    while stack:
        container, level = stack.pop()
        if level > _DEPTH:
            raise EffectFailed("decode", too_deep(_DEPTH))
        for step, value in list(container.items() if isinstance(container, dict) else enumerate(container)):
            if isinstance(value, dict | list):
                stack.append((value, level + 1))
            elif isinstance(value, date | time):
                container[step] = _moment(value)
            elif value.__class__ is int and not INT_MIN <= value <= INT_MAX:
                raise EffectFailed("decode", f"{value} does not fit 64 bits")


def _moment(value: date | time) -> str:
    text = value.isoformat()
    return text[:-6] + "Z" if isinstance(value, datetime) and text.endswith("+00:00") else text


@PACK.pure(
    "toml-write",
    result=True,
    example='(toml-write (hash-map "a" (hash-map "b" 1))) => {:ok #t, :value "[a]\\nb = 1\\n"}',
)
def toml_write(data: Json) -> str:
    """The data, a map, as TOML text, keys in code-point order.

    Error `encode`: TOML has no nil, and no top level but a map; more than 100 deep.
    """
    writer = need("toml-write", "tomli_w", "tomli-w", "data")
    if not isinstance(data, dict):
        raise EffectFailed("encode", "the whole must be a map")
    check_data("toml-write", data, _DEPTH)
    _refuse_nil(data)
    text: str = writer.dumps(data)
    check_text("toml-write", len(text))
    return text


def _refuse_nil(data: Json) -> None:
    stack: list[tuple[Json, str]] = [(data, "")]
    while stack:
        value, place = stack.pop()
        if value is None:
            raise EffectFailed("encode", f"TOML has no nil, which is at {place[1:]}")
        if isinstance(value, dict):
            stack.extend((inner, f"{place}.{key}") for key, inner in value.items())
        elif isinstance(value, list):
            stack.extend((inner, f"{place}.{at}") for at, inner in enumerate(value))
