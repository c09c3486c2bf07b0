"""The rewrites keep the language's meaning; expectations are those of the language reference."""

from __future__ import annotations

import pytest

from codegen.running import failed, printed, shown

MAX = 2**63 - 1
MIN = -(2**63)

# -- counted loops ------------------------------------------------------------------------------------


def simulate(op: str, start: int, bound: int, step: int) -> int:
    """Where a counter stands when the loop is left."""
    leave = {"=": int.__eq__, "<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__}[op]
    while not leave(start, bound):
        start += step
    return start


COUNTS = [
    (op, start, bound, step)
    for op, steps in (("=", (1, -1)), (">", (1, 2, 3)), (">=", (1, 2, 3)), ("<", (-1, -2, -3)), ("<=", (-1, -2, -3)))
    for step in steps
    for start in (-2, 0, 5)
    for bound in (start + step * 4, start, *(() if op == "=" else (start - step * 4, start + step * 4 + 1)))
]


@pytest.mark.parametrize(("op", "start", "bound", "step"), COUNTS)
def test_the_counter_stands_where_the_test_first_failed(op: str, start: int, bound: int, step: int) -> None:
    move = f"(+ i {step})" if step % 2 else f"(- i {-step})"
    want = simulate(op, start, bound, step)
    assert shown(f"(define (f i) (if ({op} i {bound}) i (f {move}))) (f {start})") == str(want)
    mirrored = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}[op]
    assert shown(f"(define (f i n) (cond (({mirrored} n i) (list i n)) (else (f {move} n)))) (f {start} {bound})") == (
        f"({want} {bound})"
    )
    rounds = (want - start) // step
    assert shown(
        f"(letrec ((f (lambda (i acc) (if (not ({op} i {bound})) (f {move} (+ acc 1)) acc)))) (f {start} 0))"
    ) == str(rounds)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(define (f i) (if (zero? i) i (f (- i 1)))) (f 5)", "0"),
        ("(define (f i) (if (> i 10) i (f (inc i)))) (f 11)", "11"),
        ("(define (f i n) (if (>= i n) i (f (+ 1 i) n))) (f 3 -7)", "3"),
        (f"(define (f i) (if (>= i {MAX}) i (f (+ i 1)))) (f {MAX - 3})", str(MAX)),
        (f"(define (f i) (if (<= i {MIN}) i (f (- i 1)))) (f {MIN + 3})", str(MIN)),
        (f"(define (f i) (if (> i {MAX - 3}) i (f (+ i 3)))) (f {MAX - 6})", str(MAX)),
        # another exit first, and the counter read there
        ("(define (f i) (if (> i 10) i (if (= (* i i) 49) (list i) (f (+ i 1))))) (f 0)", "(7)"),
        ("(define (f i) (cond ((> i 9) 'none) ((= i 4) i) (else (f (+ i 2))))) (f 0)", "4"),
    ],
)
def test_counted_loops(text: str, value: str) -> None:
    assert shown(text) == value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"(define (f i) (if (> i {MAX}) i (f (+ i 1)))) (f {MAX - 2})", "(+ i 1)"),
        (f"(define (f i) (if (>= i {MAX}) 1 (f (+ i 2)))) (f {MAX - 3})", "(+ i 2)"),
        (f"(define (f i n) (if (<= i n) 1 (f (- i 3) n))) (f {MIN + 1} {MIN})", "(- i 3)"),
        (f"(define (f i n) (if (< i n) 1 (f (dec i) n))) (f {MIN + 1} {MIN})", "(dec i)"),
    ],
)
def test_a_counter_that_leaves_64_bits_is_an_error(text: str, place: str) -> None:
    assert failed(text)[::2] == ("integer-overflow", place)


def test_a_counter_leaves_64_bits_before_what_follows_it_is_evaluated() -> None:
    text = f"(define (f i x) (if (> i {MAX}) x (f (+ i 1) (car x)))) (f {MAX} nil)"
    assert failed(text)[::2] == ("integer-overflow", "(+ i 1)")


