"""A verified candidate ticks in shadow before the head moves, and is watched after it; nobody loses sleep."""

from __future__ import annotations

from time import monotonic, sleep

import pytest

from enhance.epochs import COUNTS, COUNTS_TWICE, FAILS, World, until
from vigyc.effects.policy import Policy
from vigyc.enhance import queue
from vigyc.lang.digest import digest
from vigyc.lang.errors import StoreError
from vigyc.model.enhance_setting import REJECT, Canary
from vigyc.model.issue import APPLIED, CANCELLED, DEAD, FAILED, PENDING, REJECTED, REVERTED, TRIAL, Issue
from vigyc.model.vigy import Vigy

LATER = '(if (> (vigy-incr "n") 3) (throw "too many") (vigy-noop))\n'  # as COUNTS, until it has counted to 3
FAILS_AT_4 = '(if (= (vigy-incr "n") 4) (throw "four") (vigy-noop))\n'


def look(world: World, issue: Issue) -> Issue:
    """What a worker does now and then; the issue after it."""
    world.worker()._attend()
    known = world.store.issue(issue.id)
    assert known is not None
    return known


def ticked(world: World, target: Vigy, issue: Issue, times: int) -> Issue:
    """As often a tick and a look."""
    for _ in range(times):
        world.tick(target)
        issue = look(world, issue)
    return issue


def shadowed(world: World, source: str = COUNTS_TWICE, ticks: int = 3, **fields: object) -> tuple[Vigy, Issue]:
    world.setting(canary=Canary(ticks, 0), **fields)
    target = world.register("one")
    return target, world.worked(target, source)


def test_the_verdict_of_a_trial_tells_of_other_actions(world: World) -> None:
    source = '(vigy-incr "n")\n(when (= 3 (vigy-get "n")) (vigy-restart "web"))'
    target, issue = shadowed(world, source)
    for _ in range(3):
        world.tick(target)
        issue = look(world, issue)
    assert issue.state == APPLIED
    told = world.entry(issue).verdicts[-1].detail
    asked = 'nothing -> {"kind":"restart","payload":"web"}'
    assert told == (
        "3 ticks in shadow, none worse than those of version 1; 1 asked for other actions "
        f"(as after run {world.store.runs(target.id)[1].id}: {asked})"
    )


def test_the_head_moves_after_as_many_ticks_in_shadow(world: World) -> None:
    target, issue = shadowed(world)
    assert (issue.state, world.head(target).version, world.entries(issue)) == (TRIAL, 1, [])
    assert look(world, issue).state == TRIAL, "nothing ticked yet"
    for done in (1, 2):
        world.tick(target)
        issue = look(world, issue)
        assert (issue.state, (issue.trial or {})["done"], world.head(target).version) == (TRIAL, done, 1)
    world.tick(target)
    issue = look(world, issue)
    assert (issue.state, issue.version, issue.trial) == (APPLIED, 2, None)
    assert world.head(target).program == COUNTS_TWICE
    entry = world.entry(issue)
    assert (entry.outcome, entry.id, entry.version) == ("applied", issue.epoch, 2)
    assert [verdict.axis for verdict in entry.verdicts][-1] == "canary"
    assert entry.verdicts[-1].detail == (
        "3 ticks in shadow, none worse than those of version 1; all asked for the same actions"
    )
    assert entry.flow["name"] == "enhance"
    assert world.store.kv(target.id) == {"n": 3}, "nothing of the shadow was kept"


def test_several_runs_between_two_looks_leave_one_state_to_tick_on(world: World) -> None:
    target, issue = shadowed(world)
    world.tick(target, 5)
    issue = look(world, issue)
    assert (issue.state, (issue.trial or {})["done"]) == (TRIAL, 1)
    assert look(world, issue) == issue, "and not twice"


def test_a_candidate_is_compared_on_the_same_state_not_with_the_run_before(world: World) -> None:
    """Every other tick of both fails; what a run before did says nothing of the next."""
    text = '(if (= (vigy-get "n" 0) 1) (throw "odd") nil)\n(vigy-incr "n")\n(vigy-noop)\n'
    world.setting(canary=Canary(3, 0), verifiers=("reads",))
    target = world.register("one", text)
    issue = world.worked(target, text + '(vigy-incr "m")\n')
    issue = ticked(world, target, issue, 3)
    assert issue.state == APPLIED, issue.reasons
    assert "3 failed as the version in force did" in world.entry(issue).verdicts[-1].detail


