"""From `if cond when unless begin and or not` to IR: the forms that decide what is evaluated.

Definitions made in a branch count as set only inside it.
"""

from __future__ import annotations

from vigyc.frontend.analyser import Analyser, Handler
from vigyc.lang import ir
from vigyc.lang.datum import Atom, Form, ListForm, Symbol


def analyse_if(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(if test then else?)`."""
    items = form.items
    if len(items) not in (3, 4):
        return a.malformed("if", f"expected (if c t [e]), got {len(items)} subforms", form)
    test = a.analyse(items[1])
    mark = len(a.frame.journal)
    then = a.analyse(items[2], tail)
    in_then = a.frame.unset_since(mark)
    other: ir.Node = ir.Const(None, form.start, form.end)
    if len(items) == 4:
        other = a.analyse(items[3], tail)
        in_other = a.frame.unset_since(mark)
        for name in in_then:
            if name in in_other:
                a.frame.mark_set(name)
    return ir.If(test, then, other, form.start, form.end)


def analyse_cond(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(cond (test body...)...)`: a clause without a body gives nil."""
    mark = len(a.frame.journal)
    clauses: list[tuple[ir.Node, ir.Node, Form]] = []
    end: ir.Node = ir.Const(None, form.start, form.end)
    for clause in form.items[1:]:
        if not isinstance(clause, ListForm):
            end = a.malformed("cond", "clause must be a list", clause)
            break
        if not clause.items:
            end = a.malformed("cond", "empty clause", clause)
            break
        test = clause.items[0]
        if isinstance(test, Atom) and isinstance(test.value, Symbol) and test.value.name == "else":
            end = a.body(clause.items[1:], tail, clause.start, clause.end)
            break
        decided = a.analyse(test)
        inner = len(a.frame.journal)
        clauses.append((decided, a.body(clause.items[1:], tail, clause.start, clause.end), clause))
        a.frame.unset_since(inner)
    a.frame.unset_since(mark)
    for decided, body, clause in reversed(clauses):
        end = ir.If(decided, body, end, clause.start, form.end)
    return end


def analyse_when(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(when test body...)` and `(unless test body...)`."""
    name = form.items[0].value.name  # type: ignore[attr-defined]
    if len(form.items) < 2:
        return a.malformed(name, "need a test", form)
    test = a.analyse(form.items[1])
    mark = len(a.frame.journal)
    body = a.body(form.items[2:], tail, form.start, form.end)
    a.frame.unset_since(mark)
    nil = ir.Const(None, form.start, form.end)
    if name == "when":
        return ir.If(test, body, nil, form.start, form.end)
    return ir.If(test, nil, body, form.start, form.end)


def analyse_begin(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(begin body...)`: no frame of its own."""
    return a.body(form.items[1:], tail, form.start, form.end)


def _analyse_chain(a: Analyser, form: ListForm, tail: bool) -> list[ir.Node]:
    items: list[ir.Node] = []
    mark = len(a.frame.journal)
    last = len(form.items) - 1
    for index in range(1, last + 1):
        items.append(a.analyse(form.items[index], tail and index == last))
        if index == 1:
            mark = len(a.frame.journal)
    a.frame.unset_since(mark)
    return items


def analyse_and(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(and expr...)`."""
    items = _analyse_chain(a, form, tail)
    if len(items) < 2:
        return items[0] if items else ir.Const(True, form.start, form.end)
    return ir.And(items, form.start, form.end)


def analyse_or(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(or expr...)`."""
    items = _analyse_chain(a, form, tail)
    if len(items) < 2:
        return items[0] if items else ir.Const(False, form.start, form.end)
    return ir.Or(items, form.start, form.end)


def analyse_not(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(not expr)`."""
    if len(form.items) != 2:
        return a.malformed("not", "expected (not x)", form)
    return ir.Not(a.analyse(form.items[1]), form.start, form.end)


HANDLERS: dict[str, Handler] = {
    "if": analyse_if,
    "cond": analyse_cond,
    "when": analyse_when,
    "unless": analyse_when,
    "begin": analyse_begin,
    "and": analyse_and,
    "or": analyse_or,
    "not": analyse_not,
}
