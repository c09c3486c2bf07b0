"""From many vigies to one thing of each of them: as many readings of the store for a thousand as for one.

What is found of each is what `Looking` finds when it is asked for that one: an answer, or the error that is raised.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias, TypeVar

from vigyc.lang.errors import VigycError
from vigyc.model.pending import PendingAction
from vigyc.model.run import Run
from vigyc.model.standing import Standing, State
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource
from vigyc.service.lookup import find_vigies

T = TypeVar("T")
Found: TypeAlias = dict[str, T | VigycError]


class Gathering:
    """Reads `store` for many; every method raises StoreError if one of the many cannot be read."""

    def __init__(self, store: Store, time: TimeSource) -> None:
        self._store = store
        self._time = time

    def vigies(self, refs: Collection[str]) -> Found[Vigy]:
        """The vigies that `refs` mean, by ref."""
        return find_vigies(self._store, refs)

    def standings(self, refs: Collection[str]) -> Found[Standing]:
        """Their counters and their last runs."""
        vigies = self.vigies(refs)
        return _each(vigies, self._store.standings_of(_ids(vigies)))

    def states(self, refs: Collection[str]) -> Found[State]:
        """Their states."""
        vigies = self.vigies(refs)
        ids = _ids(vigies)
        standings, pending = self._store.standings_of(ids), self._store.pending_of(ids)
        now = self._time.wall_ms()
        return _each(vigies, {vigy_id: state_of(vigy_id, standings[vigy_id], pending[vigy_id], now) for vigy_id in ids})

    def runs(
        self, refs: Collection[str], *, before: int | None = None, limit: int = 20, results: Collection[str] = ()
    ) -> Found[list[Run]]:
        """Their runs, newest first; the other arguments have been checked."""
        vigies = self.vigies(refs)
        return _each(vigies, self._store.runs_of(_ids(vigies), before=before, limit=limit, results=results))


def state_of(vigy_id: str, standing: Standing, pending: Sequence[PendingAction], now: int) -> State:
    """The state of a vigy that stands so."""
    conditions = tuple(standing.conditions[name] for name in sorted(standing.conditions))
    return State(vigy_id, standing.desired, standing.observed, conditions, tuple(pending), now)


def _ids(vigies: Found[Vigy]) -> list[str]:
    return list(dict.fromkeys(vigy.id for vigy in vigies.values() if isinstance(vigy, Vigy)))


def _each(vigies: Found[Vigy], known: Mapping[str, T]) -> Found[T]:
    return {ref: known[vigy.id] if isinstance(vigy, Vigy) else vigy for ref, vigy in vigies.items()}
