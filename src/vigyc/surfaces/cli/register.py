"""From `vigyc register FILE --name N` to a vigy that ticks: checked, stored, and shown with its id."""

from __future__ import annotations

import click

from vigyc.linking import ModuleFiles
from vigyc.model.action import ABSENT
from vigyc.model.codec import to_json
from vigyc.model.labels import parse_label
from vigyc.service.edit import DEFAULT
from vigyc.service.registry import Registration
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
from vigyc.surfaces.cli.vigy_text import ticking


@click.command("register")
@click.argument("file")
@click.option("--name", required=True, help="What to call it: a name no other vigy of the store has.")
@timing_options
@click.option("--label", "labels", metavar="KEY=VALUE", multiple=True, help="Put a label on it (may be repeated).")
@click.option("--disabled", is_flag=True, help="Let it tick only when asked to.")
@click.option("--deadline", metavar="DURATION", help="Time for one tick (default: the setting `deadline_ms`).")
@click.option("--note", metavar="TEXT", help="Say why, for `vigyc versions`.")
@source_options
@place_options
@options.format_option
def command(
    file: str,
    name: str,
    timing: Timing,
    labels: tuple[str, ...],
    disabled: bool,
    deadline: str | None,
    note: str | None,
    choice: PolicyChoice,
    place: Place,
    as_format: Format,
) -> int:
    """Register the program in FILE (- for standard input), with all that it requires, to tick from now on.

    Registering the same program under the same name again changes only what is given. To replace the program use
    update.
    """
    source = read_program(file)
    schedule = timing.upon(DEFAULT)
    with compile_errors_shown(source), reached(place, choice.chosen()) as runtime:
        done = runtime.register(
            source.text,
            name=name,
            schedule=schedule,
            labels=dict(map(parse_label, labels)) if labels else None,
            enabled=False if disabled else None,
            deadline=ABSENT if deadline is None else deadline,
            filename=source.name,
            modules=ModuleFiles(),
            author=author(),
            note=note,
        )
    show(done.findings, source)
    if as_format == "table":
        _tell(done)
    else:
        say_json({**to_json(done.vigy), "created": done.created, "changed": done.changed})
    return 0


def _tell(done: Registration) -> None:
    vigy = done.vigy
    say(f"✓ {vigy.id}  {vigy.name}")
    news = "" if done.created else "changed: " if done.changed else "registered before, unchanged: "
    if vigy.enabled:
        say(f"  {news}ticking {ticking(vigy.schedule)}")
    else:
        say(f"  {news}registered disabled" if done.created else f"  {news}disabled")
