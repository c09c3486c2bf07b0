"""From arithmetic to Python operators: checked where a check can fail, once for a whole expression.

Operands proven to be integers are computed without bounds and checked once at the root, if the interval says that the
result can leave 64 bits (decision D1). Of unknown operands the integer case stands in place, everything else is
`add`, `sub`, ... of the runtime, which know floats and errors.
"""

from __future__ import annotations

import ast

from vigyc.codegen import types as t
from vigyc.codegen.builtin_types import arithmetic, interval
from vigyc.codegen.emit.guarding import guard
from vigyc.codegen.generator import Generator
from vigyc.codegen.types import Type
from vigyc.lang import ir

MAX_NESTED = 32  # operands of one Python expression
_RING = {"+": "add", "-": "sub", "*": "mul"}


def _ring_operands(node: ir.Node) -> tuple[str, list[ir.Node]] | None:
    """The operator and operands of a call of `+ - * inc dec`, if `node` is one."""
    if not (isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin) and node.args):
        return None
    name = node.fn.name
    if name in _RING:
        return name, node.args
    if name in ("inc", "dec") and len(node.args) == 1:
        one = ir.Const(1, node.start, node.end)
        one.type = t.of_constant(1)
        return "+" if name == "inc" else "-", [node.args[0], one]
    return None


def ring(g: Generator, node: ir.Call) -> ast.expr | None:
    """`+ - * inc dec`."""
    found = _ring_operands(node)
    if found is None:
        return None
    op, args = found
    if len(args) > MAX_NESTED:
        return None
    types = [g.type_of(arg) for arg in args]
    if all(type_.only(t.INT) for type_ in types):
        value, lo, hi = _integers(g, node)
        return checked(g, value, lo, hi, op if op in _RING else "+")
    if all(type_.only(t.INT) or type_.only(t.FLOAT) for type_ in types):
        floats = any(type_.only(t.FLOAT) for type_ in types[:2])
        if floats:
            return _floats(g, op, args)
    if len(args) == 1:
        return None
    return _unknown(g, op, args, node)


def _integers(g: Generator, node: ir.Node) -> tuple[ast.expr, int, int]:
    """An unbounded integer expression and its exact interval."""
    found = _ring_operands(node)
    if found is None or not all(g.type_of(arg).only(t.INT) for arg in found[1]):
        type_ = g.type_of(node)
        return g.expr(node), type_.lo, type_.hi
    op, args = found
    around, g.here = g.here, g.locator.position(node.start, node.end)
    value, lo, hi = _integers(g, args[0])
    if len(args) == 1 and op == "-":
        value, lo, hi = g.negative(value), -hi, -lo
    for arg in args[1:]:
        right, right_lo, right_hi = _integers(g, arg)
        lo, hi = interval(op, Type(t.INT, lo, hi), Type(t.INT, right_lo, right_hi))
        value = g.binary(op, value, right)
    g.here = around
    return value, lo, hi


def checked(g: Generator, value: ast.expr, lo: int, hi: int, op: str) -> ast.expr:
    """`value` if it fits 64 bits, else the error; only the sides that can be left are tested."""
    below, above = lo < t.INT_MIN, hi > t.INT_MAX
    if not below and not above:
        return value
    held = g.walrus(g.temporary(), value)
    if below and above:
        test = g.within(g.name("INT_MIN"), held, g.name("INT_MAX"))
    elif above:
        test = g.compare("<=", held, g.name("INT_MAX"))
    else:
        test = g.compare(">=", held, g.name("INT_MIN"))
    return g.choose(test, g.again(held), g.call("overflow", g.constant(op)))


def _floats(g: Generator, op: str, args: list[ir.Node]) -> ast.expr:
    value = g.expr(args[0])
    if len(args) == 1 and op == "-":
        return g.negative(value)
    for arg in args[1:]:
        value = g.binary(op, value, g.expr(arg))
    return value


