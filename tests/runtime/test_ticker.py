"""Ticks of one vigy: counted, committed whole, undone whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vigyc.lang.errors import Halted, StoreError, TickError
from vigyc.model.condition import Condition
from vigyc.runtime.clock import ManualClock
from vigyc.runtime.extension import resolve
from vigyc.runtime.host import Host
from vigyc.runtime.intrinsics.standard import standard_extensions
from vigyc.runtime.store.kv import open_kv
from vigyc.runtime.ticker import Ticker

CALLS = {name: known.function for name, known in resolve(standard_extensions()).items()}


class Program:
    """Stands for a compiled program: it calls intrinsics as generated code does."""

    def __init__(self, body: Callable[[Host], object]) -> None:
        self.body = body
        self.deadline: float | None = None

    def tick(self, host: Host, *, deadline: float | None = None) -> Host:
        self.deadline = deadline
        self.body(host)
        return host


def counting(host: Host) -> None:
    CALLS["vigy-incr"](host, "n")
    CALLS["vigy-log"](host, "info", f"tick {CALLS['vigy-tick-count'](host)}")
    if host.kv["n"] % 3 == 0:
        CALLS["vigy-push"](host, host.kv["n"])
        raise TickError("native-fn", "in native `car`: no")


def test_ticks_are_counted_and_know_the_one_before() -> None:
    clock = ManualClock(1000)
    seen = []
    ticker = Ticker(Program(lambda host: seen.append((host.tick_start_ms, host.previous_tick_ms, host.tick_count))))
    ticker.clock = clock
    for _ in range(3):
        ticker.tick()
        clock.advance(250)
    assert seen == [(1000, None, 0), (1250, 1000, 1), (1500, 1250, 2)]


def test_kv_and_only_kv_lives_from_tick_to_tick() -> None:
    def body(host: Host) -> None:
        CALLS["vigy-incr"](host, "n")
        CALLS["vigy-noop"](host)

    ticker = Ticker(Program(body), {"n": 5})
    first, second = ticker.tick(), ticker.tick()
    assert ticker.scope.kv == {"n": 7}
    assert [len(host.actions) for host in (first, second)] == [1, 1]
    assert first is not second
    assert second.dirty == {"n"}


def test_a_failed_tick_leaves_everything_as_it_was() -> None:
    ticker = Ticker(Program(counting), {"n": 0, "other": [1]}, clock=ManualClock(7))
    ticker.tick()
    ticker.tick()
    with pytest.raises(TickError):
        ticker.tick()
    assert ticker.scope.kv == {"n": 2, "other": [1]}
    assert (ticker.scope.tick_count, ticker.scope.previous_tick_ms) == (2, 7)
    assert ticker.host is not None
    shown = ticker.host.snapshot()
    assert shown["log"] == [{"level": "info", "message": "tick 2"}]
    assert [shown[part] for part in ("actions", "kv_dirty", "kv_deleted")] == [[], [], []]


@pytest.mark.parametrize("error", [Halted, KeyboardInterrupt, ZeroDivisionError])
def test_whatever_ends_a_tick_undoes_it(error: type[BaseException]) -> None:
    def body(host: Host) -> None:
        CALLS["vigy-set"](host, "a", 2)
        CALLS["vigy-del"](host, "b")
        CALLS["vigy-once"](host, "c")
        raise error

    ticker = Ticker(Program(body), {"a": 1, "b": 1})
    with pytest.raises(error):
        ticker.tick()
    assert ticker.scope.kv == {"a": 1, "b": 1}


def test_the_deadline_is_handed_to_the_program() -> None:
    program = Program(lambda host: None)
    Ticker(program, deadline=0.25).tick()
    assert program.deadline == 0.25
    Ticker(program).tick()
    assert program.deadline is None


def test_conditions_keep_the_time_of_their_last_change() -> None:
    statuses = iter(["true", "true", "false"])
    clock = ManualClock(10)
    ticker = Ticker(Program(lambda host: CALLS["vigy-condition"](host, "Ready", next(statuses))), clock=clock)
    stamps = []
    for _ in range(3):
        ticker.tick()
        stamps.append(ticker.conditions["Ready"].last_transition)
        clock.advance(5)
    assert stamps == [10, 10, 20]
    assert ticker.conditions == {"Ready": Condition("Ready", "false", None, None, 20)}


def test_a_store_carries_ticks_across_processes(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    clock = ManualClock(1000)
    for _ in range(2):
        with open_kv(path, durability="normal") as store:
            ticker = Ticker(Program(lambda host: CALLS["vigy-incr"](host, "n")), store.scope("v"), clock=clock)
            clock.advance(500)
            ticker.tick()
            idle = Ticker(Program(lambda host: None), store.scope("v"), clock=clock)
            clock.advance(500)
            idle.tick()
    with open_kv(path) as store:
        scope = store.scope("v")
        assert (scope.kv, scope.tick_count, scope.previous_tick_ms) == ({"n": 2}, 4, 3000)


def test_a_failed_tick_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with open_kv(path, durability="normal") as store:
        ticker = Ticker(Program(counting), store.scope("v"))
        for _ in range(6):
            try:
                ticker.tick()
            except TickError:
                assert ticker.scope.kv == {"n": 2}
    with open_kv(path) as store:
        assert (store.scope("v").kv, store.scope("v").tick_count) == ({"n": 2}, 2)


def test_a_failed_write_undoes_the_tick(tmp_path: Path) -> None:
    with open_kv(tmp_path / "state.db", durability="normal") as store:
        sizes = iter([10, 500_000, 10])
        ticker = Ticker(Program(lambda host: CALLS["vigy-set"](host, "text", "x" * next(sizes))), store.scope("v"))
        ticker.tick()
        store._connection.pragma("max_page_count", store._connection.pragma("page_count"))
        with pytest.raises(StoreError, match="stays as it was"):
            ticker.tick()
        assert (ticker.scope.kv, ticker.scope.tick_count) == ({"text": "x" * 10}, 1)
        assert ticker.host is not None
        assert ticker.host.dirty == set()
        ticker.tick()
        assert ticker.scope.tick_count == 2


class StoredVigy(RuleBasedStateMachine):
    """A vigy in a store against a plain dict, through ticks that work, fail and end with a reopened store."""

    def __init__(self) -> None:
        super().__init__()
        self.store = open_kv(":memory:")
        self.scope = self.store.scope("v")
        self.wanted: dict[str, Any] = {}
        self.count = 0

    @rule(
        changes=st.dictionaries(
            st.sampled_from("abcde"), st.none() | st.integers(-9, 9) | st.lists(st.text(max_size=3), max_size=2)
        ),
        gone=st.sets(st.sampled_from("abcde")),
        fails=st.booleans(),
    )
    def tick(self, changes: Mapping[str, Any], gone: set[str], fails: bool) -> None:
        def body(host: Host) -> None:
            for key, value in changes.items():
                CALLS["vigy-set"](host, key, value)
            for key in sorted(gone):
                CALLS["vigy-del"](host, key)
            if fails:
                raise TickError("native-fn", "no")

        try:
            Ticker(Program(body), self.scope).tick()
        except TickError:
            return
        self.count += 1
        self.wanted |= changes
        for key in gone:
            self.wanted.pop(key, None)

    @rule()
    def read_again(self) -> None:
        self.scope.flush()
        self.scope.reload()

    @invariant()
    def agrees(self) -> None:
        assert self.scope.kv == self.wanted
        assert self.scope.tick_count == self.count

    def teardown(self) -> None:
        self.store.close()


TestStoredVigy = StoredVigy.TestCase
