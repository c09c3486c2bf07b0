"""From `vigyc runs` to the runs that are kept: of one vigy or of all, newest first, or one of them whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Final

import click

from vigyc.lang.errors import NotFound
from vigyc.model.codec import to_json
from vigyc.model.run import RESULTS, Run
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.run_text import tell
from vigyc.surfaces.cli.store_access import Reached, reached
from vigyc.surfaces.cli.table import say_data
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.cli.vigy_argument import completions
from vigyc.surfaces.cli.vigy_text import say_runs

PAGE: Final = 200


@click.command("runs")
@click.argument("ref", required=False, shell_complete=completions)
@click.option("--run", "run_id", metavar="ID", help="Show this run whole; the beginning of its id is enough.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="No more than so many.")
@click.option("--before", metavar="SEQ", type=click.IntRange(min=1), help="Only those before the run of this number.")
@click.option(
    "--result", "results", type=click.Choice(RESULTS), multiple=True, help="Only those that ended so (may be repeated)."
)
@moments_option
@place_options
@options.format_option
def command(
    ref: str | None,
    run_id: str | None,
    limit: int,
    before: int | None,
    results: tuple[str, ...],
    moments: Moments,
    place: Place,
    as_format: Format,
) -> int:
    """List the runs of the vigy REF, or of all, newest first.

    SEQ is a run's number in the stream of the store, see `vigyc tail`. What a run said is shown with --run, or in JSON.
    """
    with reached(place) as runtime:
        if run_id is not None:
            _show(runtime, run_id, as_format)
            return 0
        vigy_id = None if ref is None else runtime.get(ref).id
        wanted = (run for run in _all(runtime, vigy_id, before, limit) if not results or run.result in results)
        found = list(islice(wanted, limit))
        names = None if ref is not None else _names(runtime, found)
    if as_format != "table":
        say_data([to_json(run) for run in found], as_format)
    elif found:
        say_runs(found, moments, names)
    return 0


def _all(runtime: Reached, vigy_id: str | None, before: int | None, limit: int) -> Iterator[Run]:
    """All there are, newest first, read in pages."""
    page = max(limit, PAGE)
    while True:
        runs = runtime.runs(vigy_id, before=before, limit=page)
        yield from runs
        if len(runs) < page:
            return
        before = runs[-1].seq


def _show(runtime: Reached, run_id: str, as_format: Format) -> None:
    run = runtime.run(run_id)
    if as_format == "table":
        names = _names(runtime, [run])
        tell(names.get(run.vigy_id, run.vigy_id), run)
    else:
        say_json(to_json(run))


def _names(runtime: Reached, runs: Sequence[Run]) -> dict[str, str]:
    """The names of the vigies of `runs` by id; one that was deleted has none."""
    found = {}
    for vigy_id in dict.fromkeys(run.vigy_id for run in runs):
        with suppress(NotFound):
            found[vigy_id] = runtime.get(vigy_id).name
    return found
