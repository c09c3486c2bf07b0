"""From `vigyc denials` to what the policy refused: of one vigy or of all, newest first."""

from __future__ import annotations

import click

from vigyc.model.codec import to_json
from vigyc.model.notice import Notice
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import names_of, reached
from vigyc.surfaces.cli.table import say_list
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.cli.vigy_argument import completions


@click.command("denials")
@click.argument("ref", required=False, shell_complete=completions)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="No more than so many.")
@click.option("--before", metavar="SEQ", type=click.IntRange(min=1), help="Only those before the one of this number.")
@moments_option
@place_options
@options.format_option
def command(
    ref: str | None, limit: int, before: int | None, moments: Moments, place: Place, as_format: Format
) -> int:  # fmt: skip
    """Show what the policy refused of the vigy REF, or of all, newest first: which effect, of what, by which rule."""
    with reached(place) as runtime:
        found = runtime.denials(ref, before=before, limit=limit)
        names = names_of(runtime, (each.vigy_id for each in found)) if as_format == "table" else {}

    def row(notice: Notice) -> tuple[str, ...]:
        whose = notice.vigy_id or ""
        return str(notice.seq), moments.text(notice.at), names.get(whose, whose), notice.message or ""

    say_list(found, as_format, ("SEQ", "WHEN", "VIGY", "WHAT"), row, to_json)
    return 0
