"""From a candidate to whether it still settles: with nothing from outside changing, a reconciler comes to rest.

Settled is a tick that asks for no action, changes no value in the kv and is refused nothing. What does not settle in
the base need not in the candidate.
"""

from __future__ import annotations

from typing import Final

from vigyc.enhance.case import Case, Denied
from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.settling import Settling, settling
from vigyc.enhance.verifiers.telling import counted, shortened

AXIS: Final = "convergence"


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    most = max(case.setting.settle_ticks, 1)
    before, after = (settling(case, side, most) for side in grounds.sides(case))
    if after.failed is not None and (before.failed is None or after.failed < before.failed):
        raise Denied(f"left alone, it fails at tick {after.failed}: {shortened(after.error)}; the base {_told(before)}")
    if before.settled is not None and after.settled is None and after.failed is None:
        raise Denied(
            f"left alone, it does not settle within {counted(most, 'tick')}, and the base {_told(before)}: every tick "
            "of it asks for actions or changes the kv; have it do nothing where all is as desired"
        )
    return f"left alone, it {_told(after)}; the base {_told(before)}"


def _told(found: Settling) -> str:
    if found.settled is not None:
        return f"settles at tick {found.settled}"
    if found.failed is not None:
        return f"fails at tick {found.failed}: {shortened(found.error)}"
    return f"does not settle within {counted(found.ticks, 'tick')}"
