"""From `vigyc diff REF` to what differs between two versions of a vigy's program, as a unified diff."""

from __future__ import annotations

import click

from vigyc.lang.errors import NotFound
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say_diff, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.vigy_argument import ref_argument


@click.command("diff")
@ref_argument
@click.argument("old", type=click.IntRange(min=1), required=False)
@click.argument("new", type=click.IntRange(min=1), required=False)
@place_options
@options.format_option
def command(ref: str, old: int | None, new: int | None, place: Place, as_format: Format) -> int:
    """Show what differs between versions OLD and NEW of the program of the vigy REF (default: the last two)."""
    with reached(place) as runtime:
        vigy = runtime.get(ref)
        new = vigy.version if new is None else new
        old = new - 1 if old is None else old
        if old == 0:
            raise NotFound(f"{vigy.name} has only one version; there is nothing to compare it with")
        text = runtime.diff(vigy.id, old, new)
    if as_format == "table":
        say_diff(text)
    else:
        say_json({"vigy_id": vigy.id, "old": old, "new": new, "diff": text})
    return 0
