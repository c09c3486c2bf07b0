"""Depth and width far beyond what anyone writes."""

from __future__ import annotations

import pytest

from hostile.running import outcome

DEEP = 10_000


def test_a_quoted_nest_is_read_and_printed() -> None:
    nest = "(" * (DEEP - 1) + ")" * (DEEP - 1)
    assert outcome("'" + nest) == nest


@pytest.mark.parametrize(
    "text",
    [
        "(list " * DEEP + "1" + ")" * DEEP,
        "(+ 1 " * DEEP + "1" + ")" * DEEP,
        "(if #t " * DEEP + "1" + ")" * DEEP,
        "(let ((x 1)) " * DEEP + "x" + ")" * DEEP,
        "(lambda () " * DEEP + "x" + ")" * DEEP,
        "(begin " * DEEP + "1" + ")" * DEEP,
        "(cond (#t " * (DEEP // 2) + "1" + "))" * (DEEP // 2),
        "(-> " * DEEP + "1" + ")" * DEEP,
        "'" * DEEP + "x",
        "`" * DEEP + "x",
        "`" + "(" * (DEEP // 2) + ",x" + ")" * (DEEP // 2),
        "(" * (DEEP * 10),
        ")" * 1000,
        "'" * 1000,
    ],
    ids=lambda text: text[:8],
)
def test_a_nest_gives_a_value_or_a_clear_error(text: str) -> None:
    got = outcome(text)
    assert not got.startswith("!") or got in {"!reader", "!unbound-symbol", "!depth-exceeded", "!macro-expansion-limit"}


def test_deeper_than_the_limit_is_a_read_error() -> None:
    assert outcome("'" + "(" * 200_000 + ")" * 200_000) == "!reader"


def test_three_hundred_nested_lets() -> None:
    text = "".join(f"(let ((x{n} {n}) (y (lambda () x{max(n - 1, 0)}))) " for n in range(300))
    text = text.replace("(lambda () x0)", "(lambda () 0)", 1)
    assert outcome(text + "(list x0 x299 (y))" + ")" * 300) == "(0 299 298)"


def test_sixty_nested_trys() -> None:
    text = "(throw 0)"
    for _ in range(60):
        text = f"(try {text} (catch (e) (throw (+ e 1))))"
    assert outcome(f"(try {text} (catch (e) e))") == "60"


def test_two_hundred_nested_lambdas() -> None:
    text = "(lambda (x) " * 200 + "x" + ")" * 200
    assert outcome("(" * 200 + text + " 1)" + " 2)" * 198 + " 3)") == "3"


def test_wide_lists_calls_and_bodies() -> None:
    numbers = " ".join(map(str, range(10_000)))
    assert outcome(f"(length (list {numbers}))") == "10000"
    assert outcome(f"(length '({numbers}))") == "10000"
    assert outcome(f"(+ {numbers})") == str(sum(range(10_000)))
    assert outcome("(define n 0)" + "(set! n (+ n 1))" * 5_000 + "n") == "5000"
    assert outcome("(cond " + "(#f 1)" * 3_000 + "(else 'end))") == "end"
    assert outcome("(and " + "1 " * 5_000 + ")") == "1"
    assert outcome("(or " + "#f " * 5_000 + "2)") == "2"


def test_many_parameters_arguments_and_locals() -> None:
    names = " ".join(f"p{n}" for n in range(400))
    values = " ".join(map(str, range(400)))
    assert outcome(f"((lambda ({names}) (list p0 p399)) {values})") == "(0 399)"
    bindings = " ".join(f"(v{n} {n})" for n in range(2_000))
    assert outcome(f"(let ({bindings}) (+ v0 v1999))") == "1999"
    text = "".join(f"(define (f{n} x) (+ x {n}))" for n in range(2_000))
    assert outcome(text + "(f1999 1)") == "2000"


def test_macros_that_make_deep_and_wide_code() -> None:
    deep = "(defmacro nest (n x) (if (= n 0) x `(list (nest ,(- n 1) ,x))))"
    assert outcome(deep + "(nest 200 1)") == "(" * 200 + "1" + ")" * 200
    assert outcome("(defmacro wide (n) (cons 'list (range n))) (length (wide 20000))") == "20000"


def test_runaway_macros_end() -> None:
    assert outcome("(defmacro m () '(m)) (m)") == "!macro-expansion-limit"
    assert outcome("(defmacro a () '(b)) (defmacro b () '(a)) (a)") == "!macro-expansion-limit"
    assert outcome("(defmacro m () `(list (m) (m))) (m)") == "!macro-expansion-limit"
