"""From an exception that ended a command to an exit code and one line of text."""

from __future__ import annotations

import traceback

import click

from vigyc.lang.errors import InternalError
from vigyc.surfaces.cli import exit_codes
from vigyc.surfaces.wire.failure import INTERNAL, failure_of


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
    if isinstance(error, OSError):
        return exit_codes.USAGE, text
    failure = failure_of(error)
    if failure is not INTERNAL:
        return failure.exit_code, text
    what = text if isinstance(error, InternalError) else f"{type(error).__name__}: {text}"
    return INTERNAL.exit_code, f"internal error: {what} (--debug shows where; please report it)"


def _said(error: BaseException) -> str:
    """What `error` says; the system's own about a file, without its number."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}"
    return str(error)
