"""From a failure to an exit code and one line of text."""

from __future__ import annotations

from vigyc.lang.errors import HostError, InternalError, ProgramError, RequestError

FINDINGS = 1
USAGE = 2
STORE = 5
INTERNAL = 70
INTERRUPTED = 130
BROKEN_PIPE = 141  # as a process that SIGPIPE ended


def explain(error: BaseException) -> tuple[int, str]:
    """The exit code for `error` and a line that says what happened."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, ProgramError):
        return FINDINGS, text
    if isinstance(error, RequestError):
        return USAGE, text
    if isinstance(error, HostError):
        return STORE, text
    if isinstance(error, OSError):
        return USAGE, text
    what = text if isinstance(error, InternalError) else f"{type(error).__name__}: {text}"
    return INTERNAL, f"internal error: {what} (--debug shows where; please report it)"
