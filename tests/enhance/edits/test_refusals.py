"""Every way an edit may not fit, and what is said of it, word for word."""

from __future__ import annotations

import pytest

from vigyc.enhance.edits.apply import Refused, applied
from vigyc.enhance.edits.edit import Delete, Edit, Insert, Rename, Replace, Wrap

GIVE = "; give as `old` what is there, or the path that leads to the form that is meant"
COUNTED = "; forms are counted from 0, comments not"
OLD_AT = [Replace, Delete, Wrap]


def _edit(kind: type, path: tuple[int, ...], old: str) -> Edit:
    edit: Edit = kind(path, old) if kind is Delete else kind(path, old, "(w _)")
    return edit


def _refusal(text: str, *edits: Edit) -> str:
    with pytest.raises(Refused) as refused:
        applied(text, edits)
    return str(refused.value)


@pytest.mark.parametrize("kind", OLD_AT)
@pytest.mark.parametrize(
    ("text", "path", "old", "reason"),
    [
        ("(a)", (0, 0), "b", f"expected `b`, and there is `a`{GIVE}"),
        ("(a (b))", (0, 1), "( b  c)", f"expected `(b c)`, and there is `(b)`{GIVE}"),
        ('("1")', (0, 0), "1", f'expected `1`, and there is `"1"`{GIVE}'),
        (
            "(f (a b))",
            (0,),
            "(f (a  c))",
            f"expected `(f (a c))`, and there is `(f (a b))` (at [0, 1, 1], `c` and `b`){GIVE}",
        ),
        (
            "(f 'b)",
            (0,),
            "(f '(b))",
            f"expected `(f '(b))`, and there is `(f 'b)` (at [0, 1, 0], `(b)` and `b`){GIVE}",
        ),
        ("(1)", (0, 0), "1.0", f"expected `1.0`, and there is `1`{GIVE}"),
        ("(:a)", (0, 0), "a", f"expected `a`, and there is `:a`{GIVE}"),
        ("('a)", (0, 0), "`a", f"expected ``a`, and there is `'a`{GIVE}"),
        ("(a\u202e)", (0, 0), "\x00", f"expected `\\u{{0}}`, and there is `a\\u{{202e}}`{GIVE}"),
        ('("a\nb")', (0, 0), "x" * 300, f'expected `{"x" * 199}…`, and there is `"a\\nb"`{GIVE}'),
        ("(a)", (1,), "a", f"there is no form [1]: the text has 1 form, index 0{COUNTED}"),
        ("(a b)", (0, 2), "a", f"there is no form [0, 2]: [0] has 2 forms, indices 0 to 1{COUNTED}"),
        ("()", (0, 0), "a", f"there is no form [0, 0]: [0] has no forms{COUNTED}"),
        ("", (0,), "a", f"there is no form [0]: the text has no forms{COUNTED}"),
        ("('a)", (0, 0, 1), "a", f"there is no form [0, 0, 1]: [0, 0] has 1 form, index 0{COUNTED}"),
        ("(a)", (0, 0, 0), "a", f"there is no form [0, 0, 0]: [0, 0] is `a`, which holds no forms{COUNTED}"),
        ("(a)", (0, 0), "(a", "`old` cannot be read: line 1, column 1: unmatched opening paren"),
        ("(a)", (0, 0), "a\n  )", "`old` cannot be read: line 2, column 3: unmatched closing paren"),
        ("(a)", (0, 0), "", "`old` must be the text of one form, and has 0"),
        ("(a)", (0, 0), "a a ; b", "`old` must be the text of one form, and has 2"),
    ],
)
def test_an_old_form_that_is_not_there(kind: type, text: str, path: tuple[int, ...], old: str, reason: str) -> None:
    name = kind.__name__.lower()
    assert _refusal(text, _edit(kind, path, old)) == f"edits[0] ({name} at {list(path)}): {reason}"


@pytest.mark.parametrize("kind", OLD_AT)
def test_an_empty_path(kind: type) -> None:
    assert _refusal("(a)", _edit(kind, (), "(a)")) == (
        f"edits[0] ({kind.__name__.lower()}): the path is empty; it must name a form, as [0] does the first of the text"
    )


def test_an_empty_path_to_insert_at() -> None:
    assert _refusal("(a)", Insert((), "b")) == (
        "edits[0] (insert): the path is empty; it must name a form, as [0] does the first of the text"
    )


