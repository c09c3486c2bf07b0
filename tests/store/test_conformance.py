"""What port.py says, held against every store."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from store.stores import APPLY, NOW, a_run, a_tick, a_vigy, an_event, an_open_run, edited, the_lease, ticked
from vigyc.lang.errors import Conflict, Fenced, Invalid, NotFound, StoreError
from vigyc.model import notice as kinds
from vigyc.model.action import ABSENT, Action
from vigyc.model.condition import Condition
from vigyc.model.event import Event
from vigyc.model.lease import Fence, Lease
from vigyc.model.log_line import LogLine
from vigyc.model.notice import Notice
from vigyc.model.pending import PendingAction
from vigyc.model.run import ABORTED, FAILED, OK, REQUEST, SKIPPED, TIMED_OUT, Report
from vigyc.model.schedule import AUTO, Adaptive, Cron, Fixed, Schedule
from vigyc.model.standing import Standing
from vigyc.runtime.store.port import Edition, Store, TickRecord

FOREVER = 10**6


def stream(store: Store, after: int = 0) -> list[tuple[int, str]]:
    return [(notice.seq, notice.kind) for notice in store.notices(after, limit=FOREVER)]


def pruned(store: Store, fence: Fence, **limits: int) -> int:
    """Prune until nothing is left to do; how many rows went."""
    gone = 0
    while now := store.prune(fence, **{"runs_per_vigy": FOREVER, "events": FOREVER, "older_than": 0, **limits}):
        gone += now
    return gone


# -- an empty store


def test_an_empty_store_answers_everything(store: Store) -> None:
    assert store.vigies() == []
    assert store.vigy("nobody") is None
    assert store.named("nobody") is None
    assert store.versions("nobody") == []
    assert store.standing("nobody") == Standing()
    assert store.standings() == {}
    assert store.kv("nobody") == {}
    assert store.run("nothing") is None
    assert store.runs() == store.runs("nobody") == store.open_runs() == []
    assert store.notices(0) == store.changes(0) == []
    assert (store.first_seq(), store.last_seq()) == (1, 0)
    assert store.pending("nobody") == store.outbox() == store.requests() == []
    assert store.answer(1) is None
    assert store.lease() is None
    assert store.damage() == []
    assert store.checkpoint(idle=False) >= 0


# -- the registry


def test_what_was_created_is_found(store: Store) -> None:
    made = store.create(a_vigy("one"), Edition("ada", "first", content="c1:x", epoch="e"))
    assert made._replace(generation=1) == a_vigy("one")
    assert store.vigy(made.id) == store.named("one") == made
    assert store.vigies() == [made]
    (version,) = store.versions(made.id)
    assert version.number == 1
    assert (version.vigy_id, version.program, version.digest) == (made.id, made.program, made.digest)
    assert (version.author, version.note, version.created_at) == ("ada", "first", made.created_at)


@pytest.mark.parametrize(
    "fields",
    [
        {"schedule": Schedule(Fixed(5, "delay"), offset_ms=3, jitter_ms=2, initial_delay_ms=1)},
        {"schedule": Schedule(Fixed(60_000), offset_ms=AUTO)},
        {"schedule": Schedule(Cron("*/5 * * * *", "Europe/Zurich"))},
        {"schedule": Schedule(Adaptive(10, 1000, "hint"))},
        {"labels": {"app": "web", "größe": "ü 🌍", "empty": ""}},
        {"enabled": False},
        {"deadline_ms": 250},
        {"modules": {"a.tatara": {"text": "(define x 1)", "requires": []}}},
        {"program": '(vigy-log "🌍 \\n \u0001")\n' * 100},
        {"name": "name with spaces, ü and 'quotes'; DROP TABLE vigies"},
        {"created_at": -5, "updated_at": 253_402_300_799_999, "anchored_at": 0},
    ],
    ids=lambda fields: "-".join(fields),
)
def test_every_field_of_a_vigy_comes_back(store: Store, fields: dict[str, Any]) -> None:
    made = store.create(a_vigy(**fields))
    assert made._replace(generation=1) == a_vigy(**fields)
    assert store.vigy(made.id) == made


def test_vigies_come_by_creation_then_id(store: Store) -> None:
    for name, created in (("c", 3), ("b", 1), ("a", 1), ("d", 2)):
        store.create(a_vigy(name, created_at=NOW + created))
    assert [vigy.name for vigy in store.vigies()] == ["a", "b", "d", "c"]


@pytest.mark.parametrize("same", [{"id": "other"}, {"name": "other"}])
def test_ids_and_names_are_unique(store: Store, same: dict[str, str]) -> None:
    store.create(a_vigy())
    with pytest.raises(Conflict):
        store.create(a_vigy()._replace(**same))
    assert len(store.vigies()) == 1
    assert store.last_seq() == 1


def test_a_change_raises_the_generation_and_is_told(store: Store) -> None:
    first = store.create(a_vigy())
    second = store.change(first, first._replace(enabled=False, updated_at=NOW + 7), kinds.DISABLED)
    assert second.generation > first.generation
    assert second == first._replace(enabled=False, updated_at=NOW + 7, generation=second.generation)
    assert store.vigy(first.id) == second
    notices = store.notices(0)
    assert [(n.kind, n.vigy_id, n.at) for n in notices] == [
        (kinds.REGISTERED, first.id, NOW),
        (kinds.DISABLED, first.id, NOW + 7),
    ]


def test_a_change_of_the_program_is_a_new_version(store: Store) -> None:
    first = store.create(a_vigy())
    edit = edited(first, "2", updated_at=NOW + 1)
    second = store.change(first, edit, kinds.UPDATED, Edition("bob", "why"))
    third = store.change(second, second._replace(enabled=False), kinds.DISABLED)
    bundled = store.change(third, third._replace(modules={"m": "x"}, updated_at=NOW + 2), kinds.UPDATED)
    back = store.change(bundled, edited(bundled, first.program), kinds.UPDATED)
    assert [v.version for v in (first, second, third, bundled, back)] == [1, 2, 2, 3, 4]
    versions = store.versions(first.id)
    assert [(v.number, v.program, v.digest) for v in versions] == [
        (4, first.program, first.digest), (3, "2", second.digest), (2, "2", second.digest),
        (1, first.program, first.digest),
    ]  # fmt: skip
    assert [v.modules for v in versions] == [{"m": "x"}, {"m": "x"}, None, None]
    assert (versions[2].author, versions[2].note, versions[2].created_at) == ("bob", "why", NOW + 1)


def test_a_change_of_something_older_is_refused(store: Store) -> None:
    first = store.create(a_vigy())
    second = store.change(first, first._replace(labels={"a": "1"}), kinds.UPDATED)
    with pytest.raises(Conflict):
        store.change(first, first._replace(labels={"a": "2"}), kinds.UPDATED)
    assert store.vigy(first.id) == second
    assert store.last_seq() == 2


def test_renaming(store: Store) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    with pytest.raises(Conflict):
        store.change(one, one._replace(name="two"), kinds.UPDATED)
    three = store.change(one, one._replace(name="three"), kinds.UPDATED)
    assert store.named("one") is None
    assert store.named("three") == three
    assert store.named("two") == two
    store.create(a_vigy("one")._replace(id="another"))


def test_what_is_not_there_cannot_be_changed(store: Store) -> None:
    ghost = a_vigy("ghost")
    with pytest.raises(NotFound):
        store.change(ghost, ghost._replace(enabled=False), kinds.DISABLED)
    with pytest.raises(NotFound):
        store.remove(ghost, NOW)
    with pytest.raises(NotFound):
        store.edit_kv(ghost.id, {"a": 1}, (), NOW)
    with pytest.raises(NotFound):
        store.ask(ghost.id, NOW)
    with pytest.raises(NotFound):
        store.resolve("ghost-1", 0, "ok", None, NOW)
    assert store.last_seq() == 0


def test_remove_purges_all_of_it_and_nothing_else(store: Store, fence: Fence) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    for vigy in (one, two):
        ticked(store, fence, vigy, 1, run={"actions": (APPLY,)}, deliver=True)
        store.begin_run(fence, an_open_run(vigy, 2))
        asked = store.ask(vigy.id, NOW)
    store.remove(one, NOW + 1)
    assert [request.id for request in store.requests()] == [asked]
    assert store.answer(asked - 1) is None
    assert store.vigies() == [two]
    assert store.named("one") is None
    assert store.kv(one.id) == {}
    assert store.runs(one.id) == store.versions(one.id) == store.pending(one.id) == []
    assert store.run("one-1") is None
    assert store.standing(one.id) == Standing()
    assert one.id not in store.standings()
    assert [run.id for run in store.open_runs()] == ["two-2"]
    assert [action.run_id for action in store.outbox()] == ["two-1"]
    assert [run.id for run in store.runs()] == ["two-1"]
    assert store.kv(two.id) == {"count": 1}
    deleted = store.changes(0)[-1]
    assert (deleted.kind, deleted.vigy_id, deleted.at) == (kinds.DELETED, one.id, NOW + 1)
    with pytest.raises(NotFound):
        store.remove(one, NOW)


def test_remove_may_keep_the_data_for_who_comes_back(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    ticked(store, fence, one, 1)
    store.remove(one, NOW, keep_data=True)
    assert store.vigies() == []
    assert store.named("one") is None
    again = store.create(a_vigy())
    assert store.kv(again.id) == {"count": 1}
    assert store.standing(again.id).tick_count == 1
    assert [run.id for run in store.runs(again.id)] == ["one-1"]
    assert [version.number for version in store.versions(again.id)][-1] >= 1
    changed = store.change(again, edited(again, "new"), kinds.UPDATED)
    assert changed.version == again.version + 1
    assert store.versions(again.id)[0].program == "new"


def test_a_vigy_that_comes_back_without_its_data_begins_anew(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    ticked(store, fence, one, 1)
    store.remove(one, NOW)
    again = store.create(a_vigy())
    assert store.kv(again.id) == {}
    assert store.standing(again.id) == Standing()
    assert store.runs(again.id) == []


@pytest.mark.parametrize("keep_data", [True, False])
def test_a_tick_of_a_former_life_is_superseded(store: Store, fence: Fence, keep_data: bool) -> None:
    one = store.create(a_vigy())
    late = a_tick(one, 1)
    store.remove(one, NOW, keep_data=keep_data)
    store.create(a_vigy())
    (committed,) = store.commit(fence, [late])
    assert committed.superseded
    assert store.kv(one.id) == {}


# -- kv

VALUES: dict[str, Any] = {
    "nil": None,
    "yes": True,
    "no": False,
    "zero": 0,
    "small": -1,
    "least": -(2**63),
    "most": 2**63 - 1,
    "half": 0.5,
    "tiny": 5e-324,
    "huge": 1.7976931348623157e308,
    "minus-zero": -0.0,
    "empty": "",
    "text": "line\nline\u0000 ü 🌍 \u2028",
    "list": [1, [2.5, "x", None], [], {}],
    "map": {"b": 1, "a": {"deep": [True, False]}, "ключ": "значение"},
    "": "the empty key",
    "ключ 🔑": 1,
    "with 'quotes' and \\ and \u0000": 2,
    "\u00e9": "composed",
    "e\u0301": "decomposed",
}


def test_json_data_comes_back_as_it_was(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    ticked(store, fence, one, 1, writes=VALUES)
    found = store.kv(one.id)
    assert found == VALUES
    assert {key: type(value) for key, value in found.items()} == {key: type(value) for key, value in VALUES.items()}
    assert str(found["minus-zero"]) == "-0.0"
    assert list(found["map"]) == ["b", "a", "ключ"]


def test_kv_is_a_new_dict_every_time(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    ticked(store, fence, one, 1)
    store.kv(one.id).clear()
    assert store.kv(one.id) == {"count": 1}


def test_ticks_write_and_delete_keys(store: Store, fence: Fence) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    ticked(store, fence, one, 1, writes={"a": 1, "b": 2, "c": 3})
    ticked(store, fence, two, 1, writes={"a": "two"})
    ticked(store, fence, one, 2, writes={"a": "again"}, deletes={"b", "never there"})
    assert store.kv(one.id) == {"a": "again", "c": 3}
    assert store.kv(two.id) == {"a": "two"}


def test_kv_is_edited_from_outside(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    ticked(store, fence, one, 1, writes={"a": 1, "b": 2})
    edited = store.edit_kv(one.id, {"a": VALUES, "z": 1}, ["b", "never there"], NOW + 9)
    assert store.kv(one.id) == {"a": VALUES, "z": 1}
    assert edited.generation > one.generation
    assert store.vigy(one.id) == edited
    told = store.changes(0)[-1]
    assert (told.kind, told.vigy_id, told.at) == (kinds.KV_EDITED, one.id, NOW + 9)


UNSTORABLE = [2**63, -(2**63) - 1, [2**64], "\ud800", {"\udfff": 1}, NotImplemented, {1, 2}]


@pytest.mark.parametrize("value", UNSTORABLE, ids=repr)
def test_what_is_not_json_data_cannot_be_edited_in(store: Store, value: object) -> None:
    one = store.create(a_vigy())
    with pytest.raises(Invalid):
        store.edit_kv(one.id, {"fine": 1, "bad": value}, (), NOW)
    assert store.kv(one.id) == {}
    assert store.vigy(one.id) == one
    assert store.last_seq() == 1


# -- ticks


def test_a_tick_is_stored_whole(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    report = Report(
        logs=(LogLine("warn", "hm 🌍"),),
        events=(Event("scaled", "up"),),
        conditions=(Condition("ready", "true", "why", "what", NOW), Condition("bare", "unknown")),
        desired={"replicas": 3},
        observed={"replicas": None},
        trace={"x": [1, 2.5, "ü"]},
        metrics={"m": 1.5},
        output="printed\n",
        kv_set=("count", "ü"),
        kv_deleted=("gone",),
    )
    actions = (Action("noop"), Action("apply", None), Action("custom", {"a": [1]}, "ok", "done"), APPLY)
    run = a_run(one, 1, actions=actions, report=report, trigger=REQUEST, due_at=None, missed=4, version=7)
    standing = Standing(
        tick_count=1, previous_tick_ms=NOW, run_id=run.id, started_at=NOW, ended_at=NOW + 5, result=OK, runs=1,
        missed=4, conditions={"ready": report.conditions[0], "bare": report.conditions[1]},
        desired={"replicas": 3}, observed={"ü": [None]},
    )  # fmt: skip
    (committed,) = store.commit(fence, [TickRecord(run, one.generation, standing, writes={"count": 1})])
    assert committed.run == run._replace(seq=store.last_seq())
    assert not committed.superseded
    assert store.run(run.id) == committed.run
    assert store.runs() == store.runs(one.id) == [committed.run]
    assert store.run(run.id).actions[0].payload is ABSENT
    assert store.run(run.id).actions[1].payload is None
    assert store.standing(one.id) == standing
    assert store.standings()[one.id] == standing
    assert committed.notices == (store.notices(committed.run.seq - 1)[0],)
    assert committed.notices[0].run == committed.run


def test_a_failed_tick_is_stored_with_its_error(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    for number, result in enumerate((FAILED, TIMED_OUT, ABORTED), 1):
        run = {"result": result, "error": "1:2: no such thing", "error_kind": "unbound-name"}
        committed = ticked(store, fence, one, number, run=run)
        assert store.run(committed.run.id) == committed.run
        assert (committed.run.result, committed.run.error_kind) == (result, "unbound-name")
    assert store.kv(one.id) == {}


def test_every_number_is_one_run_or_one_notice(store: Store) -> None:
    fence = the_lease(store)
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    first, second = store.commit(
        fence,
        [
            a_tick(one, 1, notices=(an_event(a_run(one, 1), "a"), an_event(a_run(one, 1), "b"))),
            a_tick(two, 1, notices=(an_event(a_run(two, 1), "c"),)),
        ],
    )
    store.edit_kv(one.id, {}, (), NOW)
    posted = store.post(fence, [Notice(0, NOW, kinds.PAUSED), Notice(0, NOW, kinds.RESUMED, data={"why": ["ü"]})])
    store.remove(two, NOW, keep_data=True)
    assert stream(store) == [
        (1, "owner"), (2, "registered"), (3, "registered"), (4, "run"), (5, "event"), (6, "event"), (7, "run"),
        (8, "event"), (9, "kv-edited"), (10, "paused"), (11, "resumed"), (12, "deleted"),
    ]  # fmt: skip
    assert store.notices(3, limit=5) == [*first.notices, *second.notices]
    assert [notice.message for notice in first.notices] == [first.notices[0].message, "a", "b"]
    assert first.notices[1].data == {"kind": "custom"}
    assert (first.notices[1].vigy_id, first.notices[1].run_id) == (one.id, "one-1")
    assert store.notices(9, limit=2) == posted
    assert (store.first_seq(), store.last_seq()) == (1, 12)
    assert store.changes(3) == [n for n in store.notices(3) if n.kind in kinds.REGISTRY]


def test_a_tick_of_an_older_generation_is_skipped(store: Store, fence: Fence) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    ticked(store, fence, one, 1)
    stale = a_tick(
        one, 2, run={"actions": (APPLY,)}, notices=(an_event(a_run(one, 2)),), deletes={"count"}, deliver=True
    )
    edited = store.edit_kv(one.id, {"x": 1}, (), NOW)
    before = store.standing(one.id)
    skipped, fine = store.commit(fence, [stale, a_tick(two, 1)])
    assert skipped.superseded
    assert not fine.superseded
    assert skipped.run.result == SKIPPED
    assert skipped.run.error == "superseded: the vigy was changed while it ticked"
    assert skipped.run.actions == ()
    assert [notice.kind for notice in skipped.notices] == ["run"]
    assert store.run("one-2") == skipped.run
    assert store.kv(one.id) == {"count": 1, "x": 1}
    assert store.kv(two.id) == {"count": 1}
    assert store.standing(one.id).tick_count == before.tick_count
    assert store.outbox() == []
    assert not ticked(store, fence, edited, 3).superseded


def test_a_tick_of_a_vigy_that_was_deleted_leaves_nothing_behind(store: Store, fence: Fence) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    late = a_tick(one, 1, run={"actions": (APPLY,)}, deliver=True)
    store.remove(one, NOW)
    gone, fine = store.commit(fence, [late, a_tick(two, 1)])
    assert gone.superseded
    assert not fine.superseded
    assert store.kv(one.id) == {}
    assert one.id not in store.standings()
    assert store.outbox() == []


def test_a_commit_of_nothing(store: Store, fence: Fence) -> None:
    assert store.commit(fence, []) == []
    assert store.post(fence, []) == []
    assert store.last_seq() == 1


@pytest.mark.parametrize("value", UNSTORABLE, ids=repr)
def test_a_value_no_store_holds_sinks_only_its_own_tick(store: Store, fence: Fence, value: object) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    ticked(store, fence, one, 1)
    said = Report(logs=(LogLine("info", "tried"),), kv_set=("fine", "bad"), trace={"t": 1})
    sunk = a_tick(one, 2, writes={"fine": 1, "bad": value}, run={"actions": (APPLY,), "missed": 3, "report": said})
    bad, fine = store.commit(fence, [sunk._replace(deliver=True), a_tick(two, 1)])
    assert bad.run.result == FAILED
    assert "bad" in bad.run.error
    assert store.run("one-2") == bad.run
    assert fine.run.result == OK
    assert store.kv(one.id) == {"count": 1}
    assert store.kv(two.id) == {"count": 1}
    assert bad.run.actions == ()
    assert bad.run.report == Report(logs=said.logs)
    assert store.outbox() == []
    before = a_tick(one, 1).standing
    assert store.standing(one.id) == before._replace(
        run_id="one-2", started_at=NOW + 2000, ended_at=NOW + 2005, result=FAILED, error=bad.run.error,
        failures=1, runs=2, failed=1, missed=3,
    )  # fmt: skip


def test_runs_come_newest_first_in_pages(store: Store, fence: Fence) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    for number in range(1, 6):
        store.commit(fence, [a_tick(one, number), a_tick(two, number)])
    assert [run.id for run in store.runs(one.id, limit=3)] == ["one-5", "one-4", "one-3"]
    assert [run.id for run in store.runs(limit=3)] == ["two-5", "one-5", "two-4"]
    third = store.run("one-3")
    assert [run.id for run in store.runs(one.id, before=third.seq)] == ["one-2", "one-1"]
    assert [run.id for run in store.runs(before=third.seq, limit=2)] == ["two-2", "one-2"]
    assert store.runs(before=0) == store.runs(one.id, limit=0) == []


def test_the_stream_comes_in_pages(store: Store, fence: Fence) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    for number in range(1, 6):
        store.commit(fence, [a_tick(one, number, notices=(an_event(a_run(one, number)),)), a_tick(two, number)])
    whole, last, paged = store.notices(0), 0, []
    while page := store.notices(last, limit=3):
        assert len(page) <= 3
        paged += page
        last = page[-1].seq
    assert paged == whole
    assert [notice.seq for notice in whole] == list(range(1, store.last_seq() + 1))
    assert store.notices(0, vigy_id=one.id) == [notice for notice in whole if notice.vigy_id == one.id]
    assert store.notices(5, vigy_id=one.id, limit=2) == [n for n in whole if n.vigy_id == one.id and n.seq > 5][:2]
    assert store.notices(store.last_seq()) == store.notices(FOREVER) == []


# -- runs that are open


def test_a_long_run_is_open_until_it_is_committed(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    begun = an_open_run(one, 1)
    store.begin_run(fence, begun)
    assert store.open_runs() == [begun]
    assert store.run("one-1") == begun
    assert begun.seq == 0
    assert store.runs() == []
    assert store.last_seq() == 2
    committed = ticked(store, fence, one, 1)
    assert store.open_runs() == []
    assert store.run("one-1") == committed.run
    assert store.runs() == [committed.run]


def test_a_long_run_may_be_superseded(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    store.begin_run(fence, an_open_run(one, 1))
    store.edit_kv(one.id, {"x": 1}, (), NOW)
    assert ticked(store, fence, one, 1).superseded
    assert store.open_runs() == []


def test_runs_left_open_are_aborted(store: Store, fence: Fence) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    ticked(store, fence, one, 1)
    store.begin_run(fence, an_open_run(one, 2))
    store.begin_run(fence, an_open_run(two, 1))
    after = the_lease(store, "next")
    last = store.last_seq()
    aborted = store.abort_open_runs(after, NOW + 9000)
    assert [done.run.id for done in aborted] == ["one-2", "two-1"]
    assert [done.run.seq for done in aborted] == [last + 1, last + 2]
    for done in aborted:
        assert (done.run.result, done.run.ended_at) == (ABORTED, NOW + 9000)
        assert done.run.error
        assert store.run(done.run.id) == done.run
        assert done.notices == tuple(store.notices(done.run.seq - 1, limit=1))
    assert store.open_runs() == []
    assert store.abort_open_runs(after, NOW) == []
    standing = store.standing(one.id)
    assert (standing.run_id, standing.result, standing.ended_at) == ("one-2", ABORTED, NOW + 9000)
    assert standing.tick_count == 1
    assert standing.started_at == NOW + 2000


# -- the lease


def test_the_lease_goes_to_one(store: Store) -> None:
    first = store.acquire("a", None, NOW)
    assert first == Fence("a", 1)
    seen = store.lease()
    assert (seen.holder, seen.epoch, seen.renewed_at) == ("a", 1, NOW)
    assert store.acquire("b", None, NOW) is None
    assert store.renew(first, NOW + 1000)
    assert store.lease().beat > seen.beat
    assert store.lease().renewed_at == NOW + 1000
    assert store.acquire("b", seen, NOW) is None
    second = store.acquire("b", store.lease(), NOW + 2000)
    assert second == Fence("b", 2)
    assert not store.renew(first, NOW)
    store.release(first)
    assert store.lease()[:2] == ("b", 2)
    owners = [notice.data for notice in store.notices(0) if notice.kind == kinds.OWNER]
    assert owners == [{"holder": "a", "epoch": 1}, {"holder": "b", "epoch": 2}]


def test_a_released_lease_is_nobodys(store: Store) -> None:
    fence = the_lease(store)
    store.release(fence)
    assert store.lease().holder == ""
    assert not store.renew(fence, NOW)
    with pytest.raises(Fenced):
        store.commit(fence, [])
    assert the_lease(store, "me").epoch > fence.epoch


def test_the_same_holder_under_an_older_epoch_is_fenced(store: Store) -> None:
    old, new = the_lease(store), the_lease(store)
    assert new.epoch > old.epoch
    with pytest.raises(Fenced):
        store.post(old, [Notice(0, NOW, kinds.PAUSED)])
    store.post(new, [Notice(0, NOW, kinds.PAUSED)])


FENCED = {
    "begin_run": lambda store, fence, one: store.begin_run(fence, an_open_run(one, 2)),
    "commit": lambda store, fence, one: store.commit(fence, [a_tick(one, 2, request=1)]),
    "commit nothing": lambda store, fence, one: store.commit(fence, []),
    "post": lambda store, fence, one: store.post(fence, [Notice(0, NOW, kinds.PAUSED)]),
    "abort_open_runs": lambda store, fence, one: store.abort_open_runs(fence, NOW),
    "refuse": lambda store, fence, one: store.refuse(fence, 1, "no"),
    "attempted": lambda store, fence, one: store.attempted(fence, store.outbox()[0]),
    "prune": lambda store, fence, one: store.prune(fence, runs_per_vigy=0, events=0, older_than=NOW * 2),
}


@pytest.mark.parametrize("call", FENCED)
@pytest.mark.parametrize("fence_of", ["old epoch", "stranger", "future"])
def test_who_does_not_hold_the_lease_writes_nothing(store: Store, call: str, fence_of: str) -> None:
    old = the_lease(store, "a")
    one = store.create(a_vigy())
    ticked(store, old, one, 1, run={"actions": (APPLY,)}, deliver=True)
    store.begin_run(old, an_open_run(one, 9))
    store.ask(one.id, NOW)
    the_lease(store, "b")
    fence = {"old epoch": old, "stranger": Fence("c", 2), "future": Fence("b", 3)}[fence_of]
    before = everything(store)
    with pytest.raises(Fenced):
        FENCED[call](store, fence, one)
    assert everything(store) == before


def test_before_anybody_took_the_lease_nobody_writes(store: Store) -> None:
    one = store.create(a_vigy())
    with pytest.raises(Fenced):
        store.commit(Fence("", 0), [a_tick(one, 1)])
    assert store.runs() == []


def everything(store: Store) -> list[object]:
    """All that can be read."""
    ids = [vigy.id for vigy in store.vigies()]
    return [
        store.vigies(), store.standings(), [store.kv(vigy_id) for vigy_id in ids], store.runs(limit=FOREVER),
        store.open_runs(), store.notices(0, limit=FOREVER), store.last_seq(), store.requests(), store.outbox(),
        [store.versions(vigy_id) for vigy_id in ids], [store.pending(vigy_id) for vigy_id in ids], store.lease(),
    ]  # fmt: skip


# -- requests


def test_a_request_is_answered_by_the_commit(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    first, second = store.ask(one.id, NOW), store.ask(one.id, NOW + 1)
    assert first != second
    assert [(r.id, r.vigy_id, r.asked_at) for r in store.requests()] == [
        (first, one.id, NOW),
        (second, one.id, NOW + 1),
    ]
    assert store.answer(first) == store.requests()[0]
    ticked(store, fence, one, 1, request=first)
    assert store.answer(first).run_id == "one-1"
    assert store.answer(first).error is None
    assert [request.id for request in store.requests()] == [second]
    store.refuse(fence, second, "shutting down")
    assert (store.answer(second).run_id, store.answer(second).error) == (None, "shutting down")
    assert store.requests() == []
    assert store.answer(second + 1) is None


def test_a_request_is_no_notice(store: Store) -> None:
    one = store.create(a_vigy())
    store.ask(one.id, NOW)
    assert store.last_seq() == 1


# -- actions


def test_pending_are_the_unresolved_actions_of_the_last_success(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    ticked(store, fence, one, 1, run={"actions": (Action("noop"),)})
    ticked(store, fence, one, 2, run={"actions": (APPLY, Action("push", 1, "ok"), Action("pull"))})
    ticked(store, fence, one, 3, run={"result": FAILED, "error": "x"})
    assert store.pending(one.id) == [
        PendingAction(one.id, "one-2", 0, APPLY),
        PendingAction(one.id, "one-2", 2, Action("pull")),
    ]
    assert store.outbox() == []
    ticked(store, fence, one, 4)
    assert store.pending(one.id) == []


def test_many_are_read_together_as_one_by_one(store: Store, fence: Fence) -> None:
    one, two, three = (store.create(a_vigy(name)) for name in ("one", "two", "three"))
    for number in range(1, 5):
        ticked(store, fence, one, number, run={"actions": (APPLY,)})
        ticked(store, fence, two, number, run={"result": FAILED if number % 2 else OK})
    ids = [one.id, two.id, three.id, "nobody"]
    assert store.runs_of(ids, limit=2) == {each: store.runs(each, limit=2) for each in ids}
    assert [run.id for run in store.runs_of(ids, results=(FAILED,))[two.id]] == ["two-3", "two-1"]
    newest = store.runs()[0].seq
    assert store.runs_of(ids, before=newest) == {each: store.runs(each, before=newest) for each in ids}
    assert store.pending_of(ids) == {one.id: store.pending(one.id), two.id: [], three.id: [], "nobody": []}
    assert store.standings_of(ids) == {each: store.standing(each) for each in ids}
    assert sorted(store.meant([one.id, "two", "nobody", two.id])) == sorted([one, two])
    assert store.meant([]) == []
    assert store.runs_of([]) == store.pending_of([]) == store.standings_of([]) == {}


def test_actions_wait_in_the_outbox_in_order(store: Store, fence: Fence) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    some = (Action("apply", 1), Action("apply", 2, "ok"), Action("apply", 3))
    store.commit(
        fence,
        [a_tick(vigy, n, run={"actions": some}, deliver=True) for n, vigy in ((1, two), (1, one), (2, two), (2, one))],
    )
    ticked(store, fence, one, 3, run={"actions": some}, deliver=False)
    waiting = [(action.run_id, action.position) for action in store.outbox()]
    assert waiting == [(run, at) for run in ("two-1", "one-1", "two-2", "one-2") for at in (0, 2)]
    assert store.outbox()[0] == PendingAction(two.id, "two-1", 0, some[0])
    assert store.outbox(3) == store.outbox()[:3]


def test_attempts_are_counted(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    ticked(store, fence, one, 1, run={"actions": (APPLY, APPLY)}, deliver=True)
    store.attempted(fence, store.outbox()[0])
    store.attempted(fence, store.outbox()[0])
    assert [action.attempts for action in store.outbox()] == [2, 0]
    assert [action.attempts for action in store.pending(one.id)] == [2, 0]


def test_resolving(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    committed = ticked(store, fence, one, 1, run={"actions": (APPLY, Action("push"))}, deliver=True)
    run = store.resolve("one-1", 0, "failed", "no such host", NOW + 50)
    assert run == committed.run._replace(
        actions=(APPLY._replace(result="failed", message="no such host"), Action("push"))
    )
    assert store.run("one-1") == run
    assert store.runs() == [run]
    assert [notice.run for notice in store.notices(run.seq - 1, limit=1)] == [run]
    assert [action.position for action in store.outbox()] == [1]
    assert [action.position for action in store.pending(one.id)] == [1]
    told = store.notices(store.last_seq() - 1)[0]
    assert (told.kind, told.at, told.vigy_id, told.run_id) == (kinds.RESOLVED, NOW + 50, one.id, "one-1")
    assert told.data == {"index": 0, "status": "failed", "message": "no such host"}
    assert store.resolve("one-1", 1, "ok", None, NOW).actions[1] == Action("push", result="ok")
    assert store.outbox() == []


def test_an_action_is_resolved_once(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy())
    ticked(store, fence, one, 1, run={"actions": (APPLY,)})
    store.resolve("one-1", 0, "ok", None, NOW)
    last = store.last_seq()
    with pytest.raises(Conflict):
        store.resolve("one-1", 0, "failed", None, NOW)
    for run_id, index in (("one-1", 1), ("one-1", -1), ("one-2", 0)):
        with pytest.raises(NotFound):
            store.resolve(run_id, index, "ok", None, NOW)
    assert store.last_seq() == last


# -- keeping house


def test_prune_keeps_the_newest_runs_of_each(store: Store, fence: Fence) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    for number in range(1, 8):
        ticked(store, fence, one, number)
    ticked(store, fence, two, 1)
    last = store.last_seq()
    assert pruned(store, fence, runs_per_vigy=3) == 4
    assert [run.id for run in store.runs(one.id)] == ["one-7", "one-6", "one-5"]
    assert [run.id for run in store.runs()] == ["two-1", "one-7", "one-6", "one-5"]
    assert [run.id for run in store.runs(two.id)] == ["two-1"]
    assert store.run("one-1") is None
    assert store.last_seq() == last
    assert ticked(store, fence, one, 8).run.seq == last + 1
    assert [seq for seq, kind in stream(store) if kind == "run"] == [8, 9, 10, 11, 12]


def test_prune_leaves_the_last_run_and_what_is_to_be_delivered(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy("one"))
    for number in range(1, 6):
        ticked(store, fence, one, number, run={"actions": (APPLY,)}, deliver=number == 2)
    pruned(store, fence, runs_per_vigy=0, events=0, older_than=NOW * 2)
    assert [run.id for run in store.runs()] == ["one-5", "one-2"]
    assert [kind for _, kind in stream(store)] == ["run", "run"]
    assert [action.run_id for action in store.outbox()] == ["one-2"]
    store.resolve("one-2", 0, "ok", None, NOW)
    pruned(store, fence, runs_per_vigy=0, events=0, older_than=NOW * 2)
    assert [run.id for run in store.runs()] == ["one-5"]
    assert store.kv(one.id) == {"count": 5}
    assert store.standing(one.id).tick_count == 5


def test_prune_by_age(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy("one"))
    for number in range(1, 6):
        run = a_run(one, number)
        ticked(store, fence, one, number, notices=(an_event(run),))
    pruned(store, fence, older_than=NOW + 3000)
    assert [run.id for run in store.runs()] == ["one-5", "one-4", "one-3"]
    assert [n.run_id for n in store.notices(0) if n.kind == kinds.EVENT] == ["one-3", "one-4", "one-5"]


def test_prune_keeps_the_newest_events(store: Store, fence: Fence) -> None:
    one = store.create(a_vigy("one"))
    for number in range(1, 6):
        run = a_run(one, number)
        ticked(store, fence, one, number, notices=(an_event(run),))
    assert pruned(store, fence, events=3) == 4
    assert [n.run_id for n in store.notices(0) if n.kind == kinds.EVENT] == ["one-3", "one-4", "one-5"]
    assert len(store.runs()) == 5
    assert store.first_seq() == 3
    assert pruned(store, fence, events=3) == 0


def test_when_all_was_pruned_numbers_go_on(store: Store, fence: Fence) -> None:
    pruned(store, fence, events=0)
    assert store.notices(0) == []
    assert (store.first_seq(), store.last_seq()) == (2, 1)
    assert store.post(fence, [Notice(0, NOW, kinds.PAUSED)])[0].seq == 2


def test_closing_twice_is_nothing_and_using_it_then_is_an_error(store: Store) -> None:
    one = store.create(a_vigy())
    store.close()
    store.close()
    for call in (store.vigies, store.last_seq, lambda: store.ask(one.id, NOW), lambda: store.acquire("a", None, NOW)):
        with pytest.raises(StoreError):
            call()


def test_threads_read_and_write_one_store(store: Store, fence: Fence) -> None:
    vigies = [store.create(a_vigy(name)) for name in "abcd"]
    errors: list[BaseException] = []

    def ticks(vigy: Any) -> None:
        try:
            for number in range(1, 26):
                ticked(store, fence, vigy, number)
                assert store.kv(vigy.id) == {"count": number}
                found = store.notices(0, limit=FOREVER)
                assert [notice.seq for notice in found] == list(range(1, len(found) + 1))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=ticks, args=(vigy,)) for vigy in vigies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert store.last_seq() == 5 + 4 * 25


def test_a_lease_is_a_lease(store: Store) -> None:
    the_lease(store, "ü 🌍")
    assert isinstance(store.lease(), Lease)
    assert store.lease().holder == "ü 🌍"


def test_prune_keeps_to_the_limits_it_is_given_now(store: Store) -> None:
    fence, late = the_lease(store), Fence("late", 0)
    one = store.create(a_vigy())
    for number in range(1, 6):
        ticked(store, fence, one, number)
    with pytest.raises(Fenced):
        store.prune(late, runs_per_vigy=1, events=0, older_than=0)
    pruned(store, fence, runs_per_vigy=4)
    assert len(store.runs()) == 4
    assert [notice.kind for notice in store.notices(0, limit=2)] == ["owner", "registered"]


def test_runs_that_ended_so(store: Store) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    fence = the_lease(store)
    for number, (vigy, result) in enumerate([(one, OK), (one, FAILED), (two, TIMED_OUT), (one, OK)]):
        ticked(store, fence, vigy, number, run={"result": result})
    assert [run.result for run in store.runs(results=(OK,))] == [OK, OK]
    assert [run.result for run in store.runs(results=(FAILED, TIMED_OUT))] == [TIMED_OUT, FAILED]
    assert [run.result for run in store.runs(one.id, results=(FAILED, TIMED_OUT))] == [FAILED]
    newest = store.runs(results=(OK,))[0]
    assert len(store.runs(results=(OK,), before=newest.seq)) == 1


def test_the_newest_notices_of_a_kind(store: Store) -> None:
    fence = the_lease(store)
    told = (("x", kinds.DENIED), ("y", kinds.DENIED), ("x", kinds.MISSED), ("x", kinds.DENIED))
    posted = store.post(fence, [Notice(0, NOW, kind, vigy_id) for vigy_id, kind in told])
    denied = [notice for notice in posted if notice.kind == kinds.DENIED][::-1]
    assert store.newest(kinds.DENIED) == denied
    assert store.newest(kinds.DENIED, limit=1) == denied[:1]
    assert store.newest(kinds.DENIED, "x") == [denied[0], denied[2]]
    assert store.newest(kinds.DENIED, before=denied[0].seq) == denied[1:]
    assert store.newest(kinds.RESUMED) == []
