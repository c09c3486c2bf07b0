"""From a builtin and its arguments' types to its result's: what inference knows of the library.

`EXPECTS` says what an argument must have been when the call returned. What is not listed may give anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vigyc.codegen import types as t
from vigyc.codegen.types import Type
from vigyc.lang import ir
from vigyc.lang.datum import Keyword

Rule = Callable[[Sequence[Type]], Type]

JSON_TYPE = Type(t.NIL | t.BOOL | t.NUMBER | t.STR | t.EMPTY | t.ARRAY | t.DICT, key=t.STR)
_BOOL_NAMES = (
    "= < > <= >= not= eq? equal? null? pair? list? symbol? string? keyword? boolean? foreign? integer? number? "
    "procedure? atom? some? empty? not-empty? zero? positive? negative? even? odd? any? every? promise? error? "
    "hash-map? hash-map-empty? hash-map-has? member? is? string-contains? string-starts-with? string-ends-with? "
    "chan? >! chan-closed? go? lazy-empty? sm-spec? sm-can? vigy-has? vigy-del vigy-once vigy-converged? "
    "vigy-rate-limited?"
)
_NIL_NAMES = (
    "for-each display print println newline close! vigy-emit vigy-noop vigy-defer vigy-pull vigy-push vigy-create "
    "vigy-update vigy-delete vigy-delete-action vigy-apply vigy-restart vigy-desired vigy-observed vigy-condition "
    "vigy-set vigy-mark-converged vigy-log vigy-trace vigy-metric vigy-event"
)
_STR_NAMES = (
    "symbol->string keyword->string pr-str substring string-upcase string-downcase "
    "string-trim string-replace string-repeat number->string format error-message"
)
_FLOAT_NAMES = "sqrt sin cos tan exp log asin acos atan atan2 hypot"
_INT_NAMES = (
    "floor ceiling round truncate gcd lcm bit-and bit-or bit-xor bit-not bit-shift-left bit-shift-right "
    "wrapping-add wrapping-sub wrapping-mul vigy-tick vigy-since-last-tick vigy-incr compare"
)
_SIZE_NAMES = "string-length length count-if hash-map-count vigy-tick-count chan-len vigy-backoff-ms"
_MAP_NAMES = (
    "hash-map-merge hash-map-update assoc dissoc frequencies group-by-into-map into-hash-map select-keys zipmap "
    "hash-map-remove"
)
_LIST_NAMES = "scan-left partition group-by zip repeatedly distinct hash-map-entries read-all"
_ANY_LIST_NAMES = (
    "reverse append concat take drop take-while drop-while sort-by sort-by-key interleave intersperse "
    "flatten butlast repeat-list string-split error-data lazy-take realize"
)


def _names(words: str, result: Type) -> dict[str, Type]:
    return dict.fromkeys(words.split(), result)


RESULTS: dict[str, Type] = {
    **_names(_BOOL_NAMES, t.BOOL_TYPE),
    **_names(_NIL_NAMES, t.NIL_TYPE),
    **_names(_STR_NAMES, t.STR_TYPE),
    **_names(_FLOAT_NAMES, t.FLOAT_TYPE),
    **_names(_INT_NAMES, t.INT_TYPE),
    **_names(_SIZE_NAMES, t.SIZE_TYPE),
    **_names(_MAP_NAMES, t.MAP_TYPE),
    **_names(_LIST_NAMES, t.LIST_TYPE),
    **_names(_ANY_LIST_NAMES, t.ANY_LIST_TYPE),
    "throw": t.NEVER,
    "string->symbol": Type(t.SYM),
    "gensym": Type(t.SYM),
    "string->keyword": Type(t.KEYWORD),
    "type-of": Type(t.KEYWORD),
    "error-tag": Type(t.KEYWORD),
    "vigy-get": JSON_TYPE,
    "div": t.NUMBER_TYPE,
    "find-index": Type(t.INT, -1, 2**40),
    "position": Type(t.INT, -1, 2**40),
    "vigy-desired": t.NIL_TYPE,
}


def clamp(lo: int, hi: int) -> tuple[int, int]:
    """The part of an interval that 64 bits hold: beyond them an error was raised."""
    return max(lo, t.INT_MIN), min(hi, t.INT_MAX)


def interval(op: str, a: Type, b: Type) -> tuple[int, int]:
    """The exact interval of `a op b` for integers, unclamped."""
    if op == "+":
        return a.lo + b.lo, a.hi + b.hi
    if op == "-":
        return a.lo - b.hi, a.hi - b.lo
    ends = (a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi)
    return min(ends), max(ends)


def arithmetic(op: str, args: Sequence[Type]) -> Type:
    """The type of `(op args...)` for `+ - *`."""
    result = args[0].narrow(t.NUMBER)
    if len(args) == 1:
        if op == "-":
            lo, hi = clamp(-result.hi, -result.lo)
            return Type(result.mask, lo, hi)
        return result
    for arg in args[1:]:
        result = _arithmetic_step(op, result, arg.narrow(t.NUMBER))
    return result


def _arithmetic_step(op: str, a: Type, b: Type) -> Type:
    if not a.mask or not b.mask:
        return t.NEVER
    mask = t.FLOAT if (a.mask | b.mask) & t.FLOAT else 0
    if not a.mask & b.mask & t.INT:
        return Type(mask)
    lo, hi = clamp(*interval(op, a, b))
    return Type(mask | t.INT, lo, hi)


def _modulo(args: Sequence[Type]) -> Type:
    divisor = args[1]
    largest = max(abs(divisor.lo), abs(divisor.hi)) - 1
    return Type(t.INT, 0, min(largest, t.INT_MAX))


def _abs(args: Sequence[Type]) -> Type:
    a = args[0].narrow(t.NUMBER)
    lo = 0 if a.lo <= 0 <= a.hi else min(abs(a.lo), abs(a.hi))
    return Type(a.mask, lo, min(max(abs(a.lo), abs(a.hi)), t.INT_MAX))


def _extreme(args: Sequence[Type]) -> Type:
    result = t.NEVER
    for arg in args:
        result = t.join(result, arg.narrow(t.NUMBER))
    return result


def _min(args: Sequence[Type]) -> Type:
    result = _extreme(args)
    return Type(result.mask, result.lo, min(arg.hi for arg in args))


def _max(args: Sequence[Type]) -> Type:
    result = _extreme(args)
    return Type(result.mask, max(arg.lo for arg in args), result.hi)


def _car(args: Sequence[Type]) -> Type:
    return args[0].held if args[0].may(t.LIST) else t.NEVER


def _cdr(args: Sequence[Type]) -> Type:
    a = args[0]
    if not a.mask:
        return t.NEVER
    mask = t.NIL
    if a.mask & t.PAIR:
        mask |= t.PAIR
    if a.mask & t.LOOSE:
        mask |= t.ARRAY | t.CELL | t.VEC
    if a.mask & (t.ARRAY | t.VEC):
        mask |= t.ARRAY | t.PAIR
    return Type(mask, elem=a.elem)


def _cons(args: Sequence[Type]) -> Type:
    head, tail = args
    if not head.mask or not tail.mask:
        return t.NEVER
    if tail.only(t.ANY_LIST):
        elem = t.join(head, tail.held) if tail.may(t.LIST & ~t.EMPTY) else head
        return Type(t.PAIR if tail.only(t.NIL | t.EMPTY | t.PAIR) else t.LOOSE, elem=elem)
    return Type(t.LOOSE | t.ARRAY)


def _list(args: Sequence[Type]) -> Type:
    if not args:
        return Type(t.EMPTY)
    elem = t.NEVER
    for arg in args:
        elem = t.join(elem, arg)
    return Type(t.ARRAY, elem=elem)


def _hash_map(args: Sequence[Type]) -> Type:
    elem, key = t.NEVER, 0
    for index, arg in enumerate(args):
        if index % 2:
            elem = t.join(elem, arg)
        else:
            key |= arg.mask
    return Type(t.DICT, elem=elem if args else t.NEVER, key=key)


def _hash_map_set(args: Sequence[Type]) -> Type:
    m, key, value = args
    if not m.mask or not value.mask:
        return t.NEVER
    held = t.join(m.held, value) if m.may(t.MAP) else value
    return Type(t.MAP, elem=held, key=m.key | key.mask)


def _hash_map_get(args: Sequence[Type]) -> Type:
    return t.join(args[0].held, t.NIL_TYPE)


def field(node: ir.Call, m: Type) -> Type | None:
    """The type under the constant key of `(hash-map-get m key)`, if every map in `m` surely has it."""
    key = node.args[1]
    if m.fields is None or not m.only(t.MAP) or not isinstance(key, ir.Const):
        return None
    return m.fields.get(key.value)


def updates_field(node: ir.Call, m: Type) -> bool:
    """Whether `(hash-map-set m key value)` changes a field of small maps made by literals, which stay dicts."""
    key = node.args[1]
    return m.only(t.DICT) and m.fields is not None and isinstance(key, ir.Const) and key.value in m.fields


def with_fields(node: ir.Call, args: Sequence[Type], result: Type) -> Type:
    """`result` of a `hash-map` literal or a `hash-map-set`, with what its constant keys hold."""
    assert isinstance(node.fn, ir.Builtin)
    if node.fn.name == "hash-map":
        fields: t.Fields = {}
        keys = node.args[::2]
        if not keys or len(keys) > t.MAX_FIELDS or len(node.args) % 2:
            return result
        for at, key in enumerate(keys):
            if isinstance(key, ir.Const) and isinstance(key.value, (str, Keyword)):
                fields[key.value] = args[2 * at + 1]
    else:
        fields = dict(args[0].fields or {}) if args[0].only(t.MAP) else {}
        key = node.args[1]
        if updates_field(node, args[0]):
            result = Type(t.DICT, elem=result.elem, key=result.key)
        if isinstance(key, ir.Const) and isinstance(key.value, (str, Keyword)) and len(fields) < t.MAX_FIELDS:
            fields[key.value] = args[2]
        elif fields:
            fields = {name: t.join(held, args[2]) for name, held in fields.items()}
    return Type(result.mask, result.lo, result.hi, result.elem, result.key, fields or None)


def _hash_map_get_or(args: Sequence[Type]) -> Type:
    return t.join(args[0].held, args[2])


def _keys(args: Sequence[Type]) -> Type:
    return Type(t.EMPTY | t.ARRAY, elem=Type(args[0].key))


def _values(args: Sequence[Type]) -> Type:
    return Type(t.EMPTY | t.ARRAY, elem=args[0].held)


def _entries(args: Sequence[Type]) -> Type:
    pair = Type(t.ARRAY, elem=t.join(Type(args[0].key), args[0].held))
    return Type(t.EMPTY | t.ARRAY, elem=pair)


def _range(args: Sequence[Type]) -> Type:
    if all(arg.only(t.INT) for arg in args) and len(args) < 3:
        lo = args[0].lo if len(args) == 2 else 0
        return Type(t.NIL | t.ARRAY, elem=Type(t.INT, lo, max(lo, args[-1].hi - 1)))
    return Type(t.NIL | t.ARRAY, elem=t.NUMBER_TYPE)


def counted_up(node: ir.Call, args: Sequence[Type]) -> Type | None:
    """The list of `(iterate inc a n)` for integers."""
    if not (isinstance(node.args[0], ir.Builtin) and node.args[0].name == "inc"):
        return None
    if not (args[1].only(t.INT) and args[2].only(t.INT)):
        return None
    lo, hi = clamp(args[1].lo, args[1].hi + max(args[2].hi - 1, 0))
    return Type(t.EMPTY | t.ARRAY, elem=Type(t.INT, lo, hi))


def _keep(args: Sequence[Type]) -> Type:
    return args[-1]


def _joined(args: Sequence[Type]) -> Type:
    """Strings give a string; what may be a secret may give one."""
    return t.STR_TYPE if all(arg.only(t.STR) for arg in args) else Type(t.STR | t.OTHER)


def _string(args: Sequence[Type]) -> Type:
    return Type(t.STR | t.OTHER) if args[0].may(t.OTHER) else t.STR_TYPE


def _vigy_get(args: Sequence[Type]) -> Type:
    return t.join(JSON_TYPE, args[1]) if len(args) == 2 else JSON_TYPE


RULES: dict[str, Rule] = {
    "+": lambda args: arithmetic("+", args) if args else Type(t.INT, 0, 0),
    "-": lambda args: arithmetic("-", args),
    "*": lambda args: arithmetic("*", args) if args else Type(t.INT, 1, 1),
    "inc": lambda args: arithmetic("+", (*args, Type(t.INT, 1, 1))),
    "dec": lambda args: arithmetic("-", (*args, Type(t.INT, 1, 1))),
    "/": lambda args: t.FLOAT_TYPE if len(args) == 1 or args[0].only(t.FLOAT) else t.NUMBER_TYPE,
    "modulo": _modulo,
    "abs": _abs,
    "min": _min,
    "max": _max,
    "expt": lambda args: t.FLOAT_TYPE if any(arg.only(t.FLOAT) for arg in args) else t.NUMBER_TYPE,
    "car": _car,
    "first": _car,
    "cdr": _cdr,
    "rest": _cdr,
    "cons": _cons,
    "list": _list,
    "hash-map": _hash_map,
    "hash-map-set": _hash_map_set,
    "assoc": _hash_map_set,
    "hash-map-get": _hash_map_get,
    "get": _hash_map_get,
    "hash-map-get-or": _hash_map_get_or,
    "hash-map-keys": _keys,
    "hash-map-values": _values,
    "hash-map-entries": _entries,
    "range": _range,
    "iterate": lambda args: t.LIST_TYPE,
    "identity": _keep,
    "string": _string,
    "string-append": _joined,
    "string-join": lambda args: Type(t.STR | t.OTHER),
    "vigy-get": _vigy_get,
}


def _expects(words: str, *masks: int) -> dict[str, tuple[int, ...]]:
    return dict.fromkeys(words.split(), masks)


_NONEMPTY = t.ARRAY | t.CELL | t.VEC

# The last mask stands for all further arguments.
EXPECTS: dict[str, tuple[int, ...]] = {
    **_expects("+ - * / = < > <= >= inc dec abs min max zero? positive? negative? expt sqrt", t.NUMBER),
    **_expects("modulo even? odd? bit-and bit-or bit-xor", t.INT),
    **_expects("car cdr first rest", _NONEMPTY),
    **_expects("length reverse append concat", t.ANY_LIST),
    **_expects("string-append", t.STR | t.OTHER),
    **_expects("string-length string-upcase string-downcase string-trim string->symbol", t.STR),
    **_expects(
        "hash-map-get hash-map-get-or hash-map-set hash-map-has? hash-map-keys hash-map-values hash-map-entries "
        "hash-map-count hash-map-remove get assoc dissoc",
        t.MAP,
        t.ALL,
    ),
    **_expects("map filter remove for-each take drop nth", t.ALL, t.ANY_LIST),
    **_expects("foldl foldr", t.ALL, t.ALL, t.ANY_LIST),
}
