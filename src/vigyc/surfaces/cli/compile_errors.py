"""From a program that does not compile to what is wrong with it, carets and all, on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from click.exceptions import Exit

from vigyc.lang.errors import CompileError
from vigyc.lang.source import Source
from vigyc.surfaces.cli import exit_codes
from vigyc.surfaces.cli.output import show


@contextmanager
def compile_errors_shown(source: Source) -> Iterator[None]:
    """What is done here with `source` ends the command, its mistakes shown, if it does not compile."""
    try:
        yield
    except CompileError as error:
        show(error.diagnostics, source)
        raise Exit(exit_codes.FINDINGS) from None
