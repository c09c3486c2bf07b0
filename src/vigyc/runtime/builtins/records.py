"""From what a definition is given to the code that stands for it, as data: records, `case`, `match`, typed definitions.

These are the functions that a program's own macros may build on; the library's macros do the same at compile time.
"""

from __future__ import annotations

from vigyc.lang.datum import Keyword, Symbol, keyword, symbol
from vigyc.runtime.builtins.list_library import first, second
from vigyc.runtime.builtins.strings import symbol_name
from vigyc.runtime.lists import car, is_list, walked
from vigyc.runtime.native import native
from vigyc.runtime.values import ErrorValue

_ELSE, _ANYTHING, _ASK, _QUOTE = symbol("else"), symbol("_"), symbol("?"), symbol("quote")
_ATOMS = frozenset({type(None), bool, int, float, str, Keyword})


def _call(name: str, *args: object) -> list[object]:
    return [symbol(name), *args]


@native("record-keyword", 1)
def record_keyword(field: object, /) -> Keyword:
    """The key that holds a field."""
    return keyword(symbol_name(field))


@native("record-field-accessor", 2)
def record_field_accessor(record_name: object, field: object, /) -> list[object]:
    """The definition of the function that reads a field."""
    name = symbol(f"{symbol_name(record_name)}-{symbol_name(field)}")
    record = symbol("r")
    return _call("define", [name, record], _call("hash-map-get", record, record_keyword(field)))


@native("record-field-setter", 2)
def record_field_setter(record_name: object, field: object, /) -> list[object]:
    """The definition of the function that gives a record with another value in a field."""
    name = symbol(f"{symbol_name(record_name)}-set-{symbol_name(field)}")
    record, value = symbol("r"), symbol("v")
    return _call("define", [name, record, value], _call("hash-map-set", record, record_keyword(field), value))


@native("case-build-clause", 2)
def case_build_clause(key: object, clause: object, /) -> list[object]:
    """A clause of `case` as a clause of `cond`; `key` is the code of the key."""
    head, *body = walked(clause) or [car(clause)]
    if head is _ELSE:
        return [head, *body]
    if not is_list(head):
        return [_test(key, head), *body]
    return [_call("or", *[_test(key, literal) for literal in walked(head)]), *body]


def _test(place: object, literal: object) -> list[object]:
    return _call("equal?", place, _call("quote", literal))


@native("compile-match-pattern", 2)
def compile_match_pattern(value: object, pattern: object, /) -> object:
    """(TEST BINDINGS): the code that tells whether `value`, a name, fits, and the ((name place)...) to bind.

    For what is no pattern, an error value of tag `match`.
    """
    tests: list[object] = []
    bindings: list[object] = []
    todo = [(value, pattern)]
    while todo:
        place, part = todo.pop()
        if part is _ANYTHING:
            continue
        if part.__class__ is Symbol:
            bindings.append([part, place])
        elif part.__class__ in _ATOMS:
            tests.append(_call("equal?", place, part))
        elif is_list(part):
            _list_pattern(place, walked(part), tests, bindings, todo)
        else:
            return ErrorValue("match", "unsupported pattern shape")
    test = True if not tests else tests[0] if len(tests) == 1 else _call("and", *tests)
    return [test, bindings]


def _list_pattern(
    place: object, parts: list[object], tests: list[object], bindings: list[object], todo: list[tuple[object, object]]
) -> None:
    if len(parts) == 2 and parts[0] is _QUOTE:
        tests.append(_call("equal?", place, _call("quote", parts[1])))
    elif len(parts) >= 2 and parts[0] is _ASK:
        tests.append([parts[1], place])
        if len(parts) > 2:
            bindings.append([parts[2], place])
    else:
        tests += (_call("list?", place), _call("=", _call("length", place), len(parts)))
        todo += [(_call("nth", index, place), part) for index, part in reversed(list(enumerate(parts)))]


@native("compile-list-pattern", 2)
def compile_list_pattern(value: object, pattern: object, /) -> object:
    """As `compile-match-pattern`, for a list of patterns."""
    walked(pattern)
    return compile_match_pattern(value, pattern)


@native("compile-match-clauses", 2)
def compile_match_clauses(value: object, clauses: object, /) -> list[object]:
    """The `cond` for the clauses (pattern body...) of a `match`; `value` is the name of the value."""
    return _call("cond", *[_match_clause(value, clause) for clause in walked(clauses)])


def _match_clause(value: object, clause: object) -> list[object]:
    pattern, *body = walked(clause) or [car(clause)]
    if pattern is _ELSE:
        return [pattern, *body]
    compiled = compile_match_pattern(value, pattern)
    test, bindings = first(compiled), second(compiled)
    return [test, _call("let", bindings, *body)] if bindings else [test, *body]


@native("defn-typed-args", 1)
def defn_typed_args(pairs: object, /) -> list[object]:
    """The names of a typed parameter list ((name type)...)."""
    return [first(pair) for pair in walked(pairs)]


@native("defn-typed-checks", 1)
def defn_typed_checks(pairs: object, /) -> list[object]:
    """The checks of a typed parameter list: (the type name) for each."""
    return [_call("the", second(pair), first(pair)) for pair in walked(pairs)]
