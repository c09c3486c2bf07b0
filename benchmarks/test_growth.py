"""What costs n steps costs n: ten times as many elements take at most fifteen times as long."""

from __future__ import annotations

from typing import Any

import pytest

from measure import compare, record
from programs import prepared

XS = "(define xs (range @))"

SHAPES = {
    "walking a list by cdr": XS + "(define (walk xs n) (if (null? xs) n (walk (cdr xs) (+ n 1)))) (walk xs 0)",
    "consing a list up": "(define (up i acc) (if (= i @) acc (up (+ i 1) (cons i acc)))) (length (up 0 ()))",
    "range": "(length (range @))",
    "append of one element in a fold": XS + "(length (foldl (lambda (acc x) (append acc (list x))) () xs))",
    "hash-map-set in a fold": XS + "(hash-map-count (foldl (lambda (m x) (hash-map-set m x x)) (hash-map) xs))",
    "string-append in a loop": """
        (define (up i acc) (if (= i @) acc (up (+ i 1) (string-append acc "x"))))
        (string-length (up 0 ""))""",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_growth(benchmark: Any, shape: str) -> None:
    few, many = (prepared(SHAPES[shape].replace("@", str(n))) for n in (10_000, 100_000))
    assert few() == 10_000
    assert many() == 100_000
    found = compare(many, few, rounds=11)
    record(benchmark, "growth", f"{shape}: 100,000 against 10,000", "<= 15", many, **found)
