from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.errors import Invalid
from vigyc.model.name import checked_name


@pytest.mark.parametrize(
    "name", ["x", "sync-tear", "Ärger im Büro", "日本", "a" * 253, "0123456789abcde", "🙂", "a=b,c"]
)
def test_names(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"),
        ("a" * 254, "at most 253"),
        (" a", "space"),
        ("a\n", "space"),
        ("a\u00a0", "space"),
        ("-a", "option"),
        ("8c5f16a99099ee58", "read as an id"),
        ("8C5F16A99099EE58", "read as an id"),
        ("a\nb", "character 2 (U+000A)"),
        ("a\x1b[31m", "U+001B"),
        ("a\u202eb", "U+202E"),
        ("a\u200bb", "U+200B"),
        ("a\u2066b", "U+2066"),
        ("a\ufeffb", "U+FEFF"),
        ("a\ud800b", "U+D800"),
        ("a\u2028b", "U+2028"),
        (b"a", "it must be text, not bytes"),
        (None, "it must be text, not NoneType"),
    ],
)
def test_no_names(name: object, why: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked_name(name)
    assert why in str(caught.value)


@given(st.text(max_size=300))
def test_an_error_is_one_printable_line(text: str) -> None:
    try:
        outcome = checked_name(text)
    except Invalid as error:
        outcome = str(error)
    assert outcome.isprintable()
