"""From an issue, an entry of its log or a setting of the pipeline to its JSON data and back.

What is not set is left out. A setting is written by people: a field of it that there is not is refused and named.
"""

from __future__ import annotations

from typing import Any

from vigyc.model.enhance_setting import AXES, CONFLICTS, SELECTORS, Canary, EnhanceSetting, VersionSelector
from vigyc.model.epoch import DENY, OUTCOMES, PASS, Epoch, Verdict
from vigyc.model.issue import STATES, Issue
from vigyc.model.label import BUMPS
from vigyc.model.reading import Fields, each, flag, mapping, number, one_of, stamp, text, whole
from vigyc.model.run_codec import given, stamp_text
from vigyc.model.timestamp import rfc3339

_DEFAULT = EnhanceSetting()


def issue_json(issue: Issue) -> dict[str, Any]:
    """An issue as a JSON object."""
    return {
        "id": issue.id,
        "vigy_id": issue.vigy_id,
        "intent": issue.intent,
        "state": issue.state,
        "submitted_at": rfc3339(issue.submitted_at),
        "updated_at": rfc3339(issue.updated_at),
        "revision": issue.revision,
        "setting": issue.setting,
        "constraints": dict(issue.constraints),
        **given(proposal=issue.proposal, author=issue.author, key=issue.key),
        "held": issue.held,
        **given(approved_by=issue.approved_by),
        "attempts": issue.attempts,
        **given(
            due_at=stamp_text(issue.due_at or None),
            epoch=issue.epoch,
            leased_by=issue.leased_by,
            leased_until=stamp_text(issue.leased_until),
            trial=issue.trial,
        ),
        "reasons": list(issue.reasons),
        **given(version=issue.version),
    }


def read_issue(data: object, where: str) -> Issue:
    """The issue that JSON `data` is. Raises Invalid."""
    fields = Fields(data, where)
    return Issue(
        fields.need("id", text),
        fields.need("vigy_id", text),
        fields.need("intent", text),
        fields.need("state", one_of(*STATES)),
        fields.need("submitted_at", stamp),
        fields.need("updated_at", stamp),
        fields.may("revision", whole, 0),
        fields.may("setting", text, "default"),
        fields.may("constraints", mapping, {}),
        fields.may("proposal", mapping, None),
        fields.may("author", text, None),
        fields.may("key", text, None),
        fields.may("held", flag, False),
        fields.may("approved_by", text, None),
        fields.may("attempts", whole, 0),
        fields.may("due_at", stamp, 0),
        fields.may("epoch", text, None),
        fields.may("leased_by", text, None),
        fields.may("leased_until", stamp, None),
        fields.may("trial", mapping, None),
        fields.may("reasons", each(text), ()),
        fields.may("version", whole, None),
    )


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as a JSON object."""
    return verdict._asdict()


def read_verdict(data: object, where: str) -> Verdict:
    """The verdict that JSON `data` is. Raises Invalid."""
    fields = Fields(data, where)
    return Verdict(
        fields.need("axis", text),
        fields.need("status", one_of(PASS, DENY)),
        fields.may("detail", text, ""),
        fields.may("duration_us", whole, 0),
    )


def epoch_json(epoch: Epoch) -> dict[str, Any]:
    """An entry of the log as a JSON object."""
    return {
        **given(**epoch._asdict()),
        "began_at": rfc3339(epoch.began_at),
        "ended_at": rfc3339(epoch.ended_at),
        "reasons": list(epoch.reasons),
        "verdicts": [verdict_json(verdict) for verdict in epoch.verdicts],
        "claims": list(epoch.claims),
        "calls": [dict(call) for call in epoch.calls],
    }


def read_epoch(data: object, where: str) -> Epoch:
    """The entry of the log that JSON `data` is. Raises Invalid."""
    fields = Fields(data, where)
    return Epoch(
        fields.need("id", text),
        fields.need("issue_id", text),
        fields.need("vigy_id", text),
        fields.need("attempt", whole),
        fields.need("outcome", one_of(*OUTCOMES)),
        fields.need("began_at", stamp),
        fields.need("ended_at", stamp),
        fields.may("base", whole, None),
        fields.may("base_digest", text, None),
        fields.may("version", whole, None),
        fields.may("label", text, None),
        fields.may("bump", one_of(*BUMPS), None),
        fields.may("digest", text, None),
        fields.may("content", text, None),
        fields.may("program", text, None),
        fields.may("rationale", text, ""),
        fields.may("reasons", each(text), ()),
        fields.may("verdicts", each(read_verdict), ()),
        fields.may("patch", mapping, None),
        fields.may("claims", each(text), ()),
        fields.may("setting", mapping, {}),
        fields.may("flow", mapping, {}),
        fields.may("calls", each(mapping), ()),
        fields.may("tokens", whole, 0),
        fields.may("cost", whole, 0),
        fields.may("seq", whole, 0),
    )


def setting_json(setting: EnhanceSetting) -> dict[str, Any]:
    """A setting of the pipeline as a JSON object."""
    selector = setting.flow_version
    return {
        **given(**setting._asdict()),
        "flow_version": {"kind": selector.kind, **given(value=selector.value or None)},
        "verifiers": list(setting.verifiers),
        "proposer": dict(setting.proposer),
        **given(canary=None if setting.canary is None else setting.canary._asdict()),
        "updated_at": rfc3339(setting.updated_at),
    }


def read_setting(data: object, where: str) -> EnhanceSetting:
    """The setting of the pipeline that JSON `data` is. Raises Invalid."""
    fields = Fields(data, where)
    fields.only(*EnhanceSetting._fields)
    counts = {
        name: fields.may(name, whole, getattr(_DEFAULT, name))
        for name in ("repairs", "ttl_ms", "verifier_ms", "attempts", "backoff_ms", "backoff_max_ms", "replays",
                     "settle_ticks", "max_program_bytes", "max_pending", "per_minute")
    }  # fmt: skip
    return EnhanceSetting(
        name=fields.may("name", text, _DEFAULT.name),
        flow=fields.may("flow", text, None),
        flow_version=fields.may("flow_version", _read_selector, _DEFAULT.flow_version),
        verifiers=fields.may("verifiers", each(one_of(*AXES)), _DEFAULT.verifiers),
        proposer=fields.may("proposer", mapping, _DEFAULT.proposer),
        on_conflict=fields.may("on_conflict", one_of(*CONFLICTS), _DEFAULT.on_conflict),
        replay_changes=fields.may("replay_changes", number, _DEFAULT.replay_changes),
        factor=fields.may("factor", number, _DEFAULT.factor),
        canary=fields.may("canary", _read_canary, None),
        paused=fields.may("paused", text, None),
        updated_at=fields.may("updated_at", stamp, 0),
        **counts,
    )


def _read_selector(data: object, where: str) -> VersionSelector:
    fields = Fields(data, where)
    fields.only(*VersionSelector._fields)
    return VersionSelector(
        fields.may("kind", one_of(*SELECTORS), VersionSelector().kind), fields.may("value", text, "")
    )


def _read_canary(data: object, where: str) -> Canary:
    fields = Fields(data, where)
    fields.only(*Canary._fields)
    return Canary(fields.may("shadow_ticks", whole, 0), fields.may("watch_ticks", whole, 0))
