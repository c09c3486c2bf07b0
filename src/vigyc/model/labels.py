"""From what somebody puts on a vigy to labels: short names with a value each, by which vigies are selected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from vigyc.lang.errors import Invalid
from vigyc.model.name import unprintable

LONGEST_KEY: Final = 253
LONGEST_VALUE: Final = 1024

_KEY: Final = re.compile(r"[A-Za-z0-9_./-]+")


def checked_labels(labels: object) -> dict[str, str]:
    """`labels`, by key, if they are a mapping and all in it is as it must be. Raises Invalid, naming the key."""
    if not isinstance(labels, Mapping):
        raise Invalid(f"labels: they must be a mapping of text to text, not {type(labels).__name__}")
    for key, value in labels.items():
        fault = key_fault(key) or value_fault(value)
        if fault is not None:
            raise Invalid(f"label {str(key)[:60]!r}: {fault}")
    return {key: str(labels[key]) for key in sorted(labels)}


def parse_label(text: str) -> tuple[str, str]:
    """Key and value of `key=value`. Raises Invalid."""
    key, equals, value = text.partition("=")
    if not equals:
        raise Invalid(f"label {text[:60]!r}: give it as key=value")
    return checked_labels({key: value}).popitem()


def key_fault(key: object) -> str | None:
    """What is wrong with `key`, if it is not the key of a label."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        return "a key is made of letters, digits and `-` `_` `.` `/`"
    return f"a key has at most {LONGEST_KEY} characters" if len(key) > LONGEST_KEY else None


def value_fault(value: object) -> str | None:
    """What is wrong with `value`, if it is not the value of a label."""
    if not isinstance(value, str):
        return f"a value is text, not {type(value).__name__}"
    if len(value) > LONGEST_VALUE:
        return f"a value has at most {LONGEST_VALUE} characters"
    return unprintable(value)
