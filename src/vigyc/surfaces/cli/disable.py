"""From `vigyc disable REF` to a vigy that ticks only when asked to."""

from __future__ import annotations

import click

from vigyc.model.codec import to_json
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.vigy_argument import ref_argument


@click.command("disable")
@ref_argument
@place_options
@options.format_option
def command(ref: str, place: Place, as_format: Format) -> int:
    """Let the vigy REF tick only when asked to; a tick under way is not kept."""
    with reached(place) as runtime:
        vigy = runtime.disable(ref)
    if as_format == "table":
        say(f"✓ {vigy.id} disabled")
    else:
        say_json(to_json(vigy))
    return 0
