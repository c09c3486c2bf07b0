"""From `vigyc state REF` to what a vigy wants and sees, its conditions, and what it decided that nobody did yet."""

from __future__ import annotations

import click

from vigyc.model.codec import to_json
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.run_text import say_lines
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.cli.vigy_argument import ref_argument
from vigyc.surfaces.cli.vigy_text import state_lines


@click.command("state")
@ref_argument
@moments_option
@place_options
@options.format_option
def command(ref: str, moments: Moments, place: Place, as_format: Format) -> int:
    """Show what the ticks of the vigy REF want and saw, its conditions, and the actions of its last run that wait."""
    with reached(place) as runtime:
        vigy = runtime.get(ref)
        state = runtime.state(vigy.id)
    if as_format == "table":
        say(f"{vigy.id}  {vigy.name}")
        say_lines(state_lines(state, moments))
    else:
        say_json(to_json(state))
    return 0