# -- sums whose check is deferred ---------------------------------------------------------------------


@pytest.mark.parametrize(("big", "amount"), [(MAX - 5, "i"), (MAX - 5, "2"), (MIN + 3, "-2")])
def test_a_sum_that_leaves_64_bits_is_an_error(big: int, amount: str) -> None:
    text = f"(define (f i acc) (if (= i 5) acc (f (+ i 1) (+ acc {amount})))) (f 0 {big})"
    assert failed(text) == ("integer-overflow", "integer overflow in `+`", f"(+ acc {amount})")


def test_a_sum_that_just_stays_in_64_bits_is_right() -> None:
    assert shown(f"(define (f i acc) (if (= i 5) acc (f (+ i 1) (+ acc i)))) (f 0 {MAX - 10})") == str(MAX)
    assert shown(f"(define (f i acc) (if (= i 5) acc (f (+ i 1) (+ acc -2)))) (f 0 {MIN + 10})") == str(MIN)


def test_no_sum_beyond_64_bits_is_seen_inside() -> None:
    loop = "(define (f i acc) (if (= i 3) 'done (begin (display acc) (f (+ i 1) (+ acc i)))))"
    assert printed(f"{loop} (try (f 1 {MAX}) (catch (e) 0))") == str(MAX)


# -- the order of arguments ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("(define (f i acc) (f (car acc) (cdr i))) (f 1 2)", "(car acc)"),
        ("(define (f i acc) (f (inc) (- acc i))) (f 1 2)", "(inc)"),
        ("(define (f i n acc) (f (vector) n (i))) (f 1 1 1)", "vector"),
        ("(define (f x m) (f (cdr x) (hash-map-set m (car x) (cdr 7)))) (f (list) (hash-map))", "(cdr x)"),
        ("(foldl (lambda (m e) (hash-map-set m (car e) (cdr e))) (hash-map) '(()))", "(car e)"),
        ("(foldl (lambda (m e) (hash-map-set m (list) 1)) 1 '(1))", "(hash-map-set m (list) 1)"),
        ("(hash-map-get-or 1 1 (car nil))", "(car nil)"),
        ("(hash-map-get 1 (car nil))", "(car nil)"),
        ("(cons 1 (cdr 1))", "(cdr 1)"),
    ],
)
def test_the_first_argument_that_fails_is_the_one_reported(text: str, place: str) -> None:
    assert failed(text)[2] == place


def test_a_local_function_sees_the_variables_of_its_own_round() -> None:
    text = "(define (f i acc) (let ((h (lambda () (* i 2)))) (if (> i 3) acc (f (+ i 1) (+ acc (h) (h)))))) (f 0 0)"
    assert shown(text) == "24"


def test_an_argument_keeps_the_value_it_had_when_it_was_evaluated() -> None:
    text = "(define (f i n acc) (if (= i 2) (list n acc) (f (+ i 1) n (begin (set! n 9) (+ acc n))))) (f 0 1 0)"
    assert shown(text) == "(1 18)"


def test_arguments_are_exchanged_at_once() -> None:
    assert shown("(define (f n a b) (if (= n 0) (list a b) (f (- n 1) b a))) (f 3 1 2)") == "(2 1)"
    assert shown("(define (f n a b) (if (= n 0) a (f (- n 1) b (+ a b)))) (f 10 0 1)") == "55"


