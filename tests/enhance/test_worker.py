"""Workers lease, keep what is theirs, take back what was lost, and stop when they are told to."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import pytest

from enhance.epochs import BROKEN, COUNTS, COUNTS_TWICE, World, lying, state, until
from vigyc.effects.policy import Policy
from vigyc.enhance import queue
from vigyc.enhance.epoch.handle import Handle
from vigyc.enhance.verifiers import table
from vigyc.enhance.workers.under_way import UnderWay
from vigyc.lang.errors import Halted, StoreError
from vigyc.model.enhance_setting import AXES
from vigyc.model.issue import APPLIED, CANCELLED, DEAD, LEASED, PENDING, REJECTED, Issue
from vigyc.model.vigy import Vigy
from vigyc.runtime import budget
from vigyc.runtime.holder import own_name
from vigyc.runtime.time_source import SystemTime

FOR_EVER = lying("(define (for-ever n) (for-ever (+ n 1))) (for-ever 0)")


def test_draining_works_off_all_that_is_due(world: World) -> None:
    world.setting()
    targets = [world.register(f"t{number}") for number in range(3)]
    issues = [world.submit(target, COUNTS_TWICE) for target in targets]
    issues += [world.submit(targets[0], COUNTS), world.submit(targets[1], BROKEN)]
    worker = world.worker()
    assert worker.drain() == 5
    assert [state(world, issue) for issue in issues] == [*[APPLIED] * 4, REJECTED]
    assert sorted(world.changed) == sorted([targets[0].id, targets[0].id, targets[1].id, targets[2].id])
    assert (worker.drain(), worker.ended, worker.running()) == (0, 5, [])
    assert [version.program for version in world.store.versions(targets[0].id)] == [COUNTS, COUNTS_TWICE, COUNTS]


def test_draining_does_not_wait_for_what_is_tried_again_later(world: World) -> None:
    world.setting(flow="flow", attempts=2)
    world.register("flow", FOR_EVER)
    world.setting(flow="flow", attempts=2, ttl_ms=50, verifier_ms=50)
    issue = world.submit(world.register("one"), COUNTS_TWICE)
    worker = world.worker()
    assert (worker.drain(), state(world, issue)) == (1, PENDING)
    assert worker.drain() == 0
    world.time.advance(60_000)  # type: ignore[attr-defined]
    assert (worker.drain(), state(world, issue)) == (1, DEAD)


def test_what_was_stopped_can_be_drained(live: World) -> None:
    live.setting()
    issue, worker = live.submit(live.register("one"), COUNTS_TWICE), live.worker()
    worker.stop(0.0)
    assert (worker.drain(), state(live, issue)) == (1, APPLIED)


def test_stopping_ends_a_drain(live: World) -> None:
    _, issue = sleeping(live)
    worker, done = live.worker(), list[int]()
    draining = threading.Thread(target=lambda: done.append(worker.drain()))
    draining.start()
    until(lambda: worker.running())
    worker.stop(0.0)
    draining.join(5.0)
    assert (done, state(live, issue)) == ([1], PENDING)
    assert [entry.outcome for entry in live.entries(issue)] == ["retry"]


def test_draining_ends_with_its_time(world: World) -> None:
    world.setting()
    for number in range(5):
        world.submit(world.register(f"t{number}"), COUNTS_TWICE)
    assert world.worker().drain(0.0) == 0


def test_a_worker_is_woken_by_a_new_issue(live: World) -> None:
    live.setting()
    target = live.register("one")
    worker = live.worker(poll=3600.0)
    worker.start()
    try:
        assert worker.started
        sleep(0.05)  # it is idle by now
        issue = live.submit(target, COUNTS_TWICE)
        worker.notify()
        until(lambda: state(live, issue) == APPLIED)
    finally:
        worker.stop(5.0)
    assert not worker.started


def test_whoever_wants_to_know_is_told_of_every_epoch(world: World) -> None:
    told: list[int] = []
    world.setting()
    for text in (COUNTS_TWICE, BROKEN):
        world.submit(world.register(f"t{len(text)}"), text)
    worker = world.worker(told=lambda: told.append(world.store.last_seq()))
    worker.drain()
    assert len(told) == 2
    assert len(world.changed) == 1


def test_a_burst_is_worked_off_without_a_pause(live: World) -> None:
    live.setting()
    issues = [live.submit(live.register(f"t{number}"), COUNTS_TWICE) for number in range(10)]
    issues += [live.submit(live.head(live.register("x")), COUNTS_TWICE)]
    worker = live.worker(poll=3600.0)
    worker.start()
    try:
        until(lambda: all(state(live, issue) == APPLIED for issue in issues))
        until(lambda: worker.ended == 11)
    finally:
        worker.stop(5.0)


def test_what_is_due_later_is_taken_then_without_being_woken(live: World) -> None:
    live.setting()
    issue = live.submit(live.register("one"), COUNTS_TWICE)
    live.store.settle(issue, issue._replace(due_at=live.time.wall_ms() + 150), live.time.wall_ms())
    worker = live.worker()
    worker.start()
    try:
        until(lambda: state(live, issue) == APPLIED)
    finally:
        worker.stop(5.0)


def test_targets_are_worked_off_side_by_side_and_each_one_in_order(live: World) -> None:
    live.setting(flow="flow")
    live.register("flow", lying("(time-sleep 400) (committing wanted (list) (version-of wanted))"))
    live.policies["flow"] = Policy.of("time")
    targets = [live.register(f"t{number}") for number in range(3)]
    for text in (COUNTS_TWICE, COUNTS):
        for target in targets:
            live.submit(target, text)
    most = 0
    worker = live.worker(threads=3)
    worker.start()
    try:
        while worker.ended < 6:
            most = max(most, len(worker.running()))
            sleep(0.005)
    finally:
        worker.stop(5.0)
    assert most == 3
    for target in targets:
        programs = [version.program for version in live.store.versions(target.id)]
        assert programs == [COUNTS, COUNTS_TWICE, COUNTS]


def test_two_workers_on_one_store_never_do_the_same(live: World) -> None:
    live.setting()
    issues = [live.submit(live.register(f"t{number}"), COUNTS_TWICE) for number in range(12)]
    workers = [live.worker(), live.worker()]
    for worker in workers:
        worker.start()
    try:
        until(lambda: all(state(live, issue) == APPLIED for issue in issues))
        until(lambda: sum(worker.ended for worker in workers) == 12)
    finally:
        for worker in workers:
            worker.stop(5.0)
    assert all(len(live.entries(issue)) == 1 for issue in issues)


# -- leases


def sleeping(world: World, ms: int = 0) -> tuple[Vigy, Issue]:
    """An issue whose flow sleeps for `ms`, or goes on for ever."""
    world.setting(flow="flow", attempts=2, backoff_ms=1)
    text = lying(f"(time-sleep {ms}) (committing wanted (list) (version-of wanted))")
    world.register("flow", text if ms else FOR_EVER)
    world.policies["flow"] = Policy.of("time")
    target = world.register("one")
    return target, world.submit(target, COUNTS_TWICE)


def test_a_lease_is_kept_as_long_as_the_epoch_lasts(live: World) -> None:
    _, issue = sleeping(live, 3_000)
    worker, other = live.worker(lease=2.0), live.worker(lease=2.0)
    worker.start()
    until(lambda: worker.running())
    other.start()
    try:
        until(lambda: state(live, issue) == APPLIED)
    finally:
        other.stop(5.0)
        worker.stop(5.0)
    assert [entry.outcome for entry in live.entries(issue)] == ["applied"]
    assert other.ended == 0


def test_a_lease_that_ran_out_is_logged_as_lost_and_the_issue_goes_on(world: World) -> None:
    world.setting(attempts=2, backoff_ms=1000)
    target = world.register("one")
    issue = world.submit(target, COUNTS_TWICE)
    leased = world.take()
    worker = world.worker()
    assert (worker.drain(), state(world, issue)) == (0, LEASED)
    world.time.advance(30_001)  # type: ignore[attr-defined]
    assert (worker.drain(), state(world, issue)) == (0, PENDING)
    (entry,) = world.entries(issue)
    assert (entry.id, entry.outcome, entry.attempt) == (leased.epoch, "lost", 1)
    world.time.advance(1_000)  # type: ignore[attr-defined]
    assert (worker.drain(), state(world, issue)) == (1, APPLIED)
    late = world.pipeline.run(leased, Handle(leased.id, leased.epoch or ""))  # it was only asleep
    assert late.state == APPLIED
    assert [entry.outcome for entry in world.entries(issue)] == ["lost", "applied"]
    assert len(world.store.versions(target.id)) == 2


def test_a_lease_that_runs_out_too_often_ends_the_issue(world: World) -> None:
    world.setting(attempts=2, backoff_ms=1)
    issue = world.submit(world.register("one"), COUNTS_TWICE)
    for _ in range(2):
        world.take()
        world.time.advance(30_001)  # type: ignore[attr-defined]
        world.worker().drain()
        world.time.advance(10)  # type: ignore[attr-defined]
    assert state(world, issue) == DEAD
    assert [entry.outcome for entry in world.entries(issue)] == ["lost", "lost"]


def test_a_clock_that_is_set_ahead_takes_no_lease_from_who_keeps_it(world: World) -> None:
    world.setting(attempts=1)
    issue = world.submit(world.register("one"), COUNTS_TWICE)
    leased, worker = world.take(), world.worker()  # another process's, as this worker sees it
    world.time.jump(86_400_000)  # type: ignore[attr-defined]
    worker._attend()
    assert state(world, issue) == LEASED
    for _ in range(10):
        world.time.advance(10_000)  # type: ignore[attr-defined]
        assert world.store.keep_issue(issue.id, leased.epoch or "", world.time.wall_ms() + 30_000)
        worker._attend()
    assert state(world, issue) == LEASED
    world.time.advance(30_001)  # type: ignore[attr-defined]
    worker._attend()
    assert state(world, issue) == LEASED, "it ran out just now"
    world.time.advance(15_000)  # type: ignore[attr-defined]
    worker._attend()
    assert state(world, issue) == DEAD


def test_an_issue_may_have_its_next_epoch_before_the_last_has_ended(world: World) -> None:
    under_way = UnderWay(world.store, world.time, 30.0)
    first, second = Handle("i", "e1"), Handle("i", "e2")
    with under_way.one(second):
        with under_way.one(first):
            pass
        assert under_way.handles() == [second]
        under_way.cut("i", "enough")
    assert second.reason == "enough"


def test_what_a_dead_process_had_is_taken_back_at_once(world: World) -> None:
    world.setting(backoff_ms=1)
    issue = world.submit(world.register("one"), COUNTS_TWICE)
    host, boot, _, _, token = own_name().split(" ")
    now = world.time.wall_ms()
    assert world.store.take_issue(f"{host} {boot} 999999999 1 {token}", "e1", now, now + 30_000)
    worker = world.worker()
    worker.drain()
    world.time.advance(10)  # type: ignore[attr-defined]
    assert (worker.drain(), state(world, issue)) == (1, APPLIED)
    assert [entry.outcome for entry in world.entries(issue)] == ["lost", "applied"]


def test_an_epoch_whose_lease_was_taken_away_is_cut_and_thrown_away(live: World) -> None:
    target, issue = sleeping(live)
    worker = live.worker(lease=0.6, threads=1)
    worker.start()
    try:
        until(lambda: worker.running())
        leased = live.store.issue(issue.id)
        assert leased is not None
        live.store.settle(leased, leased._replace(state=PENDING, held=True), live.time.wall_ms())  # as another would
        until(lambda: not worker.running())
    finally:
        worker.stop(5.0)
    assert (state(live, issue), live.head(target).version) == (PENDING, 1)
    assert not live.entries(issue)


# -- cancelling and stopping


@pytest.mark.parametrize("ms", [0, 60_000], ids=["computing", "asleep"])
def test_cancelling_stops_the_work_at_once(live: World, ms: int) -> None:
    target, issue = sleeping(live, ms)
    worker = live.worker()
    worker.start()
    try:
        until(lambda: worker.running() == [issue.id])
        known = live.store.issue(issue.id)
        assert known is not None
        began = monotonic()
        queue.cancel(live.store, known, live.time.wall_ms(), "ann")
        worker.cancel(issue.id)
        until(lambda: not worker.running())
        assert monotonic() - began < 2.0
    finally:
        worker.stop(0.0)
    assert (state(live, issue), live.head(target).version) == (CANCELLED, 1)
    assert [entry.outcome for entry in live.entries(issue)] == ["cancelled"]


def test_an_issue_that_another_process_cancels_is_stopped_here(live: World) -> None:
    _, issue = sleeping(live)
    worker = live.worker()
    worker.start()
    try:
        until(lambda: worker.running() == [issue.id])
        known = live.store.issue(issue.id)
        assert known is not None
        queue.cancel(live.store, known, live.time.wall_ms())
        until(lambda: not worker.running())
    finally:
        worker.stop(5.0)
    assert [entry.outcome for entry in live.entries(issue)] == ["cancelled"]


def test_cancelling_what_is_not_under_way_here_is_nothing(world: World) -> None:
    world.worker().cancel("no such issue")


def test_stopping_lets_an_epoch_end_in_its_grace(live: World) -> None:
    _, issue = sleeping(live, 300)
    worker = live.worker()
    worker.start()
    until(lambda: worker.running())
    worker.stop(20.0)
    assert state(live, issue) == APPLIED


def test_stopping_puts_back_what_did_not_end_in_time(live: World) -> None:
    target, issue = sleeping(live)
    live.submit(live.register("two"), COUNTS_TWICE)
    worker = live.worker(threads=1)
    worker.start()
    until(lambda: worker.running())
    worker.stop(0.0)
    assert worker.running() == []
    known = live.store.issue(issue.id)
    assert known is not None
    assert (known.state, known.attempts, known.reasons) == (PENDING, 0, ("the worker was stopped",))
    assert [entry.outcome for entry in live.entries()] == ["retry"]
    assert live.head(target).version == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_stopping_at_any_moment_leaves_no_thread_and_no_lease() -> None:
    """Also where a verifier's thread is just beginning. A destructor may swallow a `Halted`, which then comes again."""
    world = World(time=SystemTime())
    world.setting(verifiers=AXES)
    target = world.register("one")
    for number in range(60):
        issue = world.submit(target, f'(vigy-incr "n{number}")\n(vigy-noop)\n', author=str(number))
        worker = world.worker(threads=1)
        worker.start()
        sleep(number * 0.0007)
        began = monotonic()
        worker.stop(0.0)
        assert monotonic() - began < 3.0
        assert state(world, issue) in {PENDING, APPLIED}
        while state(world, issue) == PENDING:
            worker.drain()
    world.check()
    assert world.head(target).version == 61
    until(
        lambda: not [thread for thread in threading.enumerate() if thread.name.startswith(("vigyc-test-", "vigyc-v"))]
    )


