"""Lazy sequences and promises (language reference 9, 14.2)."""

from __future__ import annotations

from typing import Any

import pytest

from vigyc.lang.errors import TickError
from vigyc.runtime import library  # noqa: F401 - it registers natives
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.values import Promise


def call(name: str, *args: object) -> Any:
    return NATIVES[name](*args)


def fault(name: str, *args: object) -> str:
    with pytest.raises(TickError) as caught:
        call(name, *args)
    return f"{caught.value.kind}: {caught.value.short}"


def cells(*xs: object) -> object:
    """A lazy sequence of `xs`."""
    tail: object = None
    for x in reversed(xs):
        tail = [x, Promise(lambda tail=tail: tail)]  # type: ignore[misc]
    return tail


def naturals() -> object:
    return call("iterate-lazy", lambda x: x + 1, 0)


def test_a_promise_runs_once() -> None:
    runs: list[int] = []
    promise = Promise(lambda: runs.append(1) or "value")  # type: ignore[func-returns-value]
    assert display(promise) == "#<promise pending>"
    assert [call("force", promise), call("force", promise), runs] == ["value", "value", [1]]
    assert display(promise) == '#<promise "value">'
    assert [call("force", x) for x in (5, None)] == [5, None]
    assert [call("promise?", x) for x in (promise, 5)] == [True, False]


def test_a_promise_that_fails_stays_pending() -> None:
    answers = iter([fault, None])

    def body() -> object:
        if next(answers):
            NATIVES["throw"](1)
        return "second time"

    promise = Promise(body)
    assert fault("force", promise) == "user: uncaught"
    assert call("force", promise) == "second time"


def test_taking_and_dropping() -> None:
    assert [call("lazy-take", n, naturals()) for n in (3, 0, -1, 2.5)] == [[0, 1, 2], None, None, [0, 1, 2]]
    assert call("lazy-take", 5, cells(1, 2)) == [1, 2]
    assert call("lazy-head", call("lazy-drop", 5, naturals())) == 5
    assert call("lazy-drop", 5, cells(1)) is None
    assert [call("realize", s) for s in (cells(1, 2), None)] == [[1, 2], None]
    assert call("lazy-take", 2, [1, [2, None]]) == [1, 2]  # a tail that is no promise is its own value


def test_taking_forces_one_tail_more_than_it_needs() -> None:
    forced: list[int] = []

    def from_(n: int) -> object:
        return [n, Promise(lambda: forced.append(n) or from_(n + 1))]  # type: ignore[func-returns-value]

    call("lazy-take", 2, from_(0))
    assert forced == [0, 1]


def test_mapping_and_filtering_wait() -> None:
    seen: list[int] = []

    def double(x: int) -> int:
        seen.append(x)
        return x * 2

    mapped = call("lazy-map", double, naturals())
    assert seen == [0]
    assert call("lazy-take", 3, mapped) == [0, 2, 4]
    assert call("lazy-take", 3, mapped) == [0, 2, 4]
    assert seen == [0, 1, 2, 3]
    assert call("lazy-take", 3, call("lazy-filter", lambda x: x % 2 == 0, naturals())) == [0, 2, 4]
    assert call("lazy-filter", lambda x: None, cells(1, 2)) is None


def test_endless_sequences() -> None:
    assert call("lazy-take", 5, call("cycle", [1, 2])) == [1, 2, 1, 2, 1]
    assert [call("cycle", xs) for xs in (None, [])] == [None, None]
    assert call("lazy-take", 3, call("cycle-impl", [1, 2], [9])) == [9, 1, 2]
    assert call("lazy-take", 2, call("repeat-lazy", "x")) == ["x", "x"]


def test_the_end() -> None:
    assert call("lazy-empty") is None
    assert [call("lazy-empty?", s) for s in (None, [], cells(1))] == [True, True, False]
    assert fault("lazy-head", None) == "native-fn: in native `car`: car of empty list"
    assert fault("lazy-rest", None) == "native-fn: in native `cdr`: cdr of empty list"
    assert fault("lazy-take", 2, 5) == "type-mismatch: type mismatch: expected pair, got int"
    assert fault("lazy-take", "2", naturals()) == "type-mismatch: type mismatch: expected number, got string"


def test_long_sequences_take_no_stack() -> None:
    assert len(call("lazy-take", 50_000, naturals())) == 50_000
    assert call("lazy-head", call("lazy-filter", lambda x: x == 50_000, naturals())) == 50_000
