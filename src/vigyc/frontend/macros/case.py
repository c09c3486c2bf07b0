"""From literals to tests: `case`, which becomes a `cond` of `equal?`."""

from __future__ import annotations

from vigyc.frontend.macros.call import Call, Malformed, elements, is_symbol
from vigyc.lang.datum import Form


def case(call: Call) -> Form:
    """`(case key clause...)` with clauses `((literal...) body...)`, `(literal body...)` and `(else body...)`."""
    call.require(1)
    key = call.fresh("case key")
    clauses = [clause for operand in call.operands[1:] for clause in _clause(call, key, operand)]
    return call.special("let", call.form(call.form(key, call.operands[0])), call.special("cond", *clauses))


def _clause(call: Call, key: Form, clause: Form) -> list[Form]:
    """The `cond` clause; none for an empty list of literals, which nothing matches."""
    parts = elements(clause)
    if not parts:
        raise Malformed
    head, *body = parts
    if is_symbol(head, "else"):
        return [call.form(head, *body)]
    several = elements(head)
    literals = [head] if several is None else several
    tests = [call.apply("equal?", key, call.quote(literal)) for literal in literals]
    if not tests:
        return []
    return [call.form(tests[0] if len(tests) == 1 else call.special("or", *tests), *body)]
