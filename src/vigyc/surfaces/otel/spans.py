"""From a run to its spans: one for the tick, and below it one for each effect, at the times that the record says.

The trace has the id of the run, so that each is found from the other. What is told of effects is what the run tells:
secrets are masked in it already.
"""

from __future__ import annotations

import uuid
from typing import Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context
from opentelemetry.util.types import AttributeValue

from vigyc.model import effect as effects
from vigyc.model.effect import Effect
from vigyc.model.run import OK, SKIPPED, Run

_MS: Final = 1_000_000  # in nanoseconds, as spans have it
_US: Final = 1_000


class RunIds(RandomIdGenerator):
    """Gives traces the id of the run that is told at the time."""

    run_id = ""

    def generate_trace_id(self) -> int:
        """The run's id, a UUID, as a number; a random one for a run that has another."""
        try:
            return uuid.UUID(self.run_id).int
        except ValueError:
            return super().generate_trace_id()


class Teller:
    """Tells runs to `provider`, which was made with `ids`; for one thread."""

    def __init__(self, provider: TracerProvider, ids: RunIds) -> None:
        self._tracer = provider.get_tracer("vigyc")
        self._ids = ids

    def tell(self, run: Run, name: str) -> None:
        """A run of the vigy called `name`."""
        self._ids.run_id = run.id
        began = run.started_at * _MS
        tick = self._tracer.start_span(f"tick {name}", Context(), attributes=_attributes(run, name), start_time=began)
        if tick.is_recording():
            self._tell_within(run, tick, began)
        if run.result not in {OK, SKIPPED}:
            tick.set_status(Status(StatusCode.ERROR, run.error or run.result))
        tick.end(began + run.duration_us * _US)

    def _tell_within(self, run: Run, tick: Span, began: int) -> None:
        for line in run.report.logs:
            tick.add_event("log", {"log.severity": line.level, "log.message": line.message}, began)
        for event in run.report.events:
            tick.add_event("event", {"vigyc.event.kind": event.kind, "vigyc.event.message": event.message}, began)
        around = set_span_in_context(tick, Context())
        for effect in run.report.effects:
            self._tell_effect(effect, around, began + effect.at_us * _US)

    def _tell_effect(self, effect: Effect, around: Context, began: int) -> None:
        span = self._tracer.start_span(effect.name, around, attributes=_effect_attributes(effect), start_time=began)
        if effect.outcome not in {effects.OK, effects.NOT_DONE}:
            span.set_status(Status(StatusCode.ERROR, effect.detail or effect.outcome))
        span.end(began + effect.duration_us * _US)


def _attributes(run: Run, name: str) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {
        "vigyc.vigy.id": run.vigy_id,
        "vigyc.vigy.name": name,
        "vigyc.vigy.version": run.version,
        "vigyc.run.id": run.id,
        "vigyc.run.trigger": run.trigger,
        "vigyc.run.result": run.result,
        "vigyc.run.tick": run.tick,
        "vigyc.run.actions": len(run.actions),
        "vigyc.run.missed": run.missed,
        "vigyc.run.denied": run.report.denied,
    }
    if run.due_at is not None:
        found["vigyc.run.lateness_ms"] = run.started_at - run.due_at
    if run.error_kind is not None:
        found["error.type"] = run.error_kind
    return found


def _effect_attributes(effect: Effect) -> dict[str, AttributeValue]:
    told = {"name": effect.name, "outcome": effect.outcome, "resource": effect.resource, "rule": effect.rule}
    return {f"vigyc.effect.{key}": text for key, text in told.items() if text}
