"""From `vigyc tick REF` to one tick, made now by whoever ticks the store, or only tried."""

from __future__ import annotations

import click

from vigyc.model.codec import to_json
from vigyc.model.run import OK, Run
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.policy_options import PolicyChoice, source_options
from vigyc.surfaces.cli.run_text import tell, tell_dry
from vigyc.surfaces.cli.store_access import Reached, reached
from vigyc.surfaces.cli.vigy_argument import ref_argument
from vigyc.surfaces.wire.answers import dry_run_json


@click.command("tick")
@ref_argument
@click.option("--dry-run", is_flag=True, help="Show what the tick would do and change; keep nothing of it.")
@click.option("--fail-on-denied", is_flag=True, help="Exit code 3 if the policy refused anything, handled or not.")
@click.option(
    "--timeout", metavar="DURATION", type=options.milliseconds,
    help="Wait no longer for the tick (which may be made later).",
)  # fmt: skip
@source_options
@place_options
@options.format_option
def command(
    ref: str,
    dry_run: bool,
    fail_on_denied: bool,
    timeout: int | None,
    choice: PolicyChoice,
    place: Place,
    as_format: Format,
) -> int:
    """Tick the vigy REF once, now, enabled or not; exit code 1 if the tick failed, 3 if because of its policy.

    If a server ticks the store, the tick is made there.
    """
    with reached(place, choice.chosen()) as runtime:
        if choice.given and not dry_run:
            _check_ticked_here(runtime)
        run = _try(runtime, ref, as_format) if dry_run else _tick(runtime, ref, timeout, as_format)
    if run.error_kind == "denied" or (fail_on_denied and run.report.denied):
        return exit_codes.NOT_ALLOWED
    return 0 if run.result == OK else exit_codes.FINDINGS


def _check_ticked_here(runtime: Reached) -> None:
    """A server goes by its own policy. Raises click.UsageError."""
    owner = runtime.health().owner
    if owner is not None:
        raise click.UsageError(f"{owner} ticks this store, under its own policy; a policy can be given for a --dry-run")


def _tick(runtime: Reached, ref: str, timeout_ms: int | None, as_format: Format) -> Run:
    vigy = runtime.get(ref)
    run = runtime.tick(vigy.id, None if timeout_ms is None else timeout_ms / 1000)
    if as_format == "table":
        tell(vigy.name, run)
    else:
        say_json(to_json(run))
    return run


def _try(runtime: Reached, ref: str, as_format: Format) -> Run:
    done = runtime.dry_run(ref)
    if as_format == "table":
        tell_dry(done.vigy.name, done.run, done.changes)
    else:
        say_json(dry_run_json(done))
    return done.run
