"""From `vigyc rollback REF NUMBER` to a vigy whose program is that of an earlier version again, as a new one."""

from __future__ import annotations

import click

from vigyc.lang.source import Source
from vigyc.model.codec import to_json
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.author import author
from vigyc.surfaces.cli.compile_errors import compile_errors_shown
from vigyc.surfaces.cli.confirmation import confirm
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.policy_options import PolicyChoice, source_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.vigy_argument import ref_argument


@click.command("rollback")
@ref_argument
@click.argument("number", type=click.IntRange(min=1))
@click.option("--note", metavar="TEXT", help="Say why, for `vigyc versions`.")
@options.yes
@source_options
@place_options
@options.format_option
def command(
    ref: str, number: int, note: str | None, yes: bool, choice: PolicyChoice, place: Place, as_format: Format
) -> int:
    """Make the program of version NUMBER of the vigy REF its newest version; `vigyc diff` shows what that changes."""
    with reached(place, choice.chosen()) as runtime:
        before = runtime.get(ref)
        old = runtime.version(before.id, number)
        confirm(f"replace version {before.version} of {before.name} by what version {number} was", yes)
        with compile_errors_shown(Source(before.name, old.program)):
            after = runtime.rollback(before.id, number, author=author(), note=note)
    if as_format != "table":
        say_json(to_json(after))
        return 0
    say(f"✓ {after.id}  {after.name}")
    if after == before:
        say(f"  version {number} is what it is already: nothing changed")
    else:
        say(f"  version {after.version}: what version {number} was")
    return 0
