"""From promises to checks: `assert` and `defn-typed`."""

from __future__ import annotations

from vigyc.frontend.macros.call import Call, Malformed, is_symbol, symbol_of
from vigyc.lang.datum import Form, ListForm


def assert_that(call: Call) -> Form:
    """`(assert test message)`: throws an `ex-info` of the message unless the test is truthy."""
    call.require(2, 2)
    test, message = call.operands
    return call.special("if", test, call.atom(None), call.apply("throw", call.apply("ex-info", message)))


def defn_typed(call: Call) -> Form:
    """`(defn-typed name ((param type)...) -> type body...)`: checks each argument, then the result."""
    call.require(4)
    name, params, arrow, result, *body = call.operands
    symbol_of(name)
    if not isinstance(params, ListForm) or not is_symbol(arrow, "->"):
        raise Malformed
    pairs = [call.pair(param) for param in params.items]
    checks = [call.apply("the", kind, param) for param, kind in pairs]
    value = call.apply("the", result, body[0] if len(body) == 1 else call.special("begin", *body))
    return call.special("define", call.form(name, *(param for param, _ in pairs)), *checks, value)
