"""What the engine does with vigies, under a clock that is moved by hand."""

from __future__ import annotations

import pytest

from engine.world import World, count
from vigyc.lang.errors import Conflict, NotFound
from vigyc.model.notice import MISSED, RUN
from vigyc.model.schedule import Adaptive, Fixed, Schedule, every
from vigyc.runtime.host import Host


def boom(_: Host) -> Host:
    raise ValueError("boom")


def results(world: World, vigy_id: str) -> list[str]:
    return [run.result for run in reversed(world.store.runs(vigy_id, limit=1000))]


def starts(world: World, vigy_id: str) -> list[int]:
    return [run.started_at for run in reversed(world.store.runs(vigy_id, limit=1000))]


def test_a_vigy_ticks_at_once_and_then_on_its_grid() -> None:
    world = World()
    vigy = world.register("a", schedule=every(1000))
    began = world.time.wall_ms()
    world.engine.step()
    world.run(5000)
    assert [at - began for at in starts(world, vigy.id)] == [0, 1000, 2000, 3000, 4000, 5000]
    assert world.store.kv(vigy.id) == {"n": 6}
    standing = world.store.standing(vigy.id)
    assert (standing.tick_count, standing.runs, standing.failures) == (6, 6, 0)


def test_a_tick_takes_its_time_and_a_fixed_delay_counts_from_its_end() -> None:
    world = World()

    def slow(host: Host) -> Host:
        world.time.advance(300)
        return host

    world.programs["slow"] = slow
    rate = world.register("rate", "slow", Schedule(Fixed(1000)))
    began = world.time.wall_ms()
    world.engine.step()
    world.run(2000)
    assert [at - began for at in starts(world, rate.id)] == [0, 1000, 2000]
    other = World()
    other.programs["slow"] = lambda host: (other.time.advance(300), host)[1]
    delay = other.register("delay", "slow", Schedule(Fixed(1000, "delay")))
    began = other.time.wall_ms()
    other.engine.step()
    other.run(2000)
    assert [at - began for at in starts(other, delay.id)] == [0, 1300, 2600]


def test_failures_back_off_and_a_success_resets() -> None:
    world = World()
    world.programs["flaky"] = boom
    vigy = world.register("flaky", "flaky", every(100))
    began = world.time.wall_ms()
    world.engine.step()
    world.run(20_000)
    assert [at - began for at in starts(world, vigy.id)][:5] == [0, 1100, 3200, 7300, 15_400]
    assert world.store.standing(vigy.id).failures == 5
    assert world.store.standing(vigy.id).error == "ValueError: boom"
    world.programs["flaky"] = count  # loaded already: the program is what it was
    world.run(20_000)
    assert world.store.standing(vigy.id).failures == 6
    world.update(vigy, program="count", digest="b3:other")
    world.run(40_000)
    assert world.store.standing(vigy.id).failures == 0
    late = starts(world, vigy.id)[-3:]
    assert late[1] - late[0] == late[2] - late[1] == 100


def test_missed_ticks_become_one_late_tick_that_counts_them() -> None:
    world = World()
    vigy = world.register("a", schedule=every(1000))
    world.engine.step()
    world.time.advance(5500)
    world.engine.step()
    run = world.store.runs(vigy.id)[0]
    assert (run.missed, run.due_at) == (4, run.started_at - 4500)
    missed = [notice for notice in world.store.notices(0) if notice.kind == MISSED]
    assert [(notice.data, notice.run_id) for notice in missed] == [({"count": 4}, run.id)]
    world.run(500)
    assert world.store.runs(vigy.id)[0].missed == 0
    assert world.store.standing(vigy.id).missed == 4


def test_a_failed_tick_leaves_the_kv_and_says_why() -> None:
    world = World()

    def half(host: Host) -> Host:
        host.kv["n"] = 1
        host.dirty.add("n")
        raise ValueError("half way")

    world.programs["half"] = half
    vigy = world.register("half", "half")
    run = world.engine.tick(vigy.id)
    assert (run.result, run.error, run.error_kind) == ("failed", "ValueError: half way", "host")
    assert world.store.kv(vigy.id) == {}
    assert world.store.run(run.id) == run


def test_a_tick_that_is_asked_for() -> None:
    world = World()
    vigy = world.register("a", enabled=False)
    run = world.engine.tick(vigy.id)
    assert (run.trigger, run.due_at, run.result, run.tick) == ("request", None, "ok", 1)
    assert world.engine.tick(vigy.id).tick == 2
    world.run(5000)
    assert world.store.standing(vigy.id).runs == 2  # it is disabled
    with pytest.raises(NotFound):
        world.engine.tick("0123456789abcdef")


def test_a_tick_cannot_wait_for_a_tick() -> None:
    world = World()
    vigy = world.register("a", "inner", enabled=False)
    found: list[object] = []

    def inner(host: Host) -> Host:
        with pytest.raises(Conflict) as caught:
            world.engine.tick(vigy.id)
        found.append(caught.value)
        return host

    world.programs["inner"] = inner
    assert world.engine.tick(vigy.id).result == "ok"
    assert len(found) == 1


