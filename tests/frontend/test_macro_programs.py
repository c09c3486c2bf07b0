"""Macros of a program, run through the whole compiler (language reference 7, decisions D19-D22)."""

from __future__ import annotations

import pytest

import vigyc

SHOWN = "(pr-str {})"


def shown(text: str) -> object:
    """The printed value of the last form of `text`."""
    *before, last = text.strip().split("\n")
    return vigyc.compile("\n".join([*before, SHOWN.format(last)]), cache=False).eval()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(defmacro m () 5)\n(m)", "5"),
        ("(defmacro m (x) `(quote ,x))\n(m (+ 1 2))", "(+ 1 2)"),
        ("(defmacro m (&rest xs) `(list ,@xs))\n(list (m) (m 1 2))", "(() (1 2))"),
        ("(defpoint-template p (x) `(list ,x))\n(p 1)", "(1)"),
        ("(defcheck c (x) `(not ,x))\n(c #f)", "#t"),
        ("(defmacro m () '())\n(m)", "()"),
        ("(defmacro m (x) (if (symbol? x) :sym :other))\n(list (m a) (m 5) (m (a)) (m ()))",
         "(:sym :other :other :other)"),
        ("(defmacro m (x) (if x 1 2))\n(m ())", "1"),
        ("(define (helper x) (* x 2))\n(defmacro m (n) (helper n))\n(m 4)", "8"),
        ("(defmacro m (n) (helper n))\n(define (twice x) (* x 2))\n(define (helper x) (twice x))\n(m 4)", "8"),
        ("(defmacro n (x) (* x 10))\n(defmacro m (x) (n 5))\n(m 1)", "50"),
        ("(defmacro m () 1)\n(define (f) (m))\n(defmacro m () 2)\n(list (f) (m))", "(1 2)"),
        ("(define (m x) :fn)\n(defmacro m (x) :mac)\n(list (m 1) (map m '(1)))", "(:mac (:fn))"),
        ("(defmacro if (a b c) `(list ,a ,b ,c))\n(if 1 2 3)", "(1 2 3)"),
        ("(defmacro assert (x) `(list ,x))\n(assert #f)", "(#f)"),
        ("(defmacro m (x) `(begin ,@x))\n(m (1 2))", "2"),
        ("(defmacro my-cond (&rest cs)"
         "  (if (null? cs) () `(if ,(car (car cs)) ,(second (car cs)) (my-cond ,@(cdr cs)))))\n"
         "(my-cond (#f 1) (#f 2) (#t 3))", "3"),
        ("(define-record p (x))\n(defmacro m () (p-x (make-p 7)))\n(m)", "7"),
        # D21: quoted parts of a template are entered.
        ("(defmacro m (x) `(list ',x))\n(m a)", "(a)"),
        # D22: inside begin; several body forms; a docstring; &optional.
        ("(begin (defmacro m (x) `(list ,x)))\n(m 1)", "(1)"),
        ("(defmacro m (x) 5 `(list ,x))\n(m 1)", "(1)"),
        ('(defmacro m (x) "what it does" `(list ,x))\n(m 1)', "(1)"),
        ('(defmacro m () "s")\n(m)', '"s"'),
        ("(defmacro m (a &optional b (c 3) &rest r) `(list ',a ',b ',c ',r))\n(list (m 1) (m 1 2) (m 1 2 4 5 6))",
         "((1 () 3 ()) (1 2 3 ()) (1 2 4 (5 6)))"),
        # D20: a local hides a macro.
        ("(defmacro m (x) :mac)\n(let ((m (lambda (x) :local))) (m 1))", ":local"),
        ("(defmacro m (x) :mac)\n(list '(m 1) (quote (m 1)) `(m ,(m 1)))", "((m 1) (m 1) (m :mac))"),
        # D7: names count per compilation.
        ("(defmacro m () (with-gensyms (t) `(let ((,t 5)) ,t)))\n(m)", "5"),
    ],
)  # fmt: skip
def test_values(text: str, value: str) -> None:
    assert shown(text) == value


