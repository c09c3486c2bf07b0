"""From `vigyc doctor` to how everything is that a runtime needs, and what to do where it is not well."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from vigyc.service.checkup import check_up
from vigyc.service.sign import FAIL, OK, WARN, Sign
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say, wants_color
from vigyc.surfaces.cli.table import say_list

_COLOURS: Final = {OK: "green", WARN: "yellow", FAIL: "red"}


@click.command("doctor")
@options.database
@options.format_option
def command(db: Path, as_format: Format) -> int:
    """Check Python, SQLite, settings, files, the store, who ticks it, and the vigies: exit code 1 if something fails.

    Nothing is changed by it.
    """
    signs = []
    for sign in check_up(db):
        signs.append(sign)
        if as_format == "table":
            _show(sign)
    if as_format != "table":
        say_list(signs, as_format, (), lambda _: (), _data)
    return exit_codes.FINDINGS if any(sign.level == FAIL for sign in signs) else 0


def _show(sign: Sign) -> None:
    level = f"{sign.level:<4}"
    shown = click.style(level, fg=_COLOURS[sign.level]) if wants_color(err=False) else level
    say(f"{shown}  {one_line(sign.subject):<12}  {one_line(sign.text)}")
    if sign.remedy is not None:
        say(f"{'':<20}to do: {one_line(sign.remedy)}")


def _data(sign: Sign) -> dict[str, str]:
    return {name: value for name, value in sign._asdict().items() if value is not None}
