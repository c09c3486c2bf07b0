from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.errors import Invalid
from vigyc.model.selector import Selector

LABELS = {"team": "db", "tier": "prod", "a/b": "x=y", "empty": ""}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("  ", True),
        (" , ", True),
        ("team=db", True),
        ("team==db", True),
        ("team=web", False),
        ("team!=web", True),
        ("team!=db", False),
        ("none!=db", True),
        ("none=", False),
        ("empty=", True),
        ("team", True),
        ("none", False),
        ("!team", False),
        ("!none", True),
        ("a/b=x=y", True),
        ("a/b!=x=y", False),
        ("team=db,tier=prod", True),
        (" team = db , tier != test,", True),
        ("team=db,tier=test", False),
        ("team=web,tier=prod", False),
        ("! none", True),
    ],
)
def test_what_matches(text: str, matches: bool) -> None:
    assert Selector.parse(text).matches(LABELS) is matches


@pytest.mark.parametrize("piece", ["a b", "=v", "!=v", "!", "!!a", "a!", "a!b=c", "!a=b", "ä=b", "a=b\x07"])
def test_what_is_wrong_is_found_when_read_and_named(piece: str) -> None:
    with pytest.raises(Invalid) as caught:
        Selector.parse(f"none=at-all,{piece}")
    assert f"selector term {piece!r}" in str(caught.value)


@given(st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy")), st.sampled_from("abc"), st.sampled_from("xy"))
def test_negations_are_negations(labels: dict[str, str], key: str, value: str) -> None:
    def chosen(text: str) -> bool:
        return Selector.parse(text).matches(labels)

    assert chosen(f"{key}={value}") is (labels.get(key) == value)
    assert chosen(f"{key}!={value}") is not chosen(f"{key}={value}")
    assert chosen(f"!{key}") is not chosen(key)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        outcome = repr(Selector.parse(text))
    except Invalid as error:
        outcome = str(error)
    assert outcome.isprintable()