@pytest.mark.parametrize("how", ["cancel", "stop"])
def test_a_tick_in_shadow_that_takes_long_is_cut(live: World, how: str) -> None:
    live.setting(canary=Canary(2, 0), verifiers=("reads",))
    target = live.register("one")
    text = '(define (on n) (on (+ n 1)))\n(if (> (vigy-get "n" 0) 0) (on 0) nil)\n(vigy-incr "n")\n'
    issue = live.worked(target, text)
    assert issue.state == TRIAL, issue.reasons
    live.tick(target)
    worker = live.worker()
    worker.start()
    try:
        until(lambda: worker.running() == [issue.id])
        sleep(0.05)  # it ticks
        began = monotonic()
        if how == "cancel":
            queue.cancel(live.store, issue, live.time.wall_ms())
            worker.cancel(issue.id)
            until(lambda: not worker.running())
        else:
            worker.stop(0.0)
            assert not worker.running()
        assert monotonic() - began < 2.0
    finally:
        worker.stop(0.0)
    known = live.store.issue(issue.id)
    assert known is not None
    assert (known.state, known.trial is None) == ((CANCELLED, True) if how == "cancel" else (TRIAL, False))


def test_a_candidate_that_fails_in_shadow_is_rejected(world: World) -> None:
    target, issue = shadowed(world, LATER, ticks=10)
    issue = ticked(world, target, issue, 2)
    assert issue.state == TRIAL
    issue = ticked(world, target, issue, 1)
    assert (issue.state, world.head(target).version, issue.trial) == (REJECTED, 1, None)
    assert issue.reasons[0].startswith("canary: tick 3 in shadow, after run ")
    assert 'fails where version 1 does not: uncaught: "too many"' in issue.reasons[0]
    entry = world.entry(issue)
    assert (entry.outcome, entry.program, entry.verdicts[-1].status) == ("rejected", LATER, "deny")


def test_a_candidate_that_is_refused_something_in_shadow_is_rejected(world: World) -> None:
    program = '(if (> (vigy-get "n" 0) 1) (try (env-get "HOME") (catch (e) nil)) nil)\n(vigy-incr "n")\n(vigy-noop)\n'
    world.policies["one"] = Policy.of("env:HOME")
    target, issue = shadowed(world, program, ticks=5)
    if issue.state == REJECTED:  # it needs more than its base, which an operator must allow
        queue.approve(world.store, issue, world.time.wall_ms(), "operator")
        known = world.store.issue(issue.id)
        assert known is not None
        queue.retry(world.store, known, world.time.wall_ms())
        issue = world.work()
    assert issue.state == TRIAL, issue.reasons
    world.policies["one"] = Policy.of("print")
    world.tick(target, 3)
    issue = look(world, issue)
    assert issue.state == REJECTED
    assert "is refused an effect where version 1 is not" in issue.reasons[0]


def test_what_fails_with_both_is_no_reason(world: World) -> None:
    world.setting(canary=Canary(2, 0))
    target = world.register("one", FAILS)
    issue = world.worked(target, FAILS + '(vigy-incr "m")\n')
    assert issue.state == TRIAL
    issue = ticked(world, target, issue, 2)
    assert issue.state == APPLIED
    assert "2 failed as the version in force did" in world.entry(issue).verdicts[-1].detail


def test_a_trial_whose_vigy_cannot_be_read_holds_up_no_other(world: World) -> None:
    _, first = shadowed(world, ticks=1)
    second_target = world.register("two")
    second = world.worked(second_target, COUNTS_TWICE)
    world.tick(second_target)
    read = world.store.vigy

    def failing(vigy_id: str) -> Vigy | None:
        if vigy_id == first.vigy_id:
            raise StoreError("its row is damaged")
        return read(vigy_id)

    object.__setattr__(world.store, "vigy", failing)
    with pytest.raises(StoreError, match="its row is damaged"):
        world.worker()._attend()
    object.__setattr__(world.store, "vigy", read)
    known = world.store.issue(second.id)
    assert known is not None
    assert known.state == APPLIED


def test_other_issues_of_the_target_wait_for_the_trial(world: World) -> None:
    target, issue = shadowed(world)
    world.submit(target, COUNTS + '(vigy-incr "o")\n')
    now = world.time.wall_ms()
    assert world.store.take_issue("somebody", "e", now, now + 1) is None
    assert ticked(world, target, issue, 3).state == APPLIED
    assert world.work().state == TRIAL


