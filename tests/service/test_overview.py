"""How it goes with each vigy: its phase, when it is due, and why; in the process that ticks and in any other."""

from __future__ import annotations

import os
import sys

import pytest

from service.conftest import Opener
from vigyc.model.schedule import Adaptive, Cron, Fixed, Schedule
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.overview import span
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings


def phase(runtime: Runtime, ref: str = "x") -> str:
    return next(overview.phase for overview in runtime.overview() if overview.vigy.name == ref)


def test_nobody_ticks(runtime: Runtime, time: VirtualTime) -> None:
    runtime.register("1", name="x", every="10s")
    time.advance(4_000)
    overview = runtime.overview()[0]
    assert (overview.phase, overview.due_at) == ("standby", overview.vigy.anchored_at)
    assert overview.why == "no runtime ticks this store; due for 4s"


def test_the_phases_of_a_vigy_that_does_well(runtime: Runtime, time: VirtualTime) -> None:
    runtime.register("1", name="x", schedule=Schedule(Fixed(10_000), initial_delay_ms=3_000))
    runtime.step()
    start = time.wall_ms()
    assert phase(runtime) == "waiting"
    assert runtime.overview()[0].due_at == start + 3_000
    assert runtime.overview()[0].why == "due in 3s"
    time.advance(3_500)
    assert phase(runtime) == "due"
    time.advance(1_000)
    assert (phase(runtime), runtime.overview()[0].why) == ("late", "due for 1.5s")
    runtime.step()
    assert (phase(runtime), runtime.overview()[0].due_at) == ("waiting", start + 13_000)


def test_a_disabled_vigy_is_not_due(runtime: Runtime) -> None:
    runtime.register("1", name="x", enabled=False)
    runtime.step()
    overview = runtime.overview()[0]
    assert (overview.phase, overview.due_at) == ("disabled", None)
    assert runtime.next() == []


def test_a_failing_vigy_backs_off(runtime: Runtime, time: VirtualTime) -> None:
    runtime.register("(car 1)", name="x", every="10s")
    runtime.step()
    overview = runtime.overview()[0]
    assert overview.phase == "backing-off"
    assert overview.due_at == overview.vigy.anchored_at + 10_000 + 1_000
    assert overview.why.startswith("failed once: ")
    assert overview.why.endswith("; due in 11s")
    time.advance(11_000)
    runtime.step()
    assert runtime.overview()[0].why.startswith("failed 2 times in a row: ")


def test_a_paused_runtime(runtime: Runtime) -> None:
    runtime.register("1", name="x", every="10s")
    runtime.step()
    runtime.pause()
    assert (phase(runtime), runtime.overview()[0].why) == ("paused", "the runtime is paused; due in 10s")
    runtime.resume()
    assert phase(runtime) == "waiting"


def test_in_another_process_it_is_derived_from_the_store(opened: Opener, time: VirtualTime) -> None:
    owner, other = opened(), opened()
    owner.register("(car 1)", name="bad", every="10s")
    owner.register("1", name="good", every="10s", enabled=True)
    owner.register("1", name="off", enabled=False)
    owner.step()
    time.advance(2_000)
    ours, theirs = owner.overview(), other.overview()
    assert [overview[:4] for overview in theirs] == [overview[:4] for overview in ours]
    assert {overview.vigy.name: overview.phase for overview in theirs} == {
        "bad": "backing-off",
        "good": "waiting",
        "off": "disabled",
    }
    time.advance(60_000)
    assert {overview.phase for overview in other.overview()} == {"standby", "disabled"}


@pytest.mark.parametrize(("hint", "ms"), [("1500", 1_500), ("99999", 10_000), ('"soon"', 10_000), ("1e300", 10_000)])
def test_an_adaptive_vigy_is_due_as_its_kv_says(opened: Opener, hint: str, ms: int) -> None:
    owner, other = opened(), opened()
    owner.register(f'(vigy-set "wait" {hint})', name="x", schedule=Schedule(Adaptive(1_000, 10_000, "wait")))
    owner.step()
    for runtime in (owner, other):
        overview = runtime.overview()[0]
        assert overview.due_at == overview.vigy.anchored_at + ms


