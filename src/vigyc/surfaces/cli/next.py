"""From `vigyc next` to the ticks to come: when each is due, and why it is not earlier."""

from __future__ import annotations

import time

import click

from vigyc.model.duration import duration_text
from vigyc.model.timestamp import rfc3339
from vigyc.service.overview import Upcoming
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.table import say_list
from vigyc.surfaces.wire.answers import upcoming_json


@click.command("next")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="No more than so many.")
@click.option("--selector", metavar="KEY=VALUE,...", default="", help="Only vigies with these labels.")
@place_options
@options.format_option
def command(limit: int, selector: str, place: Place, as_format: Format) -> int:
    """Show which vigies tick next, when, and why then."""
    with reached(place) as runtime:
        coming = runtime.next(limit, selector)
    now = int(time.time() * 1000)
    say_list(coming, as_format, ("VIGY", "IN", "AT", "WHY"), lambda each: _row(each, now), upcoming_json)
    return 0


def _row(each: Upcoming, now: int) -> tuple[str, str, str, str]:
    left = each.due_at - now
    return each.vigy.name, duration_text(left) if left > 0 else "now", rfc3339(each.due_at), each.why
