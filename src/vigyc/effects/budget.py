"""From what a policy lets a vigy spend to what is left of it: pools that are charged before the work.

A pool has an amount of each unit it limits. Every charge is taken from all pools a run draws on, or from none; several
threads may draw on one. There is no refund: what was charged stays so, whatever becomes of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Final, NamedTuple

from vigyc.lang.errors import TickError

UNITS: Final = ("calls", "cost", "bytes", "ms", "tokens")
SHARED_BY: Final = ("run", "vigy", "runtime")

# One lock for all pools, since a charge looks at several before it takes from any. It is only ever entered by `with`:
# a deadline's `Halted` may come right after any call, also one of `acquire`, and would leave it locked.
_LOCK: Final = Lock()


class Budget(NamedTuple):
    """At most so much of each unit, shared by the ticks of a `run`, a `vigy` or the `runtime`.

    `every` is in ms: the budget is whole again each time so much has passed (None: never).
    """

    amounts: Mapping[str, int]
    shared_by: str = "run"
    every: int | None = None


class Pool:
    """What is left of a budget; `clock` tells monotonic ms. Its methods are for a `Meter`, which holds the lock."""

    def __init__(self, budget: Budget, clock: Callable[[], int]) -> None:
        self.budget = budget
        self._clock = clock
        self._left = dict(budget.amounts)
        self._began = clock() if budget.every is not None else 0

    def left(self, unit: str) -> int | None:
        """How much is left of `unit`; None: it is not limited."""
        every = self.budget.every
        if every is not None:
            passed = self._clock() - self._began
            if passed >= every:
                self._began += passed // every * every
                self._left = dict(self.budget.amounts)
        return self._left.get(unit)

    def take(self, unit: str, amount: int) -> None:
        """Take `amount`, which must be left."""
        if unit in self._left:
            self._left[unit] -= amount


class Meter:
    """The pools one run draws on."""

    __slots__ = ("_limited", "_pools")

    def __init__(self, pools: Sequence[Pool]) -> None:
        self._pools = tuple(pools)
        self._limited = frozenset(unit for pool in pools for unit in pool.budget.amounts)

    def limits(self, unit: str) -> bool:
        """Whether any pool limits `unit`."""
        return unit in self._limited

    def charge(self, unit: str, amount: int) -> None:
        """Take `amount` from every pool, or raise TickError `budget-exceeded` and take nothing."""
        self.charge_all((unit, amount))

    def charge_all(self, *amounts: tuple[str, int]) -> None:
        """The same for several units at once: all are taken, or none."""
        limited = [(unit, amount) for unit, amount in amounts if unit in self._limited and amount > 0]
        if not limited:
            return
        with _LOCK:
            for pool in self._pools:
                for unit, amount in limited:
                    left = pool.left(unit)
                    if left is not None and left < amount:
                        raise _exceeded(pool.budget, unit, amount, left)
            for pool in self._pools:
                for unit, amount in limited:
                    pool.take(unit, amount)

    def left(self, unit: str) -> int | None:
        """The least that any pool has left of `unit`; None: it is not limited."""
        if unit not in self._limited:
            return None
        with _LOCK:
            return min(left for pool in self._pools if (left := pool.left(unit)) is not None)


def _exceeded(budget: Budget, unit: str, amount: int, left: int) -> TickError:
    whole, whose = budget.amounts[unit], budget.shared_by
    return TickError("budget-exceeded", f"{amount} {unit} would exceed the {whose}'s budget: {left} of {whole} left")
