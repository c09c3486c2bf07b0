"""From JSON data to a `google.protobuf.Value` and back, with no number changed: what cannot be held is not put there.

A Value has doubles only, and a message may not lie deeper than parsers go (100 messages). `spec/vigy.proto` says what
is done about that.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from vigyc.lang.errors import Invalid

EXACT: Final = 2**53
"""Up to here every integer is a double."""
DEEPEST: Final = 24
"""So many levels; each is up to three messages."""


def fits(data: object, depth: int = 0) -> bool:
    """Whether a Value can hold `data`."""
    match data:
        case None | bool():
            return True
        case int():
            return -EXACT <= data <= EXACT
        case float():
            return math.isfinite(data)
        case str():
            return _is_unicode(data)
        case list() | tuple():
            return depth < DEEPEST and all(fits(part, depth + 1) for part in data)
        case dict():
            return depth < DEEPEST and all(_is_unicode(key) and fits(part, depth + 1) for key, part in data.items())
    return False


def reads_same(data: object) -> bool:
    """Whether a Value that holds `data`, which fits, gives back the very same: 3.0 comes back as 3."""
    if isinstance(data, float):
        return not data.is_integer()
    if isinstance(data, list | tuple):
        return all(map(reads_same, data))
    return all(map(reads_same, data.values())) if isinstance(data, dict) else True


def fill_value(value: Any, data: Any) -> None:
    """Make the Value `value` hold `data`, which fits."""
    if data is None:
        value.null_value = 0
    elif isinstance(data, bool):
        value.bool_value = data
    elif isinstance(data, int | float):
        value.number_value = data
    elif isinstance(data, str):
        value.string_value = data
    elif isinstance(data, list | tuple):
        value.list_value.SetInParent()
        for part in data:
            fill_value(value.list_value.values.add(), part)
    else:
        fill_struct(value.struct_value, data)


def fill_struct(struct: Any, data: Mapping[str, Any]) -> None:
    """Make the Struct `struct` hold the object `data`, which fits."""
    struct.SetInParent()
    for key, part in data.items():
        fill_value(struct.fields[key], part)


def read_value(value: Any, where: str) -> Any:
    """The data that a Value holds. Raises Invalid if that cannot be told."""
    match value.WhichOneof("kind"):
        case "null_value":
            return None
        case "number_value":
            return _number(value.number_value, where)
        case "list_value":
            return [read_value(part, f"{where}[{at}]") for at, part in enumerate(value.list_value.values)]
        case "struct_value":
            return read_struct(value.struct_value, where)
        case "bool_value" | "string_value" as kind:
            return getattr(value, kind)
    raise Invalid(f"{where}: it is a Value of no kind")


def read_struct(struct: Any, where: str) -> dict[str, Any]:
    """The object that a Struct is. Raises Invalid."""
    return {key: read_value(part, f"{where}.{key}") for key, part in struct.fields.items()}


def read_text(text: str, where: str) -> Any:
    """The data that JSON text is. Raises Invalid."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{where}: it is not JSON text: {error}") from None


def _number(number: float, where: str) -> int | float:
    if not math.isfinite(number):
        raise Invalid(f"{where}: {number} is not a number that JSON has")
    if not number.is_integer():
        return number
    if abs(number) > EXACT:
        raise Invalid(f"{where}: {number:.0f} is beyond 2^53, where a Value is not exact; write it as JSON text")
    return int(number)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not a number that JSON has")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
