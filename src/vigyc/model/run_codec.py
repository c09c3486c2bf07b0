"""From a run to its JSON data and back, with the actions, conditions, lines and events in it.

The parts of a run's report that are not empty stand beside the run's own fields. What is not set is left out, and what
is not known is passed over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from vigyc.model.action import ABSENT, KINDS, STATUSES, Action
from vigyc.model.condition import Condition
from vigyc.model.effect import OUTCOMES, Effect
from vigyc.model.event import Event
from vigyc.model.log_line import LEVELS, LogLine
from vigyc.model.reading import Fields, anything, each, mapping, number, one_of, stamp, text, values, whole
from vigyc.model.run import RESULTS, SCHEDULE, TRIGGERS, Report, Run
from vigyc.model.timestamp import rfc3339


def given(**options: Any) -> dict[str, Any]:
    """Those of `options` that are set."""
    return {name: value for name, value in options.items() if value is not None}


def condition_json(condition: Condition) -> dict[str, Any]:
    """A condition as a JSON object, with its stamp."""
    return {**condition.to_json(), "last_transition": rfc3339(condition.last_transition)}


def conditions_json(conditions: Iterable[Condition]) -> list[dict[str, Any]]:
    """Conditions as a JSON list."""
    return [condition_json(condition) for condition in conditions]


def report_json(report: Report) -> dict[str, Any]:
    """The parts of a report that are not empty, as a JSON object."""
    parts: dict[str, Any] = {
        "logs": [line.to_json() for line in report.logs],
        "events": [event.to_json() for event in report.events],
        "conditions": conditions_json(report.conditions),
        "desired": dict(report.desired),
        "observed": dict(report.observed),
        "trace": dict(report.trace),
        "metrics": {name: value if math.isfinite(value) else None for name, value in report.metrics.items()},
        "output": report.output,
        "kv_set": list(report.kv_set),
        "kv_deleted": list(report.kv_deleted),
        "effects": [effect.to_json() for effect in report.effects],
        "denied": report.denied,
    }
    return {name: part for name, part in parts.items() if part}


def run_json(run: Run) -> dict[str, Any]:
    """A run as a JSON object."""
    return {
        "id": run.id,
        "vigy_id": run.vigy_id,
        "started_at": rfc3339(run.started_at),
        **given(ended_at=stamp_text(run.ended_at)),
        "result": run.result,
        **given(error=run.error),
        "actions": [action.to_json() for action in run.actions],
        "seq": run.seq,
        "trigger": run.trigger,
        **given(due_at=stamp_text(run.due_at)),
        "missed": run.missed,
        "tick": run.tick,
        "version": run.version,
        "duration_us": run.duration_us,
        **given(error_kind=run.error_kind),
        **report_json(run.report),
    }


def stamp_text(ms: int | None) -> str | None:
    """A time as RFC 3339 text, if there is one."""
    return None if ms is None else rfc3339(ms)


def read_action(data: object, where: str) -> Action:
    """The action that JSON `data` is. Raises Invalid."""
    fields = Fields(data, where)
    return Action(
        fields.need("kind", one_of(*KINDS)),
        fields.given("payload", anything, ABSENT),
        fields.may("result", one_of(*STATUSES), None),
        fields.may("message", text, None),
    )


def read_condition(data: object, where: str) -> Condition:
    """The condition that JSON `data` is. Raises Invalid."""
    fields = Fields(data, where)
    return Condition(
        fields.need("name", text),
        fields.need("status", one_of("true", "false", "unknown")),
        fields.may("reason", text, None),
        fields.may("message", text, None),
        fields.need("last_transition", stamp),
    )


def read_log_line(data: object, where: str) -> LogLine:
    """The line that JSON `data` is. Raises Invalid."""
    fields = Fields(data, where)
    return LogLine(fields.need("level", one_of(*LEVELS)), fields.need("message", text))


def read_event(data: object, where: str) -> Event:
    """The event that JSON `data` is. Raises Invalid."""
    fields = Fields(data, where)
    return Event(fields.need("kind", text), fields.need("message", text))


def read_effect(data: object, where: str) -> Effect:
    """The call of an effect that JSON `data` is. Raises Invalid."""
    fields = Fields(data, where)
    return Effect(
        fields.need("name", text),
        fields.may("resource", text, ""),
        fields.need("outcome", one_of(*OUTCOMES)),
        fields.may("rule", text, ""),
        fields.may("detail", text, ""),
        fields.may("at_us", whole, 0),
        fields.may("duration_us", whole, 0),
    )


def read_report(data: object, where: str) -> Report:
    """The report that JSON `data` is, or has in it. Raises Invalid."""
    fields = Fields(data, where)
    return Report(
        fields.may("logs", each(read_log_line), ()),
        fields.may("events", each(read_event), ()),
        fields.may("conditions", each(read_condition), ()),
        fields.may("desired", mapping, {}),
        fields.may("observed", mapping, {}),
        fields.may("trace", mapping, {}),
        fields.may("metrics", values(number), {}),
        fields.may("output", text, ""),
        fields.may("kv_set", each(text), ()),
        fields.may("kv_deleted", each(text), ()),
        fields.may("effects", each(read_effect), ()),
        fields.may("denied", whole, 0),
    )


def read_run(data: object, where: str) -> Run:
    """The run that JSON `data` is. Raises Invalid."""
    fields = Fields(data, where)
    return Run(
        fields.need("id", text),
        fields.need("vigy_id", text),
        fields.need("started_at", stamp),
        fields.may("ended_at", stamp, None),
        fields.need("result", one_of(*RESULTS)),
        fields.may("error", text, None),
        fields.may("actions", each(read_action), ()),
        fields.may("seq", whole, 0),
        fields.may("trigger", one_of(*TRIGGERS), SCHEDULE),
        fields.may("due_at", stamp, None),
        fields.may("missed", whole, 0),
        fields.may("tick", whole, 0),
        fields.may("version", whole, 1),
        fields.may("duration_us", whole, 0),
        fields.may("error_kind", text, None),
        read_report(data, where),
    )
