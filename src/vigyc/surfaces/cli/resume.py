"""From `vigyc resume` to a server that goes on with the ticks that `vigyc pause` held back."""

from __future__ import annotations

import click

from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import served


@click.command("resume")
@place_options
@options.format_option
def command(place: Place, as_format: Format) -> int:
    """Go on with the scheduled ticks of a server that `vigyc pause` held back; it takes a server (--server)."""
    with served(place, "resume") as server:
        server.resume()
    if as_format == "table":
        say("✓ goes on")
    else:
        say_json({"paused": False})
    return 0
