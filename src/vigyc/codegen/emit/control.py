"""From `If Seq And Or Not` to Python: statements where a place is given, expressions where a value is."""

from __future__ import annotations

import ast

from vigyc.codegen import types as t
from vigyc.codegen.emit.place import EFFECT, Place
from vigyc.codegen.emit.testing import test, truth
from vigyc.codegen.generator import Generator
from vigyc.lang import ir

MAX_NESTED = 32  # operands of `and` and `or` in one Python expression


def run_if(g: Generator, node: ir.If, place: Place) -> None:
    """`if` as a statement; what follows a branch that jumps needs no `else`."""
    condition = test(g, node.test)
    then = g.body_of(node.then, place)
    other = g.body_of(node.other, place)
    if not then and not other:
        g.block.append(g.statement(condition))
    elif _jumps(then):
        g.block.append(g.branch(condition, then, []))
        g.block += other
    elif not then or (_jumps(other) and not isinstance(node.other, ir.If)):
        g.block.append(g.branch(g.denial(condition), other, []))
        g.block += then
    else:
        g.block.append(g.branch(condition, then, other))


def _jumps(block: list[ast.stmt]) -> bool:
    """Whether control never falls off the end of `block`."""
    if not block:
        return False
    last = block[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _jumps(last.body) and _jumps(last.orelse)
    return isinstance(last, (ast.Return, ast.Break, ast.Continue, ast.Raise))


def expr_if(g: Generator, node: ir.If) -> ast.expr:
    """`then if test else other`."""
    return g.choose(test(g, node.test), g.expr(node.then), g.expr(node.other))


def run_seq(g: Generator, node: ir.Seq, place: Place) -> None:
    """Each in order, the last to the place."""
    for item in node.items[:-1]:
        g.run(item, EFFECT)
    g.run(node.items[-1], place)


def expr_seq(g: Generator, node: ir.Seq) -> ast.expr:
    """A sequence of one."""
    return g.expr(node.items[0])


def expr_not(g: Generator, node: ir.Not) -> ast.expr:
    """`not`, a real boolean."""
    if g.type_of(node.value).only(t.BOOL | t.NIL):
        return g.negation(g.expr(node.value))
    return g.negation(test(g, node.value))


def expr_chain(g: Generator, node: ir.And | ir.Or) -> ast.expr:
    """`and` and `or` give one of their operands; Python's do too, and judge alike where types allow."""
    result = g.expr(node.items[-1])
    conjunction = isinstance(node, ir.And)
    for item in reversed(node.items[:-1]):
        type_ = g.type_of(item)
        if type_.only(t.FALSY | t.ALWAYS_TRUE):
            value = g.expr(item)
            result = g.all_of([value, result]) if conjunction else g.any_of([value, result])
            continue
        value = g.simple(item)
        condition = truth(g, value, type_)
        kept = g.again(value)
        result = g.choose(condition, result, kept) if conjunction else g.choose(condition, kept, result)
    return result


def run_chain(g: Generator, node: ir.And | ir.Or, place: Place) -> None:
    """`and` and `or` whose operands need statements."""
    bounces = place.kind == "return" and g.function is not None and g.function.bounces
    if not g.needs_block(node) and not bounces and len(node.items) <= MAX_NESTED:
        g.put(place, expr_chain(g, node))
        return
    item, rest = node.items[0], node.items[1:]
    end = node.end
    kind = node.__class__
    more: ir.Node = rest[0] if len(rest) == 1 else kind(rest, rest[0].start, end)
    if place.kind == "effect" and not place.leave:
        condition = test(g, item)
        block = g.body_of(more, place)
        if kind is ir.Or:
            condition = g.denial(condition)
        g.block.append(g.branch(condition, block, []))
        return
    ident = g.temporary()
    g.run(item, Place("variable", ident))
    condition = truth(g, g.name(ident), g.type_of(item))
    block = g.body_of(more, place)
    keep = g.inside(lambda: g.put(place, g.name(ident)))
    if kind is ir.And:
        condition = g.denial(condition)
    if place.jumps:
        g.block.append(g.branch(condition, keep, []))
        g.block += block
    else:
        g.block.append(g.branch(condition, keep, block))


EXPRESSIONS = {ir.If: expr_if, ir.Seq: expr_seq, ir.Not: expr_not, ir.And: expr_chain, ir.Or: expr_chain}
STATEMENTS = {ir.If: run_if, ir.Seq: run_seq, ir.And: run_chain, ir.Or: run_chain}
