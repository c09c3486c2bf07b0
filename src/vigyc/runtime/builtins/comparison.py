"""From values to their order: numeric comparison chains, `compare`, and the equality natives.

A chain looks at neighbours from the left and stops at the first pair that fails; what comes after is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable

from vigyc.lang.datum import Keyword, Symbol
from vigyc.runtime.arithmetic import ge, gt, le, lt, num_eq
from vigyc.runtime.equality import equal, same
from vigyc.runtime.faults import mismatch_kind
from vigyc.runtime.native import native
from vigyc.runtime.values import kind_of


def _chain(holds: Callable[[object, object], bool], first: object, rest: tuple[object, ...]) -> bool:
    for x in rest:
        if not holds(first, x):
            return False
        first = x
    return True


@native("=", 2, None)
def all_equal(a: object, b: object, /, *rest: object) -> bool:
    """Whether all numbers are equal."""
    return num_eq(a, b) and (not rest or _chain(num_eq, b, rest))


@native("<", 2, None)
def increasing(a: object, b: object, /, *rest: object) -> bool:
    """Whether every number is less than the next."""
    return lt(a, b) and (not rest or _chain(lt, b, rest))


@native(">", 2, None)
def decreasing(a: object, b: object, /, *rest: object) -> bool:
    """Whether every number is greater than the next."""
    return gt(a, b) and (not rest or _chain(gt, b, rest))


@native("<=", 2, None)
def not_decreasing(a: object, b: object, /, *rest: object) -> bool:
    """Whether no number is greater than the next."""
    return le(a, b) and (not rest or _chain(le, b, rest))


@native(">=", 2, None)
def not_increasing(a: object, b: object, /, *rest: object) -> bool:
    """Whether no number is less than the next."""
    return ge(a, b) and (not rest or _chain(ge, b, rest))


@native("compare", 2)
def compare(a: object, b: object, /) -> int:
    """-1, 0 or 1: numbers by value (NaN compares as equal), strings, symbols and keywords by code points."""
    cls, other = a.__class__, b.__class__
    if (cls is int or cls is float) and (other is int or other is float):
        return gt(a, b) - lt(a, b)
    if cls is other:
        if cls is str:
            return (a > b) - (a < b)  # type: ignore[operator, no-any-return]
        if cls is Symbol or cls is Keyword:
            return (a.name > b.name) - (a.name < b.name)  # type: ignore[attr-defined, no-any-return]
    raise mismatch_kind("comparable values of the same kind", f"{kind_of(a)} vs {kind_of(b)}")


@native("eq?", 2)
def is_same(a: object, b: object, /) -> bool:
    """Identity: scalars by value, lists and procedures by object, anything else never."""
    return same(a, b)


@native("equal?", 2)
def is_equal(a: object, b: object, /) -> bool:
    """Equality by structure."""
    return equal(a, b)


@native("not=", 2)
def is_unequal(a: object, b: object, /) -> bool:
    """The opposite of `equal?`."""
    return not equal(a, b)
