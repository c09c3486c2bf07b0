"""The reader against language reference 1 and 2: what every token is, where every form stands, what is refused."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.frontend.reader import MAX_DEPTH, program_text, read
from vigyc.lang.datum import Atom, Form, ListForm, PrefixForm, keyword, symbol
from vigyc.lang.printer import pretty, print_form
from vigyc.lang.source import Source

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
NOT_SPACES = "\x1c\x1d\x1e\x1f\u200b\u180e\ufeff"


def forms_of(text: str) -> list[Form]:
    forms, diagnostics = read(Source("t", text))
    assert diagnostics == []
    return forms


def only(text: str) -> object:
    (form,) = forms_of(text)
    assert isinstance(form, Atom)
    return form.value


def mistakes(text: str) -> list[tuple[str, int, int]]:
    return [(d.id, d.start, d.end) for d in read(Source("t", text))[1]]


def plain(form: Form) -> object:
    """A form as comparable data; the kind of a number counts, and NaN equals itself."""
    if isinstance(form, ListForm):
        return [plain(item) for item in form.items]
    if isinstance(form, PrefixForm):
        return (form.kind, plain(form.form))
    assert isinstance(form, Atom)
    return (type(form.value), repr(form.value))


@pytest.mark.parametrize(
    ("text", "value"),
    [("+5", 5), ("-0", 0), ("007", 7), ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63))],
)
def test_integers(text: str, value: int) -> None:
    assert only(text) == value
    assert type(only(text)) is int


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.", 1.0),
        (".5", 0.5),
        ("+.5", 0.5),
        ("-.5e3", -500.0),
        ("1e5", 1e5),
        ("1E+5", 1e5),
        ("inf", math.inf),
        ("-infinity", -math.inf),
        ("Infinity", math.inf),
        ("1e400", math.inf),
        ("9223372036854775808", 2.0**63),
        ("-9223372036854775809", -(2.0**63)),
        ("9" * 5000, math.inf),
    ],
)
def test_floats(text: str, value: float) -> None:
    assert only(text) == value
    assert type(only(text)) is float


def test_nan_and_negative_zero() -> None:
    assert all(math.isnan(value) for value in map(only, ["NaN", "nan", "+nan"]) if isinstance(value, float))
    assert str(only("-0.0")) == "-0.0"


SYMBOLS = "+ - . .. ... 1+ -a 1a a/b a.b &rest 1e .e3 1_000 1.2.3 inf.0 --5 0x10 1/2 #T #true true nil [1 2] { # #| |"
MORE_SYMBOLS = ["@", "\\", "a@b", "\u0131nf", "é", "\x1c", "\ufeffx"]


@pytest.mark.parametrize("text", [*SYMBOLS.split(), *MORE_SYMBOLS])
def test_everything_else_is_a_symbol(text: str) -> None:
    assert [plain(form) for form in forms_of("x " + text)[1:]] == [(type(symbol(text)), f"symbol({text!r})")]


def test_booleans_and_keywords() -> None:
    assert only("#t") is True
    assert only("#f") is False
    assert only(":") is keyword("")
    assert only("::a") is keyword(":a")
    assert only(":5") is keyword("5")


@pytest.mark.parametrize("space", SPACES)
def test_white_space_ends_a_token(space: str) -> None:
    assert [plain(form) for form in forms_of(f"a{space}b")] == [plain(form) for form in forms_of("a b")]


@pytest.mark.parametrize("char", NOT_SPACES)
def test_what_is_no_white_space_belongs_to_the_token(char: str) -> None:
    assert only(f"a{char}b") is symbol(f"a{char}b")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\n\t\r\"\\"', 'a\n\t\r"\\'),
        (r'"\q\0"', "q0"),
        ('"\\\n"', "\n"),
        ('"a\nb"', "a\nb"),
        (r'"\u{41}\u{1F600}\u{000041}"', "A\U0001f600A"),
        (r'"\u{}\u{zz}\u{d800}\u{110000}\u41"', "u{}u{zz}u{d800}u{110000}u41"),
    ],
)
def test_strings(text: str, value: str) -> None:
    assert only(text) == value


def test_comments_end_at_line_feed_only() -> None:
    assert forms_of("; a ) \" '") == []
    assert forms_of("") == []
    assert [plain(form) for form in forms_of(";a\r b\nc")] == [plain(form) for form in forms_of("c")]


def test_tokens_touch() -> None:
    assert [print_form(form) for form in forms_of("'a'b")] == ["'a", "'b"]
    assert [print_form(form) for form in forms_of('a"b"')] == ["a", '"b"']
    assert [print_form(form) for form in forms_of("a,b")] == ["a", ",b"]
    assert [print_form(form) for form in forms_of("''a `,@x , @x")] == ["''a", "`,@x", ", @x"]


def test_dots_make_no_pairs() -> None:
    (form,) = forms_of("(a . b)")
    assert isinstance(form, ListForm)
    assert len(form.items) == 3


def test_a_byte_order_mark_is_skipped_at_the_start_only() -> None:
    (form,) = forms_of("\ufeffab")
    assert plain(form) == plain(forms_of("ab")[0])
    assert (form.start, form.end) == (3, 5)


def test_spans_are_bytes() -> None:
    (first, quoted) = forms_of('"é" \'(λ 1)')
    assert (first.start, first.end) == (0, 4)
    assert (quoted.start, quoted.end) == (5, 12)
    assert isinstance(quoted, PrefixForm)
    assert isinstance(quoted.form, ListForm)
    assert [(item.start, item.end) for item in quoted.form.items] == [(7, 9), (10, 11)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('(a "bc', [("unterminated-string", 3, 6)]),
        ('é ) "bc\\', [("unterminated-string", 5, 9)]),
        (")", [("unmatched-close", 0, 1)]),
        ("é)", [("unmatched-close", 2, 3)]),
        ("(a) ) b )", [("unmatched-close", 4, 5), ("unmatched-close", 8, 9)]),
        ("')", [("unmatched-close", 1, 2)]),
        ("(a ')", [("unmatched-close", 4, 5)]),
        ("(a", [("unclosed-list", 0, 1)]),
        ("(a (b)", [("unclosed-list", 0, 1)]),
        ("(a (b", [("unclosed-list", 3, 4)]),
        ("'(a", [("unclosed-list", 1, 2)]),
        ("'", [("dangling-prefix", 0, 1)]),
        ("a ,@", [("dangling-prefix", 2, 4)]),
        ("(a '", [("dangling-prefix", 3, 4), ("unclosed-list", 0, 1)]),
        (") (", [("unmatched-close", 0, 1), ("unclosed-list", 2, 3)]),
    ],
)
def test_mistakes_have_their_place(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert mistakes(text) == expected


def test_a_missing_paren_is_looked_for_before_the_next_top_level_form() -> None:
    text = "(define (f x)\n  (if x\n    (+ x 1)\n(define (g) 2)\n"
    assert mistakes(text) == [("unclosed-list", text.index("(if"), text.index("(if") + 1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('ab "', "unterminated string literal at position 3"),
        ('é "', "unterminated string literal at position 3"),
        ("1 )", "unmatched closing paren at position 0"),
        ("(", "unmatched opening paren"),
        ("'", "unexpected end of input"),
    ],
)
def test_the_text_a_program_sees(text: str, message: str) -> None:
    assert program_text(read(Source("t", text))[1][0]) == message


@pytest.mark.parametrize("opening", ["(", "'"])
def test_nesting_is_limited_by_a_finding(opening: str) -> None:
    def nested(depth: int) -> str:
        return opening * depth + "x" + (")" * depth if opening == "(" else "")

    assert len(forms_of(nested(MAX_DEPTH))) == 1
    assert mistakes(nested(MAX_DEPTH + 1)) == [("nested-too-deeply", MAX_DEPTH, MAX_DEPTH + 1)]
    assert mistakes(nested(10 * MAX_DEPTH)) == [("nested-too-deeply", MAX_DEPTH, MAX_DEPTH + 1)]


def test_depth_does_not_count_mistakes() -> None:
    assert {name for name, _, _ in mistakes("(')" * (MAX_DEPTH + 1))} == {"unmatched-close"}
    assert {name for name, _, _ in mistakes("')" * (MAX_DEPTH + 1))} == {"unmatched-close"}


NUMBER = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(inf|infinity|nan)", re.ASCII | re.IGNORECASE
)

names = st.text(min_size=1).filter(
    lambda name: not set(name) & set("()'`,\";" + SPACES) and not name.startswith("\ufeff")
)
symbols = names.filter(lambda name: name[0] != ":" and name not in {"#t", "#f"} and not NUMBER.fullmatch(name))
atoms = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.booleans(),
    st.text(),
    symbols.map(symbol),
    st.one_of(st.just(""), names).map(keyword),
).map(lambda value: Atom(value, 0, 0))
prefixes = st.sampled_from(["quote", "quasiquote", "unquote", "unquote-splice"])
forms = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner).map(lambda items: ListForm(items, 0, 0)),
        st.builds(lambda kind, form: PrefixForm(kind, form, 0, 0), prefixes, inner),
    ),
    max_leaves=40,
)


@given(forms)
def test_what_is_printed_reads_back(form: Form) -> None:
    assert plain(forms_of(print_form(form))[0]) == plain(form)
    assert [plain(item) for item in forms_of(pretty([form, form]))] == [plain(form), plain(form)]


@given(st.text(alphabet=st.sampled_from("()'`,@\";:#t1.e+-a\\ \n\ufeffé\ud800")))
def test_no_text_crashes_the_reader(text: str) -> None:
    forms, diagnostics = read(Source("t", text))
    length = len(text.encode("utf-8", "surrogatepass"))
    assert all(0 <= d.start <= d.end <= length for d in diagnostics)
    assert all(0 <= form.start < form.end <= length for form in forms)
