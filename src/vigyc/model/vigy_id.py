"""From a name and a program to the id of a vigy: the one the original gives to the same name and program."""

from __future__ import annotations

import re
from typing import Final

from blake3 import blake3

_ID: Final = re.compile("[0-9a-f]{16}")


def vigy_id(name: str, program: str) -> str:
    """The first 16 hex digits of the BLAKE3 of `name`, a zero byte and `program`, as UTF-8."""
    return blake3(f"{name}\0{program}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_vigy_id(text: str) -> bool:
    """Whether `text` is a whole id: 16 hex digits in lower case."""
    return _ID.fullmatch(text) is not None
