"""From `vigyc update REF` to a vigy of which something has changed; its id, its kv and its history stay."""

from __future__ import annotations

from collections.abc import Iterable

import click

from vigyc.checking import check
from vigyc.lang.errors import NotFound
from vigyc.lang.source import Source
from vigyc.linking import ModuleFiles
from vigyc.model.action import ABSENT
from vigyc.model.codec import to_json
from vigyc.model.labels import parse_label
from vigyc.model.vigy import Vigy
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.author import author
from vigyc.surfaces.cli.compile_errors import compile_errors_shown
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say, say_json, show
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.policy_options import PolicyChoice, source_options
from vigyc.surfaces.cli.program_files import read_program
from vigyc.surfaces.cli.schedule_options import Timing, timing_options
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.vigy_argument import ref_argument
from vigyc.surfaces.cli.vigy_text import ticking

NONE = "none"


@click.command("update")
@ref_argument
@click.option("--program", "file", metavar="FILE", help="Replace the program by that in FILE (- for standard input).")
@click.option("--name", help="Call it so.")
@timing_options
@click.option(
    "--label", "labels", metavar="KEY=VALUE|KEY-", multiple=True, help="Set or remove a label (may be repeated)."
)
@click.option("--deadline", metavar="DURATION|none", help="Time for one tick (none: the setting `deadline_ms`).")
@click.option("--note", metavar="TEXT", help="Say why the program changes, for `vigyc versions`.")
@source_options
@place_options
@options.format_option
def command(
    ref: str,
    file: str | None,
    name: str | None,
    timing: Timing,
    labels: tuple[str, ...],
    deadline: str | None,
    note: str | None,
    choice: PolicyChoice,
    place: Place,
    as_format: Format,
) -> int:
    """Change what is given of the vigy REF. A new program is a new version, see `vigyc versions`."""
    if file is None and name is None and timing == Timing() and not labels and deadline is None:
        raise click.UsageError("say what to change: --program, --name, --every, --label, ...")
    given = None if file is None else read_program(file)
    with reached(place, choice.chosen()) as runtime:
        before = runtime.get(ref)
        source = given or Source(before.name, before.program)
        with compile_errors_shown(source):
            after = runtime.update(
                before.id,
                program=None if given is None else given.text,
                filename=source.name,
                modules=None if given is None else ModuleFiles(),
                name=name,
                schedule=timing.upon(before.schedule),
                labels=_labelled(before, labels) if labels else None,
                deadline=ABSENT if deadline is None else None if deadline == NONE else deadline,
                author=author(),
                note=note,
            )
    if given is not None:
        show(check(given.text, given.name, modules=ModuleFiles()), given)
    if as_format == "table":
        _tell(before, after)
    else:
        say_json(to_json(after))
    return 0


def _labelled(vigy: Vigy, changes: Iterable[str]) -> dict[str, str]:
    """The labels of `vigy` with `changes`. Raises Invalid, and NotFound for one to be removed that is not there."""
    labels = dict(vigy.labels)
    for change in changes:
        key = change.removesuffix("-")
        if "=" in change or key == change:
            labels.update([parse_label(change)])
        elif labels.pop(key, None) is None:
            raise NotFound(f"{vigy.name} has no label {key!r}")
    return labels


def _tell(before: Vigy, after: Vigy) -> None:
    say(f"✓ {after.id}  {after.name}")
    if after == before:
        say("  it is so already: nothing changed")
        return
    ticks = f"ticking {ticking(after.schedule)}" if after.enabled else "disabled"
    say(f"  version {after.version}, {ticks}")