@pytest.mark.parametrize("on_conflict", ["rerun", REJECT])
def test_a_head_that_moves_during_the_trial_ends_it(world: World, on_conflict: str) -> None:
    target, issue = shadowed(world, on_conflict=on_conflict)
    world.update(target, program="(vigy-noop)\n")
    issue = look(world, issue)
    assert world.head(target).program == "(vigy-noop)\n"
    if on_conflict == REJECT:
        assert (issue.state, issue.reasons[0].startswith("stale: ")) == (REJECTED, True)
    else:
        assert (issue.state, world.entry(issue).outcome) == (PENDING, "conflict")
        assert world.work().state == TRIAL


def test_a_trial_whose_head_keeps_moving_dies(world: World) -> None:
    target, issue = shadowed(world, attempts=2)
    for number in range(2):
        world.update(target, program=f"(vigy-noop)\n; {number}\n")
        issue = look(world, issue)
        if issue.state == PENDING:
            assert world.work().state == TRIAL
    assert issue.state == DEAD
    assert [entry.outcome for entry in world.entries(issue)] == ["conflict", "dead"]


def test_a_trial_can_be_cancelled(world: World) -> None:
    target, issue = shadowed(world)
    queue.cancel(world.store, issue, world.time.wall_ms())
    world.tick(target, 5)
    assert (look(world, issue).state, world.head(target).version) == (CANCELLED, 1)
    entry = world.entry(issue)
    assert (entry.outcome, entry.id, entry.reasons, entry.version) == ("cancelled", issue.epoch, ("cancelled",), None)
    assert entry.program == COUNTS_TWICE
    assert entry.verdicts, "what was found by then is kept"
    assert entry.flow["name"] == "enhance"


def test_a_trial_waits_while_its_setting_is_paused(world: World) -> None:
    target, issue = shadowed(world)
    world.setting(canary=Canary(3, 0), paused="an operator said so")
    issue = ticked(world, target, issue, 2)
    assert (issue.state, (issue.trial or {})["done"]) == (TRIAL, 0)
    world.setting()
    assert look(world, issue).state == TRIAL
    assert ticked(world, target, issue, 2).state == APPLIED


def test_a_trial_ends_with_its_vigy(world: World) -> None:
    target, issue = shadowed(world)
    world.store.remove(world.head(target), world.time.wall_ms())
    assert look(world, issue).state == CANCELLED


def test_a_trial_ends_with_its_vigy_also_where_its_data_stay(world: World) -> None:
    target, issue = shadowed(world)
    world.store.remove(world.head(target), world.time.wall_ms(), keep_data=True)
    issue = look(world, issue)
    assert (issue.state, world.entry(issue).outcome) == (FAILED, "failed")
    assert "it was deleted" in issue.reasons[0]


def test_a_trial_is_of_one_text_not_of_a_number(world: World) -> None:
    target, issue = shadowed(world, on_conflict=REJECT)
    world.store.remove(world.head(target), world.time.wall_ms(), keep_data=True)
    anew = target._replace(program="(vigy-noop)\n", digest=digest("(vigy-noop)\n"))
    world.store.create(anew)
    issue = look(world, issue)
    assert (issue.state, world.head(target).program) == (REJECTED, "(vigy-noop)\n")
    assert "stale" in issue.reasons[0]


# -- watching


def watched(world: World, source: str, ticks: int = 5, before: int = 3) -> tuple[Vigy, Issue]:
    world.setting(canary=Canary(0, ticks))
    target = world.register("one")
    world.tick(target, before)
    issue = world.worked(target, source)
    assert issue.state == APPLIED
    return target, issue


def test_a_version_that_fails_more_than_its_parent_is_taken_back(world: World) -> None:
    target, issue = watched(world, FAILS_AT_4)
    worker = world.worker()
    worker._attend()
    assert world.head(target).version == 2
    world.tick(target, 1)
    worker._attend()
    head = world.head(target)
    assert (head.version, head.program) == (3, COUNTS)
    assert world.changed == [target.id]
    third, second, first = world.store.versions(target.id)
    assert (third.content, third.parent, third.author) == (first.content, 2, "enhance")
    assert third.label > second.label > first.label
    issue = look(world, issue)
    assert (issue.state, issue.trial) == (REVERTED, None)
    applied, reverted = world.entries(issue)
    assert (applied.outcome, reverted.outcome, reverted.id) == ("applied", "reverted", third.epoch)
    assert reverted.reasons == issue.reasons
    assert issue.reasons[0] == (
        "canary: 1 of the first 1 runs of version 2 failed, and 0 of the last 3 of version 1 did"
    )


