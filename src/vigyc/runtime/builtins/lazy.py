"""From cells to sequences that are computed as they are asked for.

A cell is a list of a head and a promise of the next cell; the end is nil.
"""

from __future__ import annotations

from typing import Any

from vigyc.runtime.builtins.list_library import second
from vigyc.runtime.builtins.predicates import is_empty
from vigyc.runtime.builtins.promises import force
from vigyc.runtime.calling import Function
from vigyc.runtime.faults import size_exceeded, type_mismatch
from vigyc.runtime.lists import car, cdr
from vigyc.runtime.native import native
from vigyc.runtime.values import MAX_ITEMS, Promise


@native("lazy-empty", 0)
def lazy_empty() -> None:
    """The sequence of nothing."""


@native("lazy-empty?", 1)
def is_lazy_empty(s: object, /) -> bool:
    """Whether the sequence is at its end."""
    return is_empty(s)


@native("lazy-head", 1)
def lazy_head(s: object, /) -> object:
    """The first element."""
    return car(s)


@native("lazy-rest", 1)
def lazy_rest(s: object, /) -> object:
    """The sequence after the first element, computed the first time."""
    return force(second(s))


def _count(n: Any) -> Any:
    if n.__class__ is int or n.__class__ is float:
        return n
    raise type_mismatch("number", n)


@native("lazy-take", 2)
def lazy_take(n: object, s: object, /) -> object:
    """The first `n` elements as a list; nil if there are none. The tail after the last of them is forced too."""
    count = _count(n)
    out: list[object] = []
    while count > 0 and not is_empty(s):
        _add("lazy-take", out, car(s))
        s = lazy_rest(s)
        count -= 1
    return out or None


@native("lazy-drop", 2)
def lazy_drop(n: object, s: object, /) -> object:
    """The sequence after the first `n` elements."""
    count = _count(n)
    while count > 0 and not is_empty(s):
        s = lazy_rest(s)
        count -= 1
    return s


@native("realize", 1)
def realize(s: object, /) -> object:
    """All elements as a list; nil if there are none."""
    out: list[object] = []
    while not is_empty(s):
        _add("realize", out, car(s))
        s = lazy_rest(s)
    return out or None


def _add(name: str, out: list[object], x: object) -> None:
    if len(out) >= MAX_ITEMS:
        raise size_exceeded(name, MAX_ITEMS)
    out.append(x)


@native("lazy-map", 2)
def lazy_map(f: Function, s: object, /) -> object:
    """The sequence of what `f` gives for each element."""
    return None if is_empty(s) else [f(car(s)), Promise(lambda: lazy_map(f, lazy_rest(s)))]


@native("lazy-filter", 2)
def lazy_filter(pred: Function, s: object, /) -> object:
    """The sequence of the elements for which `pred` is truthy; the first is looked for at once."""
    while not is_empty(s):
        head = car(s)
        answer = pred(head)
        if answer is not None and answer is not False:
            return _filtered(pred, head, s)
        s = lazy_rest(s)
    return None


def _filtered(pred: Function, head: object, s: object) -> list[object]:
    return [head, Promise(lambda: lazy_filter(pred, lazy_rest(s)))]


@native("iterate-lazy", 2)
def iterate_lazy(f: Function, x: object, /) -> list[object]:
    """`x`, `f` of it, `f` of that, without end."""
    return [x, Promise(lambda: iterate_lazy(f, f(x)))]


@native("cycle", 1)
def cycle(xs: object, /) -> object:
    """The elements of a list over and over; nil for none."""
    return cycle_from(xs, xs)


@native("cycle-impl", 2)
def cycle_from(original: object, remaining: object, /) -> object:
    """The elements of `remaining`, then those of `original` over and over."""
    if is_empty(remaining):
        if is_empty(original):
            return None
        remaining = original
    return [car(remaining), Promise(lambda: cycle_from(original, cdr(remaining)))]


@native("repeat-lazy", 1)
def repeat_lazy(x: object, /) -> list[object]:
    """`x` without end."""
    return [x, Promise(lambda: repeat_lazy(x))]
