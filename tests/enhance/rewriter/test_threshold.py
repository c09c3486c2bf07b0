"""Another number by rule: which one is meant must be certain, and raising must raise."""

from __future__ import annotations

import pytest

from enhance.rewriter.ticking import emitted, example, proposed, refusal, rewritten


@pytest.mark.parametrize(
    ("program", "intent", "result"),
    [
        ("(define top 3) (display top)", "raise top from 3 to 5", "(define top 5) (display top)"),
        ("(let ((top 0.8)) (display top))", "Raise `top` to 0.9.", "(let ((top 0.9)) (display top))"),
        ('(define n (vigy-get "top" 3))', "lower top to -2", '(define n (vigy-get "top" -2))'),
        ('(when (> (vigy-get "load") 8) 1)', "please set load to 9", '(when (> (vigy-get "load") 9) 1)'),
        ("(define (load) 1) (when (< 8 (load)) 1)", "increase load to 9", "(define (load) 1) (when (< 9 (load)) 1)"),
        (
            '(when (= (hash-map-get (hash-map) "a") 8) 1)',
            "reduce a to 7",
            '(when (= (hash-map-get (hash-map) "a") 7) 1)',
        ),
        ("(define n 1)\n(display (< n 1)) ; n", "set n to 2 at line 2", "(define n 1)\n(display (< n 2)) ; n"),
        ("(define n 1)\n(display (< n 3))", "raise n from 3 to 4", "(define n 1)\n(display (< n 4))"),
    ],
)
def test_the_number_that_goes_by_the_name_is_changed_and_nothing_else(program: str, intent: str, result: str) -> None:
    assert rewritten(program, intent) == result
    assert proposed(program, intent)["bump"] == "patch"


def test_the_program_does_so() -> None:
    program = '(when (> (vigy-get "load") 8) (vigy-restart 1))'
    result = rewritten(program, "it restarts too often", rule="threshold", name="load", to=9, direction="raise")
    kv = {"load": 9}
    assert (emitted(program, 1, kv=kv), emitted(result, 1, kv=kv)) == ([["restart"]], [[]])


def test_several_are_listed_with_line_and_path() -> None:
    told = refusal(example("tear-mirror"), "raise failures to 5")
    assert "line 41 (path [6, 2, 2]): 3 in `(< failures 3)`" in told
    assert 'line 39 (path [5, 2, 2]): 0 in `(vigy-get "failures" 0)`' in told
    assert "(< failures 5)" in rewritten(example("tear-mirror"), "raise failures from 3 to 5")


@pytest.mark.parametrize(
    ("intent", "why"),
    [
        ("raise top to 2", "so 2 would lower it; say `lower`, or `set`"),
        ("Raise top to 2", "so 2 would lower it"),
        ("lower top to 4", "so 4 would raise it; say `raise`, or `set`"),
        ("set top to 3", "it is 3 already: line 1"),
        ("raise top from 4 to 5", "none of these is the one described for `top`"),
        ("set top to 5 at line 9", "none of these is the one described for `top`"),
        ("raise bottom to 5", "there is no number that goes by `bottom`"),
        ("raise top", "sounds like threshold, which is written: raise failures from 3 to 5"),
    ],
)
def test_what_does_not_fit_is_refused(intent: str, why: str) -> None:
    assert why in refusal("(define top 3)", intent)


def test_what_is_quoted_or_of_another_name_is_no_number_of_it() -> None:
    program = "(define x '(define top 3)) (define top-most 4) (define (f top) 3)"
    assert "there is no number" in refusal(program, "raise top to 5")


@pytest.mark.parametrize("to", [True, "five", None, float("inf"), float("nan"), 10**18, [5]])
def test_only_a_number_is_one(to: object) -> None:
    assert "constraints.to: give a number" in refusal("(define top 3)", "", rule="threshold", name="top", to=to)


def test_numbers_that_no_sentence_tells_apart_are_left_to_a_patch() -> None:
    program = "(define x (vigy-get 'n)) (when (> x 5) (vigy-restart)) (when (> x 5) (vigy-apply))"
    assert "; those alike need a patch of your own: a `replace` at the path" in refusal(program, "set x to 6")
    assert "patch of your own" not in refusal(program.replace("(when", "\n(when"), "set x to 6")
