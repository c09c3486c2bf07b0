"""From what a flow asks for to what the application does for it: one epoch's rewriter, edits and verifiers.

A flow is given verdicts and takes no part in finding them; what it ends with is kept for its claim to be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vigyc.effects.result import EffectFailed
from vigyc.enhance.edits.apply import Refused
from vigyc.enhance.epoch.judging import Judging
from vigyc.enhance.patch import patched, read_patch
from vigyc.enhance.rewriter.rewriting import propose
from vigyc.enhance.rewriter.rule import NoRule
from vigyc.enhance.verifiers.case import Case
from vigyc.lang.errors import Invalid
from vigyc.model.epoch import DENY, Verdict


class EpochSteps:
    """What is done for the flow of one epoch; `patch` is the last that it applied."""

    def __init__(self, context: Mapping[str, Any], case: Case, axes: Sequence[str], judging: Judging) -> None:
        self.patch: Mapping[str, Any] | None = None
        self._context = context
        self._case = case
        self._axes = axes
        self._judging = judging

    def context(self) -> Any:
        """The context that the flow begins with."""
        return self._context

    def rewrite(self, source: str) -> Any:
        """The patch that the rule-based rewriter proposes."""
        issue = self._context["issue"]
        try:
            return propose(source, issue["intent"], issue["constraints"], self._findings(source))
        except NoRule as error:
            raise EffectFailed("no-rule", str(error)) from error

    def apply(self, source: str, patch: Any) -> Any:
        """`source` with `patch` applied."""
        if isinstance(patch, Mapping):
            self.patch = patch
        try:
            text = patched(source, read_patch(patch))
        except (Invalid, Refused) as error:
            raise EffectFailed("edit", str(error)) from error
        return {"source": text, "version": self._judging.content(text) or ""}

    def verify(self, source: str, axis: str) -> Any:
        """The verdict on `source`."""
        if axis not in self._axes:
            why = f"it is none of this epoch's axes, which are {', '.join(self._axes)}"
            return summary(Verdict(axis, DENY, why))
        if (too_large := oversize(source, self._case.setting.max_program_bytes)) is not None:
            return summary(Verdict(axis, DENY, too_large))
        verdicts = self._judging.verdicts(source, self._axes)  # at once: whoever asks for one asks for more
        return summary(verdicts[self._axes.index(axis)])

    def finish(self, context: Any) -> None:
        """Take the context that the flow ends with: the host has it."""

    def _findings(self, source: str) -> Sequence[Any]:
        return self._case.programs.check_whole(self._case.vigy._replace(program=source)).findings


def oversize(source: str, most: int) -> str | None:
    """Why `source` is too large to be looked at; None if it is not."""
    size = len(source.encode("utf-8", "surrogatepass"))
    return f"the program has {size} bytes, and max_program_bytes is {most}" if size > most else None


def summary(verdict: Verdict) -> dict[str, str]:
    """A verdict as a flow sees it, and claims it."""
    told = "evidence" if verdict.passed else "reason"
    return {"axis": verdict.axis, "status": verdict.status, told: verdict.detail}