def test_a_version_that_is_refused_more_than_its_parent_is_taken_back(world: World) -> None:
    world.setting(canary=Canary(0, 5))
    world.policies["one"] = Policy.of("env:HOME")
    target = world.register("one", '(env-get "HOME")\n(vigy-noop)\n')
    world.tick(target, 2)
    program = '(try (env-get (if (> (vigy-incr "n") 2) "PATH" "HOME")) (catch (e) nil))\n(vigy-noop)\n'
    issue = world.submit(target, program)
    queue.approve(world.store, issue, world.time.wall_ms(), "operator")  # what it will ask for cannot be seen
    issue = world.work()
    assert issue.state == APPLIED, issue.reasons
    assert ticked(world, target, issue, 2).state == APPLIED
    issue = ticked(world, target, issue, 1)
    assert issue.state == REVERTED
    assert "were refused an effect" in issue.reasons[0]


def test_a_version_that_does_no_worse_stays_and_the_watch_ends(world: World) -> None:
    target, issue = watched(world, COUNTS_TWICE, ticks=4)
    assert (issue.trial or {})["kind"] == "watch"
    for _ in range(4):
        world.tick(target)
        issue = look(world, issue)
    assert (issue.state, issue.trial, world.head(target).version) == (APPLIED, None, 2)
    assert [entry.outcome for entry in world.entries(issue)] == ["applied"]


def test_as_many_failures_as_the_parent_had_are_no_reason(world: World) -> None:
    world.setting(canary=Canary(0, 3))
    target = world.register("one", FAILS)
    world.tick(target, 3)
    issue = world.worked(target, FAILS + '(vigy-incr "m")\n')
    world.tick(target, 3)
    issue = look(world, issue)
    assert (issue.state, issue.trial) == (APPLIED, None)


def test_a_parent_with_few_runs_is_taken_for_as_many_as_are_watched(world: World) -> None:
    world.setting(canary=Canary(0, 10))
    target = world.register("one", FAILS)
    world.tick(target, 2)
    issue = world.worked(target, FAILS + '(vigy-incr "m")\n')
    assert ticked(world, target, issue, 4).state == APPLIED, "its parent failed always, too"
    world.tick(target, 6)
    assert look(world, issue).trial is None


def test_a_parent_that_may_not_tick_any_more_does_not_come_back(world: World) -> None:
    world.setting(canary=Canary(0, 5))
    world.policies["one"] = Policy.of("env:HOME")
    target = world.register("one", '(env-get "HOME")\n(vigy-noop)\n')
    issue = world.worked(target, FAILS_AT_4)
    assert issue.state == APPLIED, issue.reasons
    world.policies["one"] = Policy.of("print")
    world.tick(target, 4)
    issue = look(world, issue)
    assert (issue.state, issue.trial, world.head(target).version) == (APPLIED, None, 2)
    assert "version 1 cannot come back: " in issue.reasons[0]
    assert "env" in issue.reasons[0]


def test_a_head_that_somebody_else_moves_ends_the_watch(world: World) -> None:
    target, issue = watched(world, FAILS_AT_4)
    world.update(target, program=FAILS)
    world.tick(target, 2)
    issue = look(world, issue)
    assert (issue.state, issue.trial, world.head(target).program) == (APPLIED, None, FAILS)


def test_a_watch_begins_after_the_trial(world: World) -> None:
    world.setting(canary=Canary(1, 5))
    target = world.register("one")
    issue = world.worked(target, '(if (= (vigy-incr "n") 3) (throw "three") (vigy-noop))\n')
    world.tick(target)
    issue = look(world, issue)
    assert (issue.state, (issue.trial or {})["kind"]) == (APPLIED, "watch")
    world.tick(target, 2)
    assert look(world, issue).state == REVERTED


def test_other_changes_of_the_vigy_do_not_keep_it_from_being_taken_back(world: World) -> None:
    target, issue = watched(world, FAILS_AT_4)
    world.tick(target)
    world.update(target, labels={"team": "a"})
    assert look(world, issue).state == REVERTED
    assert (world.head(target).labels, world.head(target).program) == ({"team": "a"}, COUNTS)


def test_a_long_watch_counts_in_parts(world: World) -> None:
    target, issue = watched(world, COUNTS_TWICE, ticks=50)
    revision = issue.revision
    world.tick(target, 3)
    issue = look(world, issue)
    assert (issue.revision, (issue.trial or {})["runs"]) == (revision, 0)
    world.tick(target, 3)
    issue = look(world, issue)
    assert (issue.trial or {})["runs"] == 6
    world.tick(target, 44)
    assert look(world, issue).trial is None


def test_a_very_long_watch_misses_no_run(world: World) -> None:
    target, issue = watched(world, COUNTS_TWICE, ticks=1_100)
    world.tick(target, 105)
    assert (look(world, issue).trial or {})["runs"] == 105
