"""The figures of a runtime: what is counted, what the last ten minutes show, what is kept for a while."""

from __future__ import annotations

import pytest

from service.conftest import Opener
from vigyc.model.notice import GAP, Notice
from vigyc.model.run import Report, Run
from vigyc.runtime.spread import Spread
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.pulse import NAMES, SLOTS, VIGIES, Pulse
from vigyc.service.runtime import Runtime
from vigyc.service.stats import Kept
from vigyc.surfaces.wire.door import LocalDoor


def told(**fields: object) -> Notice:
    run = Run("r", "v", 1_000, 1_001)._replace(**fields)
    return Notice(1, 1_001, "run", run.vigy_id, run.id, run=run)


def test_small_numbers_are_spread_exactly() -> None:
    spread = Spread()
    spread.add(list(range(64)))
    assert (spread.count, spread.total, spread.max) == (64, 2016, 63)
    assert spread.up_to([0, 9, 63, 1000]) == [1, 10, 64, 64]
    assert spread.quantiles(0, 0.5, 0.99) == [0, 32, 63]


@pytest.mark.parametrize("value", [64, 65, 1_000, 12_345, 10**6, 2**40 + 1])
def test_large_numbers_are_at_most_3_percent_too_small(value: int) -> None:
    spread = Spread()
    spread.add([value])
    assert 0.968 * value <= spread.max <= value
    assert spread.total == value


def test_a_spread_of_nothing() -> None:
    assert (Spread().quantiles(0.5, 0.99), Spread().max, Spread().up_to([1])) == ([0, 0], 0, [0])


def test_what_a_tick_did_is_counted(runtime: Runtime, time: VirtualTime) -> None:
    runtime.stats()
    runtime.register('(vigy-metric "depth" 7)', name="good", every="1s")
    runtime.register("(car 1)", name="bad", enabled=False)
    runtime.step()
    time.advance(3_500)
    runtime.step()
    runtime.tick("bad")
    stats = runtime.stats()
    assert stats.counts.results == {"ok": 2, "failed": 1}
    assert stats.counts.missed == 2
    assert (stats.counts.lateness.count, stats.counts.durations.count) == (2, 3)
    assert stats.counts.measured == {runtime.get("good").id: {"depth": 7.0}}
    assert (stats.census.total, stats.census.failing) == (2, 1)
    assert stats.commits.count == 3


def test_slots_follow_the_time(time: VirtualTime) -> None:
    pulse = Pulse(time)
    for failed in (0, 1, 0):
        pulse.hear([told(), told(result="failed" if failed else "ok", due_at=900)])
        time.advance(2_000)
    time.advance(4_000)
    course = pulse.course()
    assert [(moment.ticks, moment.failed) for moment in course.series] == [
        (2, 0),
        (2, 1),
        (2, 0),
        (0, 0),
        (0, 0),
        (0, 0),
    ]
    assert {later.at - sooner.at for sooner, later in zip(course.series, course.series[1:], strict=False)} == {2_000}
    assert (course.ticks_per_second, course.errors_per_minute) == (0.6, 1)
    assert (course.recent.count, course.recent.max) == (3, 100)


def test_ten_minutes_are_kept_and_totals_for_ever(time: VirtualTime) -> None:
    pulse = Pulse(time)
    for _ in range(SLOTS + 50):
        pulse.hear([told(duration_us=10)])
        time.advance(2_000)
    assert len(pulse.course().series) == SLOTS
    assert pulse.counts().durations.count == SLOTS + 50


@pytest.mark.parametrize("jump", [-3_600_000, 3_600_000])
def test_the_time_of_day_may_be_set(time: VirtualTime, jump: int) -> None:
    pulse = Pulse(time)
    pulse.hear([told()])
    time.jump(jump)
    pulse.hear([told()])
    assert [moment.ticks for moment in pulse.course().series] == [1]
    assert pulse.counts().results == {"ok": 2}


def test_gaps_are_counted(time: VirtualTime) -> None:
    pulse = Pulse(time)
    pulse.hear([Notice(9, 0, GAP, data={"from": 3, "to": 9})])
    assert pulse.counts().gaps == 7


def test_programs_cannot_fill_the_memory(time: VirtualTime) -> None:
    pulse = Pulse(time)
    many = Report(metrics={f"m{number}": 1.0 for number in range(NAMES + 5)})
    pulse.hear([told(vigy_id=f"v{number}", report=many) for number in range(VIGIES + 3)])
    counts = pulse.counts()
    assert (len(counts.measured), {len(each) for each in counts.measured.values()}) == (VIGIES, {NAMES})
    assert counts.unkept == VIGIES * 5 + 3 * (NAMES + 5)


def test_what_cannot_be_counted_does_not_hinder(time: VirtualTime, caplog: pytest.LogCaptureFixture) -> None:
    pulse = Pulse(time)
    pulse.hear([told(duration_us="?")])
    assert "could not be counted" in caplog.text


def test_another_process_that_ticks_is_counted_too(opened: Opener) -> None:
    ticking, looking = opened(), opened()
    looking.stats()
    ticking.register("1", name="x", enabled=False)
    ticking.tick("x")
    with looking.subscribe(kinds=["run"], after=0) as stream:
        assert stream.get(10) is not None
    assert looking.stats().counts.results == {"ok": 1}


def test_what_took_long_is_kept_long(time: VirtualTime) -> None:
    asked = []

    def find() -> int:
        time.advance(200)
        asked.append(1)
        return len(asked)

    kept = Kept(find, 1.0, time.monotonic)
    assert (kept.get(), kept.get()) == (1, 1)
    time.advance(9_900)
    assert kept.get() == 1
    time.advance(200)
    assert kept.get() == 2


def test_the_operation(runtime: Runtime) -> None:
    runtime.register("1", name="x", enabled=False)
    runtime.stats()
    runtime.tick("x")
    data = LocalDoor(runtime).perform("get_stats")
    assert (data["total"], data["phases"], data["failing"]) == (1, {"disabled": 1}, 0)
    assert data["counters"]["ticks"] == {"ok": 1}
    assert data["series"][-1] == {"at": data["series"][-1]["at"], "ticks": 1, "failed": 0, "p50": 0, "p99": 0}
    assert data["lateness_ms"] == {"p50": 0, "p99": 0, "max": 0}


def test_who_listens_and_is_too_slow(runtime: Runtime) -> None:
    runtime.register("1", name="x", enabled=False)
    with runtime.subscribe(kinds=["run"], capacity=2) as slow, runtime.subscribe() as other:
        for _ in range(5):
            runtime.tick("x")
        gap = slow.get(0)
        assert gap is not None
        assert gap.kind == GAP
        stats = runtime.stats()
        assert (stats.subscribers, stats.dropped) == (2, gap.data["to"] - gap.data["from"] + 1)
        assert other.get(0) is not None
    assert runtime.stats().subscribers == 0
