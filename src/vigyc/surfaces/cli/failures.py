"""From an exception that ended a command to an exit code and one line of text."""

from __future__ import annotations

import traceback

import click

from vigyc.lang.errors import (
    Conflict,
    InternalError,
    Invalid,
    NotAllowed,
    NotFound,
    ProgramError,
    SettingsError,
    StoreError,
)  # fmt: skip
from vigyc.surfaces.cli import exit_codes

_CODES: dict[type[BaseException], int] = {
    ProgramError: exit_codes.FINDINGS,
    NotFound: exit_codes.NOT_SO,
    Conflict: exit_codes.NOT_SO,
    NotAllowed: exit_codes.NOT_ALLOWED,
    Invalid: exit_codes.USAGE,
    SettingsError: exit_codes.USAGE,
    OSError: exit_codes.USAGE,
    StoreError: exit_codes.STORE,
}


def report(error: BaseException, debug: bool) -> int:
    """Say on stderr what happened, with `debug` also where; the exit code."""
    if debug:
        traceback.print_exception(error)
    code, line = explain(error)
    click.echo(f"vigyc: {line}".encode("utf-8", "backslashreplace"), err=True)
    return code


def explain(error: BaseException) -> tuple[int, str]:
    """The exit code for `error` and a line that says what happened."""
    text = " ".join(_said(error).split()) or type(error).__name__
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return code, text
    what = text if isinstance(error, InternalError) else f"{type(error).__name__}: {text}"
    return exit_codes.INTERNAL, f"internal error: {what} (--debug shows where; please report it)"


def _said(error: BaseException) -> str:
    """What `error` says; the system's own about a file, without its number."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}"
    return str(error)
