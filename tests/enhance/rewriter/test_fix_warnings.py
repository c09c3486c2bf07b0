"""The checker's findings mended by rule, and those that cannot be, named."""

from __future__ import annotations

import pytest

import vigyc
from enhance.rewriter.ticking import proposed, refusal, rewritten

FIX = "fix the checker's warnings"


@pytest.mark.parametrize(
    ("program", "result"),
    [
        ("(define x 1 ; one\n  2 3) ; end", "(define x (begin 1 ; one\n  2 3)) ; end"),
        ("(define x (define y 1 2) 3)", "(define x (begin (define y (begin 1 2)) 3))"),
        ("(display (sort-by < (list 3 1 2)))", "(display (sort-by compare (list 3 1 2)))"),
        ("(sort-by (lambda (a b) (< a b)) (list 1))", "(sort-by compare (list 1))"),
        ("(sort-by > (list 1))", "(sort-by (lambda (a b) (compare b a)) (list 1))"),
        ("(prinln 1) ; prinln", "(println 1) ; prinln"),
        ('(define é 1 2)\n(prinln "é")', '(define é (begin 1 2))\n(println "é")'),
    ],
)  # fmt: skip
def test_what_has_a_sure_remedy_is_mended_in_its_place(program: str, result: str) -> None:
    assert rewritten(program, FIX) == result
    assert vigyc.check(result) == []


def test_sorting_goes_the_way_it_reads() -> None:
    for comparator, wanted in (("<", [1, 2, 3]), (">", [3, 2, 1])):
        result = rewritten(f'(vigy-set "got" (sort-by {comparator} (list 3 1 2)))', FIX)
        assert vigyc.Ticker(vigyc.compile(result)).tick().kv["got"] == wanted


def test_what_cannot_be_mended_is_named() -> None:
    patch = proposed("(define x 1 2)\n(zzzz)\n(car)", FIX)
    assert "left, since they have no remedy by rule: unbound-name on line 2" in patch["rationale"]
    assert "wrong-arity on line 3" in patch["rationale"]
    assert patch["bump"] == "patch"
    patch = proposed("(define x 1 (zzzz))\n(prinln 2)", FIX)
    assert "left, since they have no remedy by rule: ignored-forms on line 1" in patch["rationale"]


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("(display 1)", "the checker finds nothing in the program"),
        ("(map not (list 1))", "no finding has a remedy"),  # no name, but a special form
        ("(zzzz)", "no finding has a remedy that can be applied by rule: unbound-name on line 1"),
        ("(sort-by = (list 1))", "no finding has a remedy"),
        ("(define (compare a b) 0) (sort-by < (list 1))", "no finding has a remedy"),
        ("(define x 1 (zzzz))", "no finding has a remedy"),  # evaluated, it would be another finding
        ("(define x", "the program cannot be read"),
    ],
)
def test_without_a_sure_remedy_nothing_is_changed(program: str, why: str) -> None:
    assert why in refusal(program, FIX)
