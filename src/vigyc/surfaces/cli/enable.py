"""From `vigyc enable REF` to a vigy that ticks."""

from __future__ import annotations

import click

from vigyc.model.codec import to_json
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.vigy_argument import ref_argument


@click.command("enable")
@ref_argument
@place_options
@options.format_option
def command(ref: str, place: Place, as_format: Format) -> int:
    """Let the vigy REF tick, from now on."""
    with reached(place) as runtime:
        vigy = runtime.enable(ref)
    if as_format == "table":
        say(f"✓ {vigy.id} enabled")
    else:
        say_json(to_json(vigy))
    return 0
