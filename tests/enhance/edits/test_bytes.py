"""What an edit leaves alone, on programs of every layout: the expectations are made of bytes and tokens alone."""

from __future__ import annotations

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from vigyc.enhance.edits.apply import applied
from vigyc.enhance.edits.edit import Delete, Insert, Path, Rename, Replace, Wrap
from vigyc.enhance.edits.finding import Located, walked
from vigyc.frontend.canonical import canonical
from vigyc.lang.datum import ListForm, PrefixForm
from vigyc.lang.printer import print_form

ATOMS = [
    "a",
    "b",
    "let",
    "é",
    "漢字",
    "😀",
    "@x",
    "12",
    "-0",
    "1.50",
    "#t",
    ":k",
    ":",
    '"s"',
    '"\n  ; (\\""',
    '"é\\u{41}"',
    "_",
]
GAPS = [" ", "\n", "\n  ", "\r\n\t", ' ; c ( "\n', " ; é\r\n    ", "\n\n; above\n  ", "\n  ; x\n\n ", "\u2003", "\t"]
PREFIXES = ["'", "`", ",", ",@", "'\n ", ", ; c\n"]
JOINABLE = re.compile(r"[()'`,\";\s]")


def _joined(parts: list[tuple[str, str]]) -> str:
    """The forms of `parts`, each with the gap after it, which is left out where they read the same without it."""
    text = ""
    for form, gap in parts:
        tight = not text or JOINABLE.match(text[-1]) or JOINABLE.match(form[0])
        text += form if tight and not text.endswith(",") else " " + form
        text += gap
    return text


def _lists(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.lists(st.tuples(inner, st.sampled_from(["", *GAPS])), max_size=5)
    lists = st.builds(lambda lead, body: f"({lead}{_joined(body)})", st.sampled_from(["", *GAPS]), parts)
    quoted = st.builds(
        lambda prefix, form: prefix + (" " if prefix == "," and form[0] == "@" else "") + form,
        st.sampled_from(PREFIXES),
        inner,
    )
    return st.one_of(lists, lists, quoted)


FORMS = st.recursive(st.sampled_from(ATOMS), _lists, max_leaves=12)
TEXTS = st.builds(
    lambda mark, lead, parts, end: mark + lead + _joined(parts) + end,
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["", *GAPS]),
    st.lists(st.tuples(FORMS, st.sampled_from(["", *GAPS])), min_size=1, max_size=4),
    st.sampled_from(["", "; end", "\n", "\n; end\n"]),
)


@st.composite
def _places(draw: st.DrawFn) -> tuple[str, Located]:
    text = draw(TEXTS)
    return text, draw(st.sampled_from(walked(text)))


PLACES = _places()


def _around(text: str, place: Located) -> tuple[bytes, bytes]:
    data = text.encode()
    return data[: place.form.start], data[place.form.end :]


def _black(data: bytes | str) -> str:
    """All but white space."""
    text = data if isinstance(data, str) else data.decode()
    return re.sub(r"[\s\ufeff]+", "", text)


def _forms(text: str) -> list[tuple[Path, str]]:
    return [(place.path, print_form(place.form)) for place in walked(text)]


def _at(text: str, path: Path) -> str:
    return next(place.text for place in walked(text) if place.path == path)


@given(PLACES)
def test_a_replaced_form_leaves_every_byte_around_it(given: tuple[str, Located]) -> None:
    text, place = given
    before, after = _around(text, place)
    assert applied(text, [Replace(place.path, place.text, '"new"')]).encode() == before + b'"new"' + after


@given(PLACES, st.sampled_from(["new", "@new", "(new (list))", "'new", "7"]))
def test_a_replaced_form_is_parted_by_a_space_at_most(given: tuple[str, Located], new: str) -> None:
    text, place = given
    before, after = _around(text, place)
    changed = applied(text, [Replace(place.path, place.text, new)])
    ways = [before + left + new.encode() + right + after for left in (b"", b" ") for right in (b"", b" ")]
    assert changed.encode() in ways
    assert canonical(_at(changed, place.path)) == canonical(new)


