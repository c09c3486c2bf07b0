"""From a vigy to why it is as it is, in sentences: what it does now, when it ticks next, what went wrong last."""

from __future__ import annotations

from typing import NamedTuple

from vigyc.model import notice as kinds
from vigyc.model.run import OK
from vigyc.model.schedule_rules import describe
from vigyc.model.standing import Standing
from vigyc.model.timestamp import rfc3339
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import Store
from vigyc.service.overview import DISABLED, LATE, RUNNING, Overview, Overviews, Situation, span


class Explanation(NamedTuple):
    """What there is to say of a vigy, the most pressing first after who it is; `due_at` is ms since 1970.

    `why` is the phase in a few words, as an overview has it.
    """

    vigy: Vigy
    phase: str
    due_at: int | None
    sentences: tuple[str, ...]
    why: str


def explain(vigy: Vigy, store: Store, overviews: Overviews) -> Explanation:
    """Why `vigy` is as it is."""
    situation = overviews.situation()
    overview = overviews.of(vigy, situation)
    sentences = (
        _identity(vigy),
        _state(overview, situation, store),
        *_last(overview.standing, situation.now),
        *_failures(overview),
        *_past(overview.standing),
        *_next(overview, situation),
        _owner(situation),
    )
    return Explanation(vigy, overview.phase, overview.due_at, sentences, overview.why)


def _identity(vigy: Vigy) -> str:
    return f"{vigy.name} ({vigy.id}) is at version {vigy.version}; its schedule is {describe(vigy.schedule)}."


def _state(overview: Overview, situation: Situation, store: Store) -> str:
    if overview.phase == DISABLED:
        return (
            f"It has been disabled since {rfc3339(_disabled_at(overview.vigy, store))}, and ticks only when asked to."
        )
    if overview.phase == LATE and overview.due_at is not None:
        return f"It is late: it should have ticked {span(situation.now - overview.due_at)} ago, and waits for its turn."
    if overview.phase == RUNNING:
        return f"It is ticking now: {overview.why}."
    return f"It is {overview.phase}: {overview.why}."


def _disabled_at(vigy: Vigy, store: Store) -> int:
    """When it was last disabled; the last change of it, if the stream does not reach back so far."""
    told = [notice.at for notice in store.changes(0) if notice.vigy_id == vigy.id and notice.kind == kinds.DISABLED]
    return told[-1] if told else vigy.updated_at


def _last(standing: Standing, now: int) -> list[str]:
    if standing.started_at is None:
        return ["It has never ticked."]
    what = "succeeded" if standing.result == OK else f"ended as {standing.result}: {standing.error}"
    return [f"Its last tick began {span(max(now - standing.started_at, 0))} ago (run {standing.run_id}) and {what}."]


def _failures(overview: Overview) -> list[str]:
    count = overview.standing.failures
    if not count:
        return []
    if count == 1:
        return ["That was its first failure since it last succeeded; the next tick is held back a little."]
    return [f"It has failed {count} times in a row; each failure holds the next tick back longer, up to 30 s."]


def _past(standing: Standing) -> list[str]:
    told = [
        f"{count} {what}"
        for count, what in (
            (standing.failed, "failed"), (standing.timed_out, "ran out of time"), (standing.missed, "were missed"),
        )
        if count
    ]  # fmt: skip
    ticks = [f"Ticks so far: {standing.runs}; {', '.join(told)}."] if told else []
    if not standing.denied:
        return ticks
    calls = "call of an effect" if standing.denied == 1 else "calls of effects"
    return [*ticks, f"Its policy refused {standing.denied} {calls}: `vigyc tail --kind denied` shows which."]


def _next(overview: Overview, situation: Situation) -> list[str]:
    if overview.due_at is None or overview.due_at <= situation.now:
        return []
    return [f"It is due at {rfc3339(overview.due_at)}, in {span(overview.due_at - situation.now)}."]


def _owner(situation: Situation) -> str:
    if situation.owner is None:
        return "No runtime ticks this store now: start one."
    return f"It is ticked by {situation.owner}."
