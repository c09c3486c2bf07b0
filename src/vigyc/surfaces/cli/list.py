"""From `vigyc list` to the registered vigies, a line each: whether it ticks, how often, and how that goes."""

from __future__ import annotations

import click

from vigyc.service.overview import Overview
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.table import aligned, say_data
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.cli.vigy_text import labels_text, last_text, ticking
from vigyc.surfaces.wire.answers import overview_json


@click.command("list")
@click.option("--selector", metavar="KEY=VALUE,...", default="", help="Only vigies with these labels.")
@moments_option
@place_options
@options.format_option
def command(selector: str, moments: Moments, place: Place, as_format: Format) -> int:
    """List the registered vigies, in the order they were registered: ■ ticks, □ is disabled."""
    with reached(place) as runtime:
        known = runtime.overview(selector)
    if as_format != "table":
        say_data([overview_json(each) for each in known], as_format)
    elif known:
        _tell(known, moments)
    else:
        say(f"no vigies match {one_line(selector)}" if selector else "no vigies registered")
    return 0


def _tell(known: list[Overview], moments: Moments) -> None:
    rows = [
        ("■" if vigy.enabled else "□", vigy.id, vigy.name, ticking(vigy.schedule), phase, last_text(standing, moments))
        for vigy, standing, _, phase, _ in known
    ]
    for line, overview in zip(aligned(rows, hued=(4, 5)), known, strict=True):
        say(line)
        if overview.vigy.labels:
            say(f"    {labels_text(overview.vigy.labels)}")
