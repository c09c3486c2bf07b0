"""Where an edit puts things: lines, margins, comments; the expected texts were laid out by hand."""

from __future__ import annotations

import pytest

from vigyc.enhance.edits.apply import applied
from vigyc.enhance.edits.edit import Delete, Edit, Insert, Rename, Replace, Wrap

PROGRAM = """\
; counts, and stops

; the step
(define (step n)
  ; not too far
  (if (> n 9) ; ten
      (stop "all
  done" n)
      (kv-set! "n" n))) ; step

(step 1) ; go
"""


@pytest.mark.parametrize(
    ("edit", "changes"),
    [
        (Replace((0, 2, 1, 2), "9", "20"), [("(> n 9)", "(> n 20)")]),
        (
            Replace((0, 2, 3), '(kv-set! "n" n)', '(begin\n  (log "on\n  it")\n  (kv-set! "n" n))'),
            [('      (kv-set! "n" n)', '      (begin\n        (log "on\n  it")\n        (kv-set! "n" n))')],
        ),
        (
            Replace((0, 2, 2), '(stop "all\n  done" n)', "; why\n(halt) ; because"),
            [('(stop "all\n  done" n)', "; why\n      (halt) ; because")],
        ),
        (
            Wrap((0, 2), '(if (> n 9) (stop "all\n  done" n) (kv-set! "n" n))', "(when ok\n  _)"),
            [
                ("  (if (> n 9) ; ten", "  (when ok\n    (if (> n 9) ; ten"),
                ("      (stop", "        (stop"),
                ('      (kv-set! "n" n)))', '        (kv-set! "n" n))))'),
            ],
        ),
        (Insert((0,), "(define a 1)"), [("; the step", "(define a 1)\n\n; the step")]),
        (Insert((1,), "; a\n(define (a)\n  1)"), [("(step 1)", "; a\n(define (a)\n  1)\n\n(step 1)")]),
        (Insert((2,), "(step 2)"), [("; go\n", "; go\n\n(step 2)\n")]),
        (Insert((0, 2), "(log\n  n)"), [("  ; not too", "  (log\n    n)\n  ; not too")]),
        (Insert((0, 3), "(log n)"), [("n))) ; step", "n))\n  (log n)) ; step")]),
        (Insert((0, 2, 1, 1), "m"), [("(> n 9)", "(> m n 9)")]),
        (Insert((0, 2, 1, 3), "m"), [("(> n 9)", "(> n 9 m)")]),
        (Insert((0, 2, 1, 0), "m"), [("(> n 9)", "(m > n 9)")]),
        (Insert((0, 2, 2), "m"), [("      (stop", "      m\n      (stop")]),
        (Delete((1,), "(step 1)"), [("\n(step 1) ; go\n", "")]),
        (Delete((0, 2, 2), '(stop "all\n  done" n)'), [('      (stop "all\n  done" n)\n', "")]),
        (Delete((0, 2, 3), '(kv-set! "n" n)'), [('\n      (kv-set! "n" n)', "")]),
        (Delete((0, 2, 1), "(> n 9)"), [("(if (> n 9) ; ten", "(if ; ten")]),
        (Delete((0, 2, 1, 1), "n"), [("(> n 9)", "(> 9)")]),
        (Delete((0, 2, 1, 0), ">"), [("(> n 9)", "(n 9)")]),
        (Delete((0, 2, 1, 2), "9"), [("(> n 9)", "(> n)")]),
        (Rename("n", "num", (0, 1)), [("(step n)", "(step num)")]),
        (Rename("n", "num", (0, 1, 1)), [("(step n)", "(step num)")]),
        (Rename("stop", "halt"), [("(stop", "(halt")]),
    ],
)  # fmt: skip
def test_an_edit_changes_these_places_and_no_others(edit: Edit, changes: list[tuple[str, str]]) -> None:
    expected = PROGRAM
    for old, new in changes:
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    assert applied(PROGRAM, [edit]) == expected


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        ("", Insert((0,), "(a)"), "(a)\n"),
        ("; c", Insert((0,), "(a)"), "; c\n(a)\n"),
        ("\n; c\n", Insert((0,), "(a)"), "\n; c\n(a)\n"),
        ("a", Insert((1,), "b"), "a\nb"),
        ("a b", Insert((2,), "c"), "a b c"),
        ("a\n; end", Insert((1,), "b"), "a\n; end\nb"),
        ("()", Insert((0, 0), "a"), "(a)"),
        ("( ; c\n)", Insert((0, 0), "a"), "( ; c\na)"),
        ("(a)", Insert((0, 1), "b ; c"), "(a b ; c\n   )"),
        ("(a\n)", Insert((0, 1), "b"), "(a b\n)"),
        ("(a\n  b ; b\n  )", Insert((0, 2), "c"), "(a\n  b ; b\n  c\n  )"),
        ("; one\n; two\na\n", Insert((0,), "b"), "b\n; one\n; two\na\n"),
        ("(a)", Insert((0, 1), "  (b\n    c)"), "(a (b\n     c))"),
        ("\t(a\n\t\tb)", Insert((0, 2), "(c\n  d)"), "\t(a\n\t\tb\n\t\t(c\n\t\t  d))"),
        ("\ufeffa\r\nb", Insert((0,), "(c\n  d)"), "\ufeff(c\r\n  d)\r\na\r\nb"),
        ("a\r\nb\r\n", Insert((2,), '(c\n  "d\ne")'), 'a\r\nb\r\n(c\r\n  "d\ne")\r\n'),
        ("a\r\n\r\nb\r\n", Delete((1,), "b"), "a\r\n"),
        ("\ufeffa\nb", Delete((0,), "a"), "\ufeffb"),
        ("a\n\nb\n\nc\n", Delete((1,), "b"), "a\n\nc\n"),
        ("a\n\nb\nc\n", Delete((1,), "b"), "a\n\nc\n"),
        ("a\n; about b\nb\nc\n", Delete((1,), "b"), "a\n; about b\nc\n"),
        ("a\nb", Delete((1,), "b"), "a\n"),
        ("a", Delete((0,), "a"), ""),
        ("(a\n  ; c\n  b)", Delete((0, 1), "b"), "(a\n  ; c\n  )"),
        ("(a\n  b\n)", Delete((0, 1), "b"), "(a\n)"),
        ("(a b ; c\n   d)", Delete((0, 1), "b"), "(a ; c\n   d)"),
        ("(a\n  b c)", Delete((0, 1), "b"), "(a\n  c)"),
        ("(a\n b)", Delete((0, 0), "a"), "(b)"),
        ('(a"b"c)', Delete((0, 1), '"b"'), "(a c)"),
        ('("a"b)', Replace((0, 0), '"a"', "a"), "(a b)"),
        ('(a"b")', Replace((0, 1), '"b"', "b"), "(a b)"),
        ('(\'"a"b)', Replace((0, 0, 0), '"a"', "a"), "('a b)"),
        ("`(,a)", Replace((0, 0, 0, 0), "a", "@b"), "`(, @b)"),
        ("`(,a)", Rename("a", "@b"), "`(, @b)"),
        ("('a b)", Replace((0, 0, 0), "a", "c ; d"), "('c ; d\n  b)"),
        ("(a)", Replace((0, 0), "a", "; c\nb"), "(; c\n b)"),
        ("(f 'a)", Wrap((0, 1), "'a", "(g _ 'b)"), "(f (g 'a 'b))"),
        ("(f (a\n    b))", Wrap((0, 1), "(a b)", "(g ok _)"), "(f (g ok (a\n          b)))"),
        ("(f\n  (a\n    b))", Wrap((0, 1), "(a b)", "_"), "(f\n  (a\n    b))"),
        ("`(,a)", Wrap((0, 0, 0, 0), "a", "'_"), "`(,'a)"),
        ("(@a)", Wrap((0, 0), "@a", ",_"), "(, @a)"),
        ("  (a\n    (b)\n    c)", Replace((0,), "(a (b) c)", "(a\n    (b)\n    d)"), "  (a\n    (b)\n    d)"),
        ("  (a\n    (b)\n    c)", Replace((0,), "(a (b) c)", "(x\n  (b)\n  d)"), "  (x\n    (b)\n    d)"),
        ("a \ufeffb", Delete((0,), "a"), " \ufeffb"),
        ("a", Replace((0,), "a", "\ufeffb"), "b"),
        ("(é «x» 漢 😀)", Replace((0, 2), "漢", "字"), "(é «x» 字 😀)"),
        ("(a . b)", Replace((0, 1), ".", "\u202e"), "(a \u202e b)"),
        ("(a\x00b \x1cc)", Rename("a\x00b", "\x00"), "(\x00 \x1cc)"),
        ("(a\n\n\n  b)", Insert((0, 1), "(c\n\n  d)"), "(a\n\n\n  (c\n\n    d)\n\n  b)"),
    ],
)
def test_an_edit_gives_exactly_this(text: str, edit: Edit, expected: str) -> None:
    assert applied(text, [edit]) == expected


def test_the_layout_of_a_deep_margin_does_not_outgrow_the_program() -> None:
    text = " " * 100_000 + "(a)"
    new = "(b" + "\n  c" * 1_000 + ")"
    assert len(applied(text, [Replace((0,), "(a)", new)])) < len(text) + 200 * 1_000
