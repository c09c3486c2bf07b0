"""From a test and its outcome to narrower types: what a branch may take for granted of constant variables."""

from __future__ import annotations

from vigyc.codegen import types as t
from vigyc.codegen.types import Type
from vigyc.lang import ir

Env = dict[ir.Var, Type]

_PREDICATES = {
    "null?": t.NIL | t.EMPTY,
    "empty?": t.NIL | t.EMPTY,
    "pair?": t.ARRAY | t.CELL | t.VEC,
    "list?": t.ANY_LIST,
    "string?": t.STR,
    "symbol?": t.SYM,
    "keyword?": t.KEYWORD,
    "boolean?": t.BOOL,
    "integer?": t.INT,
    "number?": t.NUMBER,
    "hash-map?": t.MAP,
    "procedure?": t.FUNCTION,
}
_NEGATED = {"not-empty?": "null?", "some?": "null?"}
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}
_SIGNS = {"zero?": "=", "positive?": ">", "negative?": "<"}
_ZERO = Type(t.INT, 0, 0)


def refine(test: ir.Node, env: Env, outcome: bool) -> None:
    """Narrow `env` by `test` having been truthy (or falsy)."""
    if isinstance(test, ir.Ref):
        _narrow(test, env, t.ALL & ~t.FALSY if outcome else t.FALSY)
    elif isinstance(test, ir.Not):
        refine(test.value, env, not outcome)
    elif isinstance(test, ir.And if outcome else ir.Or):
        for item in test.items:
            refine(item, env, outcome)
    elif isinstance(test, ir.Call) and isinstance(test.fn, ir.Builtin):
        _refine_call(test.fn.name, test.args, env, outcome)


def _refine_call(name: str, args: list[ir.Node], env: Env, outcome: bool) -> None:
    if name in _NEGATED:
        name, outcome = _NEGATED[name], not outcome
    mask = _PREDICATES.get(name)
    if mask is not None and len(args) == 1:
        _narrow(args[0], env, mask if outcome else t.ALL & ~mask)
    elif name in _SIGNS and len(args) == 1:
        _compare(_SIGNS[name], args[0], _ZERO, env, outcome)
    elif name in _MIRRORED and len(args) == 2:
        left, right = _type(args[0], env), _type(args[1], env)
        _compare(name, args[0], right, env, outcome)
        _compare(_MIRRORED[name], args[1], left, env, outcome)


def _type(node: ir.Node, env: Env) -> Type:
    if isinstance(node, ir.Ref):
        return env.get(node.var, node.type)  # type: ignore[arg-type]
    return node.type  # type: ignore[return-value]


def _narrow(node: ir.Node, env: Env, mask: int) -> None:
    if isinstance(node, ir.Ref) and node.var.constant:
        env[node.var] = _type(node, env).narrow(mask)


def _compare(op: str, node: ir.Node, other: Type, env: Env, outcome: bool) -> None:
    """`node op other` came out as `outcome`, both being integers."""
    if not (isinstance(node, ir.Ref) and node.var.constant and other.only(t.INT) and other.mask):
        return
    mine = _type(node, env)
    if not mine.only(t.INT):
        return
    lo, hi = mine.lo, mine.hi
    if op == "=":
        if outcome:
            lo, hi = max(lo, other.lo), min(hi, other.hi)
        elif other.lo == other.hi:
            lo += lo == other.lo
            hi -= hi == other.lo
    else:
        relation = op if outcome else _OPPOSITE[op]
        if relation == "<":
            hi = min(hi, other.hi - 1)
        elif relation == "<=":
            hi = min(hi, other.hi)
        elif relation == ">":
            lo = max(lo, other.lo + 1)
        else:
            lo = max(lo, other.lo)
    env[node.var] = Type(t.INT, lo, hi) if lo <= hi else t.NEVER