# -- maps that a loop owns ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(define m (hash-map :a 1)) (foldl (lambda (acc x) (hash-map-set acc x 0)) m '(1 2)) m", "{:a 1}"),
        (
            "(define m (hash-map :a 1)) (define (f i acc) (if (= i 3) acc (f (+ i 1) (hash-map-set acc i 0))))"
            " (list (f 0 m) m)",
            "({:a 1, 0 0, 1 0, 2 0} {:a 1})",
        ),
        # old versions kept by the loop
        (
            "(define (f i m kept) (if (= i 3) kept (f (+ i 1) (hash-map-set m i i) (cons m kept))))"
            " (f 0 (hash-map) nil)",
            "({0 0, 1 1} {0 0} {})",
        ),
        (
            "(foldl (lambda (m x) (hash-map-set (hash-map-set m :last m) x 1)) (hash-map) '(1 2))",
            "{:last {:last {}, 1 1}, 1 1, 2 1}",
        ),
        # passed on in mid-loop
        (
            "(define kept nil) (define (keep! m) (set! kept (cons m kept)))"
            " (define (f i m) (if (= i 2) kept (begin (keep! m) (f (+ i 1) (hash-map-set m i i))))) (f 0 (hash-map))",
            "({0 0} {})",
        ),
        # read under the way
        (
            "(foldl (lambda (m w) (hash-map-set m w (+ 1 (hash-map-get-or m w 0)))) (hash-map) '(a b a))",
            "{a 2, b 1}",
        ),
        ("(foldl (lambda (m x) (if (hash-map-has? m x) m (hash-map-set m x #t))) (hash-map) '(1 1 2))", "{1 #t, 2 #t}"),
        # a value whose computation needs statements, next to arguments that are exchanged
        (
            "(define (f xs m a b) (if (null? xs) (list m a) (f (cdr xs)"
            " (hash-map-set m (car xs) (foldl (lambda (p q) (let ((s (+ p q))) s)) 1 '(1 2))) b a)))"
            " (define m (hash-map 7 8)) (list (f '(1 2 3) m 1 2) m)",
            "(({7 8, 1 4, 2 4, 3 4} 2) {7 8})",
        ),
        ("(foldl (lambda (m x) (hash-map-set m (+ x 0.5) x)) (hash-map) '(1 1))", "{1.5 1}"),
        # the loop changes the variable itself
        (
            "(define (f i m) (if (= i 2) m (f (+ i 1) (hash-map-set m i (set! m (hash-map :x 1))))))"
            " (f 0 (hash-map :a 1))",
            "{:a 1, 0 (), 1 ()}",
        ),
    ],
)
def test_owned_maps(text: str, value: str) -> None:
    assert shown(text) == value


# -- closures that keep variables of a loop -----------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "(define (f i fs) (if (= i 3) fs (f (+ i 1) (cons (lambda () i) fs)))) (map (lambda (g) (g)) (f 0 nil))",
        "(map (lambda (g) (g)) (reverse (map (lambda (i) (lambda () i)) '(0 1 2))))",
        "(map (lambda (g) (g)) (foldl (lambda (fs i) (cons (lambda () i) fs)) nil '(0 1 2)))",
        "(define fs nil) (dotimes (i 3) (set! fs (cons (lambda () i) fs))) (map (lambda (g) (g)) fs)",
        "(map force (foldl (lambda (fs i) (cons (delay i) fs)) nil '(0 1 2)))",
        "(define fs nil) (define j 0) (while (< j 3) (let ((k j)) (set! fs (cons (lambda () k) fs))) (set! j (+ j 1)))"
        " (map (lambda (g) (g)) fs)",
    ],
)
def test_every_round_has_variables_of_its_own(text: str) -> None:
    assert shown(text) == "(2 1 0)"


# -- elements and entries -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(remove (lambda (c) (set! c 1) #f) '(5 6))", "(5 6)"),
        ("(filter (lambda (c) (define c 1) c) '(5 6))", "(5 6)"),
        ("(find (lambda (c) (set! c 1) #t) '(5 6))", "5"),
        ("(map (lambda (e) (list (second e) (car e))) (hash-map-entries (hash-map :a 1 2.5 #t)))", "((1 :a) (#t 2.5))"),
        ("(filter (lambda (e) (car (cdr e))) (hash-map-entries (hash-map :a #f :b 1)))", "((:b 1))"),
        ("(map (lambda (e) (length e)) (hash-map-entries (hash-map :a 1)))", "(2)"),
        ("(foldl (lambda (n e) (+ n (second e))) 0 (hash-map-entries (hash-map #t 1 1 2 1.0 3)))", "6"),
        ("(find (lambda (e) (= (second e) 2)) (hash-map-entries (hash-map :a 1 :b 2)))", "(:b 2)"),
    ],
)
def test_elements_are_what_they_were(text: str, value: str) -> None:
    assert shown(text) == value


