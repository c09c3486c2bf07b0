"""From the hottest intrinsics to operations on the host's own buffers: what a hand-written reconciler would do.

The host's kv holds JSON data, which are values as they stand; what goes in is converted unless it is known to be a
scalar that JSON has. Everything else is a call of the intrinsic.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from vigyc.codegen import types as t
from vigyc.codegen.generator import Generator
from vigyc.codegen.types import Type
from vigyc.lang import ir

_JSON_SCALAR = t.NIL | t.BOOL | t.INT | t.STR


def _slot(g: Generator, slot: str) -> ast.expr:
    return g.attribute(g.name("host"), slot)


def _literal_key(node: ir.Node) -> str | None:
    return node.value if isinstance(node, ir.Const) and isinstance(node.value, str) else None


def get(g: Generator, node: ir.Call) -> ast.expr | None:
    """`(vigy-get "key" default)`."""
    if not g.type_of(node.args[0]).only(t.STR):
        return None
    return g.method(_slot(g, "kv"), "get", *[g.expr(arg) for arg in node.args])


def has(g: Generator, node: ir.Call) -> ast.expr | None:
    """`(vigy-has? "key")`."""
    if not g.type_of(node.args[0]).only(t.STR):
        return None
    return g.compare("in", g.expr(node.args[0]), _slot(g, "kv"))


def tick(g: Generator, node: ir.Call) -> ast.expr | None:
    """`(vigy-tick)`."""
    return _slot(g, "tick_start_ms")


def tick_count(g: Generator, node: ir.Call) -> ast.expr | None:
    """`(vigy-tick-count)`."""
    return _slot(g, "tick_count")


def _converted(g: Generator, node: ir.Node) -> ast.expr:
    type_: Type = g.type_of(node)
    value = g.expr(node)
    return value if type_.only(_JSON_SCALAR) else g.call("json", value)


def run_set(g: Generator, node: ir.Call) -> None:
    """`(vigy-set "key" value)` as a statement."""
    name = _literal_key(node.args[0])
    if name is None or name.startswith("__") or g.needs_block(node.args[1]):
        values = g.exprs(node.args)
        g.block.append(g.statement(g.call(g.ident("vigy-set"), g.name("host"), *values)))
        return
    g.block.append(g.store_item(_slot(g, "kv"), g.constant(name), _converted(g, node.args[1])))
    g.block.append(g.statement(g.method(_slot(g, "dirty"), "add", g.constant(name))))
    g.block.append(g.statement(g.method(_slot(g, "deleted"), "discard", g.constant(name))))


def _run_state(slot: str, name: str) -> Callable[[Generator, ir.Call], None]:
    def run(g: Generator, node: ir.Call) -> None:
        if _literal_key(node.args[0]) is None or g.needs_block(node.args[1]):
            values = g.exprs(node.args)
            g.block.append(g.statement(g.call(g.ident(name), g.name("host"), *values)))
            return
        value = _converted(g, node.args[1])
        g.block.append(g.store_item(_slot(g, slot), g.expr(node.args[0]), value))

    return run


STATEMENTS = {
    "vigy-set": run_set,
    "vigy-desired": _run_state("desired", "vigy-desired"),
    "vigy-observed": _run_state("observed", "vigy-observed"),
    "vigy-trace": _run_state("trace", "vigy-trace"),
}
INLINE = {
    "vigy-get": get,
    "vigy-has?": has,
    "vigy-tick": tick,
    "vigy-tick-count": tick_count,
}
