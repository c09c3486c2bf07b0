"""From a value and steps to nested calls: `->` and `->>`, and their one-step forms."""

from __future__ import annotations

from vigyc.frontend.macros.call import Call, Malformed, elements
from vigyc.lang.datum import Form


def thread_first(call: Call) -> Form:
    """`(-> x step...)`: x becomes the first argument of each step."""
    call.require(1)
    value, *steps = call.operands
    for step in steps:
        head, rest = _step(step)
        value = call.form(head, value, *rest)
    return value


def thread_last(call: Call) -> Form:
    """`(->> x step...)`: x becomes the last argument of each step."""
    call.require(1)
    value, *steps = call.operands
    for step in steps:
        head, rest = _step(step)
        value = call.form(head, *rest, value)
    return value


def thread_first_once(call: Call) -> Form:
    """`(->1 x step)`."""
    call.require(2, 2)
    return thread_first(call)


def thread_last_once(call: Call) -> Form:
    """`(->>1 x step)`."""
    call.require(2, 2)
    return thread_last(call)


def _step(step: Form) -> tuple[Form, list[Form]]:
    """The head of a step and its own arguments; an atom is called with the value alone."""
    items = elements(step)
    if items is None:
        return step, []
    if not items:
        raise Malformed
    return items[0], items[1:]
