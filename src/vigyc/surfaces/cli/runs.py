"""From `vigyc runs` to the runs that are kept: of one vigy or of all, newest first, or one of them whole."""

from __future__ import annotations

import click

from vigyc.model.codec import to_json
from vigyc.model.run import RESULTS
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.run_text import tell
from vigyc.surfaces.cli.store_access import Reached, names_of, reached
from vigyc.surfaces.cli.table import say_data
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.cli.vigy_argument import completions
from vigyc.surfaces.cli.vigy_text import say_runs


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
        found = runtime.runs(ref, before=before, limit=limit, results=results)
        names = None if ref is not None else names_of(runtime, (run.vigy_id for run in found))
    if as_format != "table":
        say_data([to_json(run) for run in found], as_format)
    elif found:
        say_runs(found, moments, names)
    return 0


def _show(runtime: Reached, run_id: str, as_format: Format) -> None:
    run = runtime.run(run_id)
    if as_format == "table":
        names = names_of(runtime, [run.vigy_id])
        tell(names.get(run.vigy_id, run.vigy_id), run)
    else:
        say_json(to_json(run))
