"""Texts nobody should write: they are edited like any other, or refused."""

from __future__ import annotations

import pytest

from vigyc.enhance.edits.apply import Refused, applied
from vigyc.enhance.edits.edit import Delete, Edit, Insert, Rename, Replace, Wrap

HOSTILE = [
    "\x00",
    "\ud800",
    "a\u202eb",
    "\x1b[2J",
    "{0}",
    "%s",
    "é" * 1_000,
    "..",
    "\ufeff\ufeff",
    "\u200b",
    "x" * 100_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_hostile_symbols_and_strings_are_edited_like_any_other(name: str) -> None:
    text = f'(f {name} "{name}") ; {name}\n'
    assert applied(text, [Replace((0, 2), f'"{name}"', "1")]) == f"(f {name} 1) ; {name}\n"
    assert applied(text, [Delete((0, 1), f" {name}")]) == f'(f "{name}") ; {name}\n'
    assert applied(text, [Rename(f" {name}", "g")]) == f'(f g "{name}") ; {name}\n'
    assert applied(text, [Rename("f", f" {name}", (0, 0))]) == f'({name} {name} "{name}") ; {name}\n'
    assert applied("(f)", [Insert((0, 1), f" {name} ; {name}")]) == f"(f {name} ; {name}\n   )"
    assert applied(text, [Wrap((0, 1), f" {name}", "(g _)")]) == f'(f (g {name}) "{name}") ; {name}\n'


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_refusal_shows_nothing_that_cannot_be_seen_and_is_short(name: str) -> None:
    with pytest.raises(Refused) as refused:
        applied(f'("{name}")', [Replace((0, 0), f" {name}", "1")])
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1_200


def test_a_string_of_a_megabyte_is_edited() -> None:
    text = '(f "' + "x\n" * 500_000 + '" a)'
    assert applied(text, [Replace((0, 2), "a", "(b\n  c)")]).endswith('\n" (b\n    c))')


def test_deep_forms_are_edited_at_every_level() -> None:
    text = "(" * 9_998 + ")" * 9_998
    edits: list[Edit] = [
        Insert((0,) * 9_999, "'a"),
        Rename("a", "b"),
        Replace((0,) * 9_999, "'b", "(c)"),
        Wrap((0,), text, "_"),
    ]
    assert applied(text, edits[:3]) == "(" * 9_998 + "(c)" + ")" * 9_998
    assert applied(text, edits[3:]) == text
    assert applied(text, [Delete((0,), text)]) == ""


def test_a_refused_edit_leaves_the_edits_and_the_text_as_they_were() -> None:
    text, edits = "(a b)\n", [Delete((0, 0), "a"), Delete((0, 0), "c")]
    for _ in range(2):
        with pytest.raises(Refused, match=r"^edits\[1\] \(delete at \[0, 0\]\): expected `c`, and there is `b`"):
            applied(text, edits)
    assert applied(text, edits[:1]) == "(b)\n"
