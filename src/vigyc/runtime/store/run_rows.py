"""From runs, standings and actions to the cells of their rows, and back.

Lists and maps are JSON text. What most ticks have (no action, no word said, the same keys changed as last time) is not
encoded again every time. A row that was damaged is still read: as a run that says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from json import loads
from typing import Any, Final

from vigyc.lang.errors import StoreError
from vigyc.model.action import ABSENT, Action
from vigyc.model.condition import Condition
from vigyc.model.effect import Effect
from vigyc.model.event import Event
from vigyc.model.log_line import LogLine
from vigyc.model.run import EMPTY_REPORT, Report, Run
from vigyc.model.standing import Standing
from vigyc.runtime.store.encoding import json_text

RUN_COLUMNS: Final = (
    "id, vigy_id, started_at, ended_at, result, error, actions_json, seq, trigger, due_at, missed, tick, version,"
    " duration_us, error_kind, report_json"
)
STANDING_COLUMNS: Final = (
    "tick_count, previous_tick_ms, run_id, started_at, ended_at, result, error, failures, runs, failed, timed_out,"
    " missed, state_json"
)

_FEW = 16  # keys whose text is kept for the next tick
_SILENT = (EMPTY_REPORT[:8], EMPTY_REPORT[10:])  # a report that at most tells which keys were changed
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


# -- to text


def actions_text(actions: Sequence[Action]) -> str:
    """Actions as JSON; raises TypeError or ValueError when a payload cannot be stored."""
    if not actions:
        return "[]"
    if len(actions) == 1 and actions[0][1] is ABSENT and actions[0][3] is None:
        return _one_bare_action(actions[0][0], actions[0][2])
    return "[" + ",".join([action_text(action) for action in actions]) + "]"


def action_text(action: Action) -> str:
    """One action as JSON, its options left out where they are not set."""
    kind, payload, result, message = action
    parts = [f'"kind":{json_text(kind)}']
    if payload is not ABSENT:
        parts.append(f'"payload":{json_text(payload)}')
    if result is not None:
        parts.append(f'"result":{json_text(result)}')
    if message is not None:
        parts.append(f'"message":{json_text(message)}')
    return "{" + ",".join(parts) + "}"


@lru_cache(256)
def _one_bare_action(kind: str, result: str | None) -> str:
    return f"[{action_text(Action(kind, result=result))}]"


def report_text(report: Report) -> str:
    """A report as JSON, its empty parts left out; raises TypeError or ValueError when it cannot be stored."""
    if (report[:8], report[10:]) == _SILENT:
        kv_set, kv_deleted = report[8:10]
        few = len(kv_set) + len(kv_deleted) <= _FEW
        return _keys_text(kv_set, kv_deleted) if few else _said_text(report)
    return _said_text(report)


@lru_cache(4096)
def _keys_text(kv_set: tuple[str, ...], kv_deleted: tuple[str, ...]) -> str:
    return _said_text(Report(kv_set=kv_set, kv_deleted=kv_deleted))


def _said_text(report: Report) -> str:
    parts: dict[str, Any] = report._asdict()
    parts["logs"] = [line.to_json() for line in report.logs]
    parts["events"] = [event.to_json() for event in report.events]
    parts["conditions"] = [_condition(condition) for condition in report.conditions]
    parts["kv_set"], parts["kv_deleted"] = list(report.kv_set), list(report.kv_deleted)
    parts["effects"] = [effect.to_json() for effect in report.effects]
    return json_text({name: part for name, part in parts.items() if part})


def state_text(standing: Standing) -> str:
    """The conditions, the desired, the observed and the denials of a standing as JSON."""
    conditions, desired, observed, denied = standing[12:]
    if not conditions and not desired and not observed and not denied:
        return "{}"
    stated = [_condition(condition) for condition in conditions.values()]
    state = {"conditions": stated, "desired": desired, "observed": observed}
    return json_text({**state, "denied": denied} if denied else state)


def _condition(condition: Condition) -> dict[str, Any]:
    return {**condition.to_json(), "last_transition": condition.last_transition}


# -- back


def actions_of(text: str) -> tuple[Action, ...]:
    """Actions from their JSON; raises ValueError and its like for what is damaged."""
    return tuple([action_of(item) for item in loads(text)]) if text != "[]" else ()


def action_of(item: dict[str, Any]) -> Action:
    """One action from its JSON object."""
    return Action(item["kind"], item.get("payload", ABSENT), item.get("result"), item.get("message"))


def run_of(row: Sequence[Any]) -> Run:
    """A run from its row; one whose parts cannot be read says so."""
    try:
        actions, report = actions_of(row[6]), _report_of(row[15])
    except _UNREADABLE as error:
        told = f"the record of this run is damaged ({error})"
        error_text = told if row[5] is None else f"{row[5]}; {told}"
        return Run._make((*row[:5], error_text, (), *row[7:15], EMPTY_REPORT))
    return Run._make((*row[:6], actions, *row[7:15], report))


def _report_of(text: str) -> Report:
    if text == "{}":
        return EMPTY_REPORT
    said = loads(text)
    return Report(
        logs=tuple([LogLine(**line) for line in said.get("logs", ())]),
        events=tuple([Event(**event) for event in said.get("events", ())]),
        conditions=tuple([Condition(**condition) for condition in said.get("conditions", ())]),
        desired=said.get("desired", {}),
        observed=said.get("observed", {}),
        trace=said.get("trace", {}),
        metrics={name: math.nan if x is None else x for name, x in said.get("metrics", {}).items()},
        output=said.get("output", ""),
        kv_set=tuple(said.get("kv_set", ())),
        kv_deleted=tuple(said.get("kv_deleted", ())),
        effects=tuple([Effect(**{"resource": "", **effect}) for effect in said.get("effects", ())]),
        denied=said.get("denied", 0),
    )


def standing_of(vigy_id: str, row: Sequence[Any]) -> Standing:
    """A standing from its row; raises StoreError when it is damaged."""
    if row[12] == "{}":
        return Standing(*row[:12])
    try:
        stated = loads(row[12])
        conditions = [Condition(**condition) for condition in stated["conditions"]]
        named = {condition.name: condition for condition in conditions}
        state = named, stated["desired"], stated["observed"], stated.get("denied", 0)
        return Standing._make((*row[:12], *state))
    except _UNREADABLE as error:
        raise StoreError(f"the state of vigy {vigy_id} cannot be read: {error}") from error
