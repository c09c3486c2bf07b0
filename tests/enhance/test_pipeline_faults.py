"""A fault is not a verdict: it is tried again with backoff and then dead, or ends the issue, or has the queue wait."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest

from enhance.epochs import COUNTS_TWICE, PASSES_ALL, World, lying
from vigyc.effects.policy import Policy
from vigyc.enhance.epoch.backoff import delay_ms
from vigyc.enhance.epoch.handle import Handle
from vigyc.lang.errors import CommitUnknown, StoreError
from vigyc.model.enhance_setting import FIXED, SEMVER, EnhanceSetting, VersionSelector
from vigyc.model.issue import APPLIED, DEAD, FAILED, PENDING
from vigyc.runtime.store.memory_store import MemoryStore

UNREACHABLE = {"kind": "command", "command": [sys.executable, "-c", "raise SystemExit(3)"]}


def test_what_may_pass_is_tried_again_with_backoff_and_then_dead(world: World) -> None:
    """Acceptance 10."""
    setting = world.setting(attempts=3, backoff_ms=1000, backoff_max_ms=60_000, proposer=UNREACHABLE)
    world.policies["enhance"] = Policy.of(f"proc:{sys.executable} *")
    target = world.register("one")
    issue = world.submit(target)
    for attempt in (1, 2):
        done = world.work()
        assert (done.state, done.attempts) == (PENDING, attempt)
        wait = done.due_at - world.time.wall_ms()
        assert wait == delay_ms(setting, issue.id, attempt)
        assert 750 * 2 ** (attempt - 1) <= wait <= 1000 * 2 ** (attempt - 1)
        _none_is_due(world)
        world.time.advance(wait - 1)
        _none_is_due(world)
        world.time.advance(1)
    done = world.work()
    assert (done.state, done.attempts) == (DEAD, 3)
    assert "ended with code 3" in done.reasons[0]
    assert done.reasons[1] == "that was attempt 3 of 3"
    assert [(entry.outcome, entry.attempt) for entry in world.entries(issue)] == [
        ("retry", 1), ("retry", 2), ("dead", 3),
    ]  # fmt: skip
    assert [call["name"] for call in world.entries(issue)[0].calls] == ["process-run"]


def test_the_backoff_doubles_up_to_its_most_and_differs_from_issue_to_issue() -> None:
    setting = EnhanceSetting(backoff_ms=100, backoff_max_ms=1_000)
    waits = [delay_ms(setting, "an issue", attempts) for attempts in range(1, 100)]
    assert all(75 * 2**at <= wait <= 100 * 2**at for at, wait in enumerate(waits[:4]))
    assert all(750 <= wait <= 1000 for wait in waits[4:])
    assert len({delay_ms(setting, f"issue {number}", 5) for number in range(100)}) > 20
    assert waits == [delay_ms(setting, "an issue", attempts) for attempts in range(1, 100)]


def test_what_will_not_pass_ends_the_issue(world: World) -> None:
    world.setting(flow="my-flow")
    world.register("my-flow", lying('(throw "I give up")'))
    issue = world.worked(world.register("one"), COUNTS_TWICE)
    assert (issue.state, world.entry(issue).outcome) == (FAILED, "failed")
    assert "I give up" in issue.reasons[0]


BAD_SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "no flow": ({"flow": "no-such-flow"}, "there is no vigy 'no-such-flow'"),
    "no version": ({"flow": "my-flow", "flow_version": VersionSelector(FIXED, "9")}, "9"),
    "no match": ({"flow": "my-flow", "flow_version": VersionSelector(SEMVER, "^7")}, "^7"),
    "no selector": ({"flow": "my-flow", "flow_version": VersionSelector(SEMVER, "x.y")}, "x.y"),
    "no axes": ({"verifiers": ()}, "names no verifiers"),
    "no time": ({"ttl_ms": 0}, "has a ttl_ms of 0"),
    "no proposer": ({"proposer": {"kind": "magic"}}, "proposer.kind"),
    "no grant": ({"proposer": UNREACHABLE}, "denied"),
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_a_fault_of_the_configuration_has_the_queue_wait(world: World, name: str) -> None:
    fields, told = BAD_SETTINGS[name]
    world.register("my-flow", PASSES_ALL)
    world.setting(**fields)
    targets = [world.register(each) for each in ("one", "two")]
    issues = [world.submit(target) for target in targets]
    done = world.work()
    assert (done.state, done.attempts) == (PENDING, 0)
    setting = world.store.enhance_setting("default")
    assert setting is not None
    assert setting.paused is not None
    assert told in setting.paused
    _none_is_due(world)
    assert [entry.outcome for entry in world.entries()] == ["paused"]
    assert world.entries()[0].reasons == (setting.paused,)
    world.setting(flow="my-flow")  # mended, and resumed
    assert [world.work().id for _ in issues] == [issue.id for issue in issues]


def test_an_axis_that_nobody_knows_verifies_nothing(world: World) -> None:
    world.setting(verifiers=("reads", "beauty"))
    if not isinstance(world.store, MemoryStore):  # a file gives out no setting that it cannot read
        with pytest.raises(StoreError):
            world.store.enhance_setting("default")
        return
    issue = world.submit(world.register("one"))
    assert (world.work().state, world.entry(issue).outcome) == (PENDING, "paused")
    assert "names the axis 'beauty'" in world.entry(issue).reasons[0]


def test_the_setting_that_is_there_anyway_is_stored_to_be_paused(world: World) -> None:
    target = world.register("one")
    world.submit(target, intent="whatever")
    broken = EnhanceSetting(flow="gone")
    world.store.put_enhance_setting(broken, 1)
    world.work()
    stored = world.store.enhance_setting("default")
    assert stored is not None
    assert (stored.flow, stored.paused is not None) == ("gone", True)


def test_a_setting_that_was_removed_is_there_again_as_a_paused_one(world: World) -> None:
    world.store.put_enhance_setting(EnhanceSetting("mine"), 1)
    issue = world.submit(world.register("one"), COUNTS_TWICE, setting="mine")
    world.store.remove_enhance_setting("mine", 2)
    assert world.work().state == PENDING
    stored = world.store.enhance_setting("mine")
    assert stored is not None
    assert "there is no setting 'mine'" in (stored.paused or "")
    world.store.put_enhance_setting(stored._replace(paused=None), 3)
    assert (world.work().state, len(world.entries(issue))) == (APPLIED, 2)


def test_a_setting_that_was_mended_meanwhile_is_not_paused(world: World) -> None:
    class Mending(Handle):
        def reach(self, step: str) -> None:
            if step == "setting":
                world.time.advance(1)
                world.setting()
            super().reach(step)

    world.setting(flow="no-such-flow")
    issue = world.submit(world.register("one"), COUNTS_TWICE)
    assert world.work(Mending("", "")).state == PENDING
    setting = world.store.enhance_setting("default")
    assert setting is not None
    assert (setting.paused, setting.flow) == (None, None)
    assert world.work().state == APPLIED
    assert [entry.outcome for entry in world.entries(issue)] == ["paused", "applied"]


def test_a_flow_that_outlives_its_time_is_stopped_and_says_so(world: World) -> None:
    world.setting(flow="my-flow", ttl_ms=200, attempts=1, verifier_ms=100)
    world.register("my-flow", lying("(define (for-ever n) (for-ever (+ n 1))) (for-ever 0)"))
    target = world.register("one")
    issue = world.worked(target, COUNTS_TWICE)
    assert (issue.state, world.head(target).version) == (DEAD, 1)
    assert "ttl_ms of 200" in issue.reasons[0]
    assert "nothing was committed" in issue.reasons[0]


def test_a_verifier_that_is_stopped_by_the_end_of_the_epoch_gives_no_verdict(world: World) -> None:
    world.setting(flow="my-flow", ttl_ms=300, verifier_ms=300, attempts=1, verifiers=("dry-run",))
    world.register("my-flow", PASSES_ALL)
    issue = world.worked(world.register("one"), "(define (for-ever n) (for-ever (+ n 1)))\n(for-ever 0)\n")
    entry = world.entry(issue)
    assert entry.outcome in {"dead", "rejected"}  # whichever of the two clocks is first
    if entry.outcome == "dead":
        assert not entry.verdicts


class Failing:
    """A store of which the next calls of some methods fail."""

    def __init__(self, store: Any, **left: int) -> None:
        self._store = store
        self.left = left

    def __getattr__(self, name: str) -> Any:
        if self.left.get(name, 0) > 0:
            self.left[name] -= 1
            return self._fail
        return getattr(self._store, name)

    @staticmethod
    def _fail(*_: Any, **__: Any) -> None:
        raise StoreError("the disk is on fire")


def test_a_store_that_fails_for_a_while_costs_an_attempt_and_no_more(world: World) -> None:
    world.setting()
    issue = world.submit(world.register("one"), COUNTS_TWICE)
    failing: Any = Failing(world.store, versions=1)
    there = World(store=failing, time=world.time)
    leased = world.take()
    done = there.pipeline.run(leased, Handle(leased.id, leased.epoch or ""))
    assert (done.state, done.attempts) == (PENDING, 1)
    assert done.reasons == ("the store failed: the disk is on fire",)
    world.time.advance(60_000)
    assert world.work().state == APPLIED
    assert [entry.outcome for entry in world.entries(issue)] == ["retry", "applied"]


def test_a_setting_that_cannot_be_read_burns_no_attempts(world: World) -> None:
    world.submit(world.register("one"), COUNTS_TWICE)
    failing: Any = Failing(world.store, enhance_setting=1)
    there = World(store=failing, time=world.time)
    leased = world.take()
    done = there.pipeline.run(leased, Handle(leased.id, leased.epoch or ""))
    assert (done.state, done.attempts, done.due_at > world.time.wall_ms()) == (PENDING, 0, True)
    assert done.reasons == ("the setting cannot be read: the disk is on fire",)


def test_a_store_that_cannot_be_written_leaves_the_issue_to_whoever_recovers_it(world: World) -> None:
    world.setting()
    issue = world.submit(world.register("one"), COUNTS_TWICE)
    failing: Any = Failing(world.store, settle=100)
    there = World(store=failing, time=world.time)
    leased = world.take()
    with pytest.raises(StoreError):
        there.pipeline.run(leased, Handle(leased.id, leased.epoch or ""))
    assert world.store.issue(issue.id) == leased
    assert not world.entries(issue)


@pytest.mark.parametrize("done", [True, False])
def test_a_commit_of_which_nobody_knows_whether_it_was_done_is_looked_up(world: World, done: bool) -> None:
    settle, left = world.store.settle, [1]

    def unsure(*args: Any) -> Any:
        if not left[0]:
            return settle(*args)
        left[0] -= 1
        if done:
            settle(*args)
        raise CommitUnknown("the disk was pulled out")

    world.setting()
    target = world.register("one")
    world.submit(target, COUNTS_TWICE)
    object.__setattr__(world.store, "settle", unsure)
    issue = world.work()
    assert (issue.state, issue.version, world.head(target).version) == (APPLIED, 2, 2)
    assert world.entry(issue).outcome == "applied"
    assert len(world.store.versions(target.id)) == 2


def test_an_error_of_ours_ends_the_issue_and_not_the_worker(world: World, caplog: pytest.LogCaptureFixture) -> None:
    class Buggy(Handle):
        def reach(self, step: str) -> None:
            if step == "claimed":
                raise ZeroDivisionError("a bug")
            super().reach(step)

    world.setting()
    world.submit(world.register("one"), COUNTS_TWICE)
    with caplog.at_level(logging.CRITICAL, "vigyc"):
        done = world.work(Buggy("", ""))
    assert (done.state, done.reasons) == (FAILED, ("an error of vigyc: ZeroDivisionError: a bug",))
    assert world.entry(done).outcome == "failed"


def test_whoever_interrupts_an_epoch_has_it_put_back(world: World) -> None:
    class Interrupted(Handle):
        def reach(self, step: str) -> None:
            if step == "verified":
                raise KeyboardInterrupt
            super().reach(step)

    world.setting()
    issue = world.submit(world.register("one"), COUNTS_TWICE)
    with pytest.raises(KeyboardInterrupt):
        world.work(Interrupted("", ""))
    known = world.store.issue(issue.id)
    assert known is not None
    assert (known.state, known.attempts) == (PENDING, 0)
    assert world.work().state == APPLIED


def _none_is_due(world: World) -> None:
    now = world.time.wall_ms()
    assert world.store.take_issue("somebody", "e", now, now + 1000) is None
