"""From definitions of objects to `define`: flows, state machines, actors, strategies, visitors, bus handlers."""

from __future__ import annotations

from vigyc.frontend.macros.call import Call, Malformed, symbol_of
from vigyc.lang.datum import Form, ListForm


def defflow(call: Call) -> Form:
    """`(defflow name function...)`: the functions one after another."""
    name, rest = _name(call)
    return call.special("define", name, call.apply("pipe", *rest))


def defsm(call: Call) -> Form:
    """`(defsm name key value...)`: a state machine."""
    name, rest = _name(call)
    return call.special("define", name, call.apply("make-sm", call.apply("sm-spec", *rest)))


def defactor(call: Call) -> Form:
    """`(defactor name state behavior)`: an actor."""
    call.require(3, 3)
    name, rest = _name(call)
    return call.special("define", name, call.apply("make-actor", *rest))


def defstrategy(call: Call) -> Form:
    """`(defstrategy name key function...)`: a choice of functions."""
    name, rest = _name(call)
    return call.special("define", name, call.apply("make-strategy", *rest))


def defvisitor(call: Call) -> Form:
    """`(defvisitor name tag function...)`: functions by tag."""
    name, rest = _name(call)
    return call.special("define", name, call.apply("make-visitor", *rest))


def defcommand(call: Call) -> Form:
    """`(defcommand bus name (param...) body...)`: a command of a bus."""
    return _register(call, "register-command!")


def defquery(call: Call) -> Form:
    """`(defquery bus name (param...) body...)`: a query of a bus."""
    return _register(call, "register-query!")


def _register(call: Call, function: str) -> Form:
    call.require(4)
    bus, name, *rest = call.operands
    if not isinstance(rest[0], ListForm):
        raise Malformed
    return call.apply(function, bus, name, call.special("lambda", *rest))


def _name(call: Call) -> tuple[Form, list[Form]]:
    call.require(1)
    name, *rest = call.operands
    symbol_of(name)
    return name, rest