# -- local loops, nested loops ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(define (f n) (define (g i) (if (> i n) i (g (* i 2)))) (g 1)) (f 100)", "128"),
        ("(define (f n) (define (g i) (if (> i n) i (g (* i 2)))) (+ 1 (g 1))) (f 100)", "129"),
        ("(define (f n) (+ 1 (letrec ((g (lambda (i) (if (> i n) i (g (+ i 1)))))) (g 0)) n)) (f 3)", "8"),
        # the inner loop's exit goes on with the outer
        (
            "(define (outer i acc) (if (= i 3) acc"
            " (letrec ((inner (lambda (j s) (if (= j 3) (outer (+ i 1) (cons s acc)) (inner (+ j 1) (+ s (* i j)))))))"
            " (inner 0 0)))) (outer 0 nil)",
            "(6 3 0)",
        ),
        (
            "(define (a i acc) (if (>= i 2) acc (letrec ((b (lambda (j acc) (if (>= j 2) (a (+ i 1) acc)"
            " (letrec ((c (lambda (k acc) (if (>= k 2) (b (+ j 1) acc) (c (+ k 1) (cons (list i j k) acc))))))"
            " (c 0 acc)))))) (b 0 acc)))) (length (a 0 nil))",
            "8",
        ),
        ("(define (f i) (let ((x (* i i))) (if (> x 50) x (f (+ i 1))))) (f 0)", "64"),
        ("(define (f x) (if (> x 3) 'big (or #f (f (+ x 1))))) (f 0)", "big"),
        ("(define (f x) (and x (if (> x 3) x (and #t (f (+ x 1)))))) (f 0)", "4"),
        ("(define (f x) (cond ((> x 5) x) ((= x 2) (f 10)) (else (f (+ x 1))))) (f 0)", "10"),
        ("(define (f n) (when (> n 0) (display n) (f (- n 1)))) (f 3)", "()"),
        (
            "((lambda () (define (f i n) (if (< i n) (f (+ i 1) (+ n 0)) (case i (3 'three)))) (list (f 0 3))))",
            "(three)",
        ),
        (
            "((lambda (s) (define (f x) (if (string? x) (f (car (list 1))) (cond ((= x 2) 'two) ((= x 1) 'one))))"
            ' (list (f s) (f 2))) "a")',
            "(one two)",
        ),
    ],
)
def test_loops_in_place(text: str, value: str) -> None:
    assert shown(text) == value


def test_while_leaves_nil_and_keeps_what_it_set() -> None:
    assert shown("(define i 0) (define s 0) (list (while (< i 4) (set! s (+ s i)) (set! i (+ i 1))) i s)") == "(() 4 6)"


def test_a_long_range_that_is_interrupted_is_never_built() -> None:
    assert shown("(try (dotimes (i 1000000000000) (when (= i 3) (throw i))) (catch (e) e))") == "3"
    assert shown("(any? (lambda (x) (> x 5)) (range 1000000000000))") == "#t"


# -- tail calls ---------------------------------------------------------------------------------------

