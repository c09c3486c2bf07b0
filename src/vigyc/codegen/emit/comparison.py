"""From comparisons and predicates to Python tests: real booleans, strict about kinds."""

from __future__ import annotations

import ast

from vigyc.codegen import types as t
from vigyc.codegen.emit.guarding import guard
from vigyc.codegen.generator import Generator
from vigyc.codegen.types import Type
from vigyc.lang import ir
from vigyc.lang.datum import Keyword, Symbol

_OPERATORS = {"=": ("==", "num_eq"), "<": ("<", "lt"), ">": (">", "gt"), "<=": ("<=", "le"), ">=": (">=", "ge")}
_SIGNS = {"zero?": "=", "positive?": ">", "negative?": "<"}


def compare(g: Generator, node: ir.Call) -> ast.expr | None:
    """`= < > <= >=` of two operands."""
    assert isinstance(node.fn, ir.Builtin)
    if len(node.args) != 2:
        return None
    return _compare(g, node.fn.name, node.args[0], node.args[1])


def sign(g: Generator, node: ir.Call) -> ast.expr | None:
    """`zero? positive? negative?`."""
    assert isinstance(node.fn, ir.Builtin)
    zero = ir.Const(0, node.start, node.end)
    zero.type = t.of_constant(0)
    return _compare(g, _SIGNS[node.fn.name], node.args[0], zero)


def _compare(g: Generator, name: str, left: ir.Node, right: ir.Node) -> ast.expr:
    op, slow = _OPERATORS[name]
    left_type, right_type = g.type_of(left), g.type_of(right)
    if left_type.only(t.INT) and right_type.only(t.INT):
        return g.compare(op, g.expr(left), g.expr(right))
    if left_type.only(t.FLOAT) and right_type.only(t.FLOAT):
        return g.compare(op, g.expr(left), g.expr(right))
    if (_small(left_type) and right_type.only(t.FLOAT)) or (left_type.only(t.FLOAT) and _small(right_type)):
        return g.compare(op, g.expr(left), g.expr(right))
    if not (left_type.may(t.INT) and right_type.may(t.INT)):
        return g.call(slow, g.expr(left), g.expr(right))
    case = guard(g, left, right)
    if case.tests is None:
        return g.call(slow, case.left, case.right)
    fast = g.compare(op, case.left, case.right)
    return g.choose(g.all_of(case.tests), fast, g.call(slow, g.again(case.left), g.again(case.right)))


def _small(type_: Type) -> bool:
    """Integers that a float holds exactly, so that Python's exact comparison is the language's."""
    return type_.only(t.INT) and type_.lo >= -(2**53) and type_.hi <= 2**53


def equal(g: Generator, node: ir.Call) -> ast.expr | None:
    """`equal?` and `eq?` where one side settles how: identity, or Python's `==` of one kind."""
    left, right = node.args
    left_type, right_type = g.type_of(left), g.type_of(right)
    for constant, other in ((right, left), (left, right)):
        if isinstance(constant, ir.Const):
            found = _equal_constant(g, constant, other, constant is right)
            if found is not None:
                return found
    for kind in (t.INT, t.STR, t.FLOAT):
        if left_type.only(kind) and right_type.only(kind):
            return g.compare("==", g.expr(left), g.expr(right))
    identity = t.SYM | t.KEYWORD | t.BOOL | t.NIL
    if left_type.only(identity) and right_type.only(identity):
        return g.compare("is", g.expr(left), g.expr(right))
    assert isinstance(node.fn, ir.Builtin)
    if node.fn.name == "eq?":
        return None
    return g.call("equal", g.expr(left), g.expr(right))


def _equal_constant(g: Generator, constant: ir.Const, other: ir.Node, on_right: bool) -> ast.expr | None:
    value = constant.value
    if value is None or isinstance(value, (bool, Symbol, Keyword)):
        pair = (g.expr(other), g.expr(constant)) if on_right else (g.expr(constant), g.expr(other))
        return g.compare("is", *pair)
    type_ = g.type_of(other)
    if isinstance(value, str):
        # Nothing but a string is equal to a string, in Python either.
        return g.compare("==", g.expr(other), g.expr(constant))
    if isinstance(value, int) and not type_.may(t.BOOL | t.FLOAT):
        return g.compare("==", g.expr(other), g.expr(constant))
    return None


def not_equal(g: Generator, node: ir.Call) -> ast.expr | None:
    """`not=`."""
    found = equal(g, ir.Call(ir.Builtin("equal?", node.start, node.end), node.args, node.start, node.end))
    return None if found is None else g.negation(found)


def null(g: Generator, node: ir.Call) -> ast.expr | None:
    """`null?` and `empty?`."""
    type_ = g.type_of(node.args[0])
    value = g.expr(node.args[0])
    if type_.only(t.ANY_LIST | t.SYM | t.KEYWORD | t.FUNCTION):
        return g.negation(value)
    if not type_.may(t.EMPTY):
        return g.compare("is", value, g.constant(None))
    return None if not isinstance(value, ast.Name) else _null_of_name(g, value)


def _null_of_name(g: Generator, value: ast.expr) -> ast.expr:
    empty = g.all_of([g.class_is(g.again(value), "list"), g.negation(g.again(value))])
    return g.any_of([g.compare("is", value, g.constant(None)), empty])


def not_null(g: Generator, node: ir.Call) -> ast.expr | None:
    """`some?` and `not-empty?`."""
    found = null(g, node)
    return None if found is None else g.negation(found)


_CLASSES = {
    "string?": "str",
    "integer?": "int",
    "boolean?": "bool",
}


def of_class(g: Generator, node: ir.Call) -> ast.expr | None:
    """Predicates that ask for one Python class."""
    assert isinstance(node.fn, ir.Builtin)
    return g.class_is(g.expr(node.args[0]), _CLASSES[node.fn.name])


def parity(g: Generator, node: ir.Call) -> ast.expr | None:
    """`even? odd?` of an integer."""
    assert isinstance(node.fn, ir.Builtin)
    if not g.type_of(node.args[0]).only(t.INT):
        return None
    rest = g.binary("%", g.expr(node.args[0]), g.constant(2))
    return g.compare("==" if node.fn.name == "even?" else "!=", rest, g.constant(0))


INLINE = {
    **dict.fromkeys(_OPERATORS, compare),
    **dict.fromkeys(_SIGNS, sign),
    **dict.fromkeys(_CLASSES, of_class),
    "equal?": equal,
    "eq?": equal,
    "not=": not_equal,
    "null?": null,
    "empty?": null,
    "some?": not_null,
    "not-empty?": not_null,
    "even?": parity,
    "odd?": parity,
}
