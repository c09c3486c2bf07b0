"""From `vigyc replay RUN` to the tick of that run once more, answered from its record, and what differs."""

from __future__ import annotations

import click

from vigyc.rehearsal.replay import Difference, Replayed
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import json_text, say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.run_text import say_lines, tell
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.wire.answers import replayed_json


@click.command("replay")
@click.argument("run")
@place_options
@options.format_option
def command(run: str, place: Place, as_format: Format) -> int:
    """Tick RUN (an id, or its beginning) once more from its record; exit code 1 if anything differs.

    No effect is performed and nothing is kept: every call gets what it got then. A program that asks for something else
    has diverged. Runs that called no effect have no record. The JSON has every recorded call: what it was given, and
    what came of it.
    """
    with reached(place) as runtime:
        done = runtime.replay(run)
        name = runtime.get(done.run.vigy_id).name
    if as_format == "table":
        _tell(name, done)
    else:
        say_json(replayed_json(done))
    return exit_codes.FINDINGS if done.differences else 0


def _tell(name: str, done: Replayed) -> None:
    tell(name, done.again)
    if not done.differences:
        say("the replay is as the run was")
    say_lines(("differs", _text(found)) for found in done.differences)


def _text(found: Difference) -> str:
    return f"{found.what}: {json_text(found.recorded)} then, {json_text(found.replayed)} now"
