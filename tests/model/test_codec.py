from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.errors import Invalid
from vigyc.model.action import ABSENT, KINDS, Action
from vigyc.model.codec import Noun, from_json, to_json
from vigyc.model.condition import Condition
from vigyc.model.effect import OUTCOMES, Effect
from vigyc.model.enhance_setting import AXES, CONFLICTS, SELECTORS, Canary, EnhanceSetting, VersionSelector
from vigyc.model.epoch import DENY, PASS, Epoch, Verdict
from vigyc.model.epoch import OUTCOMES as ENDS
from vigyc.model.event import Event
from vigyc.model.issue import STATES, Issue
from vigyc.model.label import BUMPS
from vigyc.model.log_line import LEVELS, LogLine
from vigyc.model.notice import (
    ENHANCE,
    EVENT,
    GAP,
    ISSUE,
    MISSED,
    OWNER,
    PAUSED,
    REGISTRY,
    RESOLVED,
    RESUMED,
    RUN,
    Notice,
)
from vigyc.model.pending import PendingAction
from vigyc.model.request import Request
from vigyc.model.run import RESULTS, TRIGGERS, Report, Run
from vigyc.model.schedule import AUTO, Adaptive, Cron, Fixed, Schedule, every
from vigyc.model.standing import Standing, State
from vigyc.model.timestamp import FIRST_MS, LAST_MS
from vigyc.model.vigy import Version, Vigy

TEXT = st.text(max_size=8)
COUNT = st.integers(0, 2**63 - 1)
TIME = st.integers(FIRST_MS, LAST_MS)
SCALAR = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT)
JSON = st.recursive(SCALAR, lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(TEXT, part, max_size=3)))
OBJECT = st.dictionaries(TEXT, JSON, max_size=3)
MAYBE = st.none() | TEXT


