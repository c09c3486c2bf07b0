"""From `vigyc inspect REF` to everything about a vigy: how it is registered, where it stands, what it did last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import click

from vigyc.model.codec import to_json
from vigyc.model.duration import duration_text
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.service.explanation import Explanation
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.run_text import say_lines
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.cli.vigy_argument import ref_argument
from vigyc.surfaces.cli.vigy_text import labels_text, last_text, say_runs, state_lines, ticking
from vigyc.surfaces.wire.answers import inspection_json

RECENT: Final = 5


@click.command("inspect")
@ref_argument
@moments_option
@place_options
@options.format_option
def command(ref: str, moments: Moments, place: Place, as_format: Format) -> int:
    """Show the vigy REF, how it goes with it, its state and its last runs.

    REF is its id, its name, or the beginning of its id. In JSON: vigy, phase, standing, state, recent_runs.
    """
    with reached(place) as runtime:
        known = runtime.explain(ref)
        vigy_id = known.vigy.id
        standing, state = runtime.standing(vigy_id), runtime.state(vigy_id)
        runs = runtime.runs(vigy_id, limit=RECENT)
    if as_format != "table":
        recent = [to_json(run) for run in runs]
        say_json({**inspection_json(known, standing, state), "recent_runs": recent})
        return 0
    say(f"{known.vigy.id}  {known.vigy.name}")
    say_lines([*_registered(known.vigy, moments), *_going(known, standing, moments), *state_lines(state, moments)])
    if runs:
        say("\nrecent runs:")
        say_runs(runs, moments)
    return 0


def _registered(vigy: Vigy, moments: Moments) -> Iterator[tuple[str, str]]:
    yield "ticks", ticking(vigy.schedule) if vigy.enabled else f"only when asked to; enabled, {ticking(vigy.schedule)}"
    if vigy.labels:
        yield "labels", labels_text(vigy.labels)
    if vigy.deadline_ms is not None:
        yield "deadline", duration_text(vigy.deadline_ms)
    yield "program", f"version {vigy.version}, {vigy.digest}"
    if vigy.modules is not None:
        yield "requires", ", ".join(vigy.modules["texts"])
    yield "registered", moments.text(vigy.created_at)
    if vigy.updated_at != vigy.created_at:
        yield "changed", moments.text(vigy.updated_at)


def _going(known: Explanation, standing: Standing, moments: Moments) -> Iterator[tuple[str, str]]:
    due = "" if known.due_at is None else f", due {moments.text(known.due_at)}"
    yield "phase", f"{known.phase}{due}"
    if standing.result is not None:
        yield "last run", last_text(standing, moments)
    if standing.error is not None:
        yield "error", standing.error
    counts = (
        (standing.failed, "failed"), (standing.timed_out, "timed out"), (standing.missed, "missed"),
        (standing.denied, "effects denied"),
    )  # fmt: skip
    yield "runs", ", ".join([str(standing.runs), *(f"{count} {what}" for count, what in counts if count)])
