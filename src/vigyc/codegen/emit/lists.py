"""From list builtins to Python: subscripts where the representation is known, the runtime's functions where not."""

from __future__ import annotations

import ast

from vigyc.codegen import types as t
from vigyc.codegen.generator import Generator
from vigyc.lang import ir


def car(g: Generator, node: ir.Call) -> ast.expr | None:
    """`car` and `first`: pairs and arrays both begin with it."""
    type_ = g.type_of(node.args[0])
    value = g.simple(node.args[0])
    if type_.only(t.ARRAY | t.CELL):
        return g.item(value.value if isinstance(value, ast.NamedExpr) else value, g.constant(0))
    if not type_.may(t.CELL):
        return g.call("car", value.value if isinstance(value, ast.NamedExpr) else value)
    fast = g.item(g.again(value), g.constant(0))
    return g.choose(g.class_is(value, "tuple"), fast, g.call("car", g.again(value)))


def cdr(g: Generator, node: ir.Call) -> ast.expr | None:
    """`cdr` and `rest`: of a pair its tail."""
    type_ = g.type_of(node.args[0])
    if type_.only(t.CELL):
        return g.item(g.expr(node.args[0]), g.constant(1))
    if not type_.may(t.CELL):
        return g.call("cdr", g.expr(node.args[0]))
    value = g.simple(node.args[0])
    fast = g.item(g.again(value), g.constant(1))
    return g.choose(g.class_is(value, "tuple"), fast, g.call("cdr", g.again(value)))


def cons(g: Generator, node: ir.Call) -> ast.expr | None:
    """`cons` onto what is known to be a list: a pair, whose tail is never an empty list."""
    head, tail = node.args
    type_ = g.type_of(tail)
    if not type_.only(t.ANY_LIST):
        return None
    if type_.only(t.NIL | t.EMPTY) and g.is_quiet(tail):
        if isinstance(head, ir.Const):
            return None  # Python would share one constant pair
        return g.tuple_of([g.expr(head), g.constant(None)])
    first, rest = g.expr(head), g.expr(tail)
    if type_.may(t.EMPTY):
        rest = g.any_of([rest, g.constant(None)])
    return g.tuple_of([first, rest])


def make_list(g: Generator, node: ir.Call) -> ast.expr | None:
    """`list`."""
    return g.list_of([g.expr(arg) for arg in node.args])


def length(g: Generator, node: ir.Call) -> ast.expr | None:
    """`length` of a Python list."""
    if g.type_of(node.args[0]).only(t.EMPTY | t.ARRAY):
        return g.call("len", g.expr(node.args[0]))
    return None


def nth(g: Generator, node: ir.Call) -> ast.expr | None:
    """`(nth k xs)` with a known place in an array that has it."""
    index, xs = node.args
    at = index.value if isinstance(index, ir.Const) else None
    if at.__class__ is not int or at < 0 or not isinstance(xs, ir.Ref):
        return None
    value = g.expr(xs)
    if not isinstance(value, ast.Name):
        return None
    long_enough = g.compare(">", g.call("len", g.again(value)), g.constant(at))
    fast = g.all_of([g.class_is(value, "list"), long_enough])
    return g.choose(fast, g.item(g.again(value), g.constant(at)), g.call("nth", g.constant(at), g.again(value)))


INLINE = {
    "nth": nth,
    "car": car,
    "first": car,
    "cdr": cdr,
    "rest": cdr,
    "cons": cons,
    "list": make_list,
    "length": length,
}
