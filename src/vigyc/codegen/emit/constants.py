"""From `Const Datum Quasi Builtin Fail` to Python: what is known when the program is compiled.

Symbols, keywords and quoted lists are made once, at load; a quoted list's row is flat, however deep it nests.
"""

from __future__ import annotations

import ast
import math

from vigyc.codegen.generator import Generator
from vigyc.lang import ir
from vigyc.lang.datum import Keyword, Symbol
from vigyc.lang.names import identifier


def expr_const(g: Generator, node: ir.Const) -> ast.expr:
    """A constant."""
    value = node.value
    if isinstance(value, Keyword):
        name = value.name
        ident = f"kw_{identifier(name)}"
        return g.hoisted_constant(("keyword", name), ident, lambda: g.call("keyword", g.constant(name)))
    if isinstance(value, Symbol):
        name = value.name
        ident = f"sym_{identifier(name)}"
        return g.hoisted_constant(("symbol", name), ident, lambda: g.call("symbol", g.constant(name)))
    if isinstance(value, float) and (not math.isfinite(value)):
        text = str(value)
        return g.hoisted_constant(("float", text), "float_" + text.strip("-"), lambda: _float(g, text))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and str(value).startswith("-"):
        return g.negative(g.constant(-value))
    return g.constant(value)


def _float(g: Generator, text: str) -> ast.expr:
    return g.call("float", g.constant(text))


def expr_datum(g: Generator, node: ir.Datum) -> ast.expr:
    """A quoted list."""
    row = g.tuple_of([_row_item(g, item) for item in node.flat])
    return g.hoisted_constant(("datum", id(node)), "quoted", lambda: g.call("datum", row))


def _row_item(g: Generator, item: object) -> ast.expr:
    if isinstance(item, tuple):
        return g.tuple_of([g.constant(part) for part in item])
    return g.constant(item)


def expr_quasi(g: Generator, node: ir.Quasi) -> ast.expr:
    """A list from a template; nil when it comes out empty."""
    values = g.exprs([item.value if isinstance(item, ir.Splice) else item for item in node.items])
    parts: list[ast.expr] = []
    for item, value in zip(node.items, values, strict=True):
        parts.append(_spliced(g, item, value) if isinstance(item, ir.Splice) else value)
    made = g.list_of(parts)
    if all(isinstance(item, ir.Splice) for item in node.items):
        return g.any_of([made, g.constant(None)])
    return made


def _spliced(g: Generator, item: ir.Splice, value: ast.expr) -> ast.expr:
    around, g.here = g.here, g.locator.position(item.start, item.end)
    result = g.place(ast.Starred(g.call("items", value), ast.Load()))
    g.here = around
    return result


def expr_builtin(g: Generator, node: ir.Builtin) -> ast.expr:
    """A library function as a value; one that needs the host is bound to it."""
    ident = g.ident(node.name)
    if g.signatures[node.name].host:
        return g.call("bind", g.name("host"), g.constant(node.name), g.name(ident))
    return g.name(ident)


def expr_fail(g: Generator, node: ir.Fail) -> ast.expr:
    """An error."""
    return g.call("fail", g.constant(node.kind), *[g.constant(arg) for arg in node.args])


EXPRESSIONS = {
    ir.Const: expr_const,
    ir.Datum: expr_datum,
    ir.Quasi: expr_quasi,
    ir.Builtin: expr_builtin,
    ir.Fail: expr_fail,
}
