"""From `vigyc versions REF` to the editions of a vigy's program, or to the text of one of them."""

from __future__ import annotations

from typing import Final

import click

from vigyc.model.codec import to_json
from vigyc.model.vigy import Version
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say_json, say_program
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.table import say_list
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.cli.vigy_argument import ref_argument

SHORT: Final = 15  # of a digest, in the table


@click.command("versions")
@ref_argument
@click.argument("number", type=click.IntRange(min=1), required=False)
@moments_option
@place_options
@options.format_option
def command(ref: str, number: int | None, moments: Moments, place: Place, as_format: Format) -> int:
    """List the versions of the program of the vigy REF, the newest first; or print the program of version NUMBER."""

    def row(version: Version) -> tuple[str, ...]:
        made = moments.text(version.created_at)
        digest, by = version.digest[:SHORT], version.author or ""
        return str(version.number), version.label, made, digest, by, version.note or ""

    with reached(place) as runtime:
        if number is None:
            found = runtime.versions(ref)
            say_list(found, as_format, ("VERSION", "LABEL", "MADE", "DIGEST", "BY", "NOTE"), row, to_json)
            return 0
        version = runtime.version(ref, number)
    if as_format == "table":
        say_program(version.program)
    else:
        say_json(to_json(version))
    return 0
