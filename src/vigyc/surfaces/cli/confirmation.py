"""From a step that cannot be taken back to a yes: asked for on a terminal, said beforehand by `--yes` elsewhere."""

from __future__ import annotations

import sys

import click

from vigyc.surfaces.cli import exit_codes
from vigyc.surfaces.cli.output import is_terminal


class Declined(click.ClickException):
    """The answer was no."""

    exit_code = exit_codes.FINDINGS


def confirm(text: str, yes: bool) -> None:
    """Ask whether to do what `text` says, unless `yes`.

    Raises Declined if the answer is no, click.UsageError where there is nobody to ask.
    """
    if yes:
        return
    if not is_terminal(sys.stdin):
        raise click.UsageError(f"{text}: say --yes to do it, since there is no terminal to ask on")
    if not click.confirm(f"{text}?", err=True):
        raise Declined("nothing was done")