@pytest.mark.parametrize(
    ("text", "kind", "call"),
    [
        ("(defmacro m (a b) a) (m 1)", "native-fn", "(m 1)"),
        ("(defmacro m (a) a) (m 1 2)", "native-fn", "(m 1 2)"),
        ("(defmacro m () (lambda () 1)) (m)", "native-fn", "(m)"),
        ("(defmacro m () (list 'list car)) (m)", "native-fn", "(m)"),
        ("(defmacro m () (car 5)) (display 1) (m)", "type-mismatch", "(m)"),
        ("(defmacro m () (undefd)) (m)", "unbound-symbol", "(m)"),
        ("(defmacro m (n) (helper n)) (m 4) (define (helper x) x)", "unbound-symbol", "(m 4)"),
        ("(defmacro m (x) `(,@x 1)) (m 5)", "type-mismatch", "(m 5)"),
        ("(defmacro m () (throw 5)) (try (m) (catch (e) e))", "user", "(m)"),
        ("(defmacro m (x) `(m ,x)) (m 1)", "macro-expansion-limit", "(m 1)"),
        ("(defmacro m (x) `(list (m ,x) (m ,x))) (m 1)", "macro-expansion-limit", "(m 1)"),
        ("(defmacro m () (m)) (list (m))", "macro-expansion-limit", "(m)"),
        ('(defmacro m () (vigy-get "a")) (list (m))', "host-at-compile-time", "(m)"),
    ],
)
def test_a_macro_that_fails_is_a_finding_at_its_call(text: str, kind: str, call: str) -> None:
    with pytest.raises(vigyc.CompileError) as caught:
        vigyc.compile(text, cache=False)
    (finding,) = caught.value.diagnostics
    start = text.rindex(call)
    assert (finding.kind, finding.start, finding.end) == (kind, start, start + len(call))


def test_a_thrown_value_is_shown() -> None:
    with pytest.raises(vigyc.CompileError) as caught:
        vigyc.compile("(defmacro m () (throw '(a 5))) (m)", cache=False)
    assert caught.value.diagnostics[0].thrown == "(a 5)"


def test_a_macro_is_its_own_only_after_its_definition() -> None:
    with pytest.raises(vigyc.TickError) as caught:
        vigyc.compile("(define (f) (m)) (defmacro m () 2) (f)", cache=False).eval()
    assert caught.value.kind == "unbound-symbol"


def test_a_macro_that_is_never_called_never_runs() -> None:
    assert vigyc.compile("(defmacro m () (car 5)) 1", cache=False).eval() == 1


@pytest.mark.parametrize(
    "text",
    ["(-> 1 ())", "(if-let (x 1) 1)", "(match 5 (n))", "(case 1 2)", "(define-record p x)", "(lazy-cons)"],
)
def test_malformed_library_macros_raise_where_they_are_reached(text: str) -> None:
    assert vigyc.compile(f"(if #f {text} 1)", cache=False).eval() == 1
    assert shown(f"(try {text} (catch (e) (error-tag e)))") == ":bad-special-form"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(case '() ((()) :nil) (else :e))", ":nil"),
        ("(case 1 (() :never) (else :e))", ":e"),
        ("(case 1.0 ((1) :int) (else :other))", ":other"),
        ("(match '(1 (2 3)) ((a (b c)) (list a b c)))", "(1 2 3)"),
        ("(match '(1 5) ((a (b c)) (list a b c)) (_ :no))", ":no"),
        ("(match '(1 2) ((1 2) :literal))", ":literal"),
        ("(match '(1 2) ((_ _) :any))", ":any"),
        ("(match () (() :empty))", ":empty"),
        ("(match '() (() :empty))", ":empty"),
        ("(match '(sub 5 2) (('add a b) (+ a b)) (('sub a b) (- a b)))", "3"),
        ("(match '(1 1) ((x x) x))", "1"),
        ("(match 5 ((? (lambda (x) (> x 3)) n) n))", "5"),
        ("(match 5 (6 :six))", "()"),
        ("(begin (define i 0) (while (< i 3) (define q i) (set! i (+ i 1))) i)", "3"),
        ("(begin (define s 0) (dotimes (i 5) (set! s (+ s i))) s)", "10"),
        ("(begin (define-record p (x y)) (list (p-x (p-set-x (make-p 1 2) 3)) (p? (make-p 1 2)) (p? 5)))", "(3 #t #f)"),
        ("(let ((equal? car) (for-each 1)) (list (case 1 ((1) :one)) (dotimes (i 1) i)))", "(:one ())"),
    ],
)
def test_what_library_macros_do(text: str, value: str) -> None:
    assert shown(text) == value
