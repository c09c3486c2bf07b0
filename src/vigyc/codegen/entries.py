"""From a loop over a map's entries to one over its keys and values, where the body only takes entries apart."""

from __future__ import annotations

from vigyc.lang import ir
from vigyc.lang.walk import deep_nodes, map_children, nodes

_FIRST = frozenset({"car", "first"})
_REST = frozenset({"cdr", "rest"})


def take_apart(loop: ir.Loop, owner: ir.Function) -> None:
    """Rewrite `loop`, if it goes over `(hash-map-entries m)` and uses an entry only as its key and its value."""
    source = loop.source
    if not (isinstance(source, ir.Call) and isinstance(source.fn, ir.Builtin) and len(source.args) == 1):
        return
    if source.fn.name != "hash-map-entries":
        return
    item = loop.vars[-1]
    uses = sum(_is_ref(node, item) for node in deep_nodes(loop.body))
    parts = sum(_part(node, item) is not None for node in nodes(loop.body))
    if not parts or uses != parts or item.captured:
        return
    key, value = ir.Var("key", owner), ir.Var("value", owner)
    key.defines = value.defines = 1
    owner.locals += (key, value)

    def rewrite(node: ir.Node) -> ir.Node:
        part = _part(node, item)
        if part is not None:
            return ir.Ref(key if part == 0 else value, node.start, node.end)
        return map_children(node, rewrite)

    loop.body = rewrite(loop.body)
    loop.vars = [*loop.vars[:-1], key, value]
    loop.source = source.args[0]
    loop.entries = True


def _is_ref(node: ir.Node, var: ir.Var) -> bool:
    return isinstance(node, ir.Ref) and node.var is var


def _part(node: ir.Node, item: ir.Var) -> int | None:
    """0 if `node` is the key of entry `item`, 1 if it is its value."""
    if not (isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin) and len(node.args) == 1):
        return None
    name, arg = node.fn.name, node.args[0]
    if _is_ref(arg, item):
        return 0 if name in _FIRST else 1 if name == "second" else None
    if name in _FIRST and isinstance(arg, ir.Call) and isinstance(arg.fn, ir.Builtin) and arg.fn.name in _REST:
        return 1 if len(arg.args) == 1 and _is_ref(arg.args[0], item) else None
    return None
