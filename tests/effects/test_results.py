"""What a program makes of a result."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from vigyc.effects.packs.result import PACK
from vigyc.effects.result import done, failed
from vigyc.lang.datum import keyword
from vigyc.lang.errors import Thrown, TickError
from vigyc.runtime.edge import caught
from vigyc.runtime.maps import put
from vigyc.runtime.values import ErrorValue

OK, VALUE, ERROR = keyword("ok"), keyword("value"), keyword("error")
is_ok, ok_value, ok_or, error_of = (PACK.functions[name] for name in ("ok?", "ok-value", "ok-or", "error-of"))
GOOD, BAD = done([1]), failed("not-found", "no a.txt")


def grown(result: dict[object, object]) -> object:
    """The same result as a large map that shares."""
    found: object = result
    for at in range(40):
        found = put(found, at, at)
    return found


@pytest.mark.parametrize("form", [lambda result: result, grown])
def test_a_good_result(form: Callable[..., object]) -> None:
    good = form(GOOD)
    assert is_ok(good) is True
    assert ok_value(good) == [1]
    assert ok_or(good, 7) == [1]
    assert error_of(good) is None


@pytest.mark.parametrize("form", [lambda result: result, grown])
def test_a_bad_result(form: Callable[..., object]) -> None:
    bad = form(BAD)
    assert is_ok(bad) is False
    assert ok_or(bad, 7) == 7
    assert error_of(bad) is BAD[ERROR]


def test_the_value_of_a_bad_result_raises_its_error_as_catch_sees_it() -> None:
    with pytest.raises(TickError) as raised:
        ok_value(BAD)
    assert (raised.value.kind, raised.value.short) == ("not-found", "no a.txt")
    error = caught(raised.value)
    assert isinstance(error, ErrorValue)
    assert (error.tag, error.message) == ("not-found", "no a.txt")


@pytest.mark.parametrize("error", [ErrorValue("bad", "with data", [keyword("line"), 3]), "a text", None])
def test_what_a_program_put_there_as_an_error_is_thrown_whole(error: object) -> None:
    with pytest.raises(Thrown) as raised:
        ok_value({OK: False, ERROR: error})
    assert raised.value.value is error


@pytest.mark.parametrize(
    "value",
    [None, 1, "x", [OK, True], {}, {OK: True}, {OK: False}, {OK: 1, VALUE: 2, ERROR: 3}, {"ok": True, "value": 1},
     {VALUE: 1}, {OK: None, ERROR: 1}, {OK: True, ERROR: 1}, {OK: False, VALUE: 1}],
)  # fmt: skip
def test_what_is_no_result_is_a_type_mismatch_that_names_the_operation(value: object) -> None:
    for name in ("ok?", "ok-value", "error-of"):
        with pytest.raises(TickError, match=re.escape(f"`{name}`: result must be a result")) as raised:
            PACK.functions[name](value)
        assert raised.value.kind == "type-mismatch"
    with pytest.raises(TickError, match="`ok-or`"):
        ok_or(value, 0)


def test_arity() -> None:
    with pytest.raises(TickError, match=r"`ok-or` expected Exact\(2\), got 1"):
        ok_or(GOOD)
