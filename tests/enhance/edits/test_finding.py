from __future__ import annotations

import pytest

from vigyc.enhance.edits.apply import applied
from vigyc.enhance.edits.edit import Replace
from vigyc.enhance.edits.finding import walked
from vigyc.lang.errors import CompileError


def test_forms_are_found_with_their_paths_and_texts_in_the_order_they_begin() -> None:
    found = walked("(é '(b ; c\n  c)) `d")
    assert [(place.path, place.text) for place in found] == [
        ((0,), "(é '(b ; c\n  c))"),
        ((0, 0), "é"),
        ((0, 1), "'(b ; c\n  c)"),
        ((0, 1, 0), "(b ; c\n  c)"),
        ((0, 1, 0, 0), "b"),
        ((0, 1, 0, 1), "c"),
        ((1,), "`d"),
        ((1, 0), "d"),
    ]
    assert repr(found[1]) == "Located((0, 0), Atom(symbol('é')))"
    assert found[1].outer is found[0]


def test_a_text_that_cannot_be_read_has_no_forms() -> None:
    with pytest.raises(CompileError, match="unmatched closing paren"):
        walked("a)")


def test_what_is_found_can_be_replaced_however_deep_it_is() -> None:
    text = "(" * 9_999 + "a" + ")" * 9_999
    deepest = walked(text)[-1]
    assert len(deepest.path) == 10_000
    assert applied(text, [Replace(deepest.path, "a", "b")]) == text.replace("a", "b")


def test_many_edits_of_a_long_text_are_all_applied() -> None:
    text = "(define (f x)\n  ; é\n  (if (> x 1) (g x) 'no))\n" * 2_000
    edits = [Replace((place.path[0], 2, 1, 2), "1", "2") for place in walked(text) if len(place.path) == 1][:1_000]
    changed = applied(text, edits)
    assert changed == text.replace("> x 1", "> x 2", 1_000)
