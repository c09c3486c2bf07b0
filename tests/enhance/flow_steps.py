"""The application's side of a flow, as far as a flow can see it: whole texts as patches, a few plain axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import vigyc
from vigyc.effects.policy import Policy
from vigyc.effects.powers import Powers
from vigyc.effects.result import EffectFailed
from vigyc.enhance.epoch.handle import Handle
from vigyc.enhance.flow.calls import Calls
from vigyc.enhance.flow.running import FlowProgram, FlowRun, run_flow, shipped_flow
from vigyc.frontend.canonical import content_of
from vigyc.programs import Programs

PROGRAM = '(vigy-set "n" 1)\n'
BETTER = '(vigy-set "n" 2)\n'


class Steps:
    """Steps upon the program of `context`. `rule` is what the rules propose (None: none fits)."""

    def __init__(self, context: dict[str, Any], rule: Mapping[str, Any] | None = None) -> None:
        self.given = context
        self.rule = rule
        self.finished: list[Any] = []
        self.asked: list[tuple[str, str]] = []

    def context(self) -> Any:
        return self.given

    def rewrite(self, source: str) -> Any:
        if self.rule is None:
            raise EffectFailed("no-rule", "no rule fits the intent")
        return dict(self.rule)

    def apply(self, source: str, patch: Any) -> Any:
        if set(patch) - {"source", "bump", "rationale"} or not isinstance(patch.get("source"), str):
            raise EffectFailed("edit", "patch: there must be a text `source`")
        return {"source": patch["source"], "version": content_of(patch["source"])}

    def verify(self, source: str, axis: str) -> Any:
        self.asked.append((axis, source))
        if axis == "noop" and content_of(source) == content_of(self.given["program"]):
            return {"axis": axis, "status": "deny", "reason": "nothing changes; propose a change"}
        found = vigyc.check(source) if axis == "compiles" else []
        if found:
            return {"axis": axis, "status": "deny", "reason": found[0].message}
        return {"axis": axis, "status": "pass", "evidence": "as it should be"}

    def finish(self, context: Any) -> None:
        self.finished.append(context)


def context(**changes: Any) -> dict[str, Any]:
    """The context of an epoch with the rules as proposer."""
    issue = {
        "id": "i1", "target": "lamp", "vigy_id": "v1", "intent": "count to two", "constraints": {}, "attempt": 1,
        **changes.pop("issue", {}),
    }  # fmt: skip
    return {
        "issue": issue, "program": PROGRAM, "version": {"number": 1, "label": "0.1.0"}, "state": {"failures": 0},
        "findings": [], "epoch": "e1", "verifiers": ["noop", "compiles"], "proposer": {"kind": "rules"},
        "repairs": 2, "feedback": [], **changes,
    }  # fmt: skip


def programs(*grants: str, **policy: Any) -> Programs:
    """Programs whose every vigy has one policy."""
    granted = Policy.of(*grants, **policy)
    return Programs(powers=Powers(lambda name, labels: granted), cache=False)


def run(
    steps: Any,
    found: Programs | None = None,
    flow: FlowProgram | None = None,
    seconds: float = 20.0,
    slot: str = "1",
    handle: Handle | None = None,
    calls: Calls | None = None,
) -> FlowRun:
    """The flow (the shipped one) run upon `steps`."""
    return run_flow(
        flow or shipped_flow(), steps, found or programs(), slot=slot, seconds=seconds, ttl_ms=int(seconds * 1000),
        at_ms=1_700_000_000_000, handle=handle, calls=calls,
    )  # fmt: skip


def own(text: str, **more: Any) -> FlowProgram:
    """A flow of one's own."""
    return FlowProgram("mine", text, **more)


Answer = Callable[[dict[str, Any]], str]