def _unknown(g: Generator, op: str, args: list[ir.Node], node: ir.Call) -> ast.expr:
    """The integer case in place, anything else by call; from left to right."""
    left, right = args[0], args[-1]
    if not all(g.is_stable(arg) for arg in args[2:]):
        # The language evaluates every operand before it judges the first.
        return g.call(g.ident(op), *[g.expr(arg) for arg in args])
    if len(args) > 2:
        left = ir.Call(ir.Builtin(op, node.start, node.end), args[:-1], node.start, node.end)
        left.type = arithmetic(op, [g.type_of(arg) for arg in args[:-1]])
    slow = _RING[op]
    if op == "*" or not (g.type_of(left).may(t.INT) and g.type_of(right).may(t.INT)):
        return g.call(slow, g.expr(left), g.expr(right))
    case = guard(g, left, right)
    if case.tests is None:
        return g.call(slow, case.left, case.right)
    held = g.walrus(g.temporary(), g.binary(op, case.left, case.right))
    tests = [*case.tests, g.within(g.name("INT_MIN"), held, g.name("INT_MAX"))]
    return g.choose(g.all_of(tests), g.again(held), g.call(slow, g.again(case.left), g.again(case.right)))


def modulo(g: Generator, node: ir.Call) -> ast.expr | None:
    """The Euclidean remainder: Python's own for a positive divisor."""
    left, right = node.args
    divisor = g.type_of(right)
    if not (divisor.only(t.INT) and divisor.lo > 0):
        return None
    type_ = g.type_of(left)
    if type_.only(t.INT):
        value, _, _ = _integers(g, left)
        return g.binary("%", value, g.expr(right))
    value = g.simple(left)
    by = g.expr(right)
    if not isinstance(by, (ast.Name, ast.Constant)):
        return None
    fast = g.binary("%", g.again(value), by)
    return g.choose(g.class_is(value, "int"), fast, g.call("modulo", g.again(value), g.again(by)))


def absolute(g: Generator, node: ir.Call) -> ast.expr | None:
    """`abs` of what is known to be a number that has one."""
    type_ = g.type_of(node.args[0])
    if type_.only(t.FLOAT):
        return g.call("abs", g.expr(node.args[0]))
    if type_.only(t.INT):
        value, lo, hi = _integers(g, node.args[0])
        return checked(g, g.call("abs", value), 0, max(-lo, hi), "abs")
    return None


def extreme(g: Generator, node: ir.Call) -> ast.expr | None:
    """`min` and `max` of integers."""
    assert isinstance(node.fn, ir.Builtin)
    if len(node.args) < 2 or not all(g.type_of(arg).only(t.INT) for arg in node.args):
        return None
    return g.call(node.fn.name, *[g.expr(arg) for arg in node.args])


def divide(g: Generator, node: ir.Call) -> ast.expr | None:
    """`/` of two: floats in place, the rest by call."""
    if len(node.args) != 2:
        return None
    types = [g.type_of(arg) for arg in node.args]
    left, right = node.args
    number = right.value if isinstance(right, ir.Const) else 0
    if types[0].only(t.FLOAT) and isinstance(number, (int, float)) and number:
        return g.binary("/", g.expr(left), g.constant(float(number)))
    if types[0].only(t.INT) and isinstance(number, int) and number > 0:
        value = g.simple(left)
        whole = g.compare("==", g.binary("%", value, g.constant(number)), g.constant(0))
        exact = g.binary("//", g.again(value), g.constant(number))
        return g.choose(whole, exact, g.call("div", g.again(value), g.constant(number)))
    return g.call("div", *[g.expr(arg) for arg in node.args])


INLINE = {
    "+": ring,
    "-": ring,
    "*": ring,
    "inc": ring,
    "dec": ring,
    "modulo": modulo,
    "abs": absolute,
    "min": extreme,
    "max": extreme,
    "/": divide,
}