def test_disabling_enabling_and_deleting() -> None:
    world = World()
    vigy = world.register("a")
    world.engine.step()
    world.run(2000)
    world.update(vigy, "disabled", enabled=False)
    world.run(3000)
    assert len(starts(world, vigy.id)) == 3
    world.update(vigy, "enabled", enabled=True, anchored_at=world.time.wall_ms())
    world.engine.step()
    assert len(starts(world, vigy.id)) == 4
    assert world.store.runs(vigy.id)[0].missed == 0
    now = world.store.vigy(vigy.id)
    assert now is not None
    world.store.remove(now, world.time.wall_ms())
    world.run(3000)
    assert world.store.runs(vigy.id) == []
    assert world.engine.upcoming(5) == []


def test_a_vigy_changed_while_it_ticks_ticks_again_with_what_is_true_now() -> None:
    world = World()

    def meddled(host: Host) -> Host:
        if not host.kv.get("set"):
            world.store.edit_kv(vigy.id, {"set": True, "n": 10}, (), world.time.wall_ms())
        return count(host)

    world.programs["meddled"] = meddled
    vigy = world.register("a", "meddled", enabled=False)
    run = world.engine.tick(vigy.id)
    assert run.result == "ok"
    assert results(world, vigy.id) == ["skipped", "ok"]
    assert world.store.kv(vigy.id) == {"set": True, "n": 11}


def test_an_adaptive_vigy_follows_its_hint() -> None:
    world = World()

    def hinted(host: Host) -> Host:
        host.kv["next"] = 300 if host.tick_count else 50
        host.dirty.add("next")
        return host

    world.programs["hinted"] = hinted
    vigy = world.register("a", "hinted", Schedule(Adaptive(100, 2000, "next")))
    began = world.time.wall_ms()
    world.engine.step()
    world.run(1000)
    assert [at - began for at in starts(world, vigy.id)] == [0, 100, 400, 700, 1000]


def test_a_restart_goes_on_where_it_was() -> None:
    world = World()
    vigy = world.register("a")
    began = world.time.wall_ms()
    world.engine.step()
    world.run(2500)
    world.engine.stop(0)
    assert isinstance(world.time.monotonic(), float)
    world.time.advance(3000)
    again = World(store=world.store, time=world.time)
    again.engine.step()
    again.run(1500)
    assert [at - began for at in starts(again, vigy.id)] == [0, 1000, 2000, 5500, 6000, 7000]
    assert again.store.runs(vigy.id)[2].missed == 2
    assert again.store.kv(vigy.id) == {"n": 6}


def test_jumps_of_the_time_of_day_change_nothing_for_intervals() -> None:
    world = World()
    vigy = world.register("a")
    world.engine.step()
    world.run(2000)
    world.time.jump(3_600_000)
    world.run(3000)
    world.time.jump(-7_200_000)
    world.run(3000)
    assert world.store.standing(vigy.id).runs == 9
    assert world.store.standing(vigy.id).missed == 0


def test_pausing_holds_schedules_but_not_requests() -> None:
    world = World()
    vigy = world.register("a")
    world.engine.step()
    world.engine.pause()
    world.run(3000)
    assert world.engine.tick(vigy.id).trigger == "request"
    world.engine.resume()
    world.run(1000)
    assert [run.trigger for run in world.store.runs(vigy.id)] == ["schedule", "request", "schedule"]
    assert [n.kind for n in world.store.notices(0) if n.kind in {"paused", "resumed"}] == ["paused", "resumed"]


def test_one_vigy_never_delays_another_for_ever() -> None:
    world = World()
    ids = [world.register(f"v{n}", schedule=every(100)).id for n in range(20)]

    def hog(host: Host) -> Host:
        world.time.advance(80)
        return host

    world.programs["hog"] = hog
    ids.append(world.register("hog", "hog", every(1)).id)
    world.engine.step()
    world.run(5000)
    runs = [world.store.standing(each).runs for each in ids[:-1]]
    assert min(runs) == max(runs) >= 20


def test_the_bus_tells_every_run_in_order() -> None:
    world = World()
    world.register("a")
    world.register("b")
    with world.bus.subscribe(after=0) as subscription:
        world.engine.step()
        world.run(2000)
        seen = []
        while (notice := subscription.get(timeout=0)) is not None:
            seen.append(notice)
    assert [notice.seq for notice in seen] == list(range(1, len(seen) + 1))
    assert sum(notice.kind == RUN for notice in seen) == 6


def test_a_vigy_that_always_changes_itself_comes_to_an_end() -> None:
    world = World()

    def restless(host: Host) -> Host:
        world.store.edit_kv(vigy.id, {"n": host.tick_count}, (), world.time.wall_ms())
        return host

    world.programs["restless"] = restless
    vigy = world.register("a", "restless", every(1000))
    assert world.engine.tick(vigy.id).result == "skipped"
    assert results(world, vigy.id) == ["skipped"] * 3
    world.run(2000)
    assert results(world, vigy.id) == ["skipped"] * 5  # and by schedule one a second


def test_what_a_tick_may_not_do() -> None:
    world = World()

    def meddling(host: Host) -> Host:
        for forbidden in (world.engine.step, lambda: world.engine.stop(0)):
            with pytest.raises(Conflict):
                forbidden()
        raise SystemExit("a host's function ends the process")

    world.programs["meddling"] = meddling
    vigy = world.register("a", "meddling", enabled=False)
    run = world.engine.tick(vigy.id)
    assert (run.result, run.error) == ("failed", "SystemExit: a host's function ends the process")