def some(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(part, max_size=3).map(tuple)


SCHEDULE = st.builds(
    Schedule,
    st.one_of(
        st.builds(Fixed, COUNT, st.sampled_from(["rate", "delay"])),
        st.builds(Cron, TEXT, TEXT),
        st.builds(Adaptive, COUNT, COUNT, TEXT),
    ),
    COUNT | st.just(AUTO),
    COUNT,
    COUNT,
)
STATUS = st.sampled_from(["ok", "failed", "skipped"])
ACTION = st.builds(Action, st.sampled_from(KINDS), JSON | st.just(ABSENT), st.none() | STATUS, MAYBE)
CONDITION = st.builds(Condition, TEXT, st.sampled_from(["true", "false", "unknown"]), MAYBE, MAYBE, TIME)
LINE = st.builds(LogLine, st.sampled_from(LEVELS), TEXT)
EVENTS = st.builds(Event, TEXT, TEXT)
EFFECT = st.builds(Effect, TEXT, TEXT, st.sampled_from(OUTCOMES), TEXT, TEXT, COUNT, COUNT)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
REPORT = st.builds(
    Report, some(LINE), some(EVENTS), some(CONDITION), OBJECT, OBJECT, OBJECT, st.dictionaries(TEXT, FINITE), TEXT,
    some(TEXT), some(TEXT), some(EFFECT), COUNT,
)  # fmt: skip
RUNS = st.builds(
    Run, TEXT, TEXT, TIME, st.none() | TIME, st.sampled_from(RESULTS), MAYBE, some(ACTION), COUNT,
    st.sampled_from(TRIGGERS), st.none() | TIME, COUNT, COUNT, COUNT, COUNT, MAYBE, REPORT,
)  # fmt: skip
NOTICE = st.builds(
    Notice, COUNT, TIME,
    st.sampled_from([RUN, EVENT, MISSED, GAP, *REGISTRY, RESOLVED, OWNER, PAUSED, RESUMED, ISSUE, ENHANCE]),
    MAYBE, MAYBE, MAYBE, JSON, st.none() | RUNS,
)  # fmt: skip
PENDING = st.builds(PendingAction, TEXT, TEXT, COUNT, ACTION, COUNT)
BY_NAME = some(CONDITION).map(lambda found: {condition.name: condition for condition in found})
BUMP = st.none() | st.sampled_from(BUMPS)
VERDICT = st.builds(Verdict, TEXT, st.sampled_from([PASS, DENY]), TEXT, COUNT)
NOUNS: dict[type, st.SearchStrategy[Any]] = {
    Schedule: SCHEDULE,
    Action: ACTION,
    Condition: CONDITION,
    LogLine: LINE,
    Event: EVENTS,
    Report: REPORT,
    Run: RUNS,
    Notice: NOTICE,
    PendingAction: PENDING,
    Request: st.builds(Request, COUNT, TEXT, TIME, MAYBE, MAYBE),
    State: st.builds(State, TEXT, OBJECT, OBJECT, some(CONDITION), some(PENDING), TIME),
    Standing: st.builds(
        Standing, COUNT, st.none() | TIME, MAYBE, st.none() | TIME, st.none() | TIME,
        st.none() | st.sampled_from(RESULTS), MAYBE, COUNT, COUNT, COUNT, COUNT, COUNT, BY_NAME, OBJECT, OBJECT,
        COUNT,
    ),
    Vigy: st.builds(
        Vigy, TEXT, TEXT, TEXT, TEXT, SCHEDULE, st.dictionaries(TEXT, TEXT), st.booleans(), COUNT, COUNT, TIME, TIME,
        TIME, st.none() | COUNT, st.none() | OBJECT,
    ),
    Version: st.builds(
        Version, TEXT, COUNT, TEXT, TEXT, TIME, MAYBE, MAYBE, st.none() | OBJECT, TEXT, BUMP, st.none() | COUNT, MAYBE,
        MAYBE,
    ),
    Issue: st.builds(
        Issue, TEXT, TEXT, TEXT, st.sampled_from(STATES), TIME, TIME, COUNT, TEXT, OBJECT, st.none() | OBJECT, MAYBE,
        MAYBE, st.booleans(), MAYBE, COUNT, TIME, MAYBE, MAYBE, st.none() | TIME, st.none() | OBJECT, some(TEXT),
        st.none() | COUNT,
    ),
    Verdict: VERDICT,
    Epoch: st.builds(
        Epoch, TEXT, TEXT, TEXT, COUNT, st.sampled_from(ENDS), TIME, TIME, st.none() | COUNT, MAYBE, st.none() | COUNT,
        MAYBE, BUMP, MAYBE, MAYBE, MAYBE, TEXT, some(TEXT), some(VERDICT), st.none() | OBJECT, some(TEXT), OBJECT,
        OBJECT, some(OBJECT), COUNT, COUNT, COUNT,
    ),
    EnhanceSetting: st.builds(
        EnhanceSetting, TEXT, MAYBE, st.builds(VersionSelector, st.sampled_from(SELECTORS), TEXT),
        some(st.sampled_from(AXES)), OBJECT, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, st.sampled_from(CONFLICTS),
        COUNT, FINITE, COUNT, FINITE, st.none() | st.builds(Canary, COUNT, COUNT), COUNT, COUNT, COUNT, MAYBE, TIME,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", NOUNS, ids=lambda kind: kind.__name__)
@given(st.data())
def test_what_is_written_is_read_back(kind: type[Noun], data: st.DataObject) -> None:
    noun = data.draw(NOUNS[kind])
    text = json.dumps(to_json(noun), allow_nan=False)
    assert from_json(kind, json.loads(text)) == noun


@pytest.mark.parametrize("kind", NOUNS, ids=lambda kind: kind.__name__)
@given(st.data())
def test_what_was_spoilt_is_refused_and_named_or_is_another(kind: type[Noun], data: st.DataObject) -> None:
    written = json.loads(json.dumps(to_json(data.draw(NOUNS[kind]))))
    if written:
        written[data.draw(st.sampled_from(sorted(written)))] = data.draw(JSON)
    try:
        from_json(kind, written)
    except Invalid as error:
        place = str(error).partition(":")[0]
    else:
        place = "."
    assert "." in place


VIGY = Vigy(
    "8c5f16a99099ee58", "sync", "(noop)", "b3:00", every(1_000), {"a/b": "x"}, True, 2, 3, 0, 1_500, 60_000, None, None
)
RUN_OF_IT = Run("0198", VIGY.id, 1_000, 1_250, "ok", None, (Action("defer", result="skipped", message="later"),), 7)


def test_a_vigy() -> None:
    assert to_json(VIGY) == {
        "id": "8c5f16a99099ee58",
        "name": "sync",
        "program": "(noop)",
        "tick_interval_ms": 1000,
        "schedule": {"kind": "fixed", "interval_ms": 1000},
        "enabled": True,
        "labels": {"a/b": "x"},
        "created_at": "1970-01-01T00:00:00Z",
        "updated_at": "1970-01-01T00:00:01.5Z",
        "version": 2,
        "digest": "b3:00",
        "generation": 3,
        "anchored_at": "1970-01-01T00:01:00Z",
    }
    cron = VIGY._replace(schedule=Schedule(Cron("0 0 * * *")), deadline_ms=50)
    assert "tick_interval_ms" not in to_json(cron)
    assert to_json(cron)["deadline_ms"] == 50


def test_a_run_and_the_order_of_its_fields() -> None:
    written = to_json(RUN_OF_IT._replace(due_at=900, report=Report(logs=(LogLine("info", "hi"),), kv_set=("k",))))
    assert written == {
        "id": "0198",
        "vigy_id": "8c5f16a99099ee58",
        "started_at": "1970-01-01T00:00:01Z",
        "ended_at": "1970-01-01T00:00:01.25Z",
        "result": "ok",
        "actions": [{"kind": "defer", "result": "skipped", "message": "later"}],
        "seq": 7,
        "trigger": "schedule",
        "due_at": "1970-01-01T00:00:00.9Z",
        "missed": 0,
        "tick": 0,
        "version": 1,
        "duration_us": 0,
        "logs": [{"level": "info", "message": "hi"}],
        "kv_set": ["k"],
    }
    assert list(written)[:6] == ["id", "vigy_id", "started_at", "ended_at", "result", "actions"]
    assert "ended_at" not in to_json(RUN_OF_IT._replace(ended_at=None))


def test_a_run_as_the_original_writes_it_is_read() -> None:
    old = {"id": "r", "vigy_id": "v", "started_at": "1970-01-01T00:00:01+00:00", "result": "failed", "error": "no"}
    assert from_json(Run, old) == Run("r", "v", 1_000, None, "failed", "no")


@pytest.mark.parametrize(
    ("schedule", "written"),
    [
        (every(5), {"kind": "fixed", "interval_ms": 5}),
        (Schedule(Fixed(5, "delay"), AUTO), {"kind": "fixed", "interval_ms": 5, "mode": "delay", "offset_ms": "auto"}),
        (Schedule(Cron("@")), {"kind": "cron", "expr": "@"}),
        (Schedule(Cron("@", "X"), 1, 2, 3),
         {"kind": "cron", "expr": "@", "timezone": "X", "offset_ms": 1, "jitter_ms": 2, "initial_delay_ms": 3}),
        (Schedule(Adaptive(0, 2, "h")), {"kind": "adaptive", "min_ms": 0, "max_ms": 2, "hint_key": "h"}),
    ],
)  # fmt: skip
def test_schedules(schedule: Schedule, written: dict[str, Any]) -> None:
    assert to_json(schedule) == written
    assert from_json(Schedule, written) == schedule


WISH = Issue("0199", VIGY.id, "calm it", "pending", 1_000, 2_000)
ENTRY = Epoch("019a", WISH.id, VIGY.id, 1, "rejected", 3_000, 4_500)


def test_an_issue() -> None:
    assert to_json(WISH) == {
        "id": "0199",
        "vigy_id": VIGY.id,
        "intent": "calm it",
        "state": "pending",
        "submitted_at": "1970-01-01T00:00:01Z",
        "updated_at": "1970-01-01T00:00:02Z",
        "revision": 0,
        "setting": "default",
        "constraints": {},
        "held": False,
        "attempts": 0,
        "reasons": [],
    }
    full = WISH._replace(
        proposal={"source": "x"}, author="ada", key="k", approved_by="bob", due_at=500, epoch="e", leased_by="w",
        leased_until=1_500, trial={"n": 1}, reasons=("a",), version=4,
    )  # fmt: skip
    assert {name: part for name, part in to_json(full).items() if to_json(WISH).get(name) != part} == {
        "proposal": {"source": "x"}, "author": "ada", "key": "k", "approved_by": "bob",
        "due_at": "1970-01-01T00:00:00.5Z", "epoch": "e", "leased_by": "w", "leased_until": "1970-01-01T00:00:01.5Z",
        "trial": {"n": 1}, "reasons": ["a"], "version": 4,
    }  # fmt: skip


def test_an_entry_of_the_log() -> None:
    verdict = Verdict("noop", "deny", "nothing changes", 12)
    assert to_json(ENTRY._replace(verdicts=(verdict,), calls=({"name": "http"},), patch={"edits": []}, base=3)) == {
        "id": "019a",
        "issue_id": "0199",
        "vigy_id": VIGY.id,
        "attempt": 1,
        "outcome": "rejected",
        "began_at": "1970-01-01T00:00:03Z",
        "ended_at": "1970-01-01T00:00:04.5Z",
        "base": 3,
        "rationale": "",
        "reasons": [],
        "verdicts": [{"axis": "noop", "status": "deny", "detail": "nothing changes", "duration_us": 12}],
        "patch": {"edits": []},
        "claims": [],
        "setting": {},
        "flow": {},
        "calls": [{"name": "http"}],
        "tokens": 0,
        "cost": 0,
        "seq": 0,
    }


def test_a_setting_of_the_pipeline() -> None:
    written = to_json(EnhanceSetting())
    assert written == {
        "name": "default",
        "flow_version": {"kind": "latest"},
        "verifiers": list(AXES),
        "proposer": {"kind": "rules"},
        "repairs": 2,
        "ttl_ms": 120_000,
        "verifier_ms": 10_000,
        "attempts": 3,
        "backoff_ms": 1_000,
        "backoff_max_ms": 60_000,
        "on_conflict": "rerun",
        "replays": 10,
        "replay_changes": 1.0,
        "settle_ticks": 20,
        "factor": 2.0,
        "max_program_bytes": 262_144,
        "max_pending": 1_000,
        "per_minute": 60,
        "updated_at": "1970-01-01T00:00:00Z",
    }
    assert from_json(EnhanceSetting, {}) == EnhanceSetting()
    full = EnhanceSetting(
        flow="f", flow_version=VersionSelector("fixed", "3"), canary=Canary(2, 3), paused="", factor=3
    )
    assert {name: part for name, part in to_json(full).items() if written.get(name) != part} == {
        "flow": "f", "flow_version": {"kind": "fixed", "value": "3"},
        "canary": {"shadow_ticks": 2, "watch_ticks": 3}, "paused": "", "factor": 3,
    }  # fmt: skip


def test_a_version_and_its_place_in_history() -> None:
    version = Version("v", 2, "b3:1", "(noop)", 0, "enhance", None, None, "0.2.0", "minor", 1, "c1:1", "019a")
    assert to_json(version) == {
        "vigy_id": "v", "number": 2, "digest": "b3:1", "program": "(noop)", "created_at": "1970-01-01T00:00:00Z",
        "author": "enhance", "label": "0.2.0", "bump": "minor", "parent": 1, "content": "c1:1", "epoch": "019a",
    }  # fmt: skip


def test_a_pending_action_is_an_action_and_where_it_is_from() -> None:
    pending = PendingAction("v", "r", 1, Action("pull", None))
    assert to_json(pending) == {
        "kind": "pull", "payload": None, "vigy_id": "v", "run_id": "r", "position": 1, "attempts": 0,
    }  # fmt: skip


def test_no_payload_is_not_null() -> None:
    assert from_json(Action, {"kind": "noop"}).payload is ABSENT
    assert from_json(Action, {"kind": "noop", "payload": None}).payload is None


def test_what_is_no_number_is_null() -> None:
    written = to_json(Report(metrics={"a": math.inf, "b": math.nan, "c": 1.5}))
    assert written == {"metrics": {"a": None, "b": None, "c": 1.5}}
    assert math.isnan(from_json(Report, written).metrics["a"])
    assert from_json(Report, {"metrics": {"n": 3}}).metrics == {"n": 3.0}


def test_fields_not_known_are_passed_over() -> None:
    assert from_json(Event, {"kind": "k", "message": "m", "new": 1}) == Event("k", "m")


def test_null_is_absent_where_absent_may_be() -> None:
    assert from_json(Run, {**to_json(RUN_OF_IT), "ended_at": None, "error": None}).ended_at is None


def changed(noun: Noun, **parts: Any) -> dict[str, Any]:
    return {**to_json(noun), **parts}


@pytest.mark.parametrize(
    ("kind", "data", "error"),
    [
        (Vigy, [], "vigy: it must be an object, not a list"),
        (Vigy, {}, "vigy.id: it is missing"),
        (Vigy, changed(VIGY, name=None), "vigy.name: it must be text, not null"),
        (Vigy, changed(VIGY, enabled=1), "vigy.enabled: it must be true or false, not a number"),
        (Vigy, changed(VIGY, version=True), "vigy.version: it must be a whole number, not a truth value"),
        (Vigy, changed(VIGY, version=1.0), "vigy.version: it must be a whole number, not a number"),
        (Vigy, changed(VIGY, version=2**63), "vigy.version: it must fit in 64 bits"),
        (Vigy, changed(VIGY, labels={"a/b": 1}), "vigy.labels.a/b: it must be text, not a number"),
        (Vigy, changed(VIGY, labels=[]), "vigy.labels: it must be an object, not a list"),
        (Vigy, changed(VIGY, created_at=0), "vigy.created_at: it must be text, not a number"),
        (Vigy, changed(VIGY, created_at="x"), "vigy.created_at: time 'x': give it as 2026-01-02T03:04:05Z"),
        (Vigy, changed(VIGY, schedule={"kind": "daily"}),
         "vigy.schedule.kind: it must be one of fixed, cron, adaptive, not 'daily'"),
        (Vigy, changed(VIGY, schedule={"kind": "fixed"}), "vigy.schedule.interval_ms: it is missing"),
        (Schedule, {"kind": []}, "schedule.kind: it must be one of fixed, cron, adaptive, not []"),
        (Schedule, {"kind": "fixed", "interval_ms": 1, "jiter_ms": 2},
         "schedule.jiter_ms: there is no such field; there are kind, interval_ms, mode, offset_ms, jitter_ms, "
         "initial_delay_ms"),
        (Schedule, {"kind": "cron", "expr": "x", "interval_ms": 2}, "schedule.interval_ms: there is no such field"),
        (Schedule, {"kind": "fixed", "interval_ms": 1, "mode": "x"}, "schedule.mode: it must be one of rate, delay"),
        (Schedule, {"kind": "fixed", "interval_ms": 1, "offset_ms": "x"}, "schedule.offset_ms: it must be a whole"),
        (Run, changed(RUN_OF_IT, result="great"), "run.result: it must be one of ok, failed"),
        (Run, changed(RUN_OF_IT, actions=[{"kind": "noop"}, {"kind": "x"}]), "run.actions[1].kind: it must be one of"),
        (Run, changed(RUN_OF_IT, actions={}), "run.actions: it must be a list, not an object"),
        (Run, changed(RUN_OF_IT, conditions=[{"name": "n", "status": "true"}]),
         "run.conditions[0].last_transition: it is missing"),
        (Run, changed(RUN_OF_IT, metrics={"m": "1"}), "run.metrics.m: it must be a whole number, not text"),
        (Run, changed(RUN_OF_IT, logs=[{"level": "loud", "message": ""}]), "run.logs[0].level: it must be one of"),
        (Run, changed(RUN_OF_IT, trigger="cat"), "run.trigger: it must be one of schedule, request, not 'cat'"),
        (Notice, {"seq": 1, "at": "1970-01-01T00:00:00Z", "kind": "rumour"}, "notice.kind: it must be one of run"),
        (Issue, {}, "issue.id: it is missing"),
        (Issue, changed(WISH, state="done"), "issue.state: it must be one of pending, leased, trial, applied"),
        (Issue, changed(WISH, reasons="x"), "issue.reasons: it must be a list, not text"),
        (Issue, changed(WISH, proposal=[]), "issue.proposal: it must be an object, not a list"),
        (Epoch, changed(ENTRY, outcome="won"), "epoch.outcome: it must be one of applied, rejected"),
        (Epoch, changed(ENTRY, verdicts=[{"axis": "noop", "status": "maybe"}]),
         "epoch.verdicts[0].status: it must be one of pass, deny, not 'maybe'"),
        (Epoch, changed(ENTRY, calls=[1]), "epoch.calls[0]: it must be an object, not a number"),
        (Version, {"bump": "huge", "vigy_id": "v", "number": 1, "digest": "d", "program": "p",
                   "created_at": "1970-01-01T00:00:00Z"}, "version.bump: it must be one of major, minor, patch"),
        (EnhanceSetting, {"repair": 3}, "setting.repair: there is no such field; there are name, flow, flow_version"),
        (EnhanceSetting, {"verifiers": ["noop", "vibes"]}, "setting.verifiers[1]: it must be one of reads, canonical"),
        (EnhanceSetting, {"flow_version": {"kind": "newest"}},
         "setting.flow_version.kind: it must be one of latest, fixed, semver_req, not 'newest'"),
        (EnhanceSetting, {"canary": {"ticks": 1}},
         "setting.canary.ticks: there is no such field; there are shadow_ticks, watch_ticks"),
        (EnhanceSetting, {"factor": "2"}, "setting.factor: it must be a whole number, not text"),
        (EnhanceSetting, {"on_conflict": "win"}, "setting.on_conflict: it must be one of rerun, reject, not 'win'"),
        (EnhanceSetting, {"ttl_ms": True}, "setting.ttl_ms: it must be a whole number, not a truth value"),
        (Action, {"kind": "noop", "result": "fine"}, "action.result: it must be one of ok, failed, skipped"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(kind: type[Noun], data: object, error: str) -> None:
    with pytest.raises(Invalid) as caught:
        from_json(kind, data)
    assert error in str(caught.value)
