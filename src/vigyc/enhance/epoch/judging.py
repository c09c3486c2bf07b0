"""From a text and axes to verdicts, each found once in an epoch, for exactly that text.

What was found while the epoch was being cut, or its time was over, counts for nothing: a verifier that is stopped says
no, and that would be a verdict on us.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import get_ident
from time import monotonic
from typing import Final

from vigyc.enhance.epoch.fault import RETRYABLE, Fault
from vigyc.enhance.epoch.handle import Handle
from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case
from vigyc.enhance.verifiers.table import judge
from vigyc.lang.errors import Halted
from vigyc.model.enhance_setting import AXES, FLOOR, EnhanceSetting
from vigyc.model.epoch import Verdict
from vigyc.runtime import budget

_LEAST: Final = 0.001  # seconds that a deadline is ahead


def axes_of(setting: EnhanceSetting) -> tuple[str, ...]:
    """The axes that a candidate must pass: those of the setting, and those that none can leave out."""
    return tuple([axis for axis in AXES if axis in FLOOR or axis in setting.verifiers])


class Judging:
    """The verdicts of one epoch, whose time is over when the monotonic clock says `deadline`."""

    def __init__(self, case: Case, handle: Handle, deadline: float) -> None:
        self._case = case
        self._handle = handle
        self._deadline = deadline
        self._found: dict[tuple[str, str], Verdict] = {}
        self.last: str | None = None

    def left(self) -> float:
        """Seconds that the epoch still has."""
        return max(self._deadline - monotonic(), _LEAST)

    def content(self, program: str) -> str | None:
        """The name of the content of `program`; None if it cannot be read."""
        return grounds.content(self._case_of(program))

    def verdicts(self, program: str, axes: Sequence[str]) -> tuple[Verdict, ...]:
        """The verdicts on `program`, an axis each. Raises Stopped, and Fault when the time of the epoch is over."""
        missing = tuple([axis for axis in axes if (program, axis) not in self._found])
        if missing:
            for verdict in self._judged(program, missing):
                self._found[program, verdict.axis] = verdict
        self.last = program
        return tuple([self._found[program, axis] for axis in axes])

    def known(self, program: str) -> tuple[Verdict, ...]:
        """The verdicts that were found on `program`."""
        return tuple([verdict for (text, _), verdict in self._found.items() if text == program])

    def _judged(self, program: str, axes: tuple[str, ...]) -> Sequence[Verdict]:
        case = self._case_of(program)
        thread = get_ident()
        was_held = budget.held.pop(thread, None)  # a flow asks from within an effect, which nothing would stop
        if was_held is False:
            raise Halted
        try:
            found: Sequence[Verdict] = ()
            token = budget.arm(self.left())
            try:
                with self._handle.stopping(lambda: budget.cut(token)):
                    found = judge(case, axes)
            finally:
                budget.disarm(token)
        except Halted:
            self._check()
            raise
        finally:
            if was_held:
                budget.held[thread] = True
        self._check()
        return found

    def _case_of(self, program: str) -> Case:
        """The case of this text, with what was found of it."""
        if self._case.program != program:
            self._case = replace(self._case, program=program)
        return self._case

    def _check(self) -> None:
        """Raises Stopped or Fault where what was found is not worth anything."""
        self._handle.check()
        if monotonic() >= self._deadline:
            raise out_of_time(self._case.setting)


def out_of_time(setting: EnhanceSetting) -> Fault:
    """What an epoch is told that has had all its time."""
    return Fault(
        RETRYABLE,
        f"the epoch was stopped after {setting.ttl_ms} ms, with all that it had started; nothing was committed; "
        f"ttl_ms of the setting {setting.name!r} says how long it may take",
    )
