"""From `vigyc next` to the ticks to come: when each is due, and why it is not earlier."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from vigyc.model.duration import duration_text
from vigyc.model.timestamp import rfc3339
from vigyc.service.overview import Upcoming
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.store_access import opened
from vigyc.surfaces.cli.table import say_list


@click.command("next")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="No more than so many.")
@click.option("--selector", metavar="KEY=VALUE,...", default="", help="Only vigies with these labels.")
@options.database
@options.format_option
def command(limit: int, selector: str, db: Path, as_format: Format) -> int:
    """Show which vigies tick next, when, and why then."""
    with opened(db) as runtime:
        coming = runtime.next(limit, selector)
    now = int(time.time() * 1000)
    say_list(coming, as_format, ("VIGY", "IN", "AT", "WHY"), lambda each: _row(each, now), _data)
    return 0


def _row(each: Upcoming, now: int) -> tuple[str, str, str, str]:
    left = each.due_at - now
    return each.vigy.name, duration_text(left) if left > 0 else "now", rfc3339(each.due_at), each.why


def _data(each: Upcoming) -> dict[str, Any]:
    return {"vigy_id": each.vigy.id, "name": each.vigy.name, "due_at": rfc3339(each.due_at), "why": each.why}
