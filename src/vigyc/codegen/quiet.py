"""From a typed form to whether it is *quiet*: it cannot fail, has no effect and feels none.

Its types may rest on what was evaluated before it having succeeded, so it can be put off, but not brought forward.
"""

from __future__ import annotations

from collections.abc import Callable

from vigyc.codegen import types as t
from vigyc.codegen.builtin_types import interval
from vigyc.codegen.types import Type
from vigyc.lang import ir

# What operands must be for the builtin to be quiet; the last mask stands for all further operands.
_OPERANDS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(
        [
            "+",
            "-",
            "*",
            "inc",
            "dec",
            "=",
            "<",
            ">",
            "<=",
            ">=",
            "zero?",
            "positive?",
            "negative?",
            "abs",
            "min",
            "max",
        ],
        (t.NUMBER,),
    ),
    **dict.fromkeys(["even?", "odd?"], (t.INT,)),
    **dict.fromkeys(["car", "cdr", "first", "rest"], (t.ARRAY | t.CELL | t.VEC,)),
    **dict.fromkeys(["string-append", "string-length"], (t.STR,)),
    **dict.fromkeys(
        ["cons", "list", "null?", "empty?", "some?", "not-empty?", "pair?", "list?", "equal?", "eq?", "not="], (t.ALL,)
    ),
    **dict.fromkeys(["string?", "integer?", "boolean?", "keyword?", "symbol?", "number?", "hash-map?"], (t.ALL,)),
    **dict.fromkeys(["hash-map-get", "hash-map-has?", "get"], (t.MAP, t.PLAIN_KEY)),
    **dict.fromkeys(["hash-map-set", "assoc", "hash-map-get-or"], (t.MAP, t.PLAIN_KEY, t.ALL)),
    "string": (t.NUMBER | t.STR,),
    "number->string": (t.NUMBER,),
    "identity": (t.ALL,),
}
_RING = {"+": "+", "-": "-", "*": "*", "inc": "+", "dec": "-", "abs": "-"}


def is_quiet(node: ir.Node, type_of: Callable[[ir.Node], Type], accepts: Callable[[str, int], bool]) -> bool:
    """Whether `node` is quiet; `accepts` says whether a builtin takes a number of operands."""
    if isinstance(node, (ir.Const, ir.Datum, ir.Builtin)):
        return True
    if isinstance(node, ir.Ref):
        return node.var.constant and node.sure
    if isinstance(node, ir.If):
        parts: list[ir.Node] = [node.test, node.then, node.other]
    elif isinstance(node, (ir.And, ir.Or)):
        parts = node.items
    elif isinstance(node, ir.Not):
        parts = [node.value]
    elif isinstance(node, ir.Call) and isinstance(node.fn, ir.Builtin):
        masks, parts = _OPERANDS.get(node.fn.name), node.args
        if masks is None or not accepts(node.fn.name, len(parts)):
            return False
        types = [type_of(part) for part in parts]
        if not all(type_.mask and type_.only(masks[min(at, len(masks) - 1)]) for at, type_ in enumerate(types)):
            return False
        if node.fn.name in _RING and _overflows(node.fn.name, types):
            return False
    else:
        return False
    return all(is_quiet(part, type_of, accepts) for part in parts)


def _overflows(name: str, types: list[Type]) -> bool:
    """Whether an integer result may leave 64 bits on the way."""
    op = _RING[name]
    if name in ("inc", "dec"):
        types = [*types, Type(t.INT, 1, 1)]
    elif len(types) == 1:
        types = [Type(t.INT, 0, 0), *types]
    lo, hi = types[0].lo, types[0].hi
    for type_ in types[1:]:
        lo, hi = interval(op, Type(t.INT, lo, hi), type_)
        if not (t.INT_MIN <= lo <= hi <= t.INT_MAX):
            return any(type_.may(t.INT) for type_ in types)
    return False
