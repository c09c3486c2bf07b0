"""Ticks on their way into the file: what a COMMIT that fails has done, and ticks that meet in one batch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from store.stores import APPLY, NOW, a_sqlite_store, a_tick, a_vigy, an_event, the_lease, ticked
from store.strangers import stranger
from vigyc.lang.errors import CommitUnknown, StoreError
from vigyc.model.action import Action
from vigyc.model.condition import Condition
from vigyc.model.lease import Fence
from vigyc.model.log_line import LogLine
from vigyc.model.run import FAILED, OK, Report
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import TickRecord
from vigyc.runtime.store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigy.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    made = a_sqlite_store(path, patience=0.05)
    yield made
    made.close()


@pytest.fixture
def fence(store: SqliteStore) -> Fence:
    return the_lease(store)


@pytest.fixture
def one(store: SqliteStore, fence: Fence) -> Vigy:
    return store.create(a_vigy())


# -- COMMIT fails


def when_committed(store: SqliteStore, do: Any) -> None:
    """Have `do` done when SQLite has executed the next COMMIT, before whoever asked for it knows."""
    writer = store._file._writer

    def look(event: dict[str, Any]) -> None:
        if event["sql"] == "COMMIT":
            writer.trace_v2(0, None)
            do()

    writer.trace_v2(apsw.SQLITE_TRACE_PROFILE, look)


def fail() -> None:
    raise apsw.IOError("the disk said no, and had done it")


def test_a_commit_that_was_done_is_no_error(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    when_committed(store, fail)
    committed = ticked(store, fence, one, 1)
    assert store.runs() == [committed.run]
    assert ticked(store, fence, one, 2).run.seq == committed.run.seq + 1


def test_a_commit_that_was_not_done_changed_nothing(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    store._file._writer.set_commit_hook(lambda: True)  # SQLite makes a rollback of it
    with pytest.raises(StoreError, match="which stays as it was") as caught:
        ticked(store, fence, one, 1)
    assert not isinstance(caught.value, CommitUnknown)
    store._file._writer.set_commit_hook(None)
    assert store.runs() == []
    assert store.kv(one.id) == {}
    assert ticked(store, fence, one, 1).run.result == OK


def test_a_commit_nobody_can_ask_about_is_unknown(
    store: SqliteStore, fence: Fence, one: Vigy, path: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"

    def vanish() -> None:
        elsewhere.mkdir()
        for name in ("vigy.db", "vigy.db-wal", "vigy.db-shm"):
            os.rename(tmp_path / name, elsewhere / name)
        path.mkdir()  # so that nothing is made in its place
        fail()

    when_committed(store, vanish)
    with pytest.raises(CommitUnknown, match="it is not known whether the last write to"):
        ticked(store, fence, one, 1)
    with pytest.raises(StoreError):  # as long as it is away, nothing is believed
        store.runs()
    with pytest.raises(StoreError):
        ticked(store, fence, one, 2)
    path.rmdir()
    for name in os.listdir(elsewhere):
        os.rename(elsewhere / name, tmp_path / name)
    assert [run.id for run in store.runs()] == ["one-1"]
    assert ticked(store, fence, one, 2).run.result == OK


@pytest.mark.parametrize(
    "write",
    [
        lambda store, fence, one: store.change(one, one._replace(enabled=False), "disabled"),
        lambda store, fence, one: store.edit_kv(one.id, {"a": 1}, (), NOW),
        lambda store, fence, one: store.remove(one, NOW),
        lambda store, fence, one: store.ask(one.id, NOW),
        lambda store, fence, one: store.renew(fence, NOW),
        lambda store, fence, one: store.release(fence),
        lambda store, fence, one: store.acquire("other", store.lease(), NOW),
        lambda store, fence, one: store.begin_run(fence, a_tick(one, 9).run),
        lambda store, fence, one: store.abort_open_runs(fence, NOW),
        lambda store, fence, one: store.refuse(fence, 1, "no \ud800"),
        lambda store, fence, one: store.attempted(fence, store.outbox()[0]),
        lambda store, fence, one: store.resolve("one-1", 0, "ok", None, NOW),
        lambda store, fence, one: store.prune(fence, runs_per_vigy=1, events=0, older_than=0),
    ],
)
def test_every_write_leaves_a_trace_of_having_been_done(
    store: SqliteStore, fence: Fence, one: Vigy, write: Any
) -> None:
    for number in (1, 2, 3):
        ticked(store, fence, one, number, run={"actions": (APPLY,)}, deliver=number == 1)
    store.begin_run(fence, a_tick(one, 4).run)
    store.ask(one.id, NOW)
    when_committed(store, fail)
    write(store, fence, one)


def test_an_error_in_the_middle_undoes_all_of_it(store: SqliteStore, fence: Fence, one: Vigy, path: Path) -> None:
    stranger(path, "CREATE TRIGGER no BEFORE INSERT ON runs WHEN new.id = 'one-2' BEGIN SELECT raise(ABORT, 'no'); END")
    with pytest.raises(StoreError, match=r"stays as it was: .*no"):
        store.commit(fence, [a_tick(one, 1), a_tick(one, 2)])
    assert store.kv(one.id) == {}
    assert store.runs() == []
    assert store.last_seq() == 2
    assert ticked(store, fence, one, 1).run.seq == 3


# -- one batch


def test_ticks_of_one_vigy_in_one_batch_follow_each_other(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    ready = {"ready": Condition("ready", "true", None, None, NOW)}
    stated = Standing(tick_count=2, runs=2, conditions=ready, desired={"n": 2})
    records = [
        a_tick(one, 1, writes={"a": 1, "b": 1}, state_changed=False),
        a_tick(one, 2, writes={"b": 2}, deletes={"a"}, standing=stated),
        a_tick(one, 3, writes={"a": 3}, state_changed=False, standing=stated._replace(tick_count=3, runs=3)),
    ]
    assert [done.run.id for done in store.commit(fence, records)] == ["one-1", "one-2", "one-3"]
    assert store.kv(one.id) == {"a": 3, "b": 2}
    assert store.standing(one.id) == stated._replace(tick_count=3, runs=3)


def test_a_failure_between_successes_is_counted(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    records = [a_tick(one, 1), a_tick(one, 2, writes={"bad": "\ud800"})]
    fine, bad = store.commit(fence, records)
    assert (fine.run.result, bad.run.result, bad.run.error_kind) == (OK, FAILED, "unstorable")
    standing = store.standing(one.id)
    assert (standing.tick_count, standing.runs, standing.failed, standing.failures) == (1, 2, 1, 1)
    assert (standing.run_id, standing.error) == ("one-2", bad.run.error)


def test_what_cannot_be_stored_is_dropped_and_what_was_said_stays(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    report = Report(logs=(LogLine("info", "before"),), output="text", kv_set=("bad",), desired={"x": 1})
    run = {"actions": (APPLY,), "report": report}
    record = a_tick(one, 1, run=run, writes={"bad": 2**63}, deliver=True)
    (done,) = store.commit(fence, [record._replace(notices=(an_event(record.run),))])
    assert done.run.error == "not stored: the value of key 'bad' holds an integer beyond 64 bits"
    assert done.run.actions == ()
    assert done.run.report == Report(logs=report.logs, output="text")
    assert [notice.kind for notice in done.notices] == ["run", "event"]
    assert store.notices(done.run.seq - 1) == list(done.notices)
    assert store.outbox() == []
    assert store.standing(one.id).desired == {}


DEEP: Any = None
for _ in range(2000):
    DEEP = [DEEP]


@pytest.mark.parametrize("payload", [DEEP, {"a": {1}}, object()], ids=["deep", "a set", "an object"])
def test_an_action_that_cannot_be_stored_fails_its_tick(
    store: SqliteStore, fence: Fence, one: Vigy, payload: Any
) -> None:
    done = ticked(store, fence, one, 1, run={"actions": (Action("apply", payload),)})
    assert (done.run.result, done.run.error_kind) == (FAILED, "unstorable")
    assert store.run("one-1") == done.run
    assert store.kv(one.id) == {}


def test_text_that_is_not_unicode_is_kept_where_json_can(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    report = Report(logs=(LogLine("info", "\udc80"),), output="a\ud800b", trace={"x": ["\ud800"]})
    done = ticked(store, fence, one, 1, run={"report": report})
    assert store.run("one-1") == done.run
    assert done.run.report == report
    bad = ticked(
        store, fence, one, 2, run={"result": FAILED, "error": "no \ud800"}, standing=Standing(error="no \ud800")
    )
    assert bad.run.error == "no \\ud800"
    assert store.run("one-2") == bad.run
    assert store.standing(one.id).error == "no \\ud800"


def test_a_deleted_key_that_no_store_could_hold_is_no_matter(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    assert ticked(store, fence, one, 1, deletes={"\ud800", "count"}, writes={}).run.result == OK


def test_a_tick_begun_after_its_end_does_not_stay_open(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    record = a_tick(one, 1)
    store.commit(fence, [record])
    store.begin_run(fence, record.run)
    assert store.open_runs() == []


# -- other processes


def test_what_another_process_changed_supersedes(store: SqliteStore, fence: Fence, one: Vigy, path: Path) -> None:
    ticked(store, fence, one, 1)
    other = a_sqlite_store(path)
    try:
        edited = other.edit_kv(one.id, {"x": 1}, (), NOW)
        assert edited.generation == store.last_seq()
        assert ticked(store, fence, one, 2).superseded
        assert not ticked(store, fence, edited, 3).superseded
        other.remove(edited, NOW)
        assert ticked(store, fence, edited, 4).superseded
        assert other.last_seq() == store.last_seq()
    finally:
        other.close()


def test_numbers_are_dense_over_processes(store: SqliteStore, fence: Fence, one: Vigy, path: Path) -> None:
    other = a_sqlite_store(path)
    try:
        records: list[TickRecord] = []
        for number in range(1, 6):
            records = [a_tick(one, number)]
            store.commit(fence, records)
            other.create(a_vigy(f"other {number}", id=str(number)))
        assert [notice.seq for notice in other.notices(0)] == list(range(1, 13))
        assert other.notices(0) == store.notices(0)
    finally:
        other.close()
