"""From what a flow claims and what the application found to a decision: the application's own, on its own verdicts.

What the flow said and was not found so is written down, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from vigyc.enhance.flow.commit_shape import Claim
from vigyc.model.epoch import Verdict


def differences(claim: Claim, found: Sequence[Verdict], axes: Sequence[str]) -> list[str]:
    """What of the claimed verdicts is not as it was `found`, or not about these `axes`."""
    mine = {verdict.axis: verdict for verdict in found}
    claimed: dict[str, Verdict] = {}
    lines = []
    for said in claim.verdicts:
        if said.axis in claimed:
            lines.append(f"{said.axis}: the flow tells of it twice")
        elif said.axis not in axes:
            lines.append(f"{said.axis}: the flow tells of it, and it was not asked for")
        elif said.axis not in mine:
            lines.append(f"{said.axis}: the flow says {said.status}, and the text was not verified for it")
        elif (line := _difference(said, mine[said.axis])) is not None:
            lines.append(line)
        claimed[said.axis] = said
    if claim.committed:
        lines += [f"{axis}: the flow says nothing of it" for axis in axes if axis not in claimed]
    return lines


def denials(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """The reasons against a candidate."""
    return tuple([f"{verdict.axis}: {verdict.detail}" for verdict in verdicts if not verdict.passed])


def _difference(said: Verdict, found: Verdict) -> str | None:
    if said.status != found.status:
        return f"{said.axis}: the flow says {said.status}, and it is {found.status}: {found.detail}"
    if said.detail != found.detail:
        return f"{said.axis}: the flow tells another {'evidence' if found.passed else 'reason'} than was found"
    return None
