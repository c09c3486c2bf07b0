"""From what a policy says of an amount to a number: counts, durations in ms, sizes in bytes, each by its name.

All are whole and not negative; text may have a unit (`5s`, `1MiB`).
"""

from __future__ import annotations

import re
from typing import Final

from vigyc.lang.errors import Invalid
from vigyc.model.duration import parse_duration_ms

_SIZE: Final = re.compile(r"([0-9]{1,15})\s*(?:([KMG])(?:i?B)?|B)?", re.IGNORECASE | re.ASCII)
_FACTORS: Final = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


def amount(name: str, value: object) -> int:
    """The amount `value` of a limit or unit called `name`. Raises Invalid."""
    if name == "ms" or name.endswith("_ms"):
        return duration(value)
    return size(value) if name == "bytes" or name.endswith("_bytes") else count(value)


def count(value: object) -> int:
    """A whole number. Raises Invalid."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Invalid("it must be a whole number from 0 up")
    return value


def duration(value: object) -> int:
    """Ms, a bare number being ms. Raises Invalid."""
    return parse_duration_ms(value) if isinstance(value, str) else count(value)


def size(value: object) -> int:
    """Bytes, a bare number being bytes; units are powers of 1024. Raises Invalid."""
    if not isinstance(value, str):
        return count(value)
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        raise Invalid("it must be a number of bytes, or a size such as 500KiB, 20MiB or 1GiB")
    return int(match[1]) * _FACTORS[(match[2] or "").upper()]
