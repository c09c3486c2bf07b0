"""From `vigyc doctor` to how all is that a runtime needs, or a server, and what to do where it is not well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import click

from vigyc.service.check_result import FAIL, OK, WARN, CheckResult
from vigyc.service.doctor import check_up
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say, wants_color
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.server_doctor import check_server
from vigyc.surfaces.cli.table import say_list
from vigyc.surfaces.client.client import Client

_COLOURS: Final = {OK: "green", WARN: "yellow", FAIL: "red"}


@click.command("doctor")
@place_options
@options.format_option
def command(place: Place, as_format: Format) -> int:
    """Check Python, SQLite, settings, files, the store, who ticks it, and the vigies: exit code 1 if something fails.

    Of a server: whether it answers, its clock, its runtime, its vigies. Nothing is changed by it.
    """
    if place.server is None:
        return _told(check_up(place.path), as_format)
    with Client.connect(place.server, place.token) as client:
        return _told(check_server(client, place.server), as_format)


def _told(found: Iterable[CheckResult], as_format: Format) -> int:
    results = []
    for result in found:
        results.append(result)
        if as_format == "table":
            _show(result)
    if as_format != "table":
        say_list(results, as_format, (), lambda _: (), _data)
    return exit_codes.FINDINGS if any(result.level == FAIL for result in results) else 0


def _show(result: CheckResult) -> None:
    level = f"{result.level:<4}"
    shown = click.style(level, fg=_COLOURS[result.level]) if wants_color(err=False) else level
    say(f"{shown}  {one_line(result.subject):<12}  {one_line(result.text)}")
    if result.remedy is not None:
        say(f"{'':<20}to do: {one_line(result.remedy)}")


def _data(result: CheckResult) -> dict[str, str]:
    return {name: value for name, value in result._asdict().items() if value is not None}
