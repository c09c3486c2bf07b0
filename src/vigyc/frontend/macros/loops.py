"""From loops to calls: `dotimes`, `dolist`, `doseq` over `for-each`, and `while` over a function that calls itself."""

from __future__ import annotations

from vigyc.frontend.macros.call import Call
from vigyc.lang.datum import Form


def dotimes(call: Call) -> Form:
    """`(dotimes (name count) body...)`: the body with the name bound to 0, 1, ... in turn."""
    call.require(2)
    name, count = call.pair(call.operands[0])
    return _for_each(call, name, call.apply("range", count))


def dolist(call: Call) -> Form:
    """`(dolist (name list) body...)`: the body with the name bound to each element in turn."""
    call.require(2)
    name, items = call.pair(call.operands[0])
    return _for_each(call, name, items)


def while_loop(call: Call) -> Form:
    """`(while test body...)`: nil when the test fails.

    Names defined in the body are new in each round and not seen by the test; only then is a function made for it.
    """
    call.require(1)
    test, *body = call.operands
    loop = call.fresh("while")
    if call.may_define(body):
        body = [call.form(call.special("lambda", call.form(), *body))]
    again = call.form(loop)
    round_ = call.special("if", test, call.special("begin", *body, again) if body else again, call.atom(None))
    function = call.special("lambda", call.form(), round_)
    return call.special("letrec", call.form(call.form(loop, function)), call.form(loop))


def _for_each(call: Call, name: Form, items: Form) -> Form:
    function = call.special("lambda", call.form(name), *call.operands[1:])
    return call.apply("for-each", function, items)