def test_what_cannot_be_scheduled_here_does_not_hide_the_others(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = opened()
    runtime.register("1", name="x", schedule=Schedule(Cron("0 12 * * *")))
    runtime.register("1", name="y")
    monkeypatch.setitem(sys.modules, "cronsim", None)
    told = {overview.vigy.name: overview.why for overview in runtime.overview()}
    assert told["x"].startswith("it cannot be scheduled here: cron schedules need the package cronsim")
    assert told["y"] == "no runtime ticks this store; due now"


def test_an_owner_that_has_been_silent_too_long_is_none(opened: Opener, time: VirtualTime) -> None:
    owner, other = opened(), opened(settings=Settings(lease_ttl_ms=1_000))
    owner.register("1", name="x", every="60s")
    owner.step()
    assert phase(other) == "waiting"
    time.advance(2_001)
    assert phase(other) == "standby"


def test_a_selector_chooses(runtime: Runtime) -> None:
    for name, zone in (("a", "eu"), ("b", "us"), ("c", "eu")):
        runtime.register("1", name=name, labels={"zone": zone})
    assert [overview.vigy.name for overview in runtime.overview("zone=eu")] == ["a", "c"]
    assert [vigy.name for vigy in runtime.list("zone=us")] == ["b"]
    assert [upcoming.vigy.name for upcoming in runtime.next(selector="zone=eu")] == sorted(
        ["a", "c"], key=lambda name: runtime.get(name).id
    )


def test_the_ticks_to_come_in_order(runtime: Runtime, time: VirtualTime) -> None:
    for delay in (3_000, 1_000, 2_000):
        runtime.register("1", name=f"x{delay}", schedule=Schedule(Fixed(10_000), initial_delay_ms=delay))
    now = time.wall_ms()
    assert [(upcoming.vigy.name, upcoming.due_at - now) for upcoming in runtime.next()] == [
        ("x1000", 1_000),
        ("x2000", 2_000),
        ("x3000", 3_000),
    ]
    assert [upcoming.vigy.name for upcoming in runtime.next(1)] == ["x1000"]


def test_explaining_one_that_never_ticked(runtime: Runtime) -> None:
    vigy = runtime.register("1", name="x", every="10s").vigy
    told = runtime.explain("x")
    assert told.phase == "standby"
    assert told.sentences == (
        f"x ({vigy.id}) is at version 1; its schedule is fixed(10s).",
        "It is standby: no runtime ticks this store; due now.",
        "It has never ticked.",
        "No runtime ticks this store now: start one.",
    )


def test_explaining_one_that_fails(runtime: Runtime, time: VirtualTime) -> None:
    runtime.register("(car 1)", name="x", every="10s")
    for _ in range(2):
        runtime.step()
        time.advance(11_000)
    run = runtime.runs("x")[0]
    time.advance(-10_000)
    runtime.step()
    text = " ".join(runtime.explain("x").sentences)
    assert f"(run {run.id}) and ended as failed: " in text
    assert run.error is not None
    assert run.error in text
    assert "It has failed 2 times in a row" in text
    assert "Ticks so far: 2; 2 failed." in text


@pytest.mark.parametrize("later", [0, 5_000])
def test_explaining_since_when_it_is_disabled(runtime: Runtime, time: VirtualTime, later: int) -> None:
    runtime.register("1", name="x")
    time.advance(1_000)
    runtime.disable("x")
    since = runtime.get("x").updated_at
    time.advance(later)
    runtime.update("x", labels={"a": "b"})
    assert since == 1_750_000_001_000
    assert (
        "It has been disabled since 2025-06-15T15:06:41Z, and ticks only when asked to."
        in runtime.explain("x").sentences
    )


def test_explaining_who_ticks(opened: Opener) -> None:
    owner, other = opened(), opened()
    owner.register("1", name="x", every="10s")
    owner.step()
    assert owner.explain("x").sentences[-1] == "It is ticked by this runtime."
    assert other.explain("x").sentences[-1] == f"It is ticked by process {os.getpid()}."


def test_what_began_after_now_was_read_has_taken_no_time() -> None:
    assert [span(ms) for ms in (-2, 0, 999, 61_000)] == ["0ms", "0ms", "999ms", "1m1s"]


def test_who_was_enabled_a_moment_ago_is_due_already(runtime: Runtime) -> None:
    runtime.register("1", name="x", enabled=False)
    runtime.step()
    assert runtime.next() == []
    runtime.enable("x")
    assert [coming.vigy.name for coming in runtime.next()] == ["x"]
