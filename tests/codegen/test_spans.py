"""An error points at the form that raised it, however far the code around it has been rewritten.

Each program marks that form: `«` before, `»` after.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import vigyc
from codegen.running import described, failed
from vigyc.lang.errors import TickError

MARKED = [
    # arithmetic inside arithmetic, in the order of evaluation
    ("type-mismatch", "(define (f x) (+ 1 (* 2 «(- x 3)»))) (f :a)"),
    ("type-mismatch", "(define (f x) «(+ 1 (hash-map-get x :a))») (f (hash-map))"),
    ("type-mismatch", '(define (f x) (if «(< x 3)» 1 2)) (f "é")'),
    ("type-mismatch", "(list 1 (let ((y #t)) «(+ y 1)»))"),
    ("division-by-zero", "(define (f x) (+ 1 «(/ 6 x)»)) (f 0)"),
    ("division-by-zero", "(+ «(modulo 5 0)» (car nil))"),
    ("integer-overflow", "(define (f x) (list «(* x x)»)) (f 9223372036854775807)"),
    ("native-fn", "(define (f xs) (+ (car xs) «(car (cdr xs))»)) (f '(1))"),
    ("type-mismatch", "«(abs :a)»"),
    ("type-mismatch", '(string-append "é" (string 1) «(string-append "a" 1)»)'),
    ("type-mismatch", "(define (f m) «(hash-map-get m :a)») (f 5)"),
    ("native-fn", "(define (f k) «(hash-map-set (hash-map) k 1)») (f (list 1))"),
    # calls and arity
    ("arity-mismatch", "(define (f a) a) (+ 1 «(f 1 2)»)"),
    ("arity-mismatch", "(define (f a &rest r) a) (list «(f)»)"),
    ("arity-mismatch", "(define (f g) «(g 1 2 3)») (f (lambda (x) x))"),
    ("arity-mismatch", "(list 1 «(car)»)"),
    ("arity-mismatch", "(let ((g car)) (list «(g 1 2)»))"),
    ("not-callable", "(define (f g) (list «(g 1)»)) (f :k)"),
    ("not-callable", "(list «(5 (display 1))»)"),
    ("not-callable", "«((hash-map) 1)»"),
    # names
    ("unbound-symbol", "(define (f) (+ 1 «nope»)) (f)"),
    ("unbound-symbol", "(begin (display 1) («nope» 1 2))"),
    ("unbound-symbol", "(set! «nope» 1)"),
    ("unbound-symbol", "(define (f c) (when c (define y 1)) (list «y»)) (f #f)"),
    ("unbound-symbol", "(map «not» '(1))"),
    # special forms
    ("bad-special-form", "(define (f) «(if)») (f)"),
    ("bad-special-form", "(let «5» 1)"),
    ("bad-special-form", "(let ((a 1) «b») 1)"),
    ("bad-special-form", "(let ((«1» 1)) 1)"),
    ("bad-special-form", "(cond (#f 1) «7»)"),
    ("bad-special-form", "(lambda («5») 1)"),
    ("bad-special-form", "(try 1 (catch «e» 2))"),
    ("type-mismatch", "`(1 «,@5»)"),
    # thrown values
    ("user", "(define (f x) (if (> x 2) «(throw x)» x)) (f 3)"),
    ("user", "(try (car nil) (catch (e) «(throw e)»))"),
    ("user", '(define (f x) «(assert (> x 2) "small")») (f 1)'),
    # loops in place
    ("type-mismatch", "(map (lambda (x) (list «(+ x 1)»)) '(1 a))"),
    ("type-mismatch", "(filter (lambda (x) «(> x 1)») (list 1 nil))"),
    ("type-mismatch", '(foldl (lambda (a x) «(+ a x)») 0 (list 1 "é" 2))'),
    ("type-mismatch", "«(map inc 5)»"),
    ("type-mismatch", "(define (f xs) «(for-each display xs)») (f 5)"),
    ("type-mismatch", "(dotimes (i 3) (when (= i 1) «(car i)»))"),
    ("type-mismatch", "(dolist (x (list 1 2)) (let ((y :k)) «(+ x y)»))"),
    ("type-mismatch", "(define (f i acc) (if (= i 3) acc (f (+ i 1) «(+ acc (hash-map-get (hash-map) i))»))) (f 0 0)"),
    ("native-fn", "(define (f i xs) (if (= i 3) xs (f (+ i 1) «(cdr xs)»))) (f 0 '(1))"),
    ("type-mismatch", "(letrec ((f (lambda (i) (if (> i 2) «(+ i nil)» (f (+ i 1)))))) (+ 1 (f 0)))"),
    ("type-mismatch", "(let ((i 0)) (while (< i 3) (set! i (+ i 1)) (when (= i 2) «(+ i :k)»)))"),
    ("native-fn", "(foldl (lambda (m x) «(hash-map-set m x 1)») (hash-map) (list 1 (list)))"),
    ("type-mismatch", "(any? (lambda (x) (< «(+ x 1)» 0)) (list 1 nil))"),
    # macros: what a macro makes has the place of its call; forms it takes over as they are keep theirs
    ("type-mismatch", "«(-> 5 (list) (car) (car))»"),
    ("type-mismatch", "(case «(+ :a 1)» (1 2) (else 3))"),
    ("type-mismatch", "(match 5 (x «(+ x nil)»))"),
    ("type-mismatch", "(when-let (x 1) «(car x)»)"),
    ("type-mismatch", "(defmacro twice (e) `(begin ,e ,e)) «(twice (car 5))»"),
    ("type-mismatch", "(defmacro bad (e) `(+ ,e :k)) «(bad 5)»"),
    # closures that natives call
    ("arity-mismatch", "«(map (lambda (a b) a) '(1))»"),
    ("arity-mismatch", "(define (f a b) a) (list «(sort-by-key f '(1 2))»)"),
    ("not-callable", "«(map 5 '(1))»"),
    ("type-mismatch", "(sort-by (lambda (a b) «(+ a :k)») '(1 2))"),
    ("type-mismatch", "(apply (lambda (a) «(car a)») '(1))"),
    ("type-mismatch", "(force (delay (list «(car 1)»)))"),
    ("type-mismatch", "(hash-map-update (hash-map :a 1) :a (lambda (v) «(car v)»))"),
    ("type-mismatch", "(define (f x) «(+ x 1)») (list (map f (list 1 :k)))"),
    ("type-mismatch", "«(map car '(1))»"),
    # tail calls
    ("arity-mismatch", "(define (p n) «(q n n)») (define (q n) (p n)) (p 1)"),
    ("type-mismatch", "(define (p n k) (if (= n 0) «(car k)» (q n k))) (define (q n k) (p (- n 1) k)) (p 3 4)"),
    ("not-callable", "(define (f n k) (if (= n 0) «(k n)» (f (- n 1) k))) (f 3 4)"),
    # several lines, and more than one byte to a character
    ("type-mismatch", '(define s "äöü€")\n(define (f x)\n  (list s\n    «(+ x\n       s)»))\n(f 1)'),
]


def unmarked(text: str) -> tuple[str, str]:
    before, rest = text.split("«")
    form, after = rest.split("»")
    return before + form + after, form


@pytest.mark.parametrize(("kind", "text"), MARKED)
def test_errors_have_their_place(kind: str, text: str) -> None:
    plain, form = unmarked(text)
    found = failed(plain)
    assert (found[0], found[2]) == (kind, form)
    with pytest.raises(TickError) as error:
        vigyc.compile(plain, cache=False).eval()
    assert error.value.span is not None
    assert error.value.span[0] == len(text.split("«", maxsplit=1)[0].encode())


FRESH = """
import json, sys, vigyc
from vigyc.lang.errors import TickError
for text in json.load(sys.stdin):
    try:
        vigyc.compile(text).eval()
    except TickError as error:
        print(json.dumps([error.kind, error.short, error.span]))
"""


def test_places_survive_the_cache_into_a_fresh_process() -> None:
    texts = [unmarked(text)[0] for _, text in MARKED]

    def run() -> list[str]:
        command = [sys.executable, "-c", FRESH]
        done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    cold, warm = run(), run()
    assert cold == warm
    assert len(cold) == len(texts)
    for (kind, _), text, line in zip(MARKED, texts, warm, strict=True):
        found = json.loads(line)
        assert found[0] == kind
        with pytest.raises(TickError) as error:
            vigyc.compile(text, cache=False).eval()
        assert tuple(found[2]) == error.value.span


def test_an_error_that_was_caught_and_thrown_again_points_at_the_throw() -> None:
    text = "(define (f) (car 5)) (try (f) (catch (e) (throw e)))"
    with pytest.raises(TickError) as error:
        vigyc.compile(text, cache=False).eval()
    assert described(error.value, text)[2] == "(throw e)"
