"""From a program somebody hands in to its being taken, or to what is wrong with it, carets and all, on stderr."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from click.exceptions import Exit

from vigyc.lang.errors import CompileError
from vigyc.lang.source import Source
from vigyc.surfaces.cli import exit_codes
from vigyc.surfaces.cli.output import show


@contextmanager
def taking(source: Source) -> Iterator[None]:
    """What is done here with `source` ends the command, its mistakes shown, if it does not compile."""
    try:
        yield
    except CompileError as error:
        show(error.diagnostics, source)
        raise Exit(exit_codes.FINDINGS) from None


def author() -> str | None:
    """Who hands it in: the user's name, if there is one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user the system does not know
        return None
