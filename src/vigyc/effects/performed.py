"""From one call of an effect to what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from vigyc.effects.decision import Decision
from vigyc.effects.operation import Operation
from vigyc.effects.result import ERROR, OK
from vigyc.model import effect
from vigyc.model.effect import Effect

_LONGEST: Final = 4096  # characters of a text that is told


class Performed:
    """One call of an effect: what it was given, what was decided, what came of it.

    Times are monotonic seconds. `raised` is the error it ended with, None if it gave a `value`. `inputs` are what an
    effect handed to a function of the program, call by call. `outcome` is set where it does not follow from these.
    """

    __slots__ = ("args", "decisions", "ended", "inputs", "operation", "outcome", "raised", "started", "value")

    def __init__(self, operation: Operation, args: tuple[object, ...], started: float) -> None:
        self.operation = operation
        self.args = args
        self.started = self.ended = started
        self.decisions: tuple[Decision, ...] = ()
        self.inputs: tuple[tuple[object, ...], ...] = ()
        self.value: object = None
        self.outcome: str | None = None
        self.raised: BaseException | None = None

    def forget(self) -> None:
        """Let go of what is not told."""
        self.args = self.inputs = ()
        if self.value.__class__ is not dict or self.value.get(OK) is not False:
            self.value = None


def told(call: Performed, began: float, mask: Callable[[Any], Any]) -> Effect:
    """What is told of `call`, in a run that began at `began`."""
    refused = [found for found in call.decisions if not found.allowed]
    decided = next(iter(refused or call.decisions), None)
    outcome, detail = _outcome(call)
    at, took = int((call.started - began) * 1e6), int((call.ended - call.started) * 1e6)
    resource, rule = (decided.resource, decided.rule) if decided is not None else ("", "")
    return Effect(call.operation.name, _short(mask(resource)), outcome, rule, _short(mask(detail)), at, took)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def _outcome(call: Performed) -> tuple[str, str]:
    """How `call` came off, and the error if it did not."""
    if call.outcome is not None:
        return call.outcome, ""
    if call.raised is not None:
        kind = getattr(call.raised, "kind", "")
        text = getattr(call.raised, "short", type(call.raised).__name__)
        return (effect.DENIED if kind == "denied" else effect.MISUSED), text
    if call.value.__class__ is dict and call.value.get(OK) is False:
        error = call.value[ERROR]
        return effect.FAILED, f"{error.tag}: {error.message}"
    return effect.OK, ""
