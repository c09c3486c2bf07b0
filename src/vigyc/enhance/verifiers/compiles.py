"""From a candidate to whether it compiles with all that it requires, and is told of nothing that its base is not.

Findings are the same when their id and their text are, wherever they stand: a warning that the base has may stay, one
more of it may not.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.telling import counted, listed, said
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError

AXIS: Final = "compiles"


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    base, candidate = grounds.sides(case)
    source = grounds.source(case)
    findings = grounds.checked(case, candidate).findings
    program = grounds.program(case, candidate)
    if isinstance(program, CompileError):
        raise Denied(f"it does not compile: {listed(said(finding, source) for finding in program.diagnostics)}")
    known = grounds.checked(case, base).findings
    new = _new(findings, known)
    if new:
        told = listed(f"{said(finding, source)} [{finding.id}]" for finding in new)
        raise Denied(f"{counted(len(new), 'finding')} that the base does not have: {told}")
    stay = f", with {counted(len(findings), 'finding')} that the base has too" if findings else ", without findings"
    gone = len(known) - len(findings)
    return f"compiles{stay}" + (f" ({gone} fewer than the base)" if gone > 0 else "")


def _new(findings: list[Diagnostic], known: list[Diagnostic]) -> list[Diagnostic]:
    """Those of which there are more than were known; all of one kind where it cannot be said which is the new one."""
    more = Counter(map(_name, findings)) - Counter(map(_name, known))
    return [finding for finding in findings if _name(finding) in more]


def _name(finding: Diagnostic) -> tuple[str, str]:
    return finding.id, finding.message
