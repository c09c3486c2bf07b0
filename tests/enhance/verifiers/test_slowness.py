"""Programs that wait, or hang: what their verdicts may and may not depend on."""

from __future__ import annotations

import re

from enhance.verifiers.conftest import World, Worlds
from vigyc.effects.policy import Policy
from vigyc.enhance.verifiers.table import judge
from vigyc.model.run import OK, TIMED_OUT

WAITS = '(time-sleep 60) (vigy-incr "n") (vigy-restart nil)'
HANGS = '(when (vigy-get "stuck" #f) (while #t 1))\n(vigy-incr "n")'
MENDED = '(vigy-incr "n")'


def detail(world: World, axis: str, program: str, **setting: object) -> tuple[bool, str]:
    found = {verdict.axis: verdict for verdict in judge(world.case(program, **setting), [axis])}[axis]
    return found.passed, found.detail


def test_a_program_whose_ticks_wait_is_compared_over_the_ticks_there_is_time_for(worlds: Worlds) -> None:
    world = worlds(Policy.of("time"))
    world.register(WAITS)
    passed, told = detail(world, "convergence", WAITS + "\n1", verifier_ms=1_000)
    assert passed, told
    assert told.endswith("and there was time for no more")


def test_a_candidate_that_waits_and_does_not_settle_is_denied_where_the_base_does(worlds: Worlds) -> None:
    world = worlds(Policy.of("time"))
    world.register('(time-sleep 1) (when (vigy-once "a") (vigy-restart nil))')
    passed, told = detail(world, "convergence", WAITS, verifier_ms=1_000)
    assert not passed
    assert "and there was time for no more, and the base settles at tick 2" in told
    assert told.endswith("or raise `verifier_ms` of the setting")


def stuck(world: World, runs: int) -> None:
    """`x` hangs in so many recorded runs, and comes off in one before and one after."""
    world.programs.seconds = 0.3
    vigy = world.register(HANGS)
    assert world.tick().result == OK
    world.store.edit_kv(vigy.id, {"stuck": True}, (), world.time.wall_ms())
    for _ in range(runs):
        assert world.tick(deadline=0.02).result == TIMED_OUT
    world.store.edit_kv(vigy.id, {}, ("stuck",), world.time.wall_ms())
    assert world.tick().result == OK


def test_runs_in_which_the_base_hangs_do_not_deny_the_candidate_that_mends_it(worlds: Worlds) -> None:
    world = worlds(record_all=True)
    stuck(world, 6)
    assert detail(world, "budget", MENDED, verifier_ms=1_000)[0]
    passed, told = detail(world, "replay", MENDED, verifier_ms=1_000)
    assert passed
    assert told.startswith("2 of 8 recorded runs as before; different: ")
    assert "timed_out before and ok now in 6 runs" in told


def test_runs_that_hang_as_ever_are_replayed_as_time_allows(worlds: Worlds) -> None:
    world = worlds(record_all=True)
    stuck(world, 6)
    passed, told = detail(world, "replay", HANGS + "\n1", verifier_ms=1_000)
    assert passed, told
    assert re.fullmatch(r"([2-7]) of \1 recorded runs as before; there was time for \1 of 8", told)


def test_a_candidate_that_hangs_where_the_base_did_not_is_denied(worlds: Worlds) -> None:
    world = worlds(record_all=True)
    world.programs.seconds = 0.3
    world.register(MENDED)
    for _ in range(8):
        world.tick()
    hangs = '(when (< (vigy-get "n" 0) 8) (while #t 1)) (vigy-incr "n")'
    passed, told = detail(world, "replay", hangs, verifier_ms=1_000)
    assert not passed
    assert "came off then and fails now" in told
    passed, told = detail(world, "budget", hangs, verifier_ms=1_000)
    assert not passed
    assert told.endswith("would be stopped at its deadline of 0.3 s, and was not then; have it do less")


def test_tests_that_are_stopped_at_their_deadline_say_so(worlds: Worlds) -> None:
    world = worlds()
    world.programs.seconds = 0.6
    world.register(MENDED)
    world.register("(while #t (test-tick (hash-map)))", "x.test")
    told = detail(world, "tests", MENDED + "\n1", verifier_ms=10_000)
    assert told == (
        False,
        "x.test fails (the base does not pass it either): stopped at its deadline of 0.6 s; have it pass, or mend the "
        "test",
    )
