"""What others do to the target meanwhile is never lost (acceptance 3), and what was verified is looked at again."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import pytest

from enhance.epochs import COUNTS, COUNTS_TWICE, World
from vigyc.effects.policy import Policy
from vigyc.enhance import queue
from vigyc.enhance.epoch.handle import STEPS, Handle
from vigyc.lang.digest import digest
from vigyc.model.enhance_setting import REJECT
from vigyc.model.issue import APPLIED, CANCELLED, DEAD, PENDING, REJECTED
from vigyc.model.notice import DISABLED, UPDATED

BY_HAND = '(vigy-incr "by-hand")\n(vigy-noop)\n'
BETWEEN = [step for step in STEPS if step not in {"taken", "settled"}]


class Doing(Handle):
    """A handle that does something when the epoch comes to a step."""

    def __init__(self, step: str, do: Callable[[], object], times: int = 1) -> None:
        super().__init__("", "")
        self._at = step
        self._do = do
        self._times = times

    def reach(self, step: str) -> None:
        if step == self._at and self._times:
            self._times -= 1
            self._do()
        super().reach(step)


@pytest.mark.parametrize("step", [step for step in BETWEEN if step not in {"setting", "flow"}])
def test_a_head_that_moved_during_an_epoch_is_not_overwritten(world: World, step: str) -> None:
    world.setting()
    target = world.register("one")
    issue = world.submit(target, COUNTS_TWICE)
    done = world.work(Doing(step, lambda: world.update(target, program=BY_HAND)))
    assert (done.state, done.attempts, done.due_at <= world.time.wall_ms()) == (PENDING, 1, True)
    assert world.head(target).program == BY_HAND
    assert world.entry(issue).outcome == "conflict"
    assert world.entry(issue).program == (
        COUNTS_TWICE if step in {"verified", "settling"} else world.entry(issue).program
    )
    again = world.work()
    assert again.state == APPLIED
    assert [version.program for version in world.store.versions(target.id)] == [COUNTS_TWICE, BY_HAND, COUNTS]
    assert [entry.base for entry in world.entries(issue)] == [1, 2]


def test_a_stale_candidate_is_rejected_where_the_setting_says_so(world: World) -> None:
    world.setting(on_conflict=REJECT)
    target = world.register("one")
    world.submit(target, COUNTS_TWICE)
    done = world.work(Doing("verified", lambda: world.update(target, program=BY_HAND)))
    assert done.state == REJECTED
    assert done.reasons == ("stale: version 1 was the newest when the epoch began, and now it is 2",)
    assert world.entry(done).outcome == "rejected"


def test_a_head_that_keeps_moving_ends_the_issue(world: World) -> None:
    world.setting(attempts=3)
    target = world.register("one")
    issue = world.submit(target, COUNTS_TWICE)
    for number in range(3):
        text = BY_HAND + f"; {number}\n"
        done = world.work(Doing("verified", lambda text=text: world.update(target, program=text)))  # type: ignore[misc]
    assert done.state == DEAD
    assert [entry.outcome for entry in world.entries(issue)] == ["conflict", "conflict", "dead"]


def test_other_changes_of_the_target_are_kept_and_the_commit_goes_on(world: World) -> None:
    world.setting()
    target = world.register("one")
    world.submit(target, COUNTS_TWICE)

    def change() -> None:
        world.store.edit_kv(target.id, {"n": 7}, (), world.time.wall_ms())
        known = world.head(target)
        world.store.change(known, known._replace(enabled=False, labels={"team": "a"}), DISABLED)

    done = world.work(Doing("settling", change))
    head = world.head(target)
    assert (done.state, head.program, head.enabled, head.labels) == (APPLIED, COUNTS_TWICE, False, {"team": "a"})
    assert world.store.kv(target.id) == {"n": 7}


def test_a_target_that_changes_between_reading_and_writing_is_read_again(world: World) -> None:
    """The narrowest window: a store that lets somebody in right before the settling."""
    world.setting()
    target = world.register("one")
    world.submit(target, COUNTS_TWICE)
    settle, left = world.store.settle, [3]

    def settled(*args: object) -> object:
        if len(args) == 5 and args[4] is not None and left[0]:
            left[0] -= 1
            known = world.head(target)
            world.store.change(known, known._replace(labels={"n": str(left[0])}), UPDATED)
        return settle(*args)  # type: ignore[arg-type]

    object.__setattr__(world.store, "settle", settled)
    assert world.work().state == APPLIED
    assert (world.head(target).labels, len(world.store.versions(target.id))) == ({"n": "0"}, 2)


def test_a_policy_that_grants_less_by_then_is_asked_again(world: World) -> None:
    program = '(process-run (list "true"))\n(vigy-noop)\n'
    world.setting()
    world.policies["one"] = Policy.of("proc:true")
    target = world.register("one", program)
    world.submit(target, program + '(vigy-incr "n")\n')
    done = world.work(Doing("settling", lambda: world.update(target, name="two")))
    assert done.state == REJECTED
    assert "the policy of two was changed meanwhile" in done.reasons[0]
    assert world.head(target).version == 1


@pytest.mark.parametrize("step", ["orchestrated", "claimed", "verified", "settling"])
def test_a_policy_that_is_changed_after_the_verifiers_looked_is_asked_again(world: World, step: str) -> None:
    program = '(process-run (list "true"))\n(vigy-noop)\n'
    world.setting()
    world.policies["one"] = Policy.of("proc:true")
    target = world.register("one", program)
    world.submit(target, program + '(vigy-incr "n")\n')
    done = world.work(Doing(step, lambda: world.policies.update(one=Policy.of("proc:false"))))
    assert (done.state, world.head(target).version) == (REJECTED, 1)
    if step in {"verified", "settling"}:
        assert "the policy of one was changed meanwhile" in done.reasons[0]


def test_a_vigy_that_was_made_anew_with_the_same_number_is_another(world: World) -> None:
    world.setting(on_conflict=REJECT)
    target = world.register("one")
    world.submit(target, COUNTS_TWICE)

    def make_anew() -> None:
        world.store.remove(world.head(target), world.time.wall_ms(), keep_data=True)
        world.store.create(target._replace(program=BY_HAND, digest=digest(BY_HAND)))

    done = world.work(Doing("verified", make_anew))
    assert (done.state, world.head(target).program) == (REJECTED, BY_HAND)
    assert done.reasons[0].startswith("stale: ")


@pytest.mark.parametrize("step", BETWEEN)
def test_a_cancelled_issue_keeps_the_one_entry_that_cancelling_wrote(world: World, step: str) -> None:
    world.setting()
    target = world.register("one")
    issue = world.submit(target, COUNTS_TWICE)

    def cancel() -> None:
        known = world.store.issue(issue.id)
        assert known is not None
        queue.cancel(world.store, known, world.time.wall_ms(), "ann")

    done = world.work(Doing(step, cancel))
    assert (done.state, world.head(target).version) == (CANCELLED, 1)
    assert world.entry(issue).outcome == "cancelled"


@pytest.mark.parametrize("step", BETWEEN)
def test_an_epoch_that_is_cut_is_put_back_and_costs_no_attempt(world: World, step: str) -> None:
    world.setting()
    target = world.register("one")
    issue = world.submit(target, COUNTS_TWICE)
    handle = Doing(step, lambda: handle.cut("the worker was stopped"))
    done = world.work(handle)
    assert (done.state, done.attempts, done.reasons) == (PENDING, 0, ("the worker was stopped",))
    assert world.work().state == APPLIED
    assert [entry.outcome for entry in world.entries(issue)] == ["retry", "applied"]


def test_updates_from_all_sides_are_all_in_the_history(world: World) -> None:
    world.setting(attempts=100)
    target = world.register("one")
    texts = [f'(vigy-incr "n{number}")\n(vigy-noop)\n' for number in range(10)]

    def by_hand() -> None:
        for text in texts:
            while True:
                try:
                    world.update(target, program=text)
                    break
                except Exception:  # somebody else was first
                    continue

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    hand = threading.Thread(target=by_hand)
    issues = [
        world.submit(target, f'(vigy-incr "e{number}")\n(vigy-noop)\n', author=f"a{number}") for number in range(5)
    ]
    hand.start()
    worker = world.worker(threads=2)
    worker.drain(60)
    hand.join()
    worker.drain(60)
    sys.setswitchinterval(interval)
    states = [known.state for issue in issues if (known := world.store.issue(issue.id)) is not None]
    assert states == [APPLIED] * 5
    versions = world.store.versions(target.id)
    assert len(versions) == 1 + 10 + 5
    assert [version.parent for version in versions] == [*range(15, 0, -1), None]
