"""From two texts to whether they are two programs: a change of layout or comments alone is none."""

from __future__ import annotations

from typing import Final

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.telling import named
from vigyc.frontend.canonical import content_of

AXIS: Final = "noop"


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    base = case.base
    before = base.content if base.content is not None else content_of(base.program, base.modules)
    after = grounds.content(case)
    if before == after:
        what = "it is" if case.program == case.base.program else "only layout or comments differ from"
        of = f"the program of version {case.base.number}"
        raise Denied(f"nothing is changed: {what} {of}; change a form, so that it answers the issue")
    return f"another program than version {case.base.number}: {named(after)}, which was {named(before)}"