@given(PLACES, FORMS)
def test_a_form_replaced_and_put_back_is_the_same_program(given: tuple[str, Located], new: str) -> None:
    text, place = given
    there = applied(text, [Replace(place.path, place.text, new)])
    assert canonical(_at(there, place.path)) == canonical(new)
    back = applied(there, [Replace(place.path, new, place.text)])
    assert canonical(back) == canonical(text)


@given(PLACES, st.sampled_from(['"new"', "new", "; why\nnew ; so", "(new\n  form)"]))
def test_a_form_inserted_adds_itself_and_white_space_only(given: tuple[str, Located], new: str) -> None:
    text, place = given
    assume(place.outer is None or isinstance(place.outer.form, ListForm))
    for path in (place.path, (*place.path[:-1], place.path[-1] + 1)):
        siblings = len([one for one in walked(text) if one.path[:-1] == path[:-1]])
        assume(path[-1] <= siblings)
        there = applied(text, [Insert(path, new)])
        assert _black(there).replace(_black(new), "", 1) == _black(text)
        assert canonical(_at(there, path)) == canonical(new)
        assert canonical(applied(there, [Delete(path, new)])) == canonical(text)


@given(PLACES)
def test_a_form_taken_out_takes_white_space_and_the_comment_behind_it_only(given: tuple[str, Located]) -> None:
    text, place = given
    assume(place.outer is None or not isinstance(place.outer.form, PrefixForm))
    before, after = (part.decode() for part in _around(text, place))
    there = applied(text, [Delete(place.path, place.text)])
    comment = re.match(r"[^\S\n]*;[^\n]*", after)
    left = [_black(before + after), _black(before + (after[comment.end() :] if comment else after))]
    assert _black(there) in left
    assert len(_forms(there)) == len(_forms(text)) - len(walked(place.text))
    assert canonical(applied(there, [Insert(place.path, place.text)])) == canonical(text)


@given(PLACES, st.sampled_from(["(w _)", "(w\n  _\n  x)", "'_", ",_", "_", "(w '(x _))", "; c\n(w _) ; d"]))
def test_a_wrapped_form_stands_in_the_hole_of_what_wraps_it(given: tuple[str, Located], new: str) -> None:
    text, place = given
    before, after = (part.decode() for part in _around(text, place))
    there = applied(text, [Wrap(place.path, place.text, new)])
    assert _black(there) == _black(before + new.replace("_", place.text) + after)
    old, unwrapped = place.text, applied(there, [Replace(place.path, new.replace("_", f" {place.text} "), place.text)])
    assert canonical(unwrapped) == canonical(text)
    assert canonical(_at(unwrapped, place.path)) == canonical(old)


@given(TEXTS, st.sampled_from(["new", "@new", "新"]))
def test_a_symbol_renamed_there_and_back_leaves_the_text_as_it_was(text: str, new: str) -> None:
    symbols = [place for place in walked(text) if place.text in ("a", "é", "@x", "_")]
    assume(symbols)
    name = symbols[0].text
    there = applied(text, [Rename(name, new)])
    assert name not in [place.text for place in walked(there)]
    back = applied(there, [Rename(new, name)])
    assert canonical(back) == canonical(text)
    assert back.replace(", @", ",@").replace(" ", "") == text.replace(", @", ",@").replace(" ", "")


def test_a_symbol_is_renamed_where_the_edits_before_have_put_it() -> None:
    edits = [
        Rename("a", "b"),
        Insert((0,), "(b)"),
        Rename("b", "c"),
        Wrap((1,), "(f c)", "(g _ c)"),
        Rename("c", "d", (1, 1)),
        Rename("c", "e"),
        Delete((0,), "(e)"),
        Rename("e", "a"),
        Replace((0, 0), "g", "h"),
        Rename("h", "g"),
    ]
    assert applied("(f a)", edits) == "(g (f d) a)"


@given(TEXTS)
def test_no_edit_changes_no_byte(text: str) -> None:
    assert applied(text, []) == text
