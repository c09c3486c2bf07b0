"""From two operands of unknown kind to the integer case: what must be tested, and how to name them again afterwards.

An operand that is computed is kept in a temporary by the first test, so at most one may be computed, it must be
tested first, and the other must be stable. Otherwise there are no tests, and the operation is a call.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from vigyc.codegen import types as t
from vigyc.codegen.generator import Generator
from vigyc.lang import ir


@dataclass(slots=True)
class Guarded:
    """`tests` that both operands are integers (None: make a call), and the operands as first written."""

    tests: list[ast.expr] | None
    left: ast.expr
    right: ast.expr


def guard(g: Generator, left: ir.Node, right: ir.Node) -> Guarded:
    """The operands, emitted in order."""
    first, second = g.simple(left), g.simple(right)
    pairs = [(left, first), (right, second)]
    computed = [pair for pair in pairs if isinstance(pair[1], ast.NamedExpr)]
    if computed:
        node, _ = computed[0]
        other = right if node is left else left
        if len(computed) == 2 or g.type_of(node).only(t.INT) or not g.is_stable(other):
            return Guarded(None, _plain(first), _plain(second))
    tests: list[ast.expr] = []
    for node, value in sorted(pairs, key=lambda pair: not isinstance(pair[1], ast.NamedExpr)):
        if not g.type_of(node).only(t.INT):
            tests.append(g.class_is(value, "int"))
    return Guarded(tests, g.again(first), g.again(second))


def _plain(value: ast.expr) -> ast.expr:
    return value.value if isinstance(value, ast.NamedExpr) else value
