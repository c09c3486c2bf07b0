"""From code to data and back (language reference 5.5, 7.5)."""

from __future__ import annotations

import pytest

from vigyc.lang.datum import Atom, Form, ListForm, PrefixForm, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime.library import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.quoting import form_to_value, value_to_form
from vigyc.runtime.values import ErrorValue, Foreign, Promise, kind_of

S = symbol


def atom(value: object) -> Atom:
    return Atom(value, 0, 1)


def back(value: object) -> Form:
    return value_to_form(value, 3, 9, "eval")


def test_code_as_data() -> None:
    form = ListForm([atom(S("f")), PrefixForm("quote", atom(S("x")), 0, 1), ListForm([], 0, 1), atom("s")], 0, 1)
    value = form_to_value(form)
    assert display(value) == '(f (quote x) () "s")'
    assert value[2] == []  # type: ignore[index]


@pytest.mark.parametrize("prefix", ["quote", "quasiquote", "unquote", "unquote-splice"])
def test_prefixes_there_and_back(prefix: str) -> None:
    value = form_to_value(PrefixForm(prefix, atom(1), 0, 1))
    assert value == [S(prefix), 1]
    form = back(value)
    assert isinstance(form, PrefixForm)
    assert (form.kind, form.start, form.end) == (prefix, 3, 9)


def test_data_as_code() -> None:
    form = back((S("quote"), [1, [], (2, None)]))
    assert isinstance(form, ListForm)
    assert repr(form) == f"ListForm([Atom({S('quote')!r}), Atom(1), ListForm([]), ListForm([Atom(2)])])"
    assert repr(back(None)) == "Atom(None)"
    assert repr(back([S("quote"), [S("quote"), True]])) == "PrefixForm('quote', PrefixForm('quote', Atom(True)))"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (lambda: 1, "a closure — closures cannot be converted to source forms (did you mean to call the closure?)"),
        (NATIVES["not="], "a native function — native fns cannot be converted to source forms"),
        ({}, "a hash map — maps cannot be converted to source forms (emit a `(hash-map ...)` call instead)"),
        (
            Promise(lambda: 1),
            "a promise — promises are runtime values with no source-form representation (force it first)",
        ),
        (
            ErrorValue("a", "b"),
            "an Error value — errors cannot be converted to source forms (use `throw` to raise instead)",
        ),
        (Foreign(), "a foreign Value — foreign values cannot be converted to source forms"),
    ],
    ids=kind_of,
)
def test_what_is_no_code(value: object, reason: str) -> None:
    for nested in (value, [1, [value]]):
        with pytest.raises(TickError) as caught:
            value_to_form(nested, 0, 1, "macro m")
        assert caught.value.short == f"in native `macro m`: macro body returned {reason}"


def test_deep_data_takes_no_stack() -> None:
    nest: object = 1
    for _ in range(100_000):
        nest = [nest]
    form = back(nest)
    assert form_to_value(form) is not nest
    depth = 0
    while isinstance(form, ListForm):
        form, depth = form.items[0], depth + 1
    assert depth == 100_000
