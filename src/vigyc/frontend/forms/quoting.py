"""From `quote` and `quasiquote` to IR: constants, and lists built from templates.

Nested quasiquotes count levels as in Scheme (decision D21); an unquote belongs to the level it brings to zero.
"""

from __future__ import annotations

from vigyc.frontend.analyser import Analyser, Handler
from vigyc.lang import ir
from vigyc.lang.datum import Form, ListForm, PrefixForm, symbol


def analyse_quote(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(quote datum)`."""
    if len(form.items) != 2:
        return a.malformed("quote", f"expected 1 arg, got {len(form.items) - 1}", form)
    return a.quoted(form.items[1], form.start, form.end)


def analyse_quasiquote(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`(quasiquote template)`."""
    if len(form.items) != 2:
        return a.malformed("quasiquote", f"expected 1 arg, got {len(form.items) - 1}", form)
    return _template(a, form.items[1], 1)


def _template(a: Analyser, form: Form, level: int) -> ir.Node:
    if _is_static(form):
        return a.quoted(form, form.start, form.end)
    if isinstance(form, PrefixForm):
        return _prefix(a, form, level)
    assert isinstance(form, ListForm)
    if not form.items:
        return ir.Const(None, form.start, form.end)
    return ir.Quasi([_element(a, item, level) for item in form.items], form.start, form.end)


def _is_static(form: Form) -> bool:
    """Whether a template is what `quote` would give: nothing is filled in, and no empty list becomes nil."""
    stack = [form]
    while stack:
        current = stack.pop()
        if isinstance(current, PrefixForm):
            if current.kind.startswith("unquote"):
                return False
            stack.append(current.form)
        elif isinstance(current, ListForm):
            if not current.items:
                return False
            stack += current.items
    return True


def _element(a: Analyser, form: Form, level: int) -> ir.Node:
    if level == 1 and isinstance(form, PrefixForm) and form.kind == "unquote-splice":
        return ir.Splice(a.analyse(form.form), form.start, form.end)
    return _template(a, form, level)


def _prefix(a: Analyser, form: PrefixForm, level: int) -> ir.Node:
    if form.kind == "unquote" and level == 1:
        return a.analyse(form.form)
    if form.kind == "unquote-splice" and level == 1:
        return a.malformed("unquote-splice", "`,@` only valid directly inside a list", form)
    inner = level + (form.kind == "quasiquote") - form.kind.startswith("unquote")
    head = ir.Const(symbol(form.kind), form.start, form.end)
    return ir.Quasi([head, _element(a, form.form, inner)], form.start, form.end)


HANDLERS: dict[str, Handler] = {"quote": analyse_quote, "quasiquote": analyse_quasiquote}
