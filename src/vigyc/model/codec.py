"""From a noun to its JSON data and back: the one form in which vigies, runs and all the rest go in and out.

Times are RFC 3339 text in UTC, to the ms; what is not set is left out. Reading is strict about what is there and passes
over fields it does not know (but for those of schedules and settings); what it refuses it names by its place, such as
`vigy.labels.team`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

from vigyc.model.action import Action
from vigyc.model.condition import Condition
from vigyc.model.enhance_codec import (
    epoch_json,
    issue_json,
    read_epoch,
    read_issue,
    read_setting,
    read_verdict,
    setting_json,
    verdict_json,
)
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import Epoch, Verdict
from vigyc.model.event import Event
from vigyc.model.issue import Issue
from vigyc.model.label import BUMPS, FIRST
from vigyc.model.log_line import LogLine
from vigyc.model.notice import KINDS, Notice
from vigyc.model.pending import PendingAction
from vigyc.model.reading import Fields, Reader, anything, each, flag, mapping, one_of, stamp, text, values, whole
from vigyc.model.request import Request
from vigyc.model.run import RESULTS, Report, Run
from vigyc.model.run_codec import (
    condition_json,
    conditions_json,
    given,
    read_action,
    read_condition,
    read_event,
    read_log_line,
    read_report,
    read_run,
    report_json,
    run_json,
    stamp_text,
)
from vigyc.model.schedule import Fixed, Schedule
from vigyc.model.schedule_codec import read_schedule, schedule_json
from vigyc.model.standing import Standing, State
from vigyc.model.timestamp import rfc3339
from vigyc.model.vigy import Version, Vigy

Noun: TypeAlias = (
    Vigy | Version | Schedule | Action | Condition | LogLine | Event | Report | Run | Notice | Standing | State
    | PendingAction | Request | Issue | Epoch | Verdict | EnhanceSetting
)  # fmt: skip
T = TypeVar("T", bound=Noun)


def to_json(noun: Noun) -> dict[str, Any]:
    """`noun` as a JSON object."""
    return _WRITERS[noun.__class__](noun)


def from_json(kind: type[T], data: object) -> T:
    """The `kind` of noun that JSON `data` is. Raises Invalid."""
    name, read = _READERS[kind]
    noun: T = read(data, name)
    return noun


def _vigy_json(vigy: Vigy) -> dict[str, Any]:
    when = vigy.schedule.when
    return {
        "id": vigy.id,
        "name": vigy.name,
        "program": vigy.program,
        **given(tick_interval_ms=when.interval_ms if isinstance(when, Fixed) else None),
        "schedule": schedule_json(vigy.schedule),
        "enabled": vigy.enabled,
        "labels": dict(vigy.labels),
        "created_at": rfc3339(vigy.created_at),
        "updated_at": rfc3339(vigy.updated_at),
        "version": vigy.version,
        "digest": vigy.digest,
        **given(deadline_ms=vigy.deadline_ms),
        "generation": vigy.generation,
        "anchored_at": rfc3339(vigy.anchored_at),
        **given(modules=vigy.modules),
    }


def _read_vigy(data: object, where: str) -> Vigy:
    fields = Fields(data, where)
    return Vigy(
        fields.need("id", text),
        fields.need("name", text),
        fields.need("program", text),
        fields.need("digest", text),
        fields.need("schedule", read_schedule),
        fields.may("labels", values(text), {}),
        fields.need("enabled", flag),
        fields.need("version", whole),
        fields.need("generation", whole),
        fields.need("created_at", stamp),
        fields.need("updated_at", stamp),
        fields.need("anchored_at", stamp),
        fields.may("deadline_ms", whole, None),
        fields.may("modules", mapping, None),
    )


def _version_json(version: Version) -> dict[str, Any]:
    return {
        **given(**version._asdict()),
        "created_at": rfc3339(version.created_at),
    }


def _read_version(data: object, where: str) -> Version:
    fields = Fields(data, where)
    return Version(
        fields.need("vigy_id", text),
        fields.need("number", whole),
        fields.need("digest", text),
        fields.need("program", text),
        fields.need("created_at", stamp),
        fields.may("author", text, None),
        fields.may("note", text, None),
        fields.may("modules", mapping, None),
        fields.may("label", text, FIRST),
        fields.may("bump", one_of(*BUMPS), None),
        fields.may("parent", whole, None),
        fields.may("content", text, None),
        fields.may("epoch", text, None),
    )


def _notice_json(notice: Notice) -> dict[str, Any]:
    run = None if notice.run is None else run_json(notice.run)
    return {**given(**notice._replace(run=None)._asdict()), "at": rfc3339(notice.at), **given(run=run)}


def _read_notice(data: object, where: str) -> Notice:
    fields = Fields(data, where)
    return Notice(
        fields.need("seq", whole),
        fields.need("at", stamp),
        fields.need("kind", one_of(*KINDS)),
        fields.may("vigy_id", text, None),
        fields.may("run_id", text, None),
        fields.may("message", text, None),
        fields.may("data", anything, None),
        fields.may("run", read_run, None),
    )


def _standing_json(standing: Standing) -> dict[str, Any]:
    return {
        "tick_count": standing.tick_count,
        **given(
            previous_tick_at=stamp_text(standing.previous_tick_ms),
            run_id=standing.run_id,
            started_at=stamp_text(standing.started_at),
            ended_at=stamp_text(standing.ended_at),
            result=standing.result,
            error=standing.error,
        ),
        "failures": standing.failures,
        "runs": standing.runs,
        "failed": standing.failed,
        "timed_out": standing.timed_out,
        "missed": standing.missed,
        "denied": standing.denied,
        "conditions": conditions_json(standing.conditions.values()),
        "desired": dict(standing.desired),
        "observed": dict(standing.observed),
    }


def _read_standing(data: object, where: str) -> Standing:
    fields = Fields(data, where)
    return Standing(
        fields.need("tick_count", whole),
        fields.may("previous_tick_at", stamp, None),
        fields.may("run_id", text, None),
        fields.may("started_at", stamp, None),
        fields.may("ended_at", stamp, None),
        fields.may("result", one_of(*RESULTS), None),
        fields.may("error", text, None),
        fields.need("failures", whole),
        fields.need("runs", whole),
        fields.need("failed", whole),
        fields.need("timed_out", whole),
        fields.need("missed", whole),
        {condition.name: condition for condition in fields.may("conditions", each(read_condition), ())},
        fields.may("desired", mapping, {}),
        fields.may("observed", mapping, {}),
        fields.may("denied", whole, 0),
    )


def _state_json(state: State) -> dict[str, Any]:
    return {
        "vigy_id": state.vigy_id,
        "desired": dict(state.desired),
        "observed": dict(state.observed),
        "conditions": conditions_json(state.conditions),
        "pending": [_pending_json(pending) for pending in state.pending],
        "captured_at": rfc3339(state.captured_at),
    }


def _read_state(data: object, where: str) -> State:
    fields = Fields(data, where)
    return State(
        fields.need("vigy_id", text),
        fields.need("desired", mapping),
        fields.need("observed", mapping),
        fields.need("conditions", each(read_condition)),
        fields.need("pending", each(_read_pending)),
        fields.need("captured_at", stamp),
    )


def _pending_json(pending: PendingAction) -> dict[str, Any]:
    """The action's own fields, and beside them where it is from."""
    return {
        **pending.action.to_json(),
        "vigy_id": pending.vigy_id,
        "run_id": pending.run_id,
        "position": pending.position,
        "attempts": pending.attempts,
    }


