"""From bounds to lists: numbers in steps, and copies of one value. What would not end is refused as too large."""

from __future__ import annotations

import math
from typing import Any

from vigyc.runtime.arithmetic import add, ge, le
from vigyc.runtime.builtins.output import error_msg
from vigyc.runtime.faults import size_exceeded, type_mismatch
from vigyc.runtime.host import Host
from vigyc.runtime.native import native
from vigyc.runtime.values import MAX_ITEMS


@native("range", 0, None, host=True)
def numbers(host: Host, /, *bounds: Any) -> object:
    """`(range end)`, `(range start end)`, `(range start end step)`; nil if there are no numbers.

    For any other number of arguments a line is written, and the answer is nil.
    """
    if len(bounds) == 1:
        return steps(0, bounds[0], 1)
    if len(bounds) == 2:
        return steps(bounds[0], bounds[1], 1)
    if len(bounds) == 3:
        return steps(bounds[0], bounds[1], bounds[2])
    return error_msg(host, "range: arity 1, 2, or 3")


@native("range-impl", 3)
def steps(start: Any, end: Any, step: Any, /) -> object:
    """The numbers from `start` to before `end`, up by a positive step, down by a negative one."""
    if start.__class__ is int and end.__class__ is int and step.__class__ is int:
        if _is_endless(start, end) if step == 0 else -((start - end) // step) > MAX_ITEMS:
            raise size_exceeded("range", MAX_ITEMS)
        if step == 0:
            return None
        return list(range(start, end, step)) or None
    for bound in (step, start, end):
        if bound.__class__ is not int and bound.__class__ is not float:
            raise type_mismatch("number", bound)
    if step > 0 or step < 0:
        return _float_steps(start, end, step)
    if _is_endless(start, end):
        raise size_exceeded("range", MAX_ITEMS)
    return None


def _is_endless(start: Any, end: Any) -> bool:
    """Whether a step of nothing (or NaN) never gets to the end; it does if it is there from the beginning."""
    return not start >= end


def _float_steps(start: Any, end: Any, step: Any) -> object:
    out: list[object] = []
    at_end = ge if step > 0 else le
    while not at_end(start, end):
        following = add(start, step)
        # Not for NaN, not for infinite lists, and not where the step is lost beside the number.
        if not (end - start) / step < MAX_ITEMS - len(out) or following == start:
            raise size_exceeded("range", MAX_ITEMS)
        out.append(start)
        start = following
    return out or None


@native("repeat-list", 2)
def repeat_list(x: object, n: Any, /) -> object:
    """`n` times `x`; nil for none."""
    if n.__class__ is not int and n.__class__ is not float:
        raise type_mismatch("number", n)
    if not n <= MAX_ITEMS:
        raise size_exceeded("repeat-list", MAX_ITEMS)
    return [x] * math.ceil(n) if n > 0 else None
