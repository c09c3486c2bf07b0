"""From string builtins to Python: concatenation in place, bounded in length."""

from __future__ import annotations

import ast

from vigyc.codegen import types as t
from vigyc.codegen.generator import Generator
from vigyc.lang import ir
from vigyc.lang.walk import called


def is_short(g: Generator, node: ir.Node) -> bool:
    """Whether the string `node` gives is short whatever happens: a literal, a number's text."""
    if isinstance(node, ir.Const):
        return True
    if isinstance(node, ir.If):
        return is_short(g, node.then) and is_short(g, node.other)
    if isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin) and node.fn.name in ("string", "number->string"):
        return len(node.args) == 1 and g.type_of(node.args[0]).only(t.NUMBER)
    return False


def append(g: Generator, node: ir.Call) -> ast.expr | None:
    """`string-append` of strings, of which at most a few can be long."""
    args = node.args
    long = [arg for arg in args if not is_short(g, arg)]
    if not args or len(long) > 4 or not all(g.type_of(arg).only(t.STR) for arg in args):
        return None
    if len(args) == 1:
        return g.expr(args[0])
    if len(long) > 1:
        held = g.walrus(g.temporary(), joined(g, args))
        test = g.compare("<=", g.call("len", held), g.name("MAX_TEXT"))
        return g.choose(test, g.again(held), g.call("text_overflow", g.constant("string-append")))
    return joined(g, args)


def joined(g: Generator, args: list[ir.Node]) -> ast.expr:
    """The strings in one: an f-string, which CPython builds in one go."""
    if len(args) == 1 and not isinstance(args[0], ir.Call):
        return g.expr(args[0])
    if len(args) == 2 and all(isinstance(arg, (ir.Ref, ir.Const)) for arg in args):
        return g.binary("+", g.expr(args[0]), g.expr(args[1]))
    parts: list[ast.expr] = []
    for arg in args:
        value = _part(g, arg)
        if isinstance(value, ast.Constant) and parts and isinstance(parts[-1], ast.Constant):
            parts[-1] = g.constant(str(parts[-1].value) + str(value.value))
        else:
            parts.append(value)
    return g.place(ast.JoinedStr(parts))


def _part(g: Generator, node: ir.Node) -> ast.expr:
    if isinstance(node, ir.Const):
        return g.constant(node.value)
    if called(node, "string", 1) and g.type_of(node.args[0]).only(t.INT):
        return g.place(ast.FormattedValue(g.expr(node.args[0]), -1, None))
    return g.place(ast.FormattedValue(g.expr(node), -1, None))


def to_string(g: Generator, node: ir.Call) -> ast.expr | None:
    """`string` of an integer or a string."""
    type_ = g.type_of(node.args[0])
    if type_.only(t.STR):
        return g.expr(node.args[0])
    if type_.only(t.INT):
        return g.call("str", g.expr(node.args[0]))
    if not type_.may(t.INT):
        return None
    value = g.simple(node.args[0])
    slow = g.call(g.ident("string"), g.again(value))
    return g.choose(g.class_is(value, "int"), g.call("str", g.again(value)), slow)


def length(g: Generator, node: ir.Call) -> ast.expr | None:
    """`string-length` of a string."""
    return g.call("len", g.expr(node.args[0])) if g.type_of(node.args[0]).only(t.STR) else None


INLINE = {"string-append": append, "string": to_string, "string-length": length}
