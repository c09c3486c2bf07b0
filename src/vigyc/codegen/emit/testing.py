"""From a form in test position to a Python condition: the bare comparison where truth is known to agree.

The language holds only nil and #f false; Python also 0, "", [] and {}. A form whose every value Python judges as the
language does is tested as it stands.
"""

from __future__ import annotations

import ast

from vigyc.codegen import types as t
from vigyc.codegen.generator import Generator
from vigyc.codegen.types import Type
from vigyc.lang import ir

_AGREES = t.FALSY | t.ALWAYS_TRUE


def test(g: Generator, node: ir.Node) -> ast.expr:
    """A Python condition that holds when `node` is truthy."""
    if isinstance(node, ir.Not):
        return g.denial(test(g, node.value))
    if isinstance(node, (ir.And, ir.Or)) and not any(g.needs_block(item) for item in node.items[1:]):
        around, g.here = g.here, g.locator.position(node.start, node.end)
        tests = [test(g, item) for item in node.items]
        result = g.all_of(tests) if isinstance(node, ir.And) else g.any_of(tests)
        g.here = around
        return result
    return truth(g, g.expr(node), g.type_of(node))


def truth(g: Generator, value: ast.expr, type_: Type) -> ast.expr:
    """A Python condition that holds when `value`, of `type_`, is truthy."""
    if type_.only(_AGREES):
        twice = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
        return g.denial(g.denial(value)) if twice else value
    if not type_.may(t.FALSE):
        return g.compare("is not", value, g.constant(None))
    if not type_.may(t.NIL):
        return g.compare("is not", value, g.constant(False))
    first = value
    if not isinstance(value, ast.Name):
        first = g.walrus(g.temporary(), value)
    not_nil = g.compare("is not", first, g.constant(None))
    return g.all_of([not_nil, g.compare("is not", g.again(first), g.constant(False))])
