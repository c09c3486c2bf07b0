"""From a program that does not compile, or is not granted what it needs, to what is wrong with it, on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from click.exceptions import Exit

from vigyc.lang.errors import CompileError, NotGranted
from vigyc.lang.source import Source
from vigyc.surfaces.cli import exit_codes
from vigyc.surfaces.cli.output import show


@contextmanager
def compile_errors_shown(source: Source) -> Iterator[None]:
    """What is done here with `source` ends the command, its mistakes shown, if it cannot be registered."""
    try:
        yield
    except (CompileError, NotGranted) as error:
        show(error.diagnostics, source)
        denied = isinstance(error, NotGranted)
        raise Exit(exit_codes.NOT_ALLOWED if denied else exit_codes.FINDINGS) from None
