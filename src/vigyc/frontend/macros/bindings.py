"""From a tested or generated name to `let`: `when-let`, `if-let`, `unless-let`, `with-gensyms`."""

from __future__ import annotations

from vigyc.frontend.macros.call import Call, Malformed, symbol_of
from vigyc.lang.datum import Form, ListForm


def when_let(call: Call) -> Form:
    """`(when-let (name expr) body...)`: the body if the value is truthy."""
    call.require(1)
    name, value = call.pair(call.operands[0])
    return _let(call, name, value, call.special("when", name, *call.operands[1:]))


def unless_let(call: Call) -> Form:
    """`(unless-let (name expr) body...)`: the body if the value is falsy."""
    call.require(1)
    name, value = call.pair(call.operands[0])
    return _let(call, name, value, call.special("unless", name, *call.operands[1:]))


def if_let(call: Call) -> Form:
    """`(if-let (name expr) then else)`: the name is visible in both branches."""
    call.require(3, 3)
    name, value = call.pair(call.operands[0])
    return _let(call, name, value, call.special("if", name, *call.operands[1:]))


def with_gensyms(call: Call) -> Form:
    """`(with-gensyms (name...) body...)`: each name is bound to a fresh symbol of that prefix."""
    call.require(2)
    names, *body = call.operands
    if not isinstance(names, ListForm):
        raise Malformed
    bindings = [call.form(name, call.apply("gensym", call.atom(symbol_of(name).name))) for name in names.items]
    return call.special("let", call.form(*bindings), *body)


def _let(call: Call, name: Form, value: Form, body: Form) -> Form:
    return call.special("let", call.form(call.form(name, value)), body)