DEEP = 1_000_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "(define (ev? n) (if (= n 0) #t (od? (- n 1)))) (define (od? n) (if (= n 0) #f (ev? (- n 1))))"
            f" (ev? {DEEP})",
            "#t",
        ),
        (
            f"(define (p n) (or (= n 0) (q (- n 1)))) (define (q n) (and (not (= n 0)) (p (- n 1)))) (p {DEEP})",
            "#t",
        ),
        ("(define (f n k) (if (= n 0) (k n) (f (- n 1) (lambda (v) (k (+ v 1)))))) (f 20000 (lambda (v) v))", "20000"),
        (f"(define (f n g) (if (= n 0) 'done (g (- n 1) g))) (f {DEEP} f)", "done"),
        (f"(define (f n) (cond ((= n 0) 'done) (else (let ((m (- n 1))) (begin (f m)))))) (f {DEEP})", "done"),
        (f"(define (f n &rest more) (if (= n 0) more (f (- n 1) n))) (f {DEEP})", "(1)"),
        (
            "(define (f n) (letrec ((a (lambda (n) (if (= n 0) 'done (b (- n 1))))) (b (lambda (n) (a n)))) (a n)))"
            f" (f {DEEP // 10})",
            "done",
        ),
    ],
)
def test_tail_calls_take_no_stack(text: str, value: str) -> None:
    assert shown(text) == value


# -- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # D14: a redefined library name is the program's from there on, and the library keeps its own
        ("(define (inc x) (+ x 10)) (inc 1)", "11"),
        ("(define a (inc 1)) (define (inc x) (+ x 10)) (list a (inc 1))", "(2 11)"),
        ("(define (f) (car '(1))) (define a (f)) (define (car x) 'mine) (list a (f))", "(1 mine)"),
        ("(define (equal? a b) #t) (position 3 '(1 2 3))", "2"),
        ("(let ((+ -)) (+ 5 2))", "3"),
        ("(define (f list) (list 1 2)) (f max)", "2"),
        ("(define string string) (string 1)", '"1"'),
        ("((lambda (map) (map car '((1)))) (lambda (f x) (f x)))", "(1)"),
        # a definition that may not be reached: the outer binding until then
        ("(define x 'outer) (define (f c) (when c (define x 'inner)) x) (list (f #t) (f #f))", "(inner outer)"),
        ("(let ((a 1)) ((lambda () (when #f (define a 2)) (set! a (+ 1 a)))) a)", "2"),
        ("(let ((a 1)) ((lambda (c) (when c (define a 5)) (set! a (+ 1 a)) a) #t))", "6"),
        ("(let ((a 1)) (when nil (define a)) (set! a 2) a)", "2"),
        (
            "(define x 1)"
            " ((lambda (c) (let () (when c (define x 2)) ((lambda () (when c (define x 3)) (set! x 4)))) x) #f)",
            "4",
        ),
        ("((lambda (x) (let () (define x x) x)) 1)", "1"),
        ("(define (f) (g)) (define (g) 'later) (f)", "later"),
        ("(letrec ((a 1) (b (list a))) b)", "(1)"),
        ("(letrec ((f (lambda () a)) (a 2)) (f))", "2"),
        ("(letrec ((a b) (b 1)) a)", "()"),
        # a parameter that is defined anew changes its kind
        ("(try (some (lambda (k) (define k car) (negative? k)) '(1)) (catch (e) (error-tag e)))", ":type-mismatch"),
    ],
)
def test_names(text: str, value: str) -> None:
    assert shown(text) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("(define z (let () (set! z 1)))", "z"),
        ("((lambda () (set! x 3) (define x 1)))", "x"),
        ("(define (f c) (when c (define y 1)) y) (f #f)", "y"),
        ("(f) (define (f) 1)", "f"),
    ],
)
def test_unset_names(text: str, name: str) -> None:
    assert failed(text) == ("unbound-symbol", f"unbound symbol `{name}`", name)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(not (integer? 1))", "#f"),
        ('(every? string? \'("a" 1))', "#f"),
        ("(if (not (string? 1)) 'other 'string)", "other"),
    ],
)
def test_kinds_are_asked_for_and_denied(text: str, value: str) -> None:
    assert shown(text) == value
