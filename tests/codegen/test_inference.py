"""What inference may conclude: checks that cannot fail are left out, those that can are not; values stay right."""

from __future__ import annotations

import pytest

from codegen.running import failed, shown
from vigyc.inspection import render_stage


def python(text: str) -> str:
    return render_stage(text, "<program>", "python").split("def ", 1)[1]


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("(define (f xs) (foldl (lambda (n x) (+ n 1)) 0 xs)) (f '(1 2))", "is int"),
        ("(define (sum n acc) (if (= n 0) acc (sum (- n 1) (+ acc n)))) (sum 9 0)", "is int"),
        ('(define (f s) (string-append s "x")) (f "a")', "string_append("),
        ("(define (f n) (+ n 1)) (f 5)", "overflow"),
        ("(define (f x) (if (null? x) 0 (car x))) (f (cons 1 nil))", "car("),
    ],
)
def test_checks_that_cannot_fail_are_left_out(text: str, absent: str) -> None:
    assert absent not in python(text)


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("(define (f n) (+ n 1)) (f 9223372036854775807)", "integer-overflow", "(+ n 1)"),
        ("(define (f n) (+ n 1)) (f 5) (f 9223372036854775807)", "integer-overflow", "(+ n 1)"),
        ("(define (f n) (* n n)) (map f '(2 4000000000))", "integer-overflow", "(* n n)"),
        ("(define (f n) (- n)) (f -9223372036854775808)", "integer-overflow", "(- n)"),
        ("(abs -9223372036854775808)", "integer-overflow", "(abs -9223372036854775808)"),
        ("(define (f n) (+ n #t)) (f 1)", "type-mismatch", "(+ n #t)"),
        ("(define (f a b) (+ a b)) (list (f 1 2) (f 1 #f))", "type-mismatch", "(+ a b)"),
        ("(define (f a b) (< a b)) (list (f 1 2) (f 1 #f))", "type-mismatch", "(< a b)"),
        ('(let ((x 1)) (set! x "a") (+ x 1))', "type-mismatch", "(+ x 1)"),
        ("(define x 1) (define (f) (+ x 1)) (set! x nil) (f)", "type-mismatch", "(+ x 1)"),
        ("(foldl (lambda (a e) (if (= e 2) nil (+ a e))) 0 '(1 2 3))", "type-mismatch", "(+ a e)"),
        ('(define (f n acc) (if (= n 0) (+ acc 1) (f (- n 1) "s"))) (f 2 0)', "type-mismatch", "(+ acc 1)"),
        ("(define (f x) (even? x)) (f 2) (f 2.0)", "type-mismatch", "(even? x)"),
        ("(define m (hash-map :a 1)) (+ 1 (hash-map-get (hash-map-remove m :a) :a))", "type-mismatch", None),
        ("(define (f m) (+ 1 (hash-map-get m :a))) (f (hash-map :a 1)) (f (hash-map))", "type-mismatch", None),
        ("(define (f xs) (+ 1 (car xs))) (f '(1)) (f '(a))", "type-mismatch", "(+ 1 (car xs))"),
        ("(modulo 5 (- 1 1))", "division-by-zero", "(modulo 5 (- 1 1))"),
        ("(/ 1 0.0)", "division-by-zero", "(/ 1 0.0)"),
        ("(define (f x) (/ x 0)) (f 1.5)", "division-by-zero", "(/ x 0)"),
    ],
)
def test_checks_that_can_fail_are_made(text: str, kind: str, place: str | None) -> None:
    found = failed(text)
    assert found[0] == kind
    assert place is None or found[2] == place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # truth is the language's: 0, "", empty lists and maps hold
        (
            "(define (f x) (if x 'yes 'no)) (map f (list 0 \"\" '() (hash-map) 0.0 nil #f))",
            "(yes yes yes yes yes no no)",
        ),
        ("(define (f n) (and n (or (= n 1) n))) (list (f 0) (f 1) (f nil))", "(0 #t ())"),
        ("(list (and 0 1) (or nil '()) (or #f nil) (and) (or) (not 0))", "(1 () () #t #f #f)"),
        # booleans are no numbers, whatever Python thinks
        ('(list (equal? 1 #t) (eq? 0 #f) (equal? 1 1.0) (equal? "" nil) (member? #t \'(1)))', "(#f #f #f #f #f)"),
        ("(hash-map-get-or (hash-map 1 'int) #t 'none)", "none"),
        (
            "(map (lambda (k) (hash-map-get (hash-map 1 'i 1.0 'f #t 'b \"1\" 's) k)) (list 1 1.0 #t \"1\"))",
            "(i f b s)",
        ),
        # nan and the signed zero
        (
            "(list (= nan nan) (< nan 1.0) (not (>= nan 1.0)))",
            "(#f #f #t)",
        ),
        (
            "(define (f x) (if (< x 1.0) 'less (if (>= x 1.0) 'not-less 'neither))) (f nan)",
            "neither",
        ),
        ("(list (= 0.0 -0.0) (equal? 0.0 -0.0) (- 0.0) (+ -0.0 0.0) (* -1 0.0))", "(#t #t -0 0 -0)"),
        # integers and floats compare as floats
        (
            "(define (f a b) (= a b))"
            " (list (f 9007199254740993 9007199254740992.0) (f 9007199254740993 9007199254740992))",
            "(#t #f)",
        ),
        ("(list (< 9223372036854775807 9223372036854775808.0) (= 1 1.0))", "(#f #t)"),
        ("(list (/ 6 3) (/ 7 2) (/ 1) (/ 6 4 2) (/ -6 3))", "(2 3.5 1 0.75 -2)"),
        ("(list (modulo -7 3) (modulo 7 -3) (modulo -7 -3))", "(2 1 2)"),
        ("(define (f n) (modulo n 3)) (map f '(-7 7 0))", "(2 1 0)"),
        ("(list (min 1 2.5) (max 1 2.5) (min 3 1 2) (max 2))", "(1 2.5 1 2)"),
        # a narrowed branch is narrowed there alone
        (
            '(define (f x) (if (string? x) (string-append x "!") (if (integer? x) (+ x 1) x))) (map f (list "a" 1 :k))',
            '("a!" 2 :k)',
        ),
        ("(define (f x) (begin (if (null? x) nil (car x)) (null? x))) (list (f nil) (f '(1)))", "(#t #f)"),
        ("(define (f x) (if (or (null? x) (= (car x) 1)) 'stop 'go)) (map f (list nil '(1) '(2)))", "(stop stop go)"),
        ('(define (f x) (try (+ x 1) (catch (e) x))) (list (f 1) (f "s"))', '(2 "s")'),
        # sums of lists that bounds were known of
        ("(foldl + 0 (range 100001))", "5000050000"),
        ("(foldl + 0 (map (lambda (x) (* x x)) (range 1 4)))", "14"),
        ("(foldl + 0.5 '(1 2))", "3.5"),
    ],
)
def test_values(text: str, value: str) -> None:
    assert shown(text) == value
