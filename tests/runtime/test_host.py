"""A tick's host: cheap to make, and its picture in the shape everybody reads."""

from __future__ import annotations

import json

from vigyc.model.action import ABSENT, Action
from vigyc.model.condition import Condition, settled
from vigyc.model.event import Event
from vigyc.model.log_line import LogLine
from vigyc.runtime.clock import ManualClock, system_clock
from vigyc.runtime.host import Host, fresh

EMPTY = {
    "actions": [], "desired": {}, "observed": {}, "conditions": [], "log": [], "trace": {}, "metrics": {},
    "events": [], "kv": {}, "kv_dirty": [], "kv_deleted": [],
}  # fmt: skip


def test_a_new_host_is_empty() -> None:
    assert Host().snapshot() == EMPTY
    assert (Host().tick_start_ms, Host().previous_tick_ms, Host().tick_count) == (0, None, 0)


def test_hosts_share_nothing_but_the_kv_they_are_given() -> None:
    kv = {"a": 1}
    one, two = Host(kv=kv), fresh(kv, 5, 4, 3)
    one.kv["b"] = 2
    one.actions.append(Action("noop"))
    one.dirty.add("b")
    assert two.kv is kv
    assert two.actions == []
    assert two.dirty == set()
    assert (two.tick_start_ms, two.previous_tick_ms, two.tick_count) == (5, 4, 3)


def test_an_empty_kv_that_is_given_is_used() -> None:
    kv: dict[str, object] = {}
    assert Host(kv=kv).kv is kv


def test_snapshot_shows_every_buffer_and_leaves_out_what_is_not_set() -> None:
    host = Host(kv={"k": 1})
    host.actions += [Action("noop", ABSENT, "ok"), Action("push", None), Action("defer", ABSENT, "skipped", "later")]
    host.conditions += [Condition("Ready", "true"), Condition("Ready", "false", "Why", "text", 7)]
    host.logs.append(LogLine("info", "hi"))
    host.events.append(Event("Boot", "first"))
    host.metrics.update(x=1.0, y=float("inf"), z=float("nan"))
    host.dirty |= {"b", "a"}
    host.deleted |= {"d", "c"}
    shown = host.snapshot()
    assert shown["actions"] == [
        {"kind": "noop", "result": "ok"},
        {"kind": "push", "payload": None},
        {"kind": "defer", "result": "skipped", "message": "later"},
    ]
    assert shown["conditions"] == [
        {"name": "Ready", "status": "true"},
        {"name": "Ready", "status": "false", "reason": "Why", "message": "text"},
    ]
    assert shown["log"] == [{"level": "info", "message": "hi"}]
    assert shown["events"] == [{"kind": "Boot", "message": "first"}]
    assert shown["metrics"] == {"x": 1.0, "y": None, "z": None}
    assert shown["kv_dirty"] == ["a", "b"]
    assert shown["kv_deleted"] == ["c", "d"]
    json.dumps(shown, allow_nan=False)


def test_snapshot_does_not_change_with_the_host() -> None:
    host = Host()
    shown = host.snapshot()
    host.kv["a"] = host.trace["t"] = 1
    assert shown == EMPTY


def test_abandon_keeps_what_the_tick_said() -> None:
    host = Host()
    host.actions.append(Action("noop"))
    host.desired["a"] = host.observed["a"] = host.trace["t"] = 1
    host.conditions.append(Condition("c", "true"))
    host.logs.append(LogLine("info", "x"))
    host.dirty.add("k")
    host.abandon()
    assert host.snapshot() == {**EMPTY, "log": [{"level": "info", "message": "x"}], "trace": {"t": 1}}


def test_now_is_the_ticks_own_clock() -> None:
    assert Host(tick_start_ms=1_000_000).now == "1970-01-01T00:16:40Z"
    assert Host(tick_start_ms=1_000_000, now="2026-01-02T03:04:05Z").now == "2026-01-02T03:04:05Z"


def test_clocks() -> None:
    clock = ManualClock(10)
    clock.advance(5)
    assert clock() == 15
    assert system_clock() > 1_700_000_000_000


def test_last_transition_moves_only_with_the_status() -> None:
    first = settled({}, [Condition("R", "true", "A", None, 10)])
    same = settled(first, [Condition("R", "true", "B", None, 20)])
    assert same["R"] == Condition("R", "true", "B", None, 10)
    assert settled(same, [Condition("R", "false", None, None, 30)])["R"].last_transition == 30
    twice = settled(same, [Condition("R", "false", None, None, 30), Condition("R", "true", None, None, 30)])
    assert twice["R"] == Condition("R", "true", None, None, 30)
    assert settled(first, []) == first
