"""From a list and a comparator to the list in order: what insertion sort gives, in n log n calls.

The comparator is asked about two neighbours and answers "swap": a positive int or #t. Insertion sort moves each element
down past all that swap with it. A merge that prefers the later run exactly when its head would swap gives the same
order for any consistent comparator, also for those that swap equals (`<=`) or sort descending (`<`). Short lists are
sorted by insertion, comparison for comparison.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vigyc.runtime.faults import type_mismatch

Comparator = Callable[[Any, Any], object]

_BY_INSERTION = 16  # elements up to which the comparisons are those of insertion sort
_RUN = 8
AT_ONCE = 2**17  # elements that Python's own sort may take at once: it cannot be interrupted


def swaps(answer: object) -> bool:
    """What a comparator's answer means."""
    if answer is True or answer is False:
        return answer
    if answer.__class__ is int:
        return answer > 0
    raise type_mismatch("int (or bool) from comparator", answer)


def ordered(xs: list[object], comparator: Comparator) -> list[object]:
    """The elements of `xs` in the order of `comparator`."""
    if len(xs) <= _BY_INSERTION:
        return _inserted(list(xs), comparator)
    return merged([_inserted(xs[at : at + _RUN], comparator) for at in range(0, len(xs), _RUN)], comparator)


def order_of(keys: list[Any]) -> list[Any]:
    """The indices of `keys`, which Python can compare, in the order of the keys; equals stay in their order."""
    runs: list[list[Any]] = [
        sorted(range(at, min(at + AT_ONCE, len(keys))), key=keys.__getitem__) for at in range(0, len(keys), AT_ONCE)
    ]
    return merged(runs, lambda a, b: keys[a] > keys[b])


def _inserted(run: list[object], comparator: Comparator) -> list[object]:
    for at in range(1, len(run)):
        x, place = run[at], at
        while place:
            answer = comparator(run[place - 1], x)
            if answer is False or (answer is not True and not swaps(answer)):
                break
            run[place] = run[place - 1]
            place -= 1
        run[place] = x
    return run


def merged(runs: list[list[Any]], comparator: Comparator) -> list[Any]:
    """The sorted `runs` as one, neighbours being merged first."""
    while len(runs) > 1:
        pairs = [_merge(runs[at], runs[at + 1], comparator) for at in range(0, len(runs) - 1, 2)]
        runs = pairs + runs[len(pairs) * 2 :]
    return runs[0] if runs else []


def _merge(left: list[object], right: list[object], comparator: Comparator) -> list[object]:
    if not swaps(comparator(left[-1], right[0])):
        return left + right
    out: list[object] = []
    i = j = 0
    while i < len(left) and j < len(right):
        answer = comparator(left[i], right[j])
        if answer is True or (answer is not False and swaps(answer)):
            out.append(right[j])
            j += 1
        else:
            out.append(left[i])
            i += 1
    out += left[i:] if i < len(left) else right[j:]
    return out
