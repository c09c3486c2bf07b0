"""From `vigyc audit` to what the registered vigies can do to the world, found in their programs: where, and to what."""

from __future__ import annotations

import click

from vigyc.auditing import Asked, Use
from vigyc.effects.kinds import KINDS, NONE
from vigyc.service.audit import PROGRAM, Audited, counts, wanted
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.table import aligned, say_data
from vigyc.surfaces.wire.uses import NOUNS, audited_json


@click.command("audit")
@click.option("--effect", "effects", metavar="KIND", multiple=True, help="Uses of this kind of effect.")
@click.option("--host", "hosts", metavar="HOST", multiple=True, help="Uses that reach this host, or may.")
@click.option("--calls", "operations", metavar="OPERATION", multiple=True, help="Uses of this operation.")
@click.option("--selector", metavar="KEY=VALUE,...", default="", help="Only vigies with these labels.")
@place_options
@options.format_option
def command(
    effects: tuple[str, ...],
    hosts: tuple[str, ...],
    operations: tuple[str, ...],
    selector: str,
    place: Place,
    as_format: Format,
) -> int:
    """Show what the registered vigies do to the world: every operation, its place, and what for if that is known.

    Several of --effect, --host and --calls (each may be repeated) show what any of them fits. Names are followed to
    what they mean; a program that evaluates what it makes up may do more.
    """
    looked_for = wanted(effects, hosts, operations)
    with reached(place) as runtime:
        found = runtime.audit(looked_for, selector)
    if as_format != "table":
        say_data([audited_json(each) for each in found], as_format)
        return 0
    for each in found:
        _tell(each)
    summed = ", ".join(f"{kind} {count}" for kind, count in counts(found).items())
    say(f"{len(found)} {'vigy' if len(found) == 1 else 'vigies'}" + (f": {summed}" if summed else ""), err=True)
    return 0


def _tell(audited: Audited) -> None:
    say(one_line(f"{audited.vigy.name}: {audited.problem or ', '.join(audited.uses.kinds) or 'pure'}"))
    for line in aligned([_row(use) for use in audited.uses.uses]):
        say(f"    {line}")
    if audited.uses.evaluates:
        say("    it runs code that it makes up, which may do more")


def _row(use: Use) -> tuple[str, str, str, str]:
    return _place(use), use.name, use.how, ", ".join(map(_ask_text, use.asks))


def _place(use: Use) -> str:
    line, column = use.source.place(use.start)
    where = "" if use.source.name == PROGRAM else f"{use.source.name}:"
    return f"{where}{line}:{column}"


def _ask_text(ask: Asked) -> str:
    scope = KINDS[ask.kind].scope
    if scope == NONE:
        return ask.kind
    if ask.dynamic:
        return f"{ask.kind} dynamic {NOUNS[scope]}"
    return f"{ask.kind} {' '.join(ask.literal) if isinstance(ask.literal, list) else ask.literal}"
