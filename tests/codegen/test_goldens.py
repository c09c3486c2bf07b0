"""What small programs are turned into, and what mistakes look like, as files that `scripts/golden` rewrites.

The files under `goldens/` hold a program and, below a line `---`, what it gives. They show how the compiler works;
that it is right is for the other tests to say.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import vigyc
from vigyc.inspection import render_stage
from vigyc.lang.errors import CompileError, TickError
from vigyc.lang.render import render
from vigyc.lang.source import Source

PLACE = Path(__file__).parent / "goldens"
LINES = 45  # a screen

PROGRAMS = {
    "counted-loop": "(define (sum i n acc)\n  (if (> i n) acc (sum (+ i 1) n (+ acc i))))\n(sum 1 100 0)\n",
    "owned-map": "(define (tally words)\n  (foldl (lambda (m w) (hash-map-set m w (+ 1 (hash-map-get-or m w 0))))\n"
    "         (hash-map) words))\n(tally '(a b a))\n",
    "mutual-recursion": "(define (ping n) (if (= n 0) 'done (pong (- n 1))))\n(define (pong n) (ping n))\n(ping 5)\n",
    "nested-loops": "(define (pairs n)\n  (letrec ((outer (lambda (i acc)\n"
    "    (if (= i n) acc\n        (letrec ((inner (lambda (j acc)\n"
    "          (if (= j n) (outer (+ i 1) acc) (inner (+ j 1) (cons (* i j) acc))))))\n"
    "          (inner 0 acc))))))\n    (outer 0 nil)))\n(pairs 3)\n",
    "map-and-filter": "(define (evens xs)\n  (map (lambda (x) (* x x)) (filter even? xs)))\n(evens (range 10))\n",
    "entries": "(define (swap m)\n  (foldl (lambda (acc e) (hash-map-set acc (second e) (car e)))\n"
    "         (hash-map) (hash-map-entries m)))\n(swap (hash-map :a 1 :b 2))\n",
    "closures": "(define (counters n)\n  (if (= n 0) nil (cons (lambda () n) (counters (- n 1)))))\n"
    "(map (lambda (f) (f)) (counters 3))\n",
    "try": "(define (safe-car xs)\n  (try (car xs) (catch (e) (error-message e))))\n(safe-car nil)\n",
    "reconciler": '(define seen (vigy-get "seen" 0))\n(when (< seen 3)\n  (vigy-set "seen" (+ seen 1))\n'
    '  (vigy-log :info (string-append "seen " (string seen))))\n',
}

MACROS = {
    "loops": "(dotimes (i 3) (display i))\n(dolist (x '(1 2)) (display x))\n"
    "(let ((i 0)) (while (< i 3) (set! i (+ i 1))))\n",
    "choices": '(case (+ 1 1) ((1 2) "few") (else "many"))\n(-> 5 (- 3) inc)\n(when-let (x 1) (inc x))\n',
    "own-macro": "(defmacro unless2 (test &rest body) `(if ,test nil (begin ,@body)))\n(unless2 #f 1 2)\n",
}
OUTLINES = ("counted-loop", "owned-map", "closures", "try")

MISTAKES = {
    "unclosed-list": "(define (f x)\n  (list x 1\n(f 2)\n",
    "stray-bracket": "(list 1 2))\n",
    "unterminated-string": '(display "hello)\n',
    "type-mismatch": '(define (area w h)\n  (* w h))\n(area 3 "four")\n',
    "unbound-name": '(define (greet name)\n  (string-append "hi " nmae))\n(greet "you")\n',
    "arity": "(define (add a b) (+ a b))\n(list 1\n  (add 1))\n",
    "special-form": "(define (f x)\n  (let ((y x) z)\n    y))\n(f 1)\n",
    "thrown": '(throw (error :not-ready "the disk is full" (list :free 0)))\n',
    "wide-characters": '(define s "größe €")\n(list s (+ s 1))\n',
}


def compare(name: str, program: str, result: str) -> None:
    """Check (or, when asked to, rewrite) the file `name`."""
    text = f"{program}---\n{result.rstrip()}\n"
    path = PLACE / name
    if os.environ.get("REWRITE_GOLDENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text.count("\n") <= LINES
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", PROGRAMS)
def test_golden_python(name: str) -> None:
    compare(f"{name}.python.txt", PROGRAMS[name], render_stage(PROGRAMS[name], f"{name}.tatara", "python"))


@pytest.mark.parametrize("name", OUTLINES)
def test_golden_outlines(name: str) -> None:
    compare(f"{name}.ir.txt", PROGRAMS[name], render_stage(PROGRAMS[name], f"{name}.tatara", "ir"))


@pytest.mark.parametrize("name", MACROS)
def test_golden_expansions(name: str) -> None:
    compare(f"{name}.expanded.txt", MACROS[name], render_stage(MACROS[name], f"{name}.tatara", "expanded"))


@pytest.mark.parametrize("name", MISTAKES)
def test_golden_mistakes(name: str) -> None:
    text = MISTAKES[name]
    source = Source(f"{name}.tatara", text)
    with pytest.raises((CompileError, TickError)) as found:
        vigyc.compile(text, filename=source.name, cache=False).eval()
    error = found.value
    if isinstance(error, CompileError):
        diagnostics = error.diagnostics
    else:
        assert isinstance(error, TickError)
        diagnostics = [vigyc.compile(text, cache=False).describe(error)]
    compare(f"mistake-{name}.txt", text, render(diagnostics, source))


def test_no_golden_is_left_over() -> None:
    expected = {f"{name}.python.txt" for name in PROGRAMS} | {f"{name}.ir.txt" for name in OUTLINES}
    expected |= {f"{name}.expanded.txt" for name in MACROS} | {f"mistake-{name}.txt" for name in MISTAKES}
    assert {path.name for path in PLACE.iterdir()} == expected
