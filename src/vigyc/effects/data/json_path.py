"""From a path into data to what is there: JSON Pointer (RFC 6901) and dotted paths."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from vigyc.lang.datum import keyword
from vigyc.runtime.lists import is_list, items
from vigyc.runtime.maps import SharedMap, as_dict

ABSENT: Final = object()
"""There is nothing at the path."""

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_ESCAPE: Final = re.compile(r"~(?![01])")
_DOT: Final = re.compile(r"(?<!\\)\.")


def pointer_steps(pointer: str) -> list[str]:
    """The steps of a JSON Pointer. Raises ValueError."""
    if not pointer:
        return []
    if pointer[0] != "/" or _ESCAPE.search(pointer):
        raise ValueError('a pointer is "" or begins with "/", and ~ stands before 0 or 1')
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]


def pointer_text(steps: Iterable[str]) -> str:
    """The JSON Pointer of `steps`."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def dotted_steps(path: str) -> list[str]:
    r"""The steps of `a.b.c`; `\.` is a dot within a step."""
    return [step.replace("\\.", ".") for step in _DOT.split(path)]


def follow(data: object, steps: Iterable[str]) -> object:
    """What `steps` lead to in a value, or `ABSENT`; `:a` finds the key :a too, as JSON has it."""
    for step in steps:
        if data.__class__ is dict or data.__class__ is SharedMap:
            entries = as_dict(data)
            data = entries.get(step, ABSENT)
            if data is ABSENT and step[:1] == ":":
                data = entries.get(keyword(step[1:]), ABSENT)
        elif is_list(data) and _INDEX.fullmatch(step):
            elements = items(data)
            data = elements[int(step)] if int(step) < len(elements) else ABSENT
        else:
            return ABSENT
    return data