def _read_pending(data: object, where: str) -> PendingAction:
    fields = Fields(data, where)
    return PendingAction(
        fields.need("vigy_id", text),
        fields.need("run_id", text),
        fields.need("position", whole),
        read_action(data, where),
        fields.may("attempts", whole, 0),
    )


def _request_json(request: Request) -> dict[str, Any]:
    return {**given(**request._asdict()), "asked_at": rfc3339(request.asked_at)}


def _read_request(data: object, where: str) -> Request:
    fields = Fields(data, where)
    return Request(
        fields.need("id", whole),
        fields.need("vigy_id", text),
        fields.need("asked_at", stamp),
        fields.may("run_id", text, None),
        fields.may("error", text, None),
    )


_WRITERS: Final[Mapping[type, Callable[[Any], dict[str, Any]]]] = {
    Vigy: _vigy_json, Version: _version_json, Schedule: schedule_json, Action: Action.to_json,
    Condition: condition_json, LogLine: LogLine.to_json, Event: Event.to_json, Report: report_json, Run: run_json,
    Notice: _notice_json, Standing: _standing_json, State: _state_json, PendingAction: _pending_json,
    Request: _request_json, Issue: issue_json, Epoch: epoch_json, Verdict: verdict_json, EnhanceSetting: setting_json,
}  # fmt: skip
_READERS: Final[Mapping[type, tuple[str, Reader[Any]]]] = {
    Vigy: ("vigy", _read_vigy), Version: ("version", _read_version), Schedule: ("schedule", read_schedule),
    Action: ("action", read_action), Condition: ("condition", read_condition), LogLine: ("log line", read_log_line),
    Event: ("event", read_event), Report: ("report", read_report), Run: ("run", read_run),
    Notice: ("notice", _read_notice), Standing: ("standing", _read_standing), State: ("state", _read_state),
    PendingAction: ("pending action", _read_pending), Request: ("request", _read_request),
    Issue: ("issue", read_issue), Epoch: ("epoch", read_epoch), Verdict: ("verdict", read_verdict),
    EnhanceSetting: ("setting", read_setting),
}  # fmt: skip