def test_threads_begin_whatever_cuts_who_starts_them() -> None:
    begun: list[int] = []

    class Cutting:
        """A thread that cuts whoever starts it, and takes its time to begin."""

        def start(self) -> None:
            budget.cut(token)
            end = monotonic() + 0.1
            while monotonic() < end:
                sleep(0.001)
            begun.append(1)

    lanes: Any = [Cutting(), Cutting()]
    halted = False
    try:
        token = budget.arm(60.0)
        try:
            table._start(lanes)
        finally:
            budget.disarm(token)
    except Halted:
        halted = True
    assert (halted, len(begun)) == (True, 2)


def test_a_worker_can_be_started_again(live: World) -> None:
    live.setting()
    worker = live.worker()
    for number in range(3):
        worker.start()
        worker.start()
        issue = live.submit(live.register(f"t{number}"), COUNTS_TWICE)
        worker.notify()
        until(lambda issue=issue: state(live, issue) == APPLIED)  # type: ignore[misc]
        worker.stop(5.0)
        worker.stop(0.0)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("vigyc-test-")]


def test_a_store_that_fails_for_a_while_stops_no_worker(live: World, caplog: pytest.LogCaptureFixture) -> None:
    take, left = live.store.take_issue, [5]

    def failing(*args: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise StoreError("the disk is on fire")
        return take(*args)

    object.__setattr__(live.store, "take_issue", failing)
    live.setting()
    issue = live.submit(live.register("one"), COUNTS_TWICE)
    worker = live.worker()
    worker.start()
    try:
        until(lambda: state(live, issue) == APPLIED)
    finally:
        worker.stop(5.0)
    assert "the disk is on fire" in caplog.text


# -- a command, and all it started


SLEEPER = """
import subprocess, sys, pathlib, os, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid}")
time.sleep(1000)
"""


def sleeper(world: World, tmp_path: Any, **fields: Any) -> tuple[Issue, Callable[[], list[int]]]:
    """An issue whose proposer is a command that starts another and sleeps; which of the two are alive."""
    script, told = tmp_path / "sleeper.py", tmp_path / "pids"
    script.write_text(SLEEPER)
    world.policies["enhance"] = Policy.of(f"proc:{sys.executable} *")
    proposer = {"kind": "command", "command": [sys.executable, str(script), str(told)]}
    world.setting(proposer=proposer, attempts=1, **fields)
    issue = world.submit(world.register("one"))

    def alive() -> list[int]:
        pids = [int(pid) for pid in told.read_text().split()] if told.exists() else []
        return [pid for pid in pids if _state(pid) not in {"", "Z", "X"}]

    return issue, alive


def test_the_end_of_its_time_ends_a_command_with_all_it_started_and_says_so(live: World, tmp_path: Any) -> None:
    """Acceptance 9."""
    issue, alive = sleeper(live, tmp_path, ttl_ms=2_000, verifier_ms=1_000)
    worker = live.worker()
    assert worker.drain() == 1
    assert (tmp_path / "pids").exists()
    until(lambda: not alive())
    known = live.store.issue(issue.id)
    assert known is not None
    assert known.state == DEAD
    assert "ttl_ms of 2000" in known.reasons[0]
    assert "stopped, and nothing was committed" in known.reasons[0]


def test_cancelling_ends_a_command_with_all_it_started(live: World, tmp_path: Any) -> None:
    issue, alive = sleeper(live, tmp_path)
    worker = live.worker()
    worker.start()
    try:
        until(lambda: len(alive()) == 2)
        known = live.store.issue(issue.id)
        assert known is not None
        began = monotonic()
        queue.cancel(live.store, known, live.time.wall_ms())
        worker.cancel(issue.id)
        until(lambda: not worker.running())
        assert monotonic() - began < 10.0
        until(lambda: not alive())
    finally:
        worker.stop(1.0)
    assert [entry.outcome for entry in live.entries(issue)] == ["cancelled"]


def _state(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""
