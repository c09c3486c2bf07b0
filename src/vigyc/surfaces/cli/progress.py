"""From work that takes long to a line on the terminal that tells how far it is, and to nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from vigyc.surfaces.cli.output import is_terminal


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A function to call with what is done and what there is; None unless stderr is a terminal."""
    if not is_terminal(sys.stderr):
        yield None
        return
    shown = ""

    def tell(done: int, total: int) -> None:
        nonlocal shown
        line = f"\r{what} {done * 100 // max(total, 1):3}%"
        if line != shown:
            click.echo(line, err=True, nl=False)
            shown = line

    try:
        yield tell
    finally:
        click.echo("\r" + " " * len(shown) + "\r", err=True, nl=False)
