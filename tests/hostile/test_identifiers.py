"""Names that mean something to Python mean nothing to it here."""

from __future__ import annotations

import builtins
import keyword

import pytest

from hostile.running import outcome

NAMES = [
    *keyword.kwlist, *keyword.softkwlist, "__import__", "__builtins__", "__class__", "__dict__", "__globals__",
    "__debug__", "__name__", "self", "host", "print", "exec", "open", "getattr", "globals", "len", "list_", "int_",
    "x__y", "_", "__", "___", "a.b", "a[0]", "x=1", "1x", "+x", "...", "naïve", "ℌ", "fi", "ﬁ", "ſ",
    "\u212b", "\u00c5", "A\u030a", "x²", "名前", "😀", "а", "a\u200b", "\ufeffx", "a\x1cb", "\x00", "%s", "{x}",
    "$", "@", "#", "|a", "[",
    "lambda_", "None_", "True_", "UNSET", "INT_MAX", "G", "H", "kv", "hash_map_get", "hash-map-get-", "a-b", "a_b",
]  # fmt: skip
MACROS_AND_FORMS = {"lambda", "not", "and", "or", "if", "while", "assert", "match", "case", "try"}


@pytest.mark.parametrize("name", [name for name in dict.fromkeys(NAMES) if name not in MACROS_AND_FORMS], ids=ascii)
def test_any_name_can_be_a_variable_a_parameter_and_a_function(name: str) -> None:
    text = f"(define {name} 41) (define (f {name}) (+ {name} 1)) (let (({name} {name})) (list (f {name}) {name}))"
    assert outcome(text) == "(42 41)"
    assert outcome(f"(define ({name} n) (if (= n 0) 'end ({name} (- n 1)))) ({name} 5)") == "end"
    assert outcome(f"(try {name}-unbound (catch ({name}) (error-tag {name})))") == ":unbound-symbol"


@pytest.mark.parametrize("name", sorted(n for n in dir(builtins) if not n.startswith("__")))
def test_python_builtins_are_unbound(name: str) -> None:
    known = {
        "abs",
        "filter",
        "format",
        "list",
        "map",
        "max",
        "min",
        "print",
        "range",
        "round",
        "zip",
        "eval",
        "NaN",
        "compile",
    }
    if name not in known:
        assert outcome(name) == "!unbound-symbol"


def test_look_alikes_are_different_names() -> None:
    """Python would fold these into one identifier (NFKC)."""
    assert outcome("(define ﬁ 1) (define fi 2) (list ﬁ fi)") == "(1 2)"
    assert outcome("(define ℌ 1) (define H 2) (define а 3) (define a 4) (list ℌ H а a)") == "(1 2 3 4)"
    assert outcome("(define \u212b 1) (define \u00c5 2) (define A\u030a 3) (list \u212b \u00c5 A\u030a)") == "(1 2 3)"
    assert outcome("(define x 1) (define X 2) (list x X)") == "(1 2)"


def test_names_that_read_alike_in_python_stay_apart() -> None:
    text = "(define a-b 1) (define a_b 2) (define a->b 3) (define a-to-b 4) (define a? 5) (define a-p 6) (define a! 7)"
    assert outcome(text + "(list a-b a_b a->b a-to-b a? a-p a!)") == "(1 2 3 4 5 6 7)"
    assert outcome("(define (f a-b a_b) (lambda () (set! a-b (+ a-b a_b)) (list a-b a_b))) ((f 1 2))") == "(3 2)"


def test_attributes_and_subscripts_reach_nothing() -> None:
    assert outcome("car.__class__") == "!unbound-symbol"
    assert outcome("(define x (list 1)) x.append") == "!unbound-symbol"
    assert outcome('(hash-map-get (hash-map) "__class__")') == "()"
    assert outcome('(vigy-get "__class__")') == "()"
    assert outcome('(format "{0.__class__}{}%s" 1)')[0] in '"!'


def test_very_long_names() -> None:
    name = "n" * 100_000
    assert outcome(f"(define {name} 1) (define {name}2 2) (list {name} {name}2)") == "(1 2)"
