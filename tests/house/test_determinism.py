"""The same text gives the same code, whatever the process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from house import tree
from vigyc.checking import analyse
from vigyc.compiler import go_on

PROBE = """
import hashlib, marshal, sys, vigyc
program = vigyc.compile(sys.stdin.read(), cache=False)
print(program.digest, hashlib.sha256(marshal.dumps(program.artifact.code)).hexdigest())
"""

TEXTS = {
    "captures": "(define (counter) (define n 0) (lambda () (set! n (+ n 1)) n)) (define c (counter)) (c) (c)",
    "sets of names": "(define (f a b c) (let ((x a) (y b) (z c)) (lambda () (list x y z)))) ((f 1 2 3))",
    "macros": "(defmacro twice (x) `(begin ,x ,x)) (define-record p (x y)) (twice (make-p 1 2))",
    "match": "(match (list 1 2) ((a b) (hash-map :a a :b b)) (else 'no))",
}


def _digests(text: str, seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", PROBE]
    return subprocess.run(command, input=text, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", TEXTS)
def test_code_does_not_depend_on_the_hash_seed(name: str) -> None:
    assert _digests(TEXTS[name], "0") == _digests(TEXTS[name], "4242")


def test_examples_do_not_depend_on_the_hash_seed() -> None:
    for example in sorted((tree.ROOT / "examples").glob("*.tatara")):
        text = example.read_text("utf-8")
        assert _digests(text, "1") == _digests(text, "777"), example.name


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_analysed_before_gives_the_same_code(name: str) -> None:
    _, analysed = analyse(TEXTS[name])
    assert analysed is not None
    whole, rest = (go_on(half, TEXTS[name], cache=False).artifact for half in (None, analysed))
    assert whole.code == rest.code
    assert (whole.functions, whole.variables, whole.intrinsics) == (rest.functions, rest.variables, rest.intrinsics)
