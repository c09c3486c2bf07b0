"""The axes that tick the candidate: its tests, the present, the past, rest, a second tick, and what it costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from enhance.verifiers.conftest import World, Worlds
from vigyc.effects.policy import Policy

# -- tests

TESTS = """
(define (n-after kv) (get (get (test-tick kv) "kv") "n"))
(assert (= (n-after (hash-map "n" 1)) 2) "it counts up")
(define run (test-tick (hash-map "n" 1) (hash-map :ticks 3 :now 1750000000000)))
(assert (= (get (get run "kv") "n") 4) "thrice")
(assert (= (length (get run "actions")) 3) "an action each")
(assert (get run "ok") "it comes off")
(assert (null? (get run "error")) "no error")
"""
COUNTER = '(vigy-incr "n")\n(vigy-apply (vigy-get "n"))'


def test_without_tests_it_says_how_to_have_some(world: World) -> None:
    world.register("1")
    assert world.verdict("tests", "2") == (
        "there are no tests: to have some, register a vigy 'x.test' (it may be disabled) whose program calls "
        "`(test-tick kv)` and raises where something is wrong"
    )


def test_a_candidate_that_passes_its_tests(world: World) -> None:
    world.register(COUNTER)
    world.register(TESTS, "x.test", kv={"n": 100})
    assert world.verdict("tests", COUNTER + "\n1") == "x.test passes, with 4 ticks of the program"
    assert world.store.kv(world.vigy().id) == {}


def test_a_candidate_that_fails_its_tests(world: World) -> None:
    world.register(COUNTER)
    world.register(TESTS, "x.test")
    found = world.verdict("tests", '(vigy-incr "n" 2)')
    assert found.startswith("DENIED x.test fails: uncaught: ")
    assert "it counts up" in found
    assert found.endswith("(at x.test:3:1); have it pass, or mend the test")


def test_a_test_sees_a_tick_that_fails(world: World) -> None:
    world.register("1")
    world.register(
        '(define run (test-tick (hash-map)))\n(assert (not (get run "ok")) "fails")\n(vigy-log "info" (get run "error"))',  # noqa: E501
        "x.test",
    )
    assert world.verdict("tests", "(car 1)") == "x.test passes, with 1 tick of the program"


def test_tests_that_the_base_does_not_pass_either(world: World) -> None:
    world.register("1")
    world.register('(assert (= 1 (length (get (test-tick (hash-map)) "actions"))) "an action")', "x.test")
    assert world.verdict("tests", "2").startswith("DENIED x.test fails (the base does not pass it either): uncaught: ")
    assert world.verdict("tests", "(vigy-apply 1)") == "x.test passes, with 1 tick of the program"


def test_a_test_can_set_the_clock(world: World) -> None:
    world.register("1")
    world.register(
        "(define run (test-tick (hash-map) (hash-map :now 1000 :ticks 3)))\n"
        '(assert (= (get (get run "kv") "last") 3000) "a second apart")',
        "x.test",
    )
    assert world.verdict("tests", '(vigy-set "last" (time-now))') == "x.test passes, with 3 ticks of the program"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("(test-tick 1)", "the kv must be a map with names as keys"),
        ("(test-tick (hash-map) (hash-map :ticks 0))", ":ticks must be from 1 to 1000, got 0"),
        ("(test-tick (hash-map) (hash-map :tick 1))", "there is no option :tick; there are :ticks, :now"),
    ],
)
def test_a_test_that_is_wrong_is_told_so(world: World, call: str, error: str) -> None:
    world.register("1")
    world.register(call, "x.test")
    found = world.verdict("tests", "2")
    assert found.startswith("DENIED x.test fails (the base does not pass it either): ")
    assert error in found


def test_tests_that_never_tick_say_so(world: World) -> None:
    world.register("1")
    world.register("1", "x.test")
    assert world.verdict("tests", "2") == (
        "x.test passes, but never ticks the program with `(test-tick kv)`: it tests nothing"
    )


def test_tests_have_a_deadline(world: World) -> None:
    world.register("1")
    world.register("(define (f) (f)) (f)", "x.test")
    vigy = world.vigy("x.test")
    world.store.change(vigy, vigy._replace(deadline_ms=20), "updated")
    assert world.verdict("tests", "2") == (
        "DENIED x.test fails (the base does not pass it either): stopped at its deadline of 0.02 s; have it pass, or "
        "mend the test"
    )


def test_nothing_else_can_call_it(world: World) -> None:
    world.register("(test-tick (hash-map))")
    run = world.tick()
    assert (run.result, run.report.denied) == ("failed", 1)
    assert "`test-tick` is for the tests of another vigy's program; this vigy is not run as such" in str(run.error)


# -- dry-run


def test_a_tick_that_comes_off_passes(world: World) -> None:
    world.register("1", kv={"n": 1})
    assert world.verdict("dry-run", COUNTER) == "a tick upon the present kv: 1 action, 1 key written, 0 effects"
    assert world.store.kv(world.vigy().id) == {"n": 1}


def test_a_tick_that_fails_upon_the_present_kv_is_denied(world: World) -> None:
    world.register('(vigy-get "n")', kv={"n": 1})
    assert world.verdict("dry-run", '1\n(car (vigy-get "n"))') == (
        "DENIED a tick upon the present kv fails: type mismatch: expected pair, got int (at x:2:1); that of the base "
        "succeeds"
    )


def test_what_fails_already_may_go_on_failing_in_the_same_way_alone(world: World) -> None:
    world.register('(car (vigy-get "n"))', kv={"n": 1})
    assert world.verdict("dry-run", '1\n(car (vigy-get "n"))') == (
        "it still fails upon the present kv, as the base does: type mismatch: expected pair, got int (at x:2:1)"
    )
    assert world.verdict("dry-run", "(throw 1)").startswith("DENIED a tick upon the present kv fails: uncaught: 1")
    assert world.verdict("dry-run", "1") == (
        "a tick upon the present kv: 0 actions, 0 keys written, 0 effects; the base fails there: type mismatch: "
        "expected pair, got int (at x:1:1)"
    )


def test_to_be_refused_something_is_denied(worlds: Worlds, tmp_path: Path) -> None:
    world = worlds(Policy.of(f"fs.read:{tmp_path}"))
    world.register(f'(fs-exists? "{tmp_path}/a")', kv={"f": "/etc/hosts"})
    text = '(try (fs-read (vigy-get "f")) (catch (e) 1))'
    assert world.verdict("dry-run", text) == (
        "DENIED a tick upon the present kv is refused what the base is not: `fs-read` of /etc/hosts; do without it, or "
        "have an operator widen the policy of x"
    )


def test_nothing_is_done_to_the_world(worlds: Worlds, tmp_path: Path) -> None:
    world = worlds(Policy.of(f"fs.write:{tmp_path}"))
    world.register("1")
    assert world.verdict("dry-run", f'(fs-write "{tmp_path}/a" "x")').startswith(
        "a tick upon the present kv: 0 actions"
    )
    assert list(tmp_path.iterdir()) == []


# -- replay


@pytest.fixture
def dicing(worlds: Worlds) -> World:
    """A world with four recorded runs of a program that draws numbers."""
    world = worlds(Policy.of("random", "log"))
    world.register('(define n (random-int 1 100))\n(vigy-incr "ticks")\n(vigy-set "n" n)\n(vigy-push n)')
    for _ in range(4):
        world.tick()
    return world


DICE = '(define n (random-int 1 100))\n(vigy-incr "ticks")\n'


def test_runs_that_go_as_before_pass(dicing: World) -> None:
    assert dicing.verdict("replay", DICE + '(vigy-set "n" n)\n(vigy-push (+ 0 n))') == "4 of 4 recorded runs as before"
    assert dicing.verdict("replay", DICE + '(vigy-set "n" n) (vigy-push n)', replays=2) == (
        "2 of 2 recorded runs as before"
    )


def test_what_differs_is_explained_each_kind_once(dicing: World) -> None:
    first = dicing.store.runs(dicing.vigy().id)[-1]
    n = first.actions[0].payload
    found = dicing.verdict("replay", DICE + '(vigy-set "n" (+ n 1))\n(vigy-condition "Drawn" #t)')
    assert found == (
        "0 of 4 recorded runs as before; different: "
        f'action `push` gone in 4 runs (as in {first.id}: {{"kind":"push","payload":{n}}}); '
        f'condition "Drawn" new in 4 runs (as in {first.id}: {{"status":"true"}}); '
        f'kv "n" in 4 runs (as in {first.id}: {n} -> {n + 1})'  # type: ignore[operator]
    )


def test_too_many_runs_that_differ_are_denied(dicing: World) -> None:
    found = dicing.verdict(
        "replay", DICE + '(vigy-set "n" n) (vigy-push (if (= (vigy-get "ticks") 4) 0 n))', replay_changes=0.2
    )
    assert found.startswith(
        "DENIED 25% of the recorded runs would have gone otherwise, and 20% may (`replay_changes` of the setting): 3 "
        "of 4 recorded runs as before; different: action `push` with other data in 1 run (as in "
    )
    assert not dicing.verdict(
        "replay", DICE + '(vigy-set "n" n) (vigy-push (if (= (vigy-get "ticks") 4) 0 n))', replay_changes=0.25
    ).startswith("DENIED")


def test_a_run_that_came_off_must_not_fail_now(dicing: World) -> None:
    newest = dicing.store.runs(dicing.vigy().id)[0]
    found = dicing.verdict("replay", DICE + '(when (= (vigy-get "ticks") 4) (car n))')
    assert found == (
        "DENIED 1 of 4 recorded runs came off then and fails now: "
        f"run {newest.id}: type mismatch: expected pair, got int (at x:3:32)"
    )


def test_runs_in_which_it_leaves_the_record_are_counted_apart(dicing: World) -> None:
    found = dicing.verdict("replay", "(random-bytes 1)\n" + DICE, replay_changes=0.0)
    newest = dicing.store.runs(dicing.vigy().id)[0]
    assert found == (
        "0 of 0 recorded runs as before; 4 runs apart, in which it asks for other effects than were recorded, so that "
        f"nothing can be said of them (as in {newest.id}): call 1 is `random-bytes`, and was `random-int`"
    )


def test_effects_that_are_not_called_any_more_are_a_difference(dicing: World) -> None:
    found = dicing.verdict("replay", '(vigy-incr "ticks")', replays=1)
    assert "effects that are not called any more in 1 run (as in " in found


def test_an_explanation_has_an_end(dicing: World) -> None:
    keys = "\n".join(f'(vigy-set "key-{number:03}" n)' for number in range(200))
    found = dicing.verdict("replay", DICE + '(vigy-set "n" n) (vigy-push n)\n' + keys)
    assert len(found) < 2_200
    assert found.endswith(" more")


def test_without_records_it_says_how_to_have_some(world: World) -> None:
    world.register("1")
    world.tick()
    assert world.verdict("replay", "2") == (
        "no run of x is recorded: runs without effects are recorded where the setting `record` is `all`"
    )
    assert world.verdict("replay", "2", replays=0) == "no run is to be replayed"


def test_runs_without_effects_are_replayed_where_all_are_recorded(worlds: Worlds) -> None:
    world = worlds(record_all=True)
    world.register(COUNTER)
    for _ in range(3):
        world.tick()
    assert world.verdict("replay", COUNTER + " 1") == "3 of 3 recorded runs as before"
    assert world.verdict("replay", '(vigy-incr "n" 2)').startswith("0 of 3 recorded runs as before; different: action")


# -- convergence

SETTLING = '(define n (vigy-get "n" 0))\n(when (< n 3) (vigy-set "n" (+ n 1)) (vigy-apply n))'


def test_what_settles_as_the_base_does_passes(world: World) -> None:
    world.register(SETTLING)
    assert world.verdict("convergence", SETTLING.replace("3", "5")) == (
        "left alone, it settles at tick 6; the base settles at tick 4"
    )
    assert world.store.kv(world.vigy().id) == {}


def test_what_does_not_settle_any_more_is_denied(world: World) -> None:
    world.register(SETTLING)
    assert world.verdict("convergence", COUNTER, settle_ticks=7) == (
        "DENIED left alone, it does not settle within 7 ticks, and the base settles at tick 4: every tick of it asks "
        "for actions or changes the kv; have it do nothing where all is as desired"
    )


def test_where_the_base_does_not_settle_the_candidate_need_not(world: World) -> None:
    world.register(COUNTER)
    assert world.verdict("convergence", COUNTER + " 1") == (
        "left alone, it does not settle within 20 ticks; the base does not settle within 20 ticks"
    )


def test_to_write_what_is_there_is_no_change(world: World) -> None:
    world.register("1", kv={"n": 1})
    assert world.verdict("convergence", '(vigy-set "n" 1)') == (
        "left alone, it settles at tick 1; the base settles at tick 1"
    )


def test_the_clock_goes_on_by_the_interval(world: World) -> None:
    world.register("1")
    limited = '(unless (vigy-rate-limited? "k" 3500) (vigy-apply 1))'
    found = world.verdict("convergence", limited)
    assert found == "left alone, it settles at tick 2; the base settles at tick 1"


def test_to_fail_where_the_base_does_not_is_denied(world: World) -> None:
    world.register(SETTLING)
    assert world.verdict("convergence", SETTLING + '\n(when (= (vigy-get "n") 2) (car n))') == (
        "DENIED left alone, it fails at tick 2: type mismatch: expected pair, got int (at x:3:28); the base settles at "
        "tick 4"
    )


def test_saying_that_there_is_nothing_to_do_is_doing_nothing(world: World) -> None:
    world.register(SETTLING)
    quiet = SETTLING.rstrip() + '\n(if (= (vigy-get "n") 3) (vigy-noop) (vigy-defer "not yet"))'
    assert world.verdict("convergence", quiet) == world.verdict("convergence", SETTLING + " 1")


# -- idempotence


def test_the_same_again_is_nothing_new(world: World) -> None:
    world.register("1")
    assert world.verdict("idempotence", "(vigy-apply 1) (vigy-apply 1)") == (
        "a second tick at once asks for nothing new: 2 actions, after 2 in the first"
    )


def test_more_in_a_second_tick_is_denied(world: World) -> None:
    world.register("(vigy-apply 1)")
    assert world.verdict("idempotence", COUNTER) == (
        'DENIED a second tick at once after the first asks for more: 1 x {"kind":"apply","payload":2}; have it look at '
        "what it has done already (`vigy-once`, a key in the kv)"
    )


def test_what_does_not_hold_of_the_base_need_not_of_the_candidate(world: World) -> None:
    world.register(COUNTER)
    assert world.verdict("idempotence", '(vigy-incr "n")\n(vigy-push (vigy-get "n"))') == (
        'the base is not idempotent either: its second tick asks for {"kind":"apply","payload":2}'
    )


def test_a_second_tick_that_fails_is_denied(world: World) -> None:
    world.register("1")
    assert world.verdict("idempotence", '(when (> (vigy-incr "n") 1) (car 1))') == (
        "DENIED a second tick at once after the first fails: type mismatch: expected pair, got int (at x:1:29)"
    )
    assert world.verdict("idempotence", "(car 1)") == "its first tick fails: there is no second one to compare"


# -- budget


def test_what_takes_no_longer_passes(dicing: World) -> None:
    found = dicing.verdict("budget", DICE)
    assert found.startswith("1 effects of cost 1, the base 1 of 1; a tick takes 0.")
    assert found.endswith("(median upon 4 recorded runs)")


def test_what_takes_much_longer_is_denied(world: World) -> None:
    world.register('(vigy-set "n" 1)')
    slow = "(define (f n) (if (= n 0) 0 (f (- n 1))))\n(f 300000)"
    found = world.verdict("budget", slow)
    assert found.startswith("DENIED a tick takes ")
    assert found.endswith(
        "ms (median upon the present kv): more than 2 times as much and 0.5 ms; have it do less, or less often"
    )


def test_more_effects_than_the_factor_allows_are_denied(worlds: Worlds) -> None:
    world = worlds(Policy.of("log", costs={"log-warn": 100}))
    world.register('(log-info "a") (log-info "b")')
    assert world.verdict("budget", '(log-info "a")\n' * 5).startswith("5 effects of cost 5, the base 2 of 2; ")
    assert world.verdict("budget", '(log-info "a")\n' * 6) == (
        "DENIED a tick upon the present kv has effects of 6, one of the base 2: more than 2 times as much and 1; call "
        "fewer effects, or keep in the kv what they gave"
    )
    assert world.verdict("budget", '(log-warn "a")').startswith(
        "DENIED a tick upon the present kv has cost of 100, one of the base 2: "
    )


def test_to_wait_much_longer_is_denied(worlds: Worlds) -> None:
    world = worlds(Policy.of("time"))
    world.register("(time-clock)")
    found = world.verdict("budget", "(time-sleep 150)")
    assert found.startswith("DENIED a tick upon the present kv lasts 15")
    assert found.endswith("more than 2 times as much and 100 ms; have it wait for less")
