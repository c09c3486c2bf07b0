"""From `vigyc audit` to what the registered vigies can do to the world, found in their programs: where, and to what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vigyc.auditing import Asked, Use
from vigyc.effects import kinds
from vigyc.effects.kinds import KINDS, NONE
from vigyc.service.audit import PROGRAM, Audited, audit, counts, wanted
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say
from vigyc.surfaces.cli.store_access import opened
from vigyc.surfaces.cli.table import aligned, say_data

_NOUNS = {
    kinds.PATH: "path", kinds.HOST: "host", kinds.PROGRAM: "program", kinds.NAME: "name", kinds.PORT: "port",
}  # fmt: skip


@click.command("audit")
@click.option("--effect", "effects", metavar="KIND", multiple=True, help="Uses of this kind of effect.")
@click.option("--host", "hosts", metavar="HOST", multiple=True, help="Uses that reach this host, or may.")
@click.option("--calls", "operations", metavar="OPERATION", multiple=True, help="Uses of this operation.")
@click.option("--selector", metavar="KEY=VALUE,...", default="", help="Only vigies with these labels.")
@options.database
@options.format_option
def command(
    effects: tuple[str, ...],
    hosts: tuple[str, ...],
    operations: tuple[str, ...],
    selector: str,
    db: Path,
    as_format: Format,
) -> int:
    """Show what the registered vigies do to the world: every operation, its place, and what for if that is known.

    Several of --effect, --host and --calls (each may be repeated) show what any of them fits. Names are followed to
    what they mean; a program that evaluates what it makes up may do more.
    """
    looked_for = wanted(effects, hosts, operations)
    with opened(db) as runtime:
        found = audit(runtime.list(selector), looked_for)
    if as_format != "table":
        say_data([_data(each) for each in found], as_format)
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
        return f"{ask.kind} dynamic {_NOUNS[scope]}"
    return f"{ask.kind} {' '.join(ask.literal) if isinstance(ask.literal, list) else ask.literal}"


def _data(audited: Audited) -> dict[str, Any]:
    problem = {} if audited.problem is None else {"problem": audited.problem}
    return {
        "vigy_id": audited.vigy.id,
        "name": audited.vigy.name,
        "effects": list(audited.uses.kinds),
        "evaluates": audited.uses.evaluates,
        "uses": list(map(_use_data, audited.uses.uses)),
        **problem,
    }


def _use_data(use: Use) -> dict[str, Any]:
    line, column = use.source.place(use.start)
    return {
        "operation": use.name,
        "pack": use.pack,
        "how": use.how,
        "file": use.source.name,
        "line": line,
        "column": column,
        "asks": list(map(_ask_data, use.asks)),
    }


def _ask_data(ask: Asked) -> dict[str, Any]:
    scope = KINDS[ask.kind].scope
    if scope == NONE:
        return {"effect": ask.kind}
    return {"effect": ask.kind, **({"dynamic": True} if ask.dynamic else {_NOUNS[scope]: ask.literal})}
