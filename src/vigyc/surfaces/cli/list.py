"""From `vigyc list` to the registered vigies, a line each: whether it ticks, how often, and how that goes."""

from __future__ import annotations

from typing import Final

import click

from vigyc.service.browsing import REGISTERED, SORTS
from vigyc.service.overview import PHASES, Overview
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.table import aligned, say_data
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.cli.vigy_text import labels_text, last_text, ticking
from vigyc.surfaces.wire.answers import overview_json

ALL: Final = 2**31 - 1


@click.command("list")
@click.option("--selector", metavar="KEY=VALUE,...", default="", help="Only vigies with these labels.")
@click.option("--search", metavar="TEXT", default="", help="Only those with TEXT in their name, or an id so begun.")
@click.option("--phase", type=click.Choice(PHASES), help="Only vigies in this phase.")
@click.option("--failing/--not-failing", default=None, help="Only vigies whose last tick failed, or did not.")
@click.option(
    "--sort", type=click.Choice(SORTS), default=REGISTERED, show_default=True,
    help="In the order of registration, by name, or by who needs attention.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), help="No more than so many (default: all).")
@moments_option
@place_options
@options.format_option
def command(
    selector: str,
    search: str,
    phase: str | None,
    failing: bool | None,
    sort: str,
    limit: int | None,
    moments: Moments,
    place: Place,
    as_format: Format,
) -> int:
    """List the registered vigies, in the order they were registered: ■ ticks, □ is disabled."""
    with reached(place) as runtime:
        page = runtime.browse(
            selector, search=search, phase=phase, failing=failing, sort=sort, limit=ALL if limit is None else limit
        )  # fmt: skip
    if as_format != "table":
        say_data([overview_json(each) for each in page.items], as_format)
    elif page.items:
        _tell(page.items, moments)
    elif search or phase is not None or failing is not None:
        say("no vigies match")
    else:
        say(f"no vigies match {one_line(selector)}" if selector else "no vigies registered")
    if as_format == "table" and page.next is not None:
        say(f"{len(page.items)} of {page.total} vigies", err=True)
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
