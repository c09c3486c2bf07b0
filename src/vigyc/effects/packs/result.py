"""From what an effect answered to what a program makes of it: the pack `result`.

A result is `{:ok #t :value v}` or `{:ok #f :error e}` (effects/result.py). What is neither is a type mismatch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigyc.effects.pack import Pack
from vigyc.effects.result import ERROR, OK, VALUE
from vigyc.lang.errors import Thrown, TickError
from vigyc.runtime.maps import SharedMap, as_dict
from vigyc.runtime.values import ErrorValue, kind_of

PACK: Final = Pack("result", "What effects answer: a value, or how it failed.")


@PACK.pure("ok?", example='(ok? (fs-read "/data/a.txt"))')
def is_ok(result: object) -> bool:
    """Whether the effect was done."""
    return _read("ok?", result)[OK] is True


@PACK.pure("ok-value", example='(ok-value (fs-read "/data/a.txt"))')
def ok_value(result: object) -> object:
    """The value of a good result. A bad one raises its error, which `catch` sees with its tag and message."""
    found = _read("ok-value", result)
    if found[OK] is True:
        return found[VALUE]
    raise _raised(found[ERROR])


@PACK.pure("ok-or", example='(ok-or (fs-read "/data/a.txt") "")')
def ok_or(result: object, default: object) -> object:
    """The value of a good result, `default` for a bad one."""
    found = _read("ok-or", result)
    return found[VALUE] if found[OK] is True else default


@PACK.pure("error-of", example='(error-of (fs-read "/data/a.txt"))')
def error_of(result: object) -> object:
    """The error value of a bad result, nil for a good one."""
    found = _read("error-of", result)
    return None if found[OK] is True else found[ERROR]


def _read(name: str, result: object) -> Mapping[object, object]:
    """The entries of `result`, which operation `name` was given."""
    if result.__class__ is dict or result.__class__ is SharedMap:
        found = as_dict(result)
        good = found.get(OK)
        if good.__class__ is bool and (VALUE if good else ERROR) in found:
            return found
    raise TickError("type-mismatch", f"`{name}`: result must be a result of an effect, got {kind_of(result)}")


def _raised(error: object) -> TickError:
    """What raises `error`: a plain error value as an error of its tag, anything else as `throw` would."""
    if error.__class__ is ErrorValue and not error.data:
        return TickError(error.tag, error.message)
    return Thrown(error)
