"""From what becomes known while an epoch runs to its entry in the log, of a size that the log can bear.

What comes from programs, proposers and people is text or JSON data here, and nothing else: cut to a length, in Unicode,
never a format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vigyc.model.epoch import APPLIED, Epoch, Verdict
from vigyc.model.issue import Issue
from vigyc.runtime.json_value import dumps

LONGEST: Final = 4_000  # characters of a reason
MOST: Final = 100  # reasons, claims
LARGEST_PATCH: Final = 512 * 1024  # characters of JSON
LARGEST_CALLS: Final = 512 * 1024
LARGEST_PROGRAM: Final = 1024 * 1024  # characters
DEEPEST: Final = 200  # levels of JSON data


@dataclass
class Draft:
    """What is known of an epoch so far; model/epoch.py says of each what it is."""

    issue: Issue
    began_at: int
    base: int | None = None
    base_digest: str | None = None
    bump: str | None = None
    digest: str | None = None
    content: str | None = None
    program: str | None = None
    rationale: str = ""
    verdicts: tuple[Verdict, ...] = ()
    patch: Mapping[str, Any] | None = None
    claims: list[str] = field(default_factory=list)
    setting: Mapping[str, Any] = field(default_factory=dict)
    flow: Mapping[str, Any] = field(default_factory=dict)
    calls: tuple[Mapping[str, Any], ...] = ()
    tokens: int = 0
    cost: int = 0

    def entry(self, outcome: str, at: int, reasons: Iterable[str] = ()) -> Epoch:
        """The entry of the epoch, which ended with `outcome`; the text of a candidate only if it became no version."""
        assert self.issue.epoch is not None
        return Epoch(
            self.issue.epoch, self.issue.id, self.issue.vigy_id, self.issue.attempts, outcome, self.began_at, at,
            base=self.base, base_digest=self.base_digest, bump=self.bump, digest=self.digest, content=self.content,
            program=None if outcome == APPLIED else _kept(self.program),
            rationale=bounded(self.rationale),
            reasons=bounded_all(reasons),
            verdicts=tuple([verdict._replace(detail=bounded(verdict.detail)) for verdict in self.verdicts]),
            patch=_kept_patch(self.patch), claims=bounded_all(self.claims),
            setting=self.setting, flow=self.flow, calls=_kept_calls(self.calls), tokens=self.tokens, cost=self.cost,
        )  # fmt: skip

    def bare(self) -> Draft:
        """The same without what flows and proposers made."""
        return replace(
            self, program=None, rationale="", verdicts=(), patch=None, claims=[], calls=(), bump=None, content=None
        )


def bounded(text: str, longest: int = LONGEST) -> str:
    """`text` as Unicode, its middle left out where it is too long."""
    if not text.isascii():
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if len(text) <= longest:
        return text
    half = longest // 2 - 30
    return f"{text[:half]} [... {len(text) - 2 * half} characters ...] {text[-half:]}"


def bounded_all(texts: Iterable[str]) -> tuple[str, ...]:
    """As many of `texts` as are kept, each bounded; the last says how many more there were."""
    found = [bounded(text) for text in texts]
    return (*found[: MOST - 1], f"and {len(found) - MOST + 1} more") if len(found) > MOST else tuple(found)


def _kept(program: str | None) -> str | None:
    return None if program is None or len(program) > LARGEST_PROGRAM else bounded(program, LARGEST_PROGRAM)


def _kept_patch(patch: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if patch is None or (size := _size(patch)) <= LARGEST_PATCH:
        return patch
    return {"omitted": f"a patch of {size} characters"}


def _kept_calls(calls: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
    """The first of `calls` that are not too large together, and how many were left out."""
    room = LARGEST_CALLS
    for at, call in enumerate(calls):
        room -= _size(call)
        if room < 0:
            return (*calls[:at], {"omitted": f"{len(calls) - at} calls"})
    return calls


def _size(data: Mapping[str, Any]) -> int:
    """Characters of JSON; more than is kept of anything for what lies too deep."""
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        level = [
            part
            for item in level
            for part in (item.values() if isinstance(item, Mapping) else item)
            if isinstance(part, Mapping | list | tuple)
        ]
        if not level:
            return len(dumps(dict(data)))
    return LARGEST_PATCH + LARGEST_CALLS
