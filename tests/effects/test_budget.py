"""Budgets: charged before the work, exactly, however many draw on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from vigyc.effects.budget import Budget, Meter, Pool
from vigyc.effects.policy import Policy
from vigyc.effects.powers import Powers
from vigyc.lang.errors import TickError
from vigyc.runtime.host import Host

FREE = {"budget-charge": 0, "budget-left": 0}


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.ms = 1_000

    def __call__(self) -> int:
        return self.ms


def meter(*budgets: Budget) -> Meter:
    return Meter([Pool(budget, Clock()) for budget in budgets])


def test_g01_the_second_charge_is_refused_and_the_pool_keeps_what_was_left(effects: Callable[..., Any]) -> None:
    run = effects(budgets=(Budget({"cost": 15}),), costs=FREE)
    assert run.value("budget-charge", 10) is None
    error = run.error("budget-charge", 10)
    assert (error.tag, error.message) == (
        "budget-exceeded", "10 cost would exceed the run's budget: 5 of 15 left"
    )  # fmt: skip
    assert run.call("budget-left", "cost") == 5
    run.value("budget-charge", 5)  # exactly the ceiling
    assert run.call("budget-left", "cost") == 0
    assert run.error("budget-charge", 1).tag == "budget-exceeded"


def test_what_is_not_limited_is_free(effects: Callable[..., Any]) -> None:
    run = effects(budgets=(Budget({"bytes": 5}),))
    run.value("budget-charge", 2**62)
    assert run.call("budget-left", "cost") is None
    assert run.call("budget-left", "bytes") == 5
    assert effects().call("budget-left", "calls") is None


def test_misuse(effects: Callable[..., Any]) -> None:
    run = effects()
    with pytest.raises(TickError, match="there is no unit `euro`; there are calls, cost, bytes, ms, tokens"):
        run.call("budget-left", "euro")
    with pytest.raises(TickError, match="the amount must not be negative, got -1"):
        run.call("budget-charge", -1)
    run.value("budget-charge", 0)


def test_every_call_is_charged_before_the_work(effects: Callable[..., Any], tmp_path: Path) -> None:
    run = effects(f"fs.write:{tmp_path}", budgets=(Budget({"calls": 2}),))
    run.value("fs-write", f"{tmp_path}/a", "x")
    run.error("fs-write", f"{tmp_path}/no/such", "x")  # a call that failed is paid for all the same
    with pytest.raises(TickError) as raised:
        run.call("fs-write", f"{tmp_path}/b", "x")
    assert raised.value.kind == "budget-exceeded"
    assert not (tmp_path / "b").exists()


def test_what_is_denied_or_misused_costs_nothing(effects: Callable[..., Any]) -> None:
    run = effects("env:HOME", budgets=(Budget({"calls": 3, "cost": 3}),))
    run.denied("env-get", "PATH")
    with pytest.raises(TickError):
        run.call("env-get", 1)
    with pytest.raises(TickError):
        run.call("env-get")
    assert (run.gate.left("calls"), run.gate.left("cost")) == (3, 3)
    run.call("env-get", "HOME")
    assert (run.gate.left("calls"), run.gate.left("cost")) == (2, 2)


def test_calls_cost_what_the_policy_says(effects: Callable[..., Any]) -> None:
    run = effects("random", budgets=(Budget({"cost": 10}),), costs={"random-uuid": 4, "random-float": 0})
    run.call("random-uuid")
    run.call("random-float")
    run.call("random-int", 1, 2)
    assert run.gate.left("cost") == 5


def test_a_charge_is_taken_from_all_pools_or_from_none() -> None:
    wide, narrow = Budget({"cost": 10, "bytes": 5}, "vigy"), Budget({"cost": 3}, "run")
    pools = [Pool(wide, Clock()), Pool(narrow, Clock())]
    drawn = Meter(pools)
    drawn.charge("cost", 2)
    assert drawn.left("cost") == 1
    with pytest.raises(TickError, match="2 cost would exceed the run's budget: 1 of 3 left"):
        drawn.charge("cost", 2)
    drawn.charge("bytes", 5)
    assert drawn.left("bytes") == 0
    drawn.charge("cost", 1)
    assert [pool.left("cost") for pool in pools] == [7, 0]


def test_amounts_that_are_none_are_not_taken() -> None:
    drawn = meter(Budget({"cost": 1}))
    drawn.charge("cost", 0)
    drawn.charge("cost", -5)
    drawn.charge("bytes", 100)
    assert drawn.left("cost") == 1
    assert drawn.left("bytes") is None


def test_a_budget_is_whole_again_each_time_so_much_has_passed() -> None:
    clock = Clock()
    drawn = Meter([Pool(Budget({"cost": 2}, "vigy", every=100), clock)])
    drawn.charge("cost", 2)
    clock.ms += 99
    with pytest.raises(TickError):
        drawn.charge("cost", 1)
    clock.ms += 1
    drawn.charge("cost", 1)
    assert drawn.left("cost") == 1
    clock.ms += 250  # two and a half times: whole, not more, and the next time is half a time away
    assert drawn.left("cost") == 2
    drawn.charge("cost", 2)
    clock.ms += 49
    assert drawn.left("cost") == 0
    clock.ms += 1
    assert drawn.left("cost") == 2


@pytest.mark.parametrize("threads", [2, 8])
def test_g03_threads_that_race_on_a_pool_take_exactly_the_ceiling(threads: int) -> None:
    ceiling, amount = 3_001, 3
    shared = Pool(Budget({"cost": ceiling}, "runtime"), Clock())
    taken: list[int] = []
    begin = Barrier(threads)

    def draw() -> None:
        mine = Meter([shared, Pool(Budget({"cost": 10**9}), Clock())])
        begin.wait()
        count = 0
        for _ in range(1_000):
            try:
                mine.charge("cost", amount)
                count += 1
            except TickError:
                pass
        taken.append(count)

    workers = [Thread(target=draw) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(taken) == min(ceiling // amount, threads * 1_000) == 1_000
    assert shared.left("cost") == ceiling - 3_000


def test_g03_runs_of_several_vigies_race_on_the_pool_of_the_runtime() -> None:
    policy = Policy.of("random", budgets=(Budget({"calls": 500}, "runtime"),))
    powers = Powers(lambda name, labels: policy)
    done: list[int] = []

    def run(vigy: str) -> None:
        count = 0
        for _ in range(10):
            host = Host()
            host.gate = gate = powers.gate(vigy, powers.session(vigy, vigy, {}), host, 5.0)
            for _ in range(30):
                try:
                    gate.charge("calls", 1)
                    count += 1
                except TickError:
                    pass
            gate.close()
        done.append(count)

    workers = [Thread(target=run, args=(f"v{at}",)) for at in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    powers.close()
    assert sum(done) == 500


@pytest.mark.parametrize(("shared_by", "lefts"), [("run", [9, 9, 9]), ("vigy", [9, 8, 9]), ("runtime", [9, 8, 7])])
def test_a_pool_is_shared_as_far_as_it_says(shared_by: str, lefts: list[int]) -> None:
    policy = Policy.of("random", budgets=(Budget({"calls": 10}, shared_by),))
    powers = Powers(lambda name, labels: policy)
    found = []
    for vigy in ("a", "a", "b"):
        gate = powers.gate(vigy, powers.session(vigy, vigy, {}), Host(), 5.0)
        gate.charge("calls", 1)
        found.append(gate.left("calls"))
        gate.close()
    powers.close()
    assert found == lefts
