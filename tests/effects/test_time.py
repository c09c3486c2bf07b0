"""Clocks, and sleeping that never outlasts the run."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, time
from typing import Any

import pytest

from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.lang.errors import TickError


def test_now_is_the_clock_of_the_tick_and_needs_no_grant(effects: Callable[..., Any]) -> None:
    run = effects()
    assert run.call("time-now") == 1_700_000_000_000 == run.call("time-now")
    assert run.gate.denied == 0


def test_the_clocks_that_go_on_need_a_grant(effects: Callable[..., Any]) -> None:
    run = effects()
    for name, args in (("time-clock", ()), ("time-monotonic", ()), ("time-sleep", (1,))):
        assert "there is no grant of time" in run.denied(name, *args)


def test_the_clock_is_that_of_the_day(effects: Callable[..., Any]) -> None:
    run = effects("time")
    before = time()
    found = run.call("time-clock")
    assert type(found) is int
    assert int(before * 1000) <= found <= time() * 1000 + 1


def test_the_monotonic_clock_measures_a_sleep(effects: Callable[..., Any]) -> None:
    run = effects("time")
    before = run.call("time-monotonic")
    assert run.value("time-sleep", 20) is None
    after = run.call("time-monotonic")
    assert type(before) is float
    assert 20 <= after - before < 2000


@pytest.mark.parametrize("ms", [0, -1, -(2**63)])
def test_no_time_is_no_sleep(effects: Callable[..., Any], ms: int) -> None:
    run = effects("time", seconds=0.0)
    assert run.value("time-sleep", ms) is None
    assert run.gate.slept_ms == 0


@pytest.mark.parametrize("ms", [10**9, 2**63 - 1])
def test_g06_a_sleep_longer_than_the_run_may_is_refused_at_once(effects: Callable[..., Any], ms: int) -> None:
    run = effects("time")
    began = monotonic()
    error = run.error("time-sleep", ms)
    assert (error.tag, error.message) == ("timeout", f"time-sleep {ms}: this run may sleep 60000 ms more")
    assert monotonic() - began < 0.5


def test_g06_the_cap_is_for_all_sleeping_of_the_run_together(effects: Callable[..., Any]) -> None:
    run = effects("time", limits=Limits(sleep_ms=30))
    began = monotonic()
    results = [run.call("time-sleep", 10) for _ in range(100)]
    assert [next(iter(result.values())) for result in results] == [True] * 3 + [False] * 97
    assert 0.03 <= monotonic() - began < 1
    assert run.error("time-sleep", 1).message == "time-sleep 1: this run may sleep 0 ms more"


def test_g06_a_sleep_never_outlasts_the_tick(effects: Callable[..., Any]) -> None:
    run = effects("time", seconds=0.05)
    began = monotonic()
    for _ in range(100):
        run.call("time-sleep", 20)
    assert run.error("time-sleep", 1000).message == "time-sleep 1000: the tick is over before that"
    assert monotonic() - began < 0.5
    assert run.gate.slept_ms == 40


def test_sleeping_takes_ms_from_the_budget_before_it_begins(effects: Callable[..., Any]) -> None:
    run = effects("time", budgets=(Budget({"ms": 15}),))
    run.value("time-sleep", 10)
    began = monotonic()
    with pytest.raises(TickError) as raised:
        run.call("time-sleep", 1000)
    assert raised.value.kind == "budget-exceeded"
    assert monotonic() - began < 0.5
    assert run.gate.left("ms") == 5
    assert run.gate.slept_ms == 10


def test_wrong_arguments(effects: Callable[..., Any]) -> None:
    run = effects("time")
    for wrong in (1.5, "1", None, True):
        with pytest.raises(TickError, match="`time-sleep`: ms must be an integer"):
            run.call("time-sleep", wrong)
