"""From `vigyc pause` to a server that begins no tick by itself, until `vigyc resume`."""

from __future__ import annotations

import click

from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import served


@click.command("pause")
@place_options
@options.format_option
def command(place: Place, as_format: Format) -> int:
    """Hold the scheduled ticks of all vigies of a server back, until `vigyc resume`.

    Ticks under way end, and `vigyc tick` goes on. It takes a server (--server): whoever opens the file of a store
    cannot hold back what another process ticks.
    """
    with served(place, "pause") as server:
        server.pause()
    if as_format == "table":
        say("✓ paused: no scheduled tick begins until vigyc resume")
    else:
        say_json({"paused": True})
    return 0
