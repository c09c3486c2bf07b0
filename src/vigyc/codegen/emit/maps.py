"""From map builtins to Python: a map is a dict whose keys stand for themselves, or are encoded by `to_key`.

`m.get(k)` serves dicts and shared maps alike, and Python refuses it for everything that is no map.
"""

from __future__ import annotations

import ast

from vigyc.codegen import types as t
from vigyc.codegen.builtin_types import field, updates_field
from vigyc.codegen.generator import Generator
from vigyc.lang import ir


def key(g: Generator, node: ir.Node) -> ast.expr:
    """A key as the dict holds it."""
    type_ = g.type_of(node)
    if type_.only(t.PLAIN_KEY):
        return g.expr(node)
    value = g.simple(node)
    if type_.may(t.STR):
        return g.choose(g.class_is(value, "str"), g.again(value), g.call("to_key", g.again(value)))
    return g.call("to_key", value.value if isinstance(value, ast.NamedExpr) else value)


def map_of(g: Generator, node: ir.Node) -> ast.expr:
    """The map to read from; one that the loop around owns is read as it is."""
    if isinstance(node, ir.Ref) and node.var in g.owned:
        return g.name(node.var.ident)
    return g.expr(node)


def get(g: Generator, node: ir.Call) -> ast.expr | None:
    """`hash-map-get get`."""
    m, k = node.args
    type_ = g.type_of(m)
    if type_.only(t.DICT) and field(node, type_) is not None:
        return g.item(map_of(g, m), g.expr(k))
    if not g.type_of(k).only(t.PLAIN_KEY) and not g.type_of(m).only(t.MAP):
        return None  # the map is judged before the key
    if not (type_.only(t.MAP) or g.is_quiet(k)):
        return None  # Python would refuse what is no map before the key is evaluated
    return g.method(map_of(g, m), "get", key(g, k))


def get_or(g: Generator, node: ir.Call) -> ast.expr | None:
    """`hash-map-get-or`."""
    m, k, default = node.args
    if not g.type_of(k).only(t.PLAIN_KEY):
        return None
    if not (g.type_of(m).only(t.MAP) or (g.is_quiet(k) and g.is_quiet(default))):
        return None
    return g.method(map_of(g, m), "get", g.expr(k), g.expr(default))


def has(g: Generator, node: ir.Call) -> ast.expr | None:
    """`hash-map-has?` of what is known to be a map."""
    m, k = node.args
    if not g.type_of(m).only(t.MAP):
        return None
    if not (g.is_stable(m) and g.is_stable(k)) and not g.type_of(k).only(t.PLAIN_KEY):
        return None
    if not g.is_stable(m) and not g.is_stable(k):
        return None
    return g.compare("in", key(g, k), map_of(g, m))


def has_plain_keys(g: Generator, node: ir.Node) -> bool:
    """Whether `node` gives a map whose keys stand for themselves."""
    type_ = g.type_of(node)
    return type_.only(t.MAP) and not type_.key & ~t.PLAIN_KEY


def keys(g: Generator, node: ir.Call) -> ast.expr | None:
    """`hash-map-keys` where nothing is to be decoded."""
    return g.call("plain_keys", g.expr(node.args[0])) if has_plain_keys(g, node.args[0]) else None


def literal(g: Generator, node: ir.Call) -> ast.expr | None:
    """`hash-map` with plain keys."""
    if len(node.args) % 2 or not all(g.type_of(k).only(t.PLAIN_KEY) for k in node.args[::2]):
        return None
    keys: list[ast.expr | None] = []
    values: list[ast.expr] = []
    for index in range(0, len(node.args), 2):
        keys.append(g.expr(node.args[index]))
        values.append(g.expr(node.args[index + 1]))
    return g.place(ast.Dict(keys, values))


def update(g: Generator, node: ir.Call) -> ast.expr | None:
    """`hash-map-set assoc` of a field that the map surely has."""
    m, k, value = node.args
    if not updates_field(node, g.type_of(m)):
        return None
    return g.place(ast.Dict([None, g.expr(k)], [g.expr(m), g.expr(value)]))


INLINE = {
    "hash-map-set": update,
    "assoc": update,
    "hash-map-get": get,
    "get": get,
    "hash-map-get-or": get_or,
    "hash-map-has?": has,
    "hash-map": literal,
    "hash-map-keys": keys,
}
