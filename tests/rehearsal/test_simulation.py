"""Ticks that are only tried, one after the other: each goes on from the one before, and nothing is kept."""

from __future__ import annotations

from enhance.verifiers.conftest import World, Worlds
from vigyc.effects.policy import Policy
from vigyc.model.action import ABSENT
from vigyc.rehearsal.simulation import Change, Simulation
from vigyc.runtime.time_source import VirtualTime


def simulation(world: World, name: str = "x") -> Simulation:
    vigy = world.vigy(name)
    kv, standing = world.store.kv(vigy.id), world.store.standing(vigy.id)
    return Simulation(vigy, kv, standing, world.store, world.programs, VirtualTime(world.time.wall_ms()), 5.0)


def test_a_tick_goes_on_from_the_one_before(world: World) -> None:
    world.register('(vigy-incr "n")\n(vigy-condition "Ready" (> (vigy-get "n") 1))', kv={"n": 0})
    with simulation(world) as going:
        first, second = going.tick(), going.tick()
        assert first.changes == (Change("n", 0, 1),)
        assert second.changes == (Change("n", 1, 2),)
        assert [done.standing.conditions["Ready"].status for done in (first, second)] == ["false", "true"]
        assert (first.run.tick, second.run.tick, second.standing.tick_count) == (1, 2, 2)
        assert going.kv == {"n": 2}
    assert world.store.kv(world.vigy().id) == {"n": 0}
    assert world.store.runs() == []


def test_a_tick_that_fails_changes_nothing_and_the_next_goes_on(world: World) -> None:
    world.register('(vigy-incr "n")\n(vigy-set "m" 1)\n(when (vigy-get "bad") (car 1))', kv={"bad": True})
    with simulation(world) as going:
        done = going.tick()
        assert (done.succeeded, done.changes, done.standing.failures, going.kv) == (False, (), 1, {"bad": True})
        assert going.tick().standing.failures == 2


def test_a_key_that_goes_and_comes(world: World) -> None:
    world.register('(if (vigy-get "k") (vigy-del "k") (vigy-set "k" 1))', kv={"k": 1})
    with simulation(world) as going:
        assert [going.tick().changes for _ in range(2)] == [(Change("k", 1, ABSENT),), (Change("k", ABSENT, 1),)]


def test_a_fork_goes_its_own_way(world: World) -> None:
    world.register('(vigy-incr "n")')
    with simulation(world) as going:
        going.tick()
        with going.fork(VirtualTime(world.time.wall_ms())) as other:
            assert other.tick().changes == (Change("n", 1, 2),)
            assert other.tick().changes == (Change("n", 2, 3),)
        assert going.tick().changes == (Change("n", 1, 2),)


def test_it_waits_as_the_schedule_says(world: World) -> None:
    world.register("1")
    clock = VirtualTime(world.time.wall_ms())
    with simulation(world).fork(clock) as going:
        going.tick()
        assert going.waits_ms() == 1_000
        clock.advance(250)
        going.tick()
        assert going.waits_ms() == 750


def test_effects_are_counted_with_what_they_cost(worlds: Worlds) -> None:
    world = worlds(Policy.of("log", costs={"log-warn": 10}))
    world.register('(log-info "a") (log-warn "b")')
    with simulation(world) as going:
        done = going.tick()
        assert (done.calls, done.cost) == (2, 11)
