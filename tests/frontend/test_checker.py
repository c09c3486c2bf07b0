"""What the checker says beside a finding: help that leads somewhere."""

from __future__ import annotations

import pytest

from vigyc.checking import check


@pytest.mark.parametrize(
    ("program", "notes"),
    [
        ("(define count 1) (+ cout 1)", (("help", "did you mean `count`?"),)),
        ("(map not (list 1))", (("help", "`not` is a special form, which is no value: wrap it in a lambda"),)),
        ("(let ((y 1)) (defmacro m (x) x))", (("note", "macros are defined at the top level alone"),)),
        ("(zzyzx)", ()),
    ],
)
def test_an_unbound_name_is_explained(program: str, notes: tuple[tuple[str, str], ...]) -> None:
    first = next(found for found in check(program) if found.id == "unbound-name")
    assert first.notes == notes
