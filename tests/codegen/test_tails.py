"""Which tail calls are rounds of a loop, which bounce, and which are ordinary calls; none takes stack without bound."""

from __future__ import annotations

import pytest

from codegen.running import failed, shown
from vigyc.inspection import render_stage


def python(text: str) -> str:
    return render_stage(text, "<program>", "python")


@pytest.mark.parametrize(
    "text",
    [
        "(define (f n) (if (= n 0) 'done (f (- n 1)))) (f 9)",
        "(define (f n) (cond ((= n 0) 'done) (else (begin (display n) (f (- n 1)))))) (f 9)",
        "(define (f n) (let ((m (- n 1))) (if (< m 0) 'done (f m)))) (f 9)",
        "(define (f n) (or (= n 0) (f (- n 1)))) (f 9)",
        "(define (f n) (and (> n 0) (f (- n 1)))) (f 9)",
        "(define (f n) (when (> n 0) (f (- n 1)))) (f 9)",
    ],
)
def test_a_function_that_calls_itself_last_is_a_loop(text: str) -> None:
    made = python(text)
    assert "hand_over" not in made
    assert "while" in made or "for n in" in made


def test_mutual_recursion_bounces() -> None:
    assert "hand_over" in python("(define (p n) (if (= n 0) 1 (q n))) (define (q n) (p (- n 1))) (p 9)")


def test_a_tail_call_that_cannot_come_back_is_a_call() -> None:
    assert "hand_over" not in python("(define (g n) (* n n)) (define (f n) (g n)) (f 3)")


def test_what_is_not_last_is_no_tail_call() -> None:
    text = "(define (f n) (try (if (= n 0) 'done (f (- n 1))) (catch (e) e))) (f 100)"
    assert shown(text) == "done"
    assert failed("(define (f n) (+ 1 (f (+ n 1)))) (f 0)")[0] == "depth-exceeded"


@pytest.mark.parametrize(
    "body",
    [
        "(map f (list (+ n 1)))",
        "(apply f (list (+ n 1)))",
        "(list (f (+ n 1)))",
        "(force (delay (f (+ n 1))))",
        "(try (f (+ n 1)) (catch (e) (throw e)))",
        "(foldl (lambda (a x) (f x)) 0 (list (+ n 1)))",
        "(sort-by (lambda (a b) (f n)) '(1 2))",
    ],
)
@pytest.mark.parametrize("params", ["n", "n &rest more"])
def test_deep_recursion_is_an_error_not_a_crash(params: str, body: str) -> None:
    text = f"(define (f {params}) {body}) (try (f 0) (catch (e) (error-tag e)))"
    assert shown(text) == ":depth-exceeded"


def test_recursion_ten_thousand_deep_works() -> None:
    assert shown("(define (f n) (if (= n 0) 0 (+ 1 (f (- n 1))))) (f 9000)") == "9000"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # a rest parameter, in a function that calls itself last and in two that call each other
        ("(define (f n &rest more) (if (= n 0) more (f (- n 1) n 'x))) (f 200000)", "(1 x)"),
        ("(define (f n &rest m) (if (= n 0) m (g (- n 1)))) (define (g n) (f n n)) (f 200000)", "(0)"),
        # through a variable that is set
        ("(define k nil) (set! k (lambda (n) (if (= n 0) 'done (k (- n 1))))) (k 200000)", "done"),
        # through an element of a list
        ("(define (f n fs) (if (= n 0) 'done ((car fs) (- n 1) fs))) (f 200000 (list f))", "done"),
        # a native last
        ("(define (f n g) (if (= n 0) (g n) (f (- n 1) g))) (f 200000 list)", "(0)"),
    ],
)
def test_tail_calls_of_every_kind_take_no_stack(text: str, value: str) -> None:
    assert shown(text) == value


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "(define (p n) (q)) (define (q n) (p n)) (p 1)",
            ("arity-mismatch", "`q` expected Exact(1), got 0", "(q)"),
        ),
        ("(define (p f) (f 1 2)) (p p)", ("arity-mismatch", "`p` expected Exact(1), got 2", "(f 1 2)")),
        ("(define (p f) (f 1 2)) (p car)", ("arity-mismatch", "`car` expected Exact(1), got 2", "(f 1 2)")),
        ("(define (p f) (f 1)) (p 5)", ("not-callable", "value of type int is not callable", "(f 1)")),
        ("(define (p f) (f f)) (p :a)", ("not-callable", "value of type keyword is not callable", "(f f)")),
        ("(define (p f n) (if (= n 0) (car n) (f f (- n 1)))) (p p 9)", ("type-mismatch",) * 2 + ("(car n)",)),
    ],
)
def test_errors_of_tail_calls_have_their_place(text: str, error: tuple[str, str, str]) -> None:
    found = failed(text)
    assert found[::2] == error[::2]
    assert error[1] in found[1] or error[0] == error[1]
