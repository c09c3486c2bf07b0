"""From the hottest intrinsics to operations on the host's own buffers: what a hand-written reconciler would do.

The host's kv holds JSON data, which are values as they stand; what goes in is converted unless it is known to be a
scalar that JSON has. Everything else is a call of the intrinsic.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from vigyc.codegen import types as t
from vigyc.codegen.generator import Generator
from vigyc.lang import ir
from vigyc.lang.walk import called

Fits = Callable[[Generator, ir.Call], bool]

_JSON_SCALAR = t.NIL | t.BOOL | t.INT | t.STR


def _slot(g: Generator, slot: str) -> ast.expr:
    return g.attribute(g.name("host"), slot)


def _literal(node: ir.Node) -> str | None:
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


def is_json(g: Generator, node: ir.Node) -> bool:
    """Whether the value is JSON data as it stands: a scalar that JSON has, or what was read from the kv."""
    if g.type_of(node).only(_JSON_SCALAR):
        return True
    if isinstance(node, ir.Ref):
        return node.sure and node.var.constant and node.var.init is not None and is_json(g, node.var.init)
    return (called(node, "vigy-get", 1) or called(node, "vigy-get", 2)) and all(
        g.type_of(arg).only(_JSON_SCALAR) for arg in node.args
    )


def _json(g: Generator, node: ir.Node) -> ast.expr:
    """The value of `node` as JSON data."""
    value = g.expr(node)
    return value if is_json(g, node) else g.call("json", value)


def _payload(g: Generator, node: ir.Node) -> ast.expr:
    """A payload; a map that is written out becomes a JSON object at once."""
    if not (isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin) and node.fn.name == "hash-map"):
        return _json(g, node)
    keys = [_literal(key) for key in node.args[::2]]
    if len(node.args) % 2 or None in keys or len(set(keys)) != len(keys):
        return _json(g, node)
    values = [_json(g, value) for value in node.args[1::2]]
    return g.place(ast.Dict([g.constant(key) for key in keys], values))


def _append(g: Generator, slot: str, kind: str, *parts: ast.expr) -> None:
    """A record at the end of one of the host's lists, made without the detour of its own constructor."""
    record = g.call("new", g.name(kind), g.tuple_of(list(parts)))
    g.block.append(g.statement(g.method(_slot(g, slot), "append", record)))


def _as_call(g: Generator, node: ir.Call) -> None:
    assert isinstance(node.fn, ir.Builtin)
    values = g.exprs(node.args)
    g.block.append(g.statement(g.call(g.ident(node.fn.name), g.name("host"), *values)))


def _run(fits: Fits, run: Callable[[Generator, ir.Call], None]) -> Callable[[Generator, ir.Call], None]:
    """`run` where the call `fits`, an ordinary call where it does not."""

    def emit(g: Generator, node: ir.Call) -> None:
        simple = not any(g.needs_block(arg) for arg in node.args)
        (run if simple and fits(g, node) else _as_call)(g, node)

    return emit


def _has_key(g: Generator, node: ir.Call) -> bool:
    key = _literal(node.args[0])
    return key is not None and not key.startswith("__")


def _run_set(g: Generator, node: ir.Call) -> None:
    """`(vigy-set "key" value)`."""
    name = node.args[0]
    g.block.append(g.store_item(_slot(g, "kv"), g.expr(name), _json(g, node.args[1])))
    g.block.append(g.statement(g.method(_slot(g, "dirty"), "add", g.expr(name))))
    g.block.append(g.statement(g.method(_slot(g, "deleted"), "discard", g.expr(name))))


def _run_state(slot: str) -> Callable[[Generator, ir.Call], None]:
    def run(g: Generator, node: ir.Call) -> None:
        g.block.append(g.store_item(_slot(g, slot), g.expr(node.args[0]), _json(g, node.args[1])))

    return run


def _is_named(g: Generator, node: ir.Call) -> bool:
    return _literal(node.args[0]) is not None