@pytest.mark.parametrize(
    ("text", "edit", "reason"),
    [
        (
            "(a)",
            Insert((0, 3), "b"),
            "nothing can be inserted at [0, 3]: [0] has 1 form, index 0; to append, give index 1",
        ),
        ("", Insert((1,), "b"), "nothing can be inserted at [1]: the text has no forms; to append, give index 0"),
        ("(a)", Insert((0, 0, 0), "b"), "nothing can be inserted at [0, 0, 0]: [0, 0] is `a`, which is no list"),
        (
            "('a)",
            Insert((0, 0, 1), "b"),
            "nothing can be inserted at [0, 0, 1]: [0, 0] is `'a`, and a prefix has one form; "
            "replace that form, at [0, 0, 0]",
        ),
        ("(a)", Insert((2, 0), "b"), f"there is no form [2]: the text has 1 form, index 0{COUNTED}"),
        ("(a)", Insert((0, 0), "(b"), "`new` cannot be read: line 1, column 1: unmatched opening paren"),
        (
            "(a)",
            Insert((0, 0), '"é'),
            "`new` cannot be read: line 1, column 1: unterminated string literal at position 0",
        ),
        ("(a)", Insert((0, 0), "b c"), "`new` must be the text of one form, and has 2"),
        ("(a)", Insert((0, 0), "; b"), "`new` must be the text of one form, and has 0"),
        ("(a)", Replace((0, 0), "a", ")"), "`new` cannot be read: line 1, column 1: unmatched closing paren"),
        (
            "('a)",
            Delete((0, 0, 0), "a"),
            "it is the one form behind the prefix `'`, which needs it; delete the prefix with it, at [0, 0]",
        ),
        (
            "(a)",
            Wrap((0, 0), "a", "(b)"),
            "`new` has the symbol `_`, which stands for the old form, 0 times; it must have it once",
        ),
        (
            "(a)",
            Wrap((0, 0), "a", "(_ '_ \"_\" :_) ; _"),
            "`new` has the symbol `_`, which stands for the old form, 2 times; it must have it once",
        ),
    ],
)  # fmt: skip
def test_a_new_form_that_cannot_go_there(text: str, edit: Edit, reason: str) -> None:
    op = type(edit).__name__.lower()
    assert _refusal(text, edit) == f"edits[0] ({op} at {list(edit.path)}): {reason}"


@pytest.mark.parametrize(
    ("text", "edit", "message"),
    [
        (
            "(a)",
            Rename("b", "c"),
            "edits[0] (rename): the symbol `b` does not occur in the text; give one that does, or another path",
        ),
        (
            '("b" :b) ; b\nb',
            Rename("b", "c", (0,)),
            "edits[0] (rename at [0]): the symbol `b` does not occur at [0]; give one that does, or another path",
        ),
        (
            "(b) a",
            Rename("b", "a"),
            "edits[0] (rename): the symbol `a` already occurs in the text; give a name that does not, or another path",
        ),
        (
            "(b (b a))",
            Rename("b", "a", (0, 1)),
            "edits[0] (rename at [0, 1]): the symbol `a` already occurs at [0, 1]; "
            "give a name that does not, or another path",
        ),
        (
            "(b (b a))",
            Rename("b", "a", (0, 1, 1)),
            "edits[0] (rename at [0, 1, 1]): the symbol `a` already occurs at [0, 1, 1]; "
            "give a name that does not, or another path",
        ),
        ("(a)", Rename("a", "a"), "edits[0] (rename): `old` and `new` are both `a`; give another name as `new`"),
        ("(a)", Rename("a", ":b"), "edits[0] (rename): `new` must be a symbol, and is `:b`"),
        ("(a)", Rename("(a)", "b"), "edits[0] (rename): `old` must be a symbol, and is `(a)`"),
        ("(a)", Rename("a", "b c"), "edits[0] (rename): `new` must be the text of one form, and has 2"),
        (
            "(a)",
            Rename("a", "b)"),
            "edits[0] (rename): `new` cannot be read: line 1, column 2: unmatched closing paren",
        ),
        (
            "(a)",
            Rename("a", "b", (1,)),
            f"edits[0] (rename at [1]): there is no form [1]: the text has 1 form, index 0{COUNTED}",
        ),
    ],
)  # fmt: skip
def test_a_rename_that_would_do_nothing_or_too_much(text: str, edit: Edit, message: str) -> None:
    assert _refusal(text, edit) == message


def test_an_edit_is_told_by_its_number_and_meets_what_those_before_it_left() -> None:
    edits = [Delete((0,), "a"), Replace((0,), "b", "c"), Replace((0,), "b", "d")]
    assert _refusal("a b", *edits) == f"edits[2] (replace at [0]): expected `b`, and there is `c`{GIVE}"
    assert applied("a b", edits[:2]) == "c"


@pytest.mark.parametrize(
    ("text", "edits", "message"),
    [
        (
            "(a\n  b))",
            [],
            "the text cannot be read: line 2, column 5: unmatched closing paren; replace it whole, with `source`",
        ),
        ("é" * 524_289, [], "the text has 1048578 bytes; it may have 1048576 at most"),
        (
            "a" * 600_000,
            [Insert((1,), "b" * 600_000)],
            "what the edits make has 1200001 bytes; it may have 1048576 at most",
        ),
        (
            "(" * 10_000 + ")" * 10_000,
            [Insert((1,), "b"), Insert((0,) * 10_001, "'a")],
            "what the edits make cannot be read: line 1, column 10001: nested more than 10000 levels deep",
        ),
    ],
    ids=["unreadable", "long", "grown long", "deep"],
)
def test_a_text_that_cannot_be_edited(text: str, edits: list[Edit], message: str) -> None:
    assert _refusal(text, *edits) == message


def test_where_deep_forms_differ_is_found() -> None:
    deep = "(" * 9_999 + "{}" + ")" * 9_999
    refusal = _refusal(deep.format("a"), Replace((0,), deep.format("b"), "c"))
    assert f"(at [0, 0, 0, 0, 0, 0, …, 0, 0, 0, 0, 0, 0], `b` and `a`){GIVE}" in refusal


def test_a_very_long_path_is_told_in_short() -> None:
    assert _refusal("(a)", Replace((0,) * 5_000, "a", "b")).startswith(
        "edits[0] (replace at [0, 0, 0, 0, 0, 0, …, 0, 0, 0, 0, 0, 0]): "
        "there is no form [0, 0, 0, 0, 0, 0, …, 0, 0, 0, 0, 0, 0]: [0, 0] is `a`, which holds no forms"
    )
