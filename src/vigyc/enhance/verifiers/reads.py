"""From a candidate's text to whether it can be read: its size, that there is something in it, every form of it."""

from __future__ import annotations

from typing import Final

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.telling import counted, listed, said

AXIS: Final = "reads"


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    source = grounds.source(case)
    size, most = len(source.data), case.setting.max_program_bytes
    if size > most:
        raise Denied(
            f"the program has {size} bytes, and {most} are allowed: shorten it, or move parts of it into a module"
        )
    forms, findings = grounds.reading(case)
    if findings:
        raise Denied(f"the program cannot be read: {listed(said(finding, source) for finding in findings)}")
    if not forms:
        raise Denied("the program is blank: it must have at least one form; to stop the vigy, disable it instead")
    return f"{counted(len(forms), 'form')} in {counted(size, 'byte')}"
