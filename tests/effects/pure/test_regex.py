from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.effects.data import patterns

PATTERNS = st.sampled_from(["a*", "a+", "(a)|(b)", "\\b", "$", "^", "", "[ab]+é?", "(?:ab)*", "x?", ".", "(a*)(b*)"])


@given(pattern=PATTERNS, text=st.text("abxé😀 \n", max_size=12))
def test_matches_are_those_of_python(pure: Any, rec: Any, pattern: str, text: str) -> None:
    ascii_pattern = re.compile(pattern.replace("$", "\\Z"), re.ASCII)
    expected = list(ascii_pattern.finditer(text))
    found = pure("regex-find-all", pattern, text)
    if pattern in {"a*", "", "(?:ab)*", "x?", "(a*)(b*)"}:  # engines differ in where they look on after an empty match
        expected = [m for m in expected if m.group()]
        found = [m for m in found if m[next(iter(rec(text=0)))]]
    assert found == [rec(text=m.group(), start=m.start(), end=m.end(), groups=list(m.groups())) for m in expected]
    assert pure("regex-match?", pattern, text) == (ascii_pattern.fullmatch(text) is not None)


def test_empty_matches_come_once(pure: Any) -> None:
    assert [list(m.values())[1] for m in pure("regex-find-all", "\\b", "  ab")] == [2, 4]
    assert len(pure("regex-find-all", "$", "ab")) == 1
    assert pure("regex-replace-all", "\\b", "ab cd", "|") == "|ab| |cd|"


def test_places_count_characters(pure: Any, rec: Any) -> None:
    assert pure("regex-find", "(ü)(x)?", "😀äü") == rec(text="ü", start=2, end=3, groups=["ü", None])
    assert pure("regex-find", "x", "äü") is None


def test_f11_a_catastrophic_pattern_ends_at_once(pure: Any) -> None:
    start = time.monotonic()
    for pattern in ("(a+)+$", "(a|aa)+$", "(a*)*b", "(.*a){20}", "(x+x+)+y", "(a|a?)+$"):
        pure("regex-match?", pattern, "a" * 50_000 + "!")
        pure("regex-find", pattern, "a" * 50_000 + "!")
    assert time.monotonic() - start < 2


def test_f11_all_matches_have_a_limit_of_time(pure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MOST_SECONDS", 0.2)
    start = time.monotonic()
    assert "this takes longer than 0.2 s" in pure.raised("regex-find-all", "a+b|a", "a" * 200_000)
    assert time.monotonic() - start < 2


def test_f11_large_patterns_are_for_small_texts(pure: Any) -> None:
    large = "(?:(?:[a-z]?){1000})c"
    assert pure("regex-match?", large, "abc") is True
    assert "the text is too long for this pattern: at most" in pure.raised("regex-find", large, "x" * 1_000_000)
    assert "longer than 4096 characters" in pure.raised("regex-find", "a" * 4097, "a")
    assert pure.raised("regex-find", "(\\pL|\\pN){1000}", "a") == (
        "native-fn: in native `regex-find`: bad pattern: pattern too large - compile failed"
    )


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a", "missing ): (a"),
        ("a**", "bad repetition operator: **"),
        ("(a)\\1", "invalid escape sequence: \\1"),
        ("(?=a)", "invalid perl operator: (?="),
        ("[b-a]", "invalid character class range: b-a"),
        ("\ud800", "half of a surrogate pair"),
    ],
)
def test_a_bad_pattern_is_an_error_of_the_program(pure: Any, pattern: str, why: str) -> None:
    for name in ("regex-match?", "regex-find", "regex-find-all", "regex-split"):
        assert pure.raised(name, pattern, "a") == f"native-fn: in native `{name}`: bad pattern: {why}"


def test_odd_texts_are_refused(pure: Any) -> None:
    for name in ("regex-match?", "regex-find", "regex-split"):
        assert "half of a surrogate pair in the text" in pure.raised(name, "a", "\ud800")


def test_replacing(pure: Any) -> None:
    assert pure("regex-replace", "a", "aaa", "b") == "baa"
    assert pure("regex-replace-all", "(?P<k>[a-z])=(\\d)?", "a=1, b=", "${k}:$2;$0$$") == "a:1;a=1$, b:;b=$"
    assert pure("regex-replace-all", "(a)", "a", "${1}0") == "a0"
    assert pure("regex-replace-all", "\\\\", "a\\b", "\\n") == "a\\nb"
    assert pure("regex-replace-all", "x", "abc", "$$") == "abc"
    assert "the pattern has no group 2" in pure.raised("regex-replace", "(a)", "a", "$2")
    assert "the pattern has no group k" in pure.raised("regex-replace", "(a)", "a", "${k}")
    assert "$ in a replacement stands before" in pure.raised("regex-replace", "a", "a", "$x")
    assert pure.raised("regex-replace-all", "a", "a" * 70, "x" * 2**20).startswith("size-exceeded")


def test_splitting_and_escaping(pure: Any) -> None:
    assert pure("regex-split", "[,;] *", ",a;  b,") == ["", "a", "b", ""]
    assert pure("regex-split", "x", "") == [""]
    assert pure("regex-split", "x*", "axbxxc") == ["a", "b", "c"]
    assert pure("regex-match?", pure("regex-escape", "a.*(é)\n$"), "a.*(é)\n$") is True


def test_the_compiled_patterns_are_few(pure: Any) -> None:
    for number in range(300):
        assert pure("regex-match?", f"a{number}", f"a{number}") is True
    assert patterns._compiled.cache_info().currsize <= 256
