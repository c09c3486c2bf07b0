"""From `Call` to Python: in place where the builtin is known and its operands allow, otherwise a direct call."""

from __future__ import annotations

import ast
from collections.abc import Callable

from vigyc.codegen.emit import arithmetic, comparison, intrinsics, lists, maps, strings
from vigyc.codegen.emit.place import Place
from vigyc.codegen.generator import Generator
from vigyc.codegen.ownership import setter
from vigyc.lang import ir

INLINE: dict[str, Callable[[Generator, ir.Call], ast.expr | None]] = {
    **arithmetic.INLINE,
    **comparison.INLINE,
    **lists.INLINE,
    **maps.INLINE,
    **strings.INLINE,
    **intrinsics.INLINE,
}


def expr_call(g: Generator, node: ir.Call) -> ast.expr:
    """A call whose value is wanted here."""
    fn = node.fn
    if isinstance(fn, ir.Builtin):
        return _builtin_call(g, node, fn.name)
    values = g.exprs([fn, *node.args])
    if isinstance(fn, ir.Ref) and fn.var.known is not None and fn.alt is None:
        function = fn.var.known
        lo, hi = len(function.params), None if function.rest is not None else len(function.params)
        if len(node.args) < lo or (hi is not None and len(node.args) > hi):
            return _wrong_count(g, function.name or "closure", lo, hi, values[1:])
    callee = values[0]
    if not isinstance(callee, (ast.Name, ast.Call)):
        callee = g.walrus(g.temporary(), callee)  # Python warns of a literal that is called
    return g.call(callee, *values[1:])


def _builtin_call(g: Generator, node: ir.Call, name: str) -> ast.expr:
    signature = g.signatures[name]
    if not signature.accepts(len(node.args)):
        return _wrong_count(g, name, signature.lo, signature.hi, g.exprs(node.args))
    inline = INLINE.get(name) if signature.in_place else None
    if inline is not None and not any(g.needs_block(arg) for arg in node.args):
        result = inline(g, node)
        if result is not None:
            return result
    values = g.exprs(node.args)
    if name == "list":
        return g.list_of(values)
    if signature.host:
        values.insert(0, g.name("host"))
    return g.call(g.ident(name), *values)


def _wrong_count(g: Generator, name: str, lo: int, hi: int | None, values: list[ast.expr]) -> ast.expr:
    return g.call("fail_arity", g.constant(name), g.constant(lo), g.constant(hi), *values)


def run_call(g: Generator, node: ir.Call, place: Place) -> None:
    """A call as a statement; a tail call that must not grow the stack is handed to the loop below."""
    if place.kind == "return" and g.function is not None and g.tails.bounces(g.function, node):
        values = g.exprs([node.fn, *node.args])
        g.block.append(g.returned(g.call("hand_over", values[0], g.tuple_of(values[1:]))))
        return
    if _run_owned_set(g, node, place):
        return
    if isinstance(node.fn, ir.Builtin):
        statement = intrinsics.STATEMENTS.get(node.fn.name)
        signature = g.signatures[node.fn.name]
        fits = signature.in_place and signature.accepts(len(node.args))
        if statement is not None and fits:
            statement(g, node)
            if place.kind != "effect" or place.leave:
                g.put(place, g.constant(None))
            return
    g.put(place, expr_call(g, node))


def _run_owned_set(g: Generator, node: ir.Call, place: Place) -> bool:
    """`(hash-map-set m k v)` to `m` itself, which the loop owns: in place."""
    if not (g.owned and node.args and isinstance(node.args[0], ir.Ref) and node.args[0].var in g.owned):
        return False
    var = node.args[0].var
    if setter(node, var) is None or place.ident != var.ident:
        return False
    _, key, value = node.args
    if g.needs_block(value) or g.needs_block(key):
        held_key, held_value = g.exprs([key, value])
        index = g.call("to_key", held_key)
    elif not (g.is_quiet(key) or g.is_stable(value)):  # Python would evaluate the value first
        held = g.temporary()
        g.block.append(g.assign(held, g.expr(key)))
        index, held_value = g.call("to_key", g.name(held)), g.expr(value)
    else:
        index, held_value = maps.key(g, key), g.expr(value)
    g.block.append(g.store_item(g.name(var.ident), index, held_value))
    return True


EXPRESSIONS = {ir.Call: expr_call}
STATEMENTS = {ir.Call: run_call}
