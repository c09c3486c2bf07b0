"""From `require` and `provide` to IR: both are literal and stand at the top level alone."""

from __future__ import annotations

from vigyc.frontend.analyser import Analyser, Handler
from vigyc.frontend.forms.binding import define
from vigyc.lang import ir
from vigyc.lang.datum import Atom, Form, Keyword, ListForm, Symbol

_MISPLACED = (
    "module-system forms are only valid at top level — "
    "wrap your call in (eval (quote ...)) if you really need it dynamic"
)


def misplaced(a: Analyser, form: ListForm, tail: bool) -> ir.Node:
    """`require` or `provide` below the top level."""
    return a.malformed(form.items[0].value.name, _MISPLACED, form)  # type: ignore[attr-defined]


def analyse_provide(a: Analyser, form: ListForm) -> ir.Node:
    """`(provide name...)`, in a module."""
    if not a.is_module:
        reason = "`provide` only valid at module top level — embedder evaluating top-level code has no current module"
        return a.malformed("provide", reason, form)
    for item in form.items[1:]:
        if not (isinstance(item, Atom) and isinstance(item.value, Symbol)):
            reason = "expected symbol — every arg must name a binding to export"
            return a.malformed("provide", reason, item)
    a.provided += [(item.value.name, item) for item in form.items[1:]]  # type: ignore[attr-defined]
    return ir.Const(None, form.start, form.end)


def analyse_require(a: Analyser, form: ListForm) -> ir.Node:
    """`(require "path" :as alias :refer (name...))`."""
    read = _read_require(a, form)
    if isinstance(read, ir.Node):
        return read
    path, alias, refers = read
    assert a.link is not None
    link = a.link(path)
    if path not in a.requires:
        a.requires.append(path)
    if link.failure is not None:
        a.find("failing-require", link.failure, form)
        return ir.Require(path, [], [], link.failure, form.start, form.end)
    exports = [(name, _imported(a, f"{alias}/{name}", form)) for name in link.exports]
    failure = None
    bare: list[tuple[str, ir.Var]] = []
    for name in refers:
        if name not in link.exports:
            known = name in link.defined
            tag, verb = ("not-exported", "export") if known else ("not-defined", "define")
            failure = (tag, f"{path} does not {verb} {name}")
            a.find("failing-require", failure, form)
            break
        bare.append((name, _imported(a, name, form)))
    node = ir.Require(path, exports, bare, failure, form.start, form.end)
    node.late = True
    return node


def _imported(a: Analyser, name: str, form: Form) -> ir.Var:
    assign = define(a, name, ir.Const(None, form.start, form.end), form)
    assert isinstance(assign, ir.Assign)
    assign.var.sets += 1  # its value is not known here
    return assign.var


def _read_require(a: Analyser, form: ListForm) -> tuple[str, str, list[str]] | ir.Node:
    items = form.items
    if len(items) < 2:
        return a.malformed("require", 'expected (require "path" [:as alias] [:refer (...)])', form)
    path = items[1]
    if not (isinstance(path, Atom) and isinstance(path.value, str)):
        return a.malformed("require", "first arg must be a string path", path)
    alias, refers = path.value, []
    for index in range(2, len(items), 2):
        option = items[index]
        if not (isinstance(option, Atom) and isinstance(option.value, Keyword)):
            return a.malformed("require", "expected keyword (:as / :refer) after path", option)
        if index + 1 >= len(items):
            return a.malformed("require", "keyword without value", option)
        value = items[index + 1]
        if option.value.name == "as":
            if not (isinstance(value, Atom) and isinstance(value.value, Symbol)):
                return a.malformed("require", ":as needs a symbol alias", value)
            alias = value.value.name
        elif option.value.name == "refer":
            if not isinstance(value, ListForm):
                return a.malformed("require", ":refer needs a parenthesized list of symbols", value)
            for item in value.items:
                if not (isinstance(item, Atom) and isinstance(item.value, Symbol)):
                    return a.malformed("require", ":refer list must contain symbols only", item)
            refers = [item.value.name for item in value.items]  # type: ignore[attr-defined]
        else:
            return a.malformed("require", f"unknown require option :{option.value.name}", option)
    return path.value, alias, refers


HANDLERS: dict[str, Handler] = {"require": misplaced, "provide": misplaced}
