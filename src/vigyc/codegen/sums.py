"""From a fold that adds up to what it can come to: sums that no list is long enough to bring past 64 bits."""

from __future__ import annotations

from vigyc.codegen import types as t
from vigyc.codegen.types import Type
from vigyc.lang import ir

MAX_ITEMS = 2**24  # elements of the longest list; see runtime/values.py


def is_sum(node: ir.Loop) -> bool:
    """Whether `node` is `(foldl + init list)`, written out or not."""
    body = node.body
    if node.kind != "foldl" or not (isinstance(body, ir.Call) and isinstance(body.fn, ir.Builtin)):
        return False
    if body.fn.name != "+" or len(body.args) != 2:
        return False
    names = {arg.var for arg in body.args if isinstance(arg, ir.Ref)}
    return names == set(node.vars) and len(node.vars) == 2


def bounded_sum(node: ir.Loop, init: Type, source: Type) -> Type | None:
    """The type of such a sum when all is integers and nothing can overflow on the way."""
    item = source.held
    if not (is_sum(node) and init.only(t.INT) and item.only(t.INT) and item.mask and init.mask):
        return None
    count = min(MAX_ITEMS, item.hi - item.lo + 1) if _is_range(node.source) else MAX_ITEMS
    lo = init.lo + min(0, item.lo * count)
    hi = init.hi + max(0, item.hi * count)
    return Type(t.INT, lo, hi) if lo >= t.INT_MIN and hi <= t.INT_MAX else None


def _is_range(node: ir.Node) -> bool:
    """A range may be longer than any list, for it is not built."""
    return isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin) and node.fn.name in ("range", "iterate")
