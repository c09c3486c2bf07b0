from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=20)
LEAVES = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=12
)


@given(data=st.dictionaries(TEXTS, DATA, max_size=4))
def test_what_is_written_is_read_back(pure: Any, data: object) -> None:
    assert pure.value("toml-parse", pure.value("toml-write", data)) == data


def test_dates_and_times_are_texts(pure: Any) -> None:
    text = (
        "utc = 1979-05-27T07:32:00Z\noffset = 1979-05-27T00:32:00.5-07:00\n"
        "local = 1979-05-27T07:32:00\nday = 1979-05-27\nhour = [07:32:00]"
    )
    assert pure.value("toml-parse", text) == {
        "utc": "1979-05-27T07:32:00Z", "offset": "1979-05-27T00:32:00.500000-07:00",
        "local": "1979-05-27T07:32:00", "day": "1979-05-27", "hour": ["07:32:00"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nb = ", "end of document: invalid value"),
        ("a = 1\n\nb = x\n", "line 3, column 5: invalid value"),
        ("a = 1\na = 2\n", "line 2, column 6: cannot overwrite a value"),
        ("a = 9223372036854775808", "9223372036854775808 does not fit 64 bits"),
        ("a = " + "9" * 5000, "an integer does not fit 64 bits"),
        ("a = " + "[" * 101 + "]" * 101, "nested more than 100 deep"),
    ],
)
def test_what_is_no_toml_is_refused(pure: Any, text: str, message: str) -> None:
    assert pure.error("toml-parse", text) == ("decode", message)


def test_f11_bombs_are_refused_at_once(pure: Any) -> None:
    start = time.monotonic()
    bombs = (
        "a=" + "[" * 10**5, "a=" + "{a=" * 10**5, ".".join("a" * 10**5) + "=1", "[" + " . ".join("a" * 10**5) + "]",
        "x={" + ".".join(['"a"'] * 10**5) + "=1}", "a=" + "[" * 99 + "{" + ".".join("a" * 99) + "=1}" + "]" * 99,
    )  # fmt: skip
    for bomb in bombs:
        assert pure.error("toml-parse", bomb) == ("decode", "nested more than 100 deep")
    assert pure.raised("toml-parse", "#" * (2**22 + 1)).startswith("size-exceeded")
    assert time.monotonic() - start < 5


def test_many_dots_outside_of_keys_are_no_bomb(pure: Any) -> None:
    text = "a = [" + ", ".join(["1.5"] * 300) + ']\nb = "' + "." * 600 + '"'
    assert len(pure.value("toml-parse", text)["a"]) == 300


def test_what_toml_cannot_say_is_refused(pure: Any) -> None:
    assert pure.error("toml-write", {"a": {"b": [1, None]}}) == ("encode", "TOML has no nil, which is at a.b.1")
    assert pure.error("toml-write", [1]) == ("encode", "the whole must be a map")
    nested: object = 1
    for _ in range(200):
        nested = [nested]
    assert pure.error("toml-write", {"a": nested}) == ("encode", "nested more than 100 deep")
