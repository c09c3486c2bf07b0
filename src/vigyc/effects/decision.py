"""From one question to the policy to its answer, with the rule that decided."""

from __future__ import annotations

from typing import NamedTuple


class Decision(NamedTuple):
    """Whether `kind` may be done to `resource`, and by which `rule`: the text of a grant, or why there is none.

    `needed` is a grant that would allow what was refused, "" where none can.
    """

    allowed: bool
    kind: str
    resource: str
    rule: str
    needed: str = ""
