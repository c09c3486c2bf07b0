from __future__ import annotations

from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st


def test_cutting(pure: Any) -> None:
    assert pure("str-strip-prefix", "vv1", "v") == "v1"
    assert pure("str-strip-suffix", "a.txt", ".md") == "a.txt"
    assert pure("str-split-once", "a=b=c", "=") == ["a", "b=c"]
    assert pure("str-split-once", "abc", "=") is None
    assert pure("str-split-once", "abc", "") is None
    assert pure("str-truncate", "abc", 3) == "abc"
    assert pure("str-truncate", "äöüß", 2, "…") == "ä…"
    assert "room for the mark" in pure.raised("str-truncate", "abc", 2, "...")


def test_lines_and_words(pure: Any) -> None:
    assert pure("str-lines", "a\r\nb\n\nc\x85d\u2028e\rf") == ["a", "b", "", "c\x85d\u2028e\rf"]
    assert pure("str-lines", "") == []
    assert pure("str-lines", "\n\n") == ["", ""]
    assert pure("str-words", " \ta\u00a0b\n") == ["a", "b"]
    assert pure("str-indent", "a\n\nb\n", "> ") == "> a\n\n> b\n"


def test_padding(pure: Any) -> None:
    assert pure("str-pad-left", "7", 3, "0") == "007"
    assert pure("str-pad-left", "abc", -1) == "abc"
    assert pure("str-pad-right", "é", 3) == "é  "
    assert pure.raised("str-pad-left", "a", 2**26 + 1).startswith("size-exceeded")
    assert "one character" in pure.raised("str-pad-right", "a", 5, "ab")


def test_looking(pure: Any) -> None:
    assert pure("str-blank?", "") is True
    assert pure("str-blank?", " \u3000\n") is True
    assert pure("str-blank?", " .") is False
    assert pure("str-count", "aaaa", "aa") == 2
    assert pure("str-last-index", "äbäb", "b") == 3
    assert pure("str-last-index", "a", "x") == -1
    assert pure.raised("str-count", "a", "") == "native-fn: in native `str-count`: the part is empty"


@pytest.mark.parametrize(
    ("text", "slug"),
    [("Crème Brûlée!", "creme-brulee"), ("--a__b--", "a-b"), ("日本", ""), ("ﬁn ²", "fin-2"), ("ß", "")],
)
def test_slugs(pure: Any, text: str, slug: str) -> None:
    assert pure("str-slug", text) == slug


def test_ints_in_strings(pure: Any) -> None:
    assert pure.value("str-to-int", "-0042") == -42
    assert pure.value("str-to-int", "zz", 36) == 1295
    assert pure.value("str-to-int", str(-(2**63))) == -(2**63)
    assert pure.error("str-to-int", str(2**63)) == ("decode", "the integer does not fit 64 bits")
    for text in ("", " 1", "1_000", "0x1f", "１", "1.0", "9" * 5000, "--1"):
        assert pure.error("str-to-int", text) == ("decode", "not an integer in base 10")
    assert pure.error("str-to-int", "12", 2) == ("decode", "not an integer in base 2")
    assert "from 2 to 36" in pure.raised("str-to-int", "1", 1)


def test_floats_in_strings(pure: Any) -> None:
    assert [pure.value("str-to-float", text) for text in ("1", "-.5", "2.", "1e-3")] == [1.0, -0.5, 2.0, 0.001]
    for text in ("", "inf", "nan", "1_0.0", " 1", "1e", "."):
        assert pure.error("str-to-float", text) == ("decode", "not a decimal number")
    assert pure.error("str-to-float", "1e999") == ("decode", "the number is out of range")


def test_the_natural_order(pure: Any) -> None:
    names = ["v10", "v9", "v1.10", "v1.9", "v01", "v1", "a", "10", "9", "", "v", "V1"]
    ordered = sorted(names, key=cmp_to_key(lambda a, b: pure("str-compare-natural", a, b)))
    assert ordered == ["", "9", "10", "V1", "a", "v", "v01", "v1", "v1.9", "v1.10", "v9", "v10"]


@given(a=st.text("a10."), b=st.text("a10."), c=st.text("a10."))
def test_the_natural_order_is_an_order(pure: Any, a: str, b: str, c: str) -> None:
    def compare(x: str, y: str) -> int:
        return pure("str-compare-natural", x, y)

    assert compare(a, b) == -compare(b, a)
    assert (compare(a, b) == 0) == (a == b)
    assert not (compare(a, b) < 0 and compare(b, c) < 0) or compare(a, c) < 0


def test_wrong_types_are_named(pure: Any) -> None:
    assert pure.raised("str-reverse", 5) == "type-mismatch: `str-reverse`: text must be a string, got int"
    assert pure.raised("str-reverse") == "arity-mismatch: `str-reverse` expected Exact(1), got 0"
