"""From a unit to what the run may still spend of it: the pack `budget`.

What is charged is charged before the work and never given back, whatever becomes of the work. Calls that are denied, or
whose arguments are wrong, are not charged.
"""

from __future__ import annotations

from typing import Final

from vigyc.effects.budget import UNITS
from vigyc.effects.gate import Gate
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.lang.errors import TickError
from vigyc.runtime.faults import native_fault

PACK: Final = Pack("budget", "What a run may spend.")


@PACK.effect("budget-left", cost=0, example='(budget-left "cost")')
def budget_left(gate: Gate, unit: str) -> int | None:
    """What is left of `unit` ("calls", "cost", "bytes", "ms" or "tokens"); nil: it is not limited."""
    if unit not in UNITS:
        raise native_fault("budget-left", f"there is no unit `{unit}`; there are {', '.join(UNITS)}")
    return gate.left(unit)


@PACK.effect("budget-charge", cost=0, result=True, example="(budget-charge 10)")
def budget_charge(gate: Gate, amount: int) -> None:
    """Take `amount` of the unit "cost" from the budget. Error `budget-exceeded`: then nothing was taken."""
    if amount < 0:
        raise native_fault("budget-charge", f"the amount must not be negative, got {amount}")
    try:
        gate.charge("cost", amount)
    except TickError as error:
        raise EffectFailed(error.kind, error.short) from error
