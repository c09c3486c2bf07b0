"""Forms as text: on one line, and laid out for people; and the digest of a text."""

from __future__ import annotations

from vigyc.frontend.reader import read
from vigyc.lang.datum import Atom, BuiltinName, Form, ListForm
from vigyc.lang.digest import digest
from vigyc.lang.printer import WIDTH, pretty, print_form
from vigyc.lang.source import Source


def forms_of(text: str) -> list[Form]:
    return read(Source("t", text))[0]


def test_builtins_and_nil_print_as_programs_know_them() -> None:
    assert print_form(ListForm([Atom(BuiltinName("car"), 0, 0), Atom(None, 0, 0)], 0, 0)) == "(car ())"


def test_strings_show_what_cannot_be_seen() -> None:
    assert print_form(Atom('a"\\\n\t\r\x00\u200bé', 0, 0)) == r'"a\"\\\n\t\r\u{0}\u{200b}é"'


def test_short_forms_stay_on_a_line() -> None:
    assert pretty(forms_of("(define\n  x 1) 'y")) == "(define x 1)\n'y\n"
    assert pretty([]) == ""


def test_bodies_are_indented_by_two_and_operands_aligned() -> None:
    long = "a" * 40
    text = f"(define (f x) (let ((y {long})) (g {long} {long} {long})))"
    assert pretty(forms_of(text)) == (
        f"(define (f x)\n  (let ((y {long}))\n    (g {long}\n       {long}\n       {long})))\n"
    )


def test_layout_reads_back_and_keeps_its_width() -> None:
    text = "(cond " + " ".join(f'((= x {n}) (list {n} \'name-{n} "text {n}"))' for n in range(40)) + ")"
    laid_out = pretty(forms_of(text))
    assert [print_form(form) for form in forms_of(laid_out)] == [text]
    assert max(map(len, laid_out.splitlines())) <= WIDTH


def test_deep_forms_print_without_recursion() -> None:
    text = "(a " * 9_000 + ")" * 9_000
    (form,) = forms_of(text)
    assert print_form(form) == text.replace("a )", "a)")
    assert pretty([form]).count("(") == 9_000


def test_a_digest_names_the_very_bytes() -> None:
    # The BLAKE3 of the empty input, as published with the algorithm.
    assert digest("") == "b3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    assert digest("(a)") != digest("(a) ") != digest("(a)\n")
    assert digest("\ud800").startswith("b3:")
