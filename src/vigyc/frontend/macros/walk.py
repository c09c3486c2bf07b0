"""From a form to its parts: the walk that knows which parts of a special form are code.

A handler gets a list form whose head has a meaning of its own and returns the form with its parts walked. Malformed
forms are walked as far as they can be understood. What does not change is returned as it is, not copied.

`scope` is the set of local names that hide a macro; other locals are of no interest here and not kept in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from vigyc.lang.datum import Atom, Form, ListForm, PrefixForm, Symbol, symbol

Scope = frozenset[Symbol]
Handler = Callable[[Any, ListForm, Scope], Form]

BEGIN, CATCH, DEFINE = symbol("begin"), symbol("catch"), symbol("define")
_LET, _LETREC = symbol("let"), symbol("letrec")


def head_symbol(form: Form) -> Symbol | None:
    """The symbol `form` begins with, if it is a list that begins with one."""
    if form.__class__ is ListForm:
        items: list[Form] = form.items
        if items and items[0].__class__ is Atom:
            value: object = items[0].value
            if value.__class__ is Symbol:
                return value
    return None


class Walk:
    """One walk; `heads` says what each head means, a list with any other head being a call."""

    heads: dict[object, Handler]

    def walk(self, form: Form, scope: Scope) -> Form:
        """`form` without macros; `scope` holds the local names that hide one."""
        if form.__class__ is ListForm:
            items: list[Form] = form.items
            if items and items[0].__class__ is Atom:
                handler = self.heads.get(items[0].value)
                if handler is not None:
                    return handler(self, form, scope)
            return self.parts(form, 0, scope)
        if form.__class__ is PrefixForm:
            return self.prefixed(form, scope)
        return form

    def parts(self, form: ListForm, first: int, scope: Scope) -> ListForm:
        """`form` with its items from `first` on expanded, the same object if none changes."""
        items = form.items
        changed: list[Form] | None = None
        for index in range(first, len(items)):
            item = items[index]
            if item.__class__ is Atom:
                continue
            new = self.walk(item, scope)
            if new is not item:
                if changed is None:
                    changed = items.copy()
                changed[index] = new
        return form if changed is None else ListForm(changed, form.start, form.end)

    def body(self, form: ListForm, first: int, scope: Scope) -> ListForm:
        """As `parts`, where a `define` hides a macro of its name from the forms after it."""
        items = form.items
        changed: list[Form] | None = None
        for index in range(first, len(items)):
            item = items[index]
            if item.__class__ is Atom:
                continue
            new = self.walk(item, scope)
            if new is not item:
                if changed is None:
                    changed = items.copy()
                changed[index] = new
            if head_symbol(new) is DEFINE:
                scope = self.hiding(scope, [new.items[1]] if len(new.items) > 1 else [])  # type: ignore[attr-defined]
        return form if changed is None else ListForm(changed, form.start, form.end)

    def hiding(self, scope: Scope, names: Iterable[Form]) -> Scope:
        """`scope` and those of `names` that are macros; `(name param...)` counts as its name."""
        for form in names:
            name = form.items[0] if form.__class__ is ListForm and form.items else form
            if name.__class__ is Atom and name.value in self.heads:
                scope |= {name.value}  # type: ignore[arg-type]
        return scope

    def prefixed(self, form: PrefixForm, scope: Scope) -> Form:
        """A quoted form as it is; a quasiquoted one with its unquoted parts expanded."""
        if form.kind == "quote":
            return form
        is_template = form.kind == "quasiquote"
        inner = self.template(form.form, 1, scope) if is_template else self.walk(form.form, scope)
        return form if inner is form.form else PrefixForm(form.kind, inner, form.start, form.end)

    def template(self, form: Form, level: int, scope: Scope) -> Form:
        """The inside of `level` quasiquotes (decision D21)."""
        if form.__class__ is ListForm:
            items: list[Form] = form.items
            changed: list[Form] | None = None
            for index, item in enumerate(items):
                new = item if item.__class__ is Atom else self.template(item, level, scope)
                if new is not item:
                    if changed is None:
                        changed = items.copy()
                    changed[index] = new
            return form if changed is None else ListForm(changed, form.start, form.end)
        if not isinstance(form, PrefixForm):
            return form
        if form.kind == "quote":
            inner = self.template(form.form, level, scope)
        elif form.kind == "quasiquote":
            inner = self.template(form.form, level + 1, scope)
        elif level > 1:
            inner = self.template(form.form, level - 1, scope)
        else:
            inner = self.walk(form.form, scope)
        return form if inner is form.form else PrefixForm(form.kind, inner, form.start, form.end)


def operands(walk: Walk, form: ListForm, scope: Scope) -> Form:
    """All operands are code."""
    return walk.parts(form, 1, scope)


def _nothing(_walk: Walk, form: ListForm, _scope: Scope) -> Form:
    return form


def _quasiquote(walk: Walk, form: ListForm, scope: Scope) -> Form:
    if len(form.items) != 2:
        return form
    head, inside = form.items
    new = walk.template(inside, 1, scope)
    return form if new is inside else ListForm([head, new], form.start, form.end)


def _cond(walk: Walk, form: ListForm, scope: Scope) -> Form:
    items = form.items
    changed: list[Form] | None = None
    for index in range(1, len(items)):
        clause = items[index]
        if not isinstance(clause, ListForm):
            continue
        new = walk.parts(clause, 0, scope)
        if new is not clause:
            if changed is None:
                changed = items.copy()
            changed[index] = new
    return form if changed is None else ListForm(changed, form.start, form.end)


def _let(walk: Walk, form: ListForm, scope: Scope) -> Form:
    """`let`, `let*`, `letrec`: the inits see none, the earlier or all of the names."""
    items = form.items
    if len(items) < 2 or not isinstance(items[1], ListForm):
        return walk.parts(form, 1, scope)
    bindings = items[1]
    kind = items[0].value  # type: ignore[attr-defined]
    inner = walk.hiding(scope, bindings.items)
    outer = inner if kind is _LETREC else scope
    changed: list[Form] | None = None
    for index, binding in enumerate(bindings.items):
        if not isinstance(binding, ListForm):
            continue
        new = walk.parts(binding, 1, outer)
        if new is not binding:
            if changed is None:
                changed = bindings.items.copy()
            changed[index] = new
        if kind is not _LET:
            outer = walk.hiding(outer, (binding,))
    if changed is not None:
        form = ListForm([items[0], ListForm(changed, bindings.start, bindings.end), *items[2:]], form.start, form.end)
    return walk.body(form, 2, inner)


def _lambda(walk: Walk, form: ListForm, scope: Scope) -> Form:
    params = form.items[1] if len(form.items) > 1 else form
    if not isinstance(params, ListForm) or params is form:
        return walk.parts(form, 1, scope)
    return walk.body(form, 2, walk.hiding(scope, params.items))


def _define(walk: Walk, form: ListForm, scope: Scope) -> Form:
    target = form.items[1] if len(form.items) > 1 else form
    if isinstance(target, ListForm) and target is not form:
        return walk.body(form, 2, walk.hiding(scope, target.items))
    return walk.parts(form, 2, scope)


def _try(walk: Walk, form: ListForm, scope: Scope) -> Form:
    handler = form.items[-1]
    if head_symbol(handler) is not CATCH or handler is form:
        return walk.parts(form, 1, scope)
    before = ListForm(form.items[:-1], form.start, form.end)
    walked = walk.parts(before, 1, scope)
    new = _catch(walk, handler, scope)  # type: ignore[arg-type]
    if walked is before and new is handler:
        return form
    return ListForm([*walked.items, new], form.start, form.end)


def _catch(walk: Walk, form: ListForm, scope: Scope) -> ListForm:
    binding = form.items[1] if len(form.items) > 1 else None
    if isinstance(binding, ListForm):
        scope = walk.hiding(scope, binding.items)
    return walk.body(form, 2, scope)


SHAPES: dict[object, Handler] = {
    **{symbol(name): _nothing for name in ("quote", "provide", "require")},
    **{
        symbol(name): operands
        for name in ("if", "when", "unless", "begin", "and", "or", "not", "set!", "delay", "eval")
    },
    **{symbol(name): operands for name in ("macroexpand", "macroexpand-1")},
    **{symbol(name): _let for name in ("let", "let*", "letrec")},
    symbol("quasiquote"): _quasiquote,
    symbol("cond"): _cond,
    symbol("lambda"): _lambda,
    symbol("define"): _define,
    symbol("try"): _try,
}
