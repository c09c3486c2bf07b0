"""From a list of fields to functions over maps: `define-record`."""

from __future__ import annotations

from vigyc.frontend.macros.call import Call, Malformed, symbol_of
from vigyc.lang.datum import Form, ListForm, keyword, symbol

TYPE_KEY = "tatara-record-type"


def define_record(call: Call) -> Form:
    """`(define-record name (field...))`: make-NAME, NAME?, NAME->map, NAME-FIELD and NAME-set-FIELD."""
    call.require(2, 2)
    fields = call.operands[1]
    if not isinstance(fields, ListForm):
        raise Malformed
    name = symbol_of(call.operands[0]).name
    names = [symbol_of(field).name for field in fields.items]
    definitions = [_maker(call, name, fields.items), _predicate(call, name), _to_map(call, name)]
    for field in names:
        definitions += [_getter(call, name, field), _setter(call, name, field)]
    return call.special("begin", *definitions)


def _define(call: Call, name: str, params: list[Form], body: Form) -> Form:
    return call.special("define", call.form(call.atom(symbol(name)), *params), body)


def _maker(call: Call, name: str, fields: list[Form]) -> Form:
    entries = [call.atom(keyword(TYPE_KEY)), call.atom(keyword(name))]
    for field in fields:
        entries += [call.atom(keyword(symbol_of(field).name)), field]
    return _define(call, f"make-{name}", fields, call.apply("hash-map", *entries))


def _predicate(call: Call, name: str) -> Form:
    record = call.atom(symbol("r"))
    marker = call.apply("hash-map-get", record, call.atom(keyword(TYPE_KEY)))
    test = call.apply("eq?", marker, call.atom(keyword(name)))
    return _define(call, f"{name}?", [record], call.special("and", call.apply("hash-map?", record), test))


def _to_map(call: Call, name: str) -> Form:
    record = call.atom(symbol("r"))
    return _define(call, f"{name}->map", [record], record)


def _getter(call: Call, name: str, field: str) -> Form:
    record = call.atom(symbol("r"))
    return _define(call, f"{name}-{field}", [record], call.apply("hash-map-get", record, call.atom(keyword(field))))


def _setter(call: Call, name: str, field: str) -> Form:
    record, value = call.atom(symbol("r")), call.atom(symbol("v"))
    changed = call.apply("hash-map-set", record, call.atom(keyword(field)), value)
    return _define(call, f"{name}-set-{field}", [record, value], changed)
