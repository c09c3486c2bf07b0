"""From a function and a list to one value: the folds. Callbacks are called as in `higher_order`."""

from __future__ import annotations

from vigyc.runtime.calling import Function
from vigyc.runtime.faults import native_fault
from vigyc.runtime.lists import items
from vigyc.runtime.native import native

_NOTHING = object()


@native("foldl", 3)
def foldl(f: Function, acc: object, xs: object, /) -> object:
    """`f` of what came so far and each element in turn."""
    for x in items(xs):
        acc = f(acc, x)
    return acc


@native("foldr", 3)
def foldr(f: Function, acc: object, xs: object, /) -> object:
    """`f` of each element, from the last on, and what came so far."""
    for x in reversed(items(xs)):
        acc = f(x, acc)
    return acc


@native("reduce", 2, 3)
def reduce(f: Function, first: object, second: object = _NOTHING, /) -> object:
    """As `foldl`; without a first value, the first element is it."""
    if second is not _NOTHING:
        return foldl(f, first, second)
    array = items(first)
    if not array:
        raise native_fault("reduce", "no init and empty list")
    return foldl(f, array[0], array[1:])


@native("scan-left", 3)
def scan_left(f: Function, acc: object, xs: object, /) -> list[object]:
    """All the values of `foldl`, the first one included."""
    out = [acc]
    for x in items(xs):
        acc = f(acc, x)
        out.append(acc)
    return out
