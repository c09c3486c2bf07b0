"""From what became of an effect to the tagged value a program gets.

`{:ok #t :value v}` when it was done; `{:ok #f :error e}` when the world refused, `e` an error value whose tag says how
(`not-found`, `timeout`, ...). What the *policy* refuses is no result: it raises `denied`.
"""

from __future__ import annotations

from typing import Final

from vigyc.lang.datum import keyword
from vigyc.runtime.values import ErrorValue

OK: Final = keyword("ok")
VALUE: Final = keyword("value")
ERROR: Final = keyword("error")


class EffectFailed(Exception):
    """The world refused an effect: `tag` says how in one kebab word, `message` is for people and names no host path."""

    def __init__(self, tag: str, message: str) -> None:
        super().__init__(message)
        self.tag = tag
        self.message = message


def done(value: object) -> dict[object, object]:
    """The result of an effect that was done."""
    return {OK: True, VALUE: value}


def failed(tag: str, message: str) -> dict[object, object]:
    """The result of one that failed."""
    return {OK: False, ERROR: ErrorValue(tag, message)}
