"""From an issue and the vigy it is about to the context that a flow begins with: JSON data, all it needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.render import brief
from vigyc.lang.source import Source
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.issue import Issue
from vigyc.model.run_codec import conditions_json, given, stamp_text
from vigyc.model.standing import Standing
from vigyc.model.vigy import Version, Vigy


def briefing(
    issue: Issue,
    vigy: Vigy,
    base: Version,
    standing: Standing,
    findings: Sequence[Diagnostic],
    setting: EnhanceSetting,
    axes: Sequence[str],
) -> dict[str, Any]:
    """The context of the epoch that `issue` is leased for, which begins from `base`."""
    return {
        "issue": {
            "id": issue.id,
            "target": vigy.name,
            "vigy_id": vigy.id,
            "intent": issue.intent,
            "constraints": dict(issue.constraints),
            **given(author=issue.author, proposal=issue.proposal),
            "attempt": issue.attempts,
        },
        "program": base.program,
        "version": {
            "number": base.number, "digest": base.digest, **given(content=base.content), "label": base.label,
        },
        "state": state_json(standing),
        "findings": findings_text(base.program, vigy.name, findings),
        "epoch": issue.epoch,
        "verifiers": list(axes),
        "proposer": dict(setting.proposer),
        "repairs": setting.repairs,
        "feedback": [],
    }  # fmt: skip


def state_json(standing: Standing) -> dict[str, Any]:
    """Where the target stands, for a proposer."""
    return {
        "conditions": conditions_json(standing.conditions.values()),
        "desired": dict(standing.desired),
        "observed": dict(standing.observed),
        **given(
            last_result=standing.result,
            last_error=standing.error,
            last_tick=stamp_text(standing.started_at),
        ),
        "failures": standing.failures,
        "runs": standing.runs,
        "failed": standing.failed,
        "timed_out": standing.timed_out,
        "missed": standing.missed,
        "denied": standing.denied,
    }


def findings_text(program: str, name: str, findings: Sequence[Diagnostic]) -> list[str]:
    """What the checker says of `program`, a line each."""
    source = Source(name, program)
    return [brief(finding, source) for finding in findings]
