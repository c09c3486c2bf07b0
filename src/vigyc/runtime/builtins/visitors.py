"""From a tagged value to the function for its tag."""

from __future__ import annotations

from vigyc.runtime.builtins.output import error_msg
from vigyc.runtime.builtins.predicates import is_empty
from vigyc.runtime.builtins.strategies import chosen
from vigyc.runtime.calling import Function, spread
from vigyc.runtime.host import Host
from vigyc.runtime.lists import car, items
from vigyc.runtime.native import native


@native("make-visitor", 0, None, host=True)
def make_visitor(host: Host, /, *variants: object) -> Function:
    """A function of a value (tag argument...): the function for the tag, or else `:default`, gets the arguments."""
    known = list(variants)

    def closure(value: object, /) -> object:
        if is_empty(value):
            return None
        f = chosen(known, car(value))
        if f is None:
            return error_msg(host, "no visitor matched tag")
        return spread(f, items(value)[1:])

    return closure


@native("visit", 2)
def visit(visitor: Function, value: object, /) -> object:
    """What the function for the tag of `value` gives; without one a line is written, and the answer is nil."""
    return visitor(value)
