"""From `vigyc resolve RUN INDEX STATUS` to what came of an action, told to the store by whoever carried it out."""

from __future__ import annotations

import click

from vigyc.model.action import STATUSES
from vigyc.model.codec import to_json
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.run_text import action_text
from vigyc.surfaces.cli.store_access import reached


@click.command("resolve")
@click.argument("run_id", metavar="RUN")
@click.argument("index", type=click.IntRange(min=0))
@click.argument("status", type=click.Choice(STATUSES), metavar=f"[{'|'.join(STATUSES)}]")
@click.option("--message", metavar="TEXT", help="More about what came of it.")
@place_options
@options.format_option
def command(run_id: str, index: int, status: str, message: str | None, place: Place, as_format: Format) -> int:
    """Report what came of action INDEX (from 0) of the run RUN; the beginning of its id is enough.

    `vigyc state` shows which actions wait for that. In JSON: the run.
    """
    with reached(place) as runtime:
        run = runtime.resolve(run_id, index, status, message)
    if as_format == "table":
        say(one_line(f"✓ action {index} of run {run.id}: {action_text(run.actions[index])}"))
    else:
        say_json(to_json(run))
    return 0
