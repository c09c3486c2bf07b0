from __future__ import annotations

import pytest

from vigyc.model.vigy_id import is_vigy_id, vigy_id


@pytest.mark.parametrize(
    ("name", "program", "expected"),
    [
        ("sync-tear", "(defvigy ...)", "8c5f16a99099ee58"),
        ("x", "y", "6b7ef78e5f924277"),
        ("test", "(vigy-noop)", "eeec2d17d4cce9b9"),
        ("", "(vigy-noop)", "39e3438bcc589fe0"),
    ],
)
def test_ids_are_those_of_the_original(name: str, program: str, expected: str) -> None:
    assert vigy_id(name, program) == expected
    assert is_vigy_id(expected)


def test_the_zero_byte_parts_name_and_program() -> None:
    assert vigy_id("ab", "c") != vigy_id("a", "bc")


def test_any_text_has_an_id() -> None:
    assert is_vigy_id(vigy_id("\ud800", "\udfff"))


@pytest.mark.parametrize(
    "text", ["", "8c5f16a99099ee5", "8c5f16a99099ee588", "8C5F16A99099EE58", "8c5f16a99099ee5g", "8c5f16a99099ee58\n"]
)
def test_what_is_no_whole_id(text: str) -> None:
    assert not is_vigy_id(text)
