"""From `vigyc python REF` to the Python that the program of a vigy becomes, as text to read."""

from __future__ import annotations

import click

from vigyc.lang.source import Source
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.compile_errors import compile_errors_shown
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say_json, say_program
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.vigy_argument import ref_argument


@click.command("python")
@ref_argument
@place_options
@options.format_option
def command(ref: str, place: Place, as_format: Format) -> int:
    """Show the Python that the program of the vigy REF becomes; `vigyc compile` does that for a file.

    It is made for reading, never what runs.
    """
    with reached(place) as runtime:
        vigy = runtime.get(ref)
        with compile_errors_shown(Source(vigy.name, vigy.program)):
            text = runtime.python(vigy.id)
    if as_format == "table":
        say_program(text)
    else:
        say_json({"python": text})
    return 0
