"""Strings and numbers at the edges of what Python holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vigyc
from hostile.running import outcome, quoted


@pytest.mark.parametrize(
    "text",
    ["\x00", "a\x00b", "'", "'''", '"""', "\\", "\\\\n", "{x}", "%s", "\r\n", "\x1b[31m", "\u2028", "\u202e", "",
     "😀" * 1000, "x" * 100_000, "# -*- coding: rot13 -*-", "${x}", "\N{ZERO WIDTH SPACE}", "\x7f", "é"],
    ids=lambda text: ascii(text)[:20],
)  # fmt: skip
def test_strings_come_back_whole(text: str) -> None:
    program = vigyc.compile(f"(list {quoted(text)} (string-length {quoted(text)}))", cache=False)
    assert program.eval(vigyc.Host()) == [text, len(text)]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_string_comes_back_whole(text: str) -> None:
    assert vigyc.compile(quoted(text), cache=False).eval(vigyc.Host()) == text


def test_lone_surrogates_are_refused_or_kept_but_never_crash() -> None:
    assert outcome('"\ud800"')[0] in '"!'
    assert outcome("(define \udfff 1) 2")[0] in "2!"
    assert outcome("; \udc80\n3")[0] in "3!"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9223372036854776000"),
        ("-9223372036854775809", "-9223372036854776000"),
        ("1e400", "inf"),
        ("-1e400", "-inf"),
        ("1e-400", "0"),
        ("5e-324", "0." + "0" * 323 + "5"),
        ("0" * 10_000 + "7", "7"),
        ("9" * 400, "inf"),
        ("+0", "0"),
        ("-0.0", "-0"),
    ],
)
def test_numbers_at_the_limits(text: str, printed: str) -> None:
    assert outcome(text) == printed
    assert outcome(f"'{text}") == printed
    assert outcome(f"((lambda (x) x) {text})") == printed


def test_a_number_of_a_million_digits() -> None:
    assert outcome("1" * 1_000_000) == "inf"


@pytest.mark.parametrize("operation", ["+", "-", "*", "/", "modulo", "expt", "min", "max", "gcd", "lcm", "bit-xor",
                                       "bit-shift-left", "atan2", "compare", "<", "="])  # fmt: skip
def test_extreme_arguments_give_a_value_or_a_named_error(operation: str) -> None:
    extremes = ["9223372036854775807", "-9223372036854775808", "0", "-1", "inf", "-inf", "nan", "1e308", "-0.0",
                "5e-324", "#t", '"x"', "()"]  # fmt: skip
    kinds = {"!integer-overflow", "!type-mismatch", "!division-by-zero"}
    for a in extremes:
        for b in extremes:
            got = outcome(f"({operation} {a} {b})")
            assert not got.startswith("!") or got in kinds, f"({operation} {a} {b}) -> {got}"


@pytest.mark.parametrize(
    "text",
    ['(string-repeat "ab" 99999999999)', "(iterate inc 0 9223372036854775807)", "(repeat-list 0 9223372036854775807)",
     "(range 9223372036854775807)", "(repeatedly (lambda () 1) 9223372036854775807)", "(range 0 5 0)",
     '(string-replace (string-repeat "a" 10000000) "a" (string-repeat "b" 10000000))',
     "(range 0 1 1e-300)"],
)  # fmt: skip
def test_too_large_a_result_is_an_error_before_it_is_built(text: str) -> None:
    assert outcome(text) == "!size-exceeded"


def test_doubling_a_string_for_ever_ends() -> None:
    assert outcome('(define (grow s) (grow (string-append s s))) (grow "x")') == "!size-exceeded"


def test_doubling_a_list_for_ever_ends() -> None:
    assert outcome("(define (grow s) (grow (append s s))) (grow (list 1))") == "!size-exceeded"
