"""From `vigyc replay RUN` to the tick of that run once more, answered from its record, and what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vigyc.model.codec import to_json
from vigyc.service.replay import Difference, Replayed
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import json_text, say, say_json
from vigyc.surfaces.cli.run_text import say_lines, tell
from vigyc.surfaces.cli.store_access import opened


@click.command("replay")
@click.argument("run")
@options.database
@options.format_option
def command(run: str, db: Path, as_format: Format) -> int:
    """Tick RUN (an id, or its beginning) once more from its record; exit code 1 if anything differs.

    No effect is performed and nothing is kept: every call gets what it got then. A program that asks for something else
    has diverged. Runs that called no effect have no record. The JSON has every recorded call: what it was given, and
    what came of it.
    """
    with opened(db) as runtime:
        done = runtime.replay(run)
        name = runtime.get(done.run.vigy_id).name
    if as_format == "table":
        _tell(name, done)
    else:
        say_json(_json(done))
    return exit_codes.FINDINGS if done.differences else 0


def _tell(name: str, done: Replayed) -> None:
    tell(name, done.again)
    if not done.differences:
        say("the replay is as the run was")
    say_lines(("differs", _text(found)) for found in done.differences)


def _text(found: Difference) -> str:
    return f"{found.what}: {json_text(found.recorded)} then, {json_text(found.replayed)} now"


def _json(done: Replayed) -> dict[str, Any]:
    return {
        "run": to_json(done.run),
        "calls": [call.to_json() for call in done.calls],
        "replay": to_json(done.again),
        "differences": [found._asdict() for found in done.differences],
    }
