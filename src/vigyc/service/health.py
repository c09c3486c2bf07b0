"""From a runtime to whether all is well with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vigyc.lang.errors import StoreError
from vigyc.runtime.engine import Engine
from vigyc.runtime.lateness import Lateness
from vigyc.runtime.store.port import Store
from vigyc.service.overview import LATE, Glance, Overviews

STOPPED = "stopped"  # it does not tick by itself
STANDBY = "standby"  # another runtime ticks the store
DEGRADED = "degraded"  # `reasons` says why
OK = "ok"


class Health(NamedTuple):
    """How a runtime is: `owner` is who ticks the store (None: nobody), `last_commit_at` is ms since 1970.

    `wal_pages` is how much of the store's log waits to be moved into its file, `lateness` is that of the newest ticks,
    `vigies` counts all by phase, `failing` those whose last tick failed.
    """

    status: str
    owner: str | None
    last_commit_at: int | None
    wal_pages: int
    lateness: Lateness
    vigies: Mapping[str, int]
    failing: int
    reasons: tuple[str, ...]


def health(store: Store, engine: Engine, overviews: Overviews, *, driven: bool = False) -> Health:
    """How the runtime of `engine` is now; a store that cannot be read is one of the reasons why it is not well.

    `driven` says that somebody calls its steps for it.
    """
    ticking = driven or engine.started
    wal_pages, lateness = engine.housekeeper.wal_pages, engine.lateness()
    try:
        situation = overviews.situation()
        phases, failing = counted(overviews.glances(situation))
        last = store.notices(store.last_seq() - 1, limit=1)
    except StoreError as error:
        return Health(_status(engine, ticking=ticking, ill=True), None, None, wal_pages, lateness, {}, 0, (str(error),))
    reasons = [*store.damage(), *([engine.trouble] if engine.trouble is not None else [])]
    if phases[LATE]:
        reasons.append(f"{phases[LATE]} of {phases.total()} vigies are late")
    status = _status(engine, ticking=ticking, ill=bool(reasons))
    at = last[0].at if last else None
    return Health(status, situation.owner, at, wal_pages, lateness, dict(phases), failing, tuple(reasons))


def counted(known: Iterable[Glance]) -> tuple[Counter[str], int]:
    """How many are in which phase, and how many of all failed last."""
    phases: Counter[str] = Counter()
    failing = 0
    for glance in known:
        phases[glance.phase] += 1
        failing += glance.standing.failures > 0
    return phases, failing


def _status(engine: Engine, *, ticking: bool, ill: bool) -> str:
    if not ticking:
        return STOPPED
    if ill:
        return DEGRADED
    return OK if engine.owns else STANDBY
