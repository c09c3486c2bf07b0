"""From a candidate to whether it still settles: with nothing from outside changing, a reconciler comes to rest.

Settled is a tick that asks a host for nothing, changes no value in the kv and is refused nothing. What does not settle
in the base need not in the candidate. Ticks that wait long are fewer: each side has a share of a verifier's time, and
what is not known of the base is not asked of the candidate.
"""

from __future__ import annotations

from time import monotonic
from typing import Final

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.settling import Settling, settling
from vigyc.enhance.verifiers.telling import counted, shortened

AXIS: Final = "convergence"
_BASE_BY: Final = 0.35  # of a verifier's time, when the last tick of the base is to be over
_BOTH_BY: Final = 0.85
_HURRY: Final = ", or wait for less in a tick, or raise `verifier_ms` of the setting"


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    most = max(case.setting.settle_ticks, 1)
    base, candidate = grounds.sides(case)
    began, seconds = monotonic(), case.setting.verifier_ms / 1000
    before = settling(case, base, most, began + seconds * _BASE_BY)
    after = settling(case, candidate, before.ticks if before.hurried else most, began + seconds * _BOTH_BY)
    if after.failed is not None and (before.failed is None or after.failed < before.failed):
        raise Denied(f"left alone, it fails at tick {after.failed}: {shortened(after.error)}; the base {_told(before)}")
    if before.settled is not None and after.settled is None and after.failed is None:
        raise Denied(
            f"left alone, it {_told(after)}, and the base {_told(before)}: every tick of it asks for actions or "
            f"changes the kv; have it do nothing where all is as desired{_HURRY if after.hurried else ''}"
        )
    return f"left alone, it {_told(after)}; the base {_told(before)}"


def _told(found: Settling) -> str:
    if found.settled is not None:
        return f"settles at tick {found.settled}"
    if found.failed is not None:
        return f"fails at tick {found.failed}: {shortened(found.error)}"
    more = ", and there was time for no more" if found.hurried else ""
    return f"does not settle within {counted(found.ticks, 'tick')}{more}"