def _is_condition(g: Generator, node: ir.Call) -> bool:
    if len(node.args) > 4 or not _is_named(g, node):
        return False
    status = node.args[1]
    known = _literal(status) in ("true", "false", "unknown") or g.type_of(status).only(t.BOOL)
    return known and all(g.type_of(arg).only(t.STR | t.NIL) for arg in node.args[2:])


def _run_condition(g: Generator, node: ir.Call) -> None:
    """`(vigy-condition "name" status reason message)`."""
    name, status, *texts = node.args
    judged = g.expr(status)
    if _literal(status) is None:
        judged = g.choose(judged, g.constant("true"), g.constant("false"))
    parts = [g.expr(text) for text in texts]
    parts += [g.constant(None)] * (2 - len(parts))
    _append(g, "conditions", "Condition", g.expr(name), judged, *parts, _slot(g, "tick_start_ms"))


def _is_metric(g: Generator, node: ir.Call) -> bool:
    return _is_named(g, node) and g.type_of(node.args[1]).only(t.NUMBER)


def _run_metric(g: Generator, node: ir.Call) -> None:
    """`(vigy-metric "name" number)`."""
    value = g.expr(node.args[1])
    if not g.type_of(node.args[1]).only(t.FLOAT):
        value = g.call("float", value)
    g.block.append(g.store_item(_slot(g, "metrics"), g.expr(node.args[0]), value))


def _is_log(g: Generator, node: ir.Call) -> bool:
    return _literal(node.args[0]) in ("trace", "debug", "info", "warn", "error") and g.type_of(node.args[1]).only(t.STR)


def _run_log(g: Generator, node: ir.Call) -> None:
    """`(vigy-log "level" text)`."""
    _append(g, "logs", "LogLine", *[g.expr(arg) for arg in node.args])


def _is_event(g: Generator, node: ir.Call) -> bool:
    return all(g.type_of(arg).only(t.STR) for arg in node.args)


def _run_event(g: Generator, node: ir.Call) -> None:
    """`(vigy-event "kind" text)`."""
    _append(g, "events", "Event", *[g.expr(arg) for arg in node.args])


def _always(g: Generator, node: ir.Call) -> bool:
    return True


def _run_action(kind: str) -> Callable[[Generator, ir.Call], None]:
    def run(g: Generator, node: ir.Call) -> None:
        payload = _payload(g, node.args[0])
        _append(g, "actions", "Action", g.constant(kind), payload, g.constant(None), g.constant(None))

    return run


def _run_noop(g: Generator, node: ir.Call) -> None:
    """`(vigy-noop)`."""
    _append(g, "actions", "Action", g.constant("noop"), g.name("ABSENT"), g.constant("ok"), g.constant(None))


def _run_defer(g: Generator, node: ir.Call) -> None:
    """`(vigy-defer text)`."""
    reason = g.expr(node.args[0])
    _append(g, "actions", "Action", g.constant("defer"), g.name("ABSENT"), g.constant("skipped"), reason)


STATEMENTS = {
    "vigy-set": _run(_has_key, _run_set),
    "vigy-desired": _run(_is_named, _run_state("desired")),
    "vigy-observed": _run(_is_named, _run_state("observed")),
    "vigy-trace": _run(_is_named, _run_state("trace")),
    "vigy-condition": _run(_is_condition, _run_condition),
    "vigy-metric": _run(_is_metric, _run_metric),
    "vigy-log": _run(_is_log, _run_log),
    "vigy-event": _run(_is_event, _run_event),
    "vigy-noop": _run(_always, _run_noop),
    "vigy-defer": _run(_is_event, _run_defer),
    **{
        f"vigy-{kind}": _run(_always, _run_action(kind))
        for kind in ("pull", "push", "create", "update", "delete", "apply", "restart")
    },
    "vigy-delete-action": _run(_always, _run_action("delete")),
}
INLINE = {
    "vigy-get": get,
    "vigy-has?": has,
    "vigy-tick": tick,
    "vigy-tick-count": tick_count,
}
