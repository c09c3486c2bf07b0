"""What a runtime gives is plain data: compared, copied, sent to another process, as what it raises is."""

from __future__ import annotations

import copy
import pickle

import pytest

import vigyc
from vigyc import Runtime

PROGRAM = """
(vigy-set "n" 1)
(vigy-update (hash-map "a" (list 1 2.5 nil)))
(vigy-condition "Ready" #t)
(vigy-event "kind" "message")
"""


def test_nouns(runtime: Runtime) -> None:
    registration = runtime.register(PROGRAM, name="x", every="1h", labels={"a": "b"})
    nouns = [
        registration, runtime.tick("x"), runtime.state("x"), runtime.standing("x"), runtime.overview(), runtime.next(),
        runtime.health(), runtime.explain("x"), runtime.dry_run("x"), runtime.notices(), runtime.versions("x"),
        runtime.settings,
    ]  # fmt: skip
    for noun in nouns:
        assert pickle.loads(pickle.dumps(noun)) == noun
        assert copy.deepcopy(noun) == noun
    assert runtime.get("x") == runtime.get("x") == registration.vigy
    assert copy.deepcopy(runtime.run(runtime.runs()[0].id)).actions[0].payload == {"a": [1, 2.5, None]}


def test_errors() -> None:
    error = vigyc.NotFound("there is no vigy 'x'")
    assert repr(pickle.loads(pickle.dumps(error))) == repr(error)


def test_compile_errors() -> None:
    with Runtime.open() as runtime, pytest.raises(vigyc.CompileError) as caught:
        runtime.register("(define x", name="x")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.diagnostics == caught.value.diagnostics


@pytest.mark.parametrize("text", ['(throw "x")', "(car 5)", "(+ 1 nil)"])
def test_tick_errors(text: str) -> None:
    with pytest.raises(vigyc.TickError) as caught:
        vigyc.compile(text).tick(vigyc.Host())
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.__class__ is caught.value.__class__
    assert (again.kind, again.short, again.span) == (caught.value.kind, caught.value.short, caught.value.span)
