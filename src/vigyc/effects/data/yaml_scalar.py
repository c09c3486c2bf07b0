"""From a scalar of YAML to a value and back, by the core schema of YAML 1.2.

`no`, `on`, `1:30`, `2024-01-01` and `1_000` are strings, 010 is ten. What is written is quoted wherever YAML 1.1 or
1.2 might take it for something else, so that other readers see the same strings.
"""

from __future__ import annotations

import math
import re
from typing import Final

from vigyc.runtime.values import INT_MAX, INT_MIN

_WORDS: Final[dict[str, object]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": math.inf, ".Inf": math.inf, ".INF": math.inf, "+.inf": math.inf, "+.Inf": math.inf, "+.INF": math.inf,
    "-.inf": -math.inf, "-.Inf": -math.inf, "-.INF": -math.inf, ".nan": math.nan, ".NaN": math.nan, ".NAN": math.nan,
}  # fmt: skip
_INT: Final = re.compile(r"[-+]?[0-9]+|0o([0-7]+)|0x([0-9a-fA-F]+)")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_AMBIGUOUS: Final = frozenset({"", "null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def plain_value(text: str) -> object:
    """What unquoted `text` is. Raises ValueError for a number that no float can hold."""
    if text in _WORDS:
        return _WORDS[text]
    whole = _INT.fullmatch(text)
    if whole is not None:
        digits, base = (whole[1], 8) if whole[1] else (whole[2], 16) if whole[2] else (text, 10)
        return _int(digits, base)
    if _FLOAT.fullmatch(text):
        return _finite(float(text))
    return text


def _int(digits: str, base: int) -> int | float:
    if len(digits) > 100 and base == 10:
        return _finite(float(digits))
    value = int(digits, base)
    return value if INT_MIN <= value <= INT_MAX else _finite(float(value))


def _finite(value: float) -> float:
    if math.isinf(value):
        raise ValueError("the number is out of range")
    return value


def scalar_text(value: object) -> str:
    """A nil, boolean or number as plain text that YAML 1.1 reads as the same."""
    if value is None:
        return "null"
    if value.__class__ is bool:
        return "true" if value else "false"
    text = repr(value)
    if value.__class__ is float and "e" in text and "." not in text:
        return text.replace("e", ".0e")  # 1.1 takes `1e+16` for a string
    return text


def may_be_plain(text: str) -> bool:
    """Whether no reader takes unquoted `text` for anything but a string, going by its words alone."""
    return text.lower() not in _AMBIGUOUS and text[0] not in "0123456789+-.~=<!"
