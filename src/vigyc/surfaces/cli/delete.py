"""From `vigyc delete REF...` to vigies that are gone, with all that they remember unless that is kept."""

from __future__ import annotations

import click

from vigyc.model.codec import to_json
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.confirmation import confirm
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.table import say_data
from vigyc.surfaces.cli.vigy_argument import completions


@click.command("delete")
@click.argument("refs", metavar="REF...", nargs=-1, required=True, shell_complete=completions)
@click.option("--keep-data", is_flag=True, help="Keep kv, state and runs, for one registered under the same id again.")
@options.yes
@place_options
@options.format_option
def command(refs: tuple[str, ...], keep_data: bool, yes: bool, place: Place, as_format: Format) -> int:
    """Delete vigies, with their kv, state, runs and versions."""
    with reached(place) as runtime:
        vigies = list({vigy.id: vigy for vigy in map(runtime.get, refs)}.values())
        whose = "its" if len(vigies) == 1 else "their"
        what = f"but keep {whose} data" if keep_data else f"and all {whose} data"
        confirm(f"delete {', '.join(vigy.name for vigy in vigies)} {what}", yes)
        for vigy in vigies:
            runtime.delete(vigy.id, keep_data=keep_data)
            if as_format == "table":
                say(f"✓ {vigy.id} deleted")
    if as_format != "table":
        say_data([to_json(vigy) for vigy in vigies], as_format)
    return 0
