"""From patterns to straight tests: `match`, which becomes one `cond` over a value that is evaluated once.

A pattern gives tests, in order, and names with the places they are bound to. Places are `nth` of `nth` of the value:
a list is asked for its length before any element of it, so no test can fail.
"""

from __future__ import annotations

from vigyc.frontend.macros.call import Call, Malformed, elements, is_symbol, symbol_of
from vigyc.lang.datum import Atom, Form, Symbol, symbol

DEEPEST_PATTERN = 100
"""Lists inside one another in a pattern; each adds an `nth` to every place below it."""


def match(call: Call) -> Form:
    """`(match expr (pattern body...)...)`: the first clause whose pattern fits; nil if none does."""
    call.require(1)
    value = call.fresh("match value")
    bindings = [call.form(value, call.operands[0])]
    parts = [elements(clause) for clause in call.operands[1:]]
    length = None
    if sum(_is_list_pattern(clause[0]) for clause in parts if clause) > 1:
        length = call.fresh("match length")
        counted = call.special("if", call.apply("list?", value), call.apply("length", value), call.atom(-1))
        bindings.append(call.form(length, counted))
    clauses = [_clause(call, value, length, clause) for clause in parts]
    return call.special("let*", call.form(*bindings), call.special("cond", *clauses))


def _clause(call: Call, value: Form, length: Form | None, parts: list[Form] | None) -> Form:
    if not parts:
        raise Malformed
    pattern, *body = parts
    if is_symbol(pattern, "else"):
        return call.form(pattern, *body)
    if not body:
        body = [call.bad_form()]
    tests: list[Form] = []
    names: list[Form] = []
    _pattern(call, pattern, value, length, tests, names)
    if names:
        body = [call.special("let", call.form(*names), *body)]
    if not tests:
        return call.form(call.atom(symbol("else")), *body)
    return call.form(tests[0] if len(tests) == 1 else call.special("and", *tests), *body)


def _pattern(
    call: Call,
    pattern: Form,
    place: Form,
    length: Form | None,
    tests: list[Form],
    names: list[Form],
    depth: int = 0,
) -> None:
    """Add what `pattern` asks of the value at `place`; `length` is its length where that is known."""
    items = elements(pattern)
    if items is None:
        assert isinstance(pattern, Atom)
        if not isinstance(pattern.value, Symbol):
            tests.append(call.apply("null?" if pattern.value is None else "equal?", place, pattern))
        elif pattern.value.name != "_":
            names.append(call.form(pattern, place))
    elif _is_quoted(items):
        tests.append(call.apply("equal?", place, call.quote(items[1])))
    elif _is_predicate(items):
        tests.append(call.form(items[1], place))
        if len(items) > 2 and symbol_of(items[2]).name != "_":
            names.append(call.form(items[2], place))
    elif not items:
        tests.append(call.apply("null?", place))
    elif depth > DEEPEST_PATTERN:
        raise Malformed
    else:
        if length is None:
            tests.append(call.apply("list?", place))
            length = call.apply("length", place)
        tests.append(call.apply("=", length, call.atom(len(items))))
        for index, item in enumerate(items):
            _pattern(call, item, call.apply("nth", call.atom(index), place), None, tests, names, depth + 1)


def _is_list_pattern(pattern: Form) -> bool:
    items = elements(pattern)
    return items is not None and bool(items) and not _is_quoted(items) and not _is_predicate(items)


def _is_quoted(items: list[Form]) -> bool:
    return len(items) == 2 and is_symbol(items[0], "quote")


def _is_predicate(items: list[Form]) -> bool:
    return len(items) >= 2 and is_symbol(items[0], "?")
