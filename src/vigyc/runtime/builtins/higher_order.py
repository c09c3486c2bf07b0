"""From functions and lists to lists and answers: the natives that call back.

All lists are checked before the first call. Callbacks are called from Python code and nowhere else, so that a program
that recurses through them takes no C stack; a function that is none is refused by Python when it is called.
"""

from __future__ import annotations

from typing import Any

from vigyc.lang.datum import Keyword, Symbol
from vigyc.runtime.calling import Function, spread
from vigyc.runtime.faults import native_fault, size_exceeded, type_mismatch
from vigyc.runtime.lists import is_list, items
from vigyc.runtime.native import native
from vigyc.runtime.printer import display
from vigyc.runtime.values import MAX_ITEMS


@native("apply", 2, None)
def apply(f: Function, first: object, /, *more: object) -> object:
    """`f` called with the arguments given and the elements of the last, a list."""
    last = more[-1] if more else first
    if last is not None and not is_list(last):
        raise type_mismatch("list (last arg of apply)", last)
    args = items(last)
    return spread(f, [first, *more[:-1], *args] if more else args)


@native("map", 2, None)
def map_lists(f: Function, xs: object, /, *more: object) -> list[object]:
    """What `f` gives for each element; of several lists for each row, until the shortest ends."""
    if not more:
        return [f(x) for x in items(xs)]
    arrays = [items(xs), *[items(ys) for ys in more]]
    if len(arrays) == 2:
        return [f(x, y) for x, y in zip(arrays[0], arrays[1], strict=False)]
    return [spread(f, row) for row in zip(*arrays, strict=False)]


@native("filter", 2)
def keep(pred: Function, xs: object, /) -> list[object]:
    """The elements for which `pred` is truthy."""
    out: list[object] = []
    for x in items(xs):
        answer = pred(x)
        if answer is not None and answer is not False:
            out.append(x)
    return out


@native("remove", 2)
def remove(pred: Function, xs: object, /) -> list[object]:
    """The elements for which `pred` is falsy."""
    out: list[object] = []
    for x in items(xs):
        answer = pred(x)
        if answer is None or answer is False:
            out.append(x)
    return out


@native("for-each", 2)
def for_each(f: Function, xs: object, /) -> None:
    """Calls `f` for each element."""
    for x in items(xs):
        f(x)


@native("find", 2)
def find(pred: Function, xs: object, /) -> object:
    """The first element for which `pred` is truthy, else nil."""
    for x in items(xs):
        answer = pred(x)
        if answer is not None and answer is not False:
            return x
    return None


@native("find-index", 2)
def find_index(pred: Function, xs: object, /) -> int:
    """The index of the first element for which `pred` is truthy, else -1."""
    return _first(pred, items(xs), truthy=True, otherwise=-1)


@native("some", 2)
def some(pred: Function, xs: object, /) -> object:
    """The first truthy answer of `pred`, else nil."""
    for x in items(xs):
        answer = pred(x)
        if answer is not None and answer is not False:
            return answer
    return None


@native("any?", 2)
def is_any(pred: Function, xs: object, /) -> bool:
    """Whether `pred` is truthy for some element."""
    return _first(pred, items(xs), truthy=True, otherwise=-1) >= 0


@native("every?", 2)
def is_every(pred: Function, xs: object, /) -> bool:
    """Whether `pred` is truthy for all elements."""
    return _first(pred, items(xs), truthy=False, otherwise=-1) < 0


@native("count-if", 2)
def count_if(pred: Function, xs: object, /) -> int:
    """For how many elements `pred` is truthy."""
    count = 0
    for x in items(xs):
        answer = pred(x)
        if answer is not None and answer is not False:
            count += 1
    return count


def _first(pred: Function, xs: list[object], *, truthy: bool, otherwise: int) -> int:
    """The index of the first element for which `pred` is truthy, or else falsy."""
    index = 0
    for x in xs:
        answer = pred(x)
        if (answer is not None and answer is not False) is truthy:
            return index
        index += 1  # noqa: SIM113 - enumerate would make a tuple a step
    return otherwise


@native("take-while", 2)
def take_while(pred: Function, xs: object, /) -> list[object]:
    """The elements before the first for which `pred` is falsy."""
    array = items(xs)
    return array[: _first(pred, array, truthy=False, otherwise=len(array))]


@native("drop-while", 2)
def drop_while(pred: Function, xs: object, /) -> list[object]:
    """The elements from the first on for which `pred` is falsy."""
    array = items(xs)
    return array[_first(pred, array, truthy=False, otherwise=len(array)) :]


@native("partition", 2)
def partition(pred: Function, xs: object, /) -> list[object]:
    """Two lists: the elements for which `pred` is truthy, and the others."""
    matching: list[object] = []
    others: list[object] = []
    for x in items(xs):
        answer = pred(x)
        (others if answer is None or answer is False else matching).append(x)
    return [matching, others]


@native("group-by", 2)
def group_by(f: Function, xs: object, /) -> list[object]:
    """(KEY elements) lists in order of first appearance, KEY being `f`'s result as a text that names its kind."""
    groups: dict[str, list[object]] = {}
    for x in items(xs):
        groups.setdefault(_key_text(f(x)), []).append(x)
    return [[key, group] for key, group in groups.items()]


def _key_text(key: Any) -> str:
    cls = key.__class__
    if cls is str:
        return str(key)
    if cls is int:
        return f":int {key}"
    if cls is bool:
        return ":bool true" if key else ":bool false"
    if cls is Symbol:
        return f":sym {key.name}"
    if cls is Keyword:
        return f":kw {key.name}"
    if cls is float:
        return f":float {display(key)}"
    return ":nil" if key is None else f":{display(key)}"


def _times(name: str, n: object) -> int:
    """How often to call."""
    if n.__class__ is not int:
        raise type_mismatch("integer", n)
    if n < 0:
        raise native_fault("hof", "expected non-negative int")
    if n > MAX_ITEMS:
        raise size_exceeded(name, MAX_ITEMS)
    return n


@native("iterate", 3)
def iterate(f: Function, x: object, n: object, /) -> list[object]:
    """`x`, `f` of it, `f` of that, ...: `n` values. `f` is called `n` times, the last result is not used."""
    out: list[object] = []
    for _ in range(_times("iterate", n)):
        out.append(x)
        x = f(x)
    return out


@native("repeatedly", 2)
def repeatedly(thunk: Function, n: object, /) -> list[object]:
    """What `n` calls of `thunk` give."""
    return [thunk() for _ in range(_times("repeatedly", n))]
