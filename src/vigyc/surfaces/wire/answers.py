"""From what a runtime answers to JSON data and back, where the answer is more than a noun of the model.

What is not set is left out. `*_of` reads what `*_json` wrote, for the client; it passes over what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigyc.effects.policy import Policy
from vigyc.effects.recording import Recorded, packed
from vigyc.model.action import ABSENT
from vigyc.model.codec import from_json, to_json
from vigyc.model.reading import Fields, anything, each, flag, mapping, stamp, text, values, whole
from vigyc.model.run import Run
from vigyc.model.run_codec import given, stamp_text
from vigyc.model.standing import Standing, State
from vigyc.model.timestamp import rfc3339
from vigyc.model.vigy import Vigy
from vigyc.rehearsal.dry_run import Change, DryRun
from vigyc.rehearsal.replay import Difference, Replayed
from vigyc.runtime.json_value import from_json as value_of
from vigyc.runtime.lateness import Lateness
from vigyc.runtime.secret import MASK
from vigyc.service.browsing import Page
from vigyc.service.explanation import Explanation
from vigyc.service.health import Health
from vigyc.service.overview import Overview, Upcoming
from vigyc.service.registry import Registration
from vigyc.surfaces.wire.finding import finding_json, finding_of


def overview_json(overview: Overview) -> dict[str, Any]:
    """A vigy, and beside its own fields how it goes with it."""
    vigy, standing, due_at, phase, why = overview
    last = given(last_run=standing.run_id, last_result=standing.result, last_started_at=stamp_text(standing.started_at))
    counts = {"failures": standing.failures, "denied": standing.denied}
    trouble = {name: count for name, count in counts.items() if count}
    return {**to_json(vigy), "phase": phase, "why": why, **given(due_at=stamp_text(due_at)), **last, **trouble}


def overview_of(data: object) -> Overview:
    """The overview; of where the vigy stands, only what was told."""
    fields = Fields(data, "vigy")
    standing = Standing(
        run_id=fields.may("last_run", text, None),
        result=fields.may("last_result", text, None),
        started_at=fields.may("last_started_at", stamp, None),
        failures=fields.may("failures", whole, 0),
        denied=fields.may("denied", whole, 0),
    )
    due_at = fields.may("due_at", stamp, None)
    return Overview(from_json(Vigy, data), standing, due_at, fields.need("phase", text), fields.need("why", text))


def page_json(page: Page) -> dict[str, Any]:
    """A page of vigies."""
    return {"items": [overview_json(each) for each in page.items], **given(next=page.next), "total": page.total}


def page_of(data: object) -> Page:
    """The page."""
    fields = Fields(data, "page")
    items = fields.need("items", each(lambda item, _: overview_of(item)))
    return Page(list(items), fields.may("next", text, None), fields.need("total", whole))


def policy_json(policy: Policy) -> dict[str, Any]:
    """A policy; of what it sends along to servers, only which secrets that are."""
    told = policy.to_json()
    told["servers"] = {
        name: [command, url, _named_secrets(headers), _named_secrets(env)]
        for name, (command, url, headers, env) in told["servers"].items()
    }
    return told


def _named_secrets(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value if value.startswith("secret:") else MASK for name, value in values.items()}


def upcoming_json(upcoming: Upcoming) -> dict[str, Any]:
    """A tick to come."""
    vigy, due_at, why = upcoming
    return {"vigy_id": vigy.id, "name": vigy.name, "due_at": rfc3339(due_at), "why": why}


def upcoming_of(data: object, vigy: Vigy) -> Upcoming:
    """The tick to come of `vigy`."""
    fields = Fields(data, "upcoming")
    return Upcoming(vigy, fields.need("due_at", stamp), fields.need("why", text))


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """Why a vigy is as it is."""
    return {
        "vigy_id": explanation.vigy.id,
        "name": explanation.vigy.name,
        "phase": explanation.phase,
        **given(due_at=stamp_text(explanation.due_at)),
        "why": explanation.why,
        "sentences": list(explanation.sentences),
    }


def explanation_of(data: object, vigy: Vigy) -> Explanation:
    """Why `vigy` is as it is."""
    fields = Fields(data, "explanation")
    due_at = fields.may("due_at", stamp, None)
    sentences = fields.need("sentences", each(text))
    return Explanation(vigy, fields.need("phase", text), due_at, sentences, fields.need("why", text))


def inspection_json(known: Explanation, standing: Standing, state: State) -> dict[str, Any]:
    """A vigy with where it stands and its state."""
    return {
        "vigy": to_json(known.vigy),
        "phase": known.phase,
        **given(due_at=stamp_text(known.due_at)),
        "standing": to_json(standing),
        "state": to_json(state),
    }


def registration_json(done: Registration) -> dict[str, Any]:
    """A vigy as it is registered now, and what `check` says of its program."""
    findings = [finding_json(finding, done.vigy.program) for finding in done.findings]
    return {**to_json(done.vigy), "created": done.created, "changed": done.changed, "findings": findings}


def registration_of(data: object) -> Registration:
    """The registration."""
    fields = Fields(data, "vigy")
    findings = fields.may("findings", each(lambda finding, _: finding_of(finding)), ())
    vigy = from_json(Vigy, data)
    return Registration(vigy, fields.need("created", flag), fields.need("changed", flag), list(findings))


def health_json(health: Health) -> dict[str, Any]:
    """How a runtime is."""
    return {
        "status": health.status,
        **given(owner=health.owner, last_commit_at=stamp_text(health.last_commit_at)),
        "wal_pages": health.wal_pages,
        "lateness_ms": health.lateness._asdict(),
        "vigies": dict(health.vigies),
        "failing": health.failing,
        "reasons": list(health.reasons),
    }


def health_of(data: object) -> Health:
    """The health."""
    fields = Fields(data, "health")
    late = Fields(fields.need("lateness_ms", mapping), "health.lateness_ms")
    return Health(
        fields.need("status", text),
        fields.may("owner", text, None),
        fields.may("last_commit_at", stamp, None),
        fields.need("wal_pages", whole),
        Lateness(*(late.need(name, whole) for name in Lateness._fields)),
        fields.need("vigies", values(whole)),
        fields.need("failing", whole),
        fields.need("reasons", each(text)),
    )


def dry_run_json(done: DryRun) -> dict[str, Any]:
    """A tick that was not kept: its run, without the marks that only a kept one has, and the changes of the kv."""
    run = to_json(done.run)
    del run["id"], run["seq"]
    return {**run, "dry_run": True, "changes": [_change_json(change) for change in done.changes]}


def dry_run_of(data: object, vigy: Vigy) -> DryRun:
    """The dry run of `vigy`; where it would stand is not told."""
    fields = Fields({**mapping(data, "run"), "id": "", "seq": 0}, "run")
    run = from_json(Run, {**mapping(data, "run"), "id": "", "seq": 0})
    return DryRun(vigy, run, fields.need("changes", each(_read_change)), Standing())


def _change_json(change: Change) -> dict[str, Any]:
    return {name: value for name, value in change._asdict().items() if value is not ABSENT}


def _read_change(data: object, where: str) -> Change:
    fields = Fields(data, where)
    return Change(
        fields.need("key", text), fields.given("before", anything, ABSENT), fields.given("after", anything, ABSENT)
    )  # fmt: skip


def replayed_json(done: Replayed) -> dict[str, Any]:
    """A run, its calls of effects, the same tick replayed, and what differs."""
    return {
        "run": to_json(done.run),
        "calls": [call.to_json() for call in done.calls],
        "replay": to_json(done.again),
        "differences": [found._asdict() for found in done.differences],
    }


def replayed_of(data: object) -> Replayed:
    """The replay; of what was recorded, what JSON can tell."""
    fields = Fields(data, "replay")
    return Replayed(
        from_json(Run, fields.need("run", mapping)),
        fields.need("calls", each(_read_call)),
        from_json(Run, fields.need("replay", mapping)),
        fields.need("differences", each(_read_difference)),
    )


def _read_call(data: object, where: str) -> Recorded:
    fields = Fields(data, where)
    raised = fields.may("error", mapping, None)
    return Recorded(
        fields.need("name", text),
        packed(value_of(list(fields.need("args", each(anything))))),
        value_of(fields.may("value", anything, None)),
        None if raised is None else (str(raised.get("kind")), str(raised.get("message")), None),
        [],
    )


def _read_difference(data: object, where: str) -> Difference:
    fields = Fields(data, where)
    recorded, replayed = fields.may("recorded", anything, None), fields.may("replayed", anything, None)
    return Difference(fields.need("what", text), recorded, replayed)
