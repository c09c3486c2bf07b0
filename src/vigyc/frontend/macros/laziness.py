"""From operands to evaluated later or never: `lazy-cons` and `comment`."""

from __future__ import annotations

from vigyc.frontend.macros.call import Call
from vigyc.lang.datum import Form


def lazy_cons(call: Call) -> Form:
    """`(lazy-cons head tail)`: a cell of a lazy sequence, whose tail waits until it is asked for."""
    call.require(2, 2)
    head, tail = call.operands
    return call.apply("list", head, call.special("delay", tail))


def comment(call: Call) -> Form:
    """`(comment anything...)`: nil."""
    return call.atom(None)
