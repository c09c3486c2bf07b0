"""From `vigyc enhance` to the pipeline that makes programs better: its work, its log, its settings, its verdicts."""

from __future__ import annotations

from typing import Final

import click

from vigyc.model.codec import to_json
from vigyc.model.issue import PENDING
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.enhance_run import run
from vigyc.surfaces.cli.enhance_text import say_setting, say_settings, say_status
from vigyc.surfaces.cli.issue_text import change_of, say_epochs, say_verdicts, tell_epoch
from vigyc.surfaces.cli.json_argument import assignments
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say, say_diff, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.policy_options import PolicyChoice, source_options
from vigyc.surfaces.cli.program_files import read_program
from vigyc.surfaces.cli.store_access import Reached, is_worked, names_of, reached
from vigyc.surfaces.cli.table import say_data
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.cli.vigy_argument import completions, issue_completions, ref_argument, setting_completions
from vigyc.surfaces.wire.enhanced import named_json, status_json, verified_json

DEFAULT = "default"
LOOKED_THROUGH: Final = 1000
"""How many issues that wait are looked through for those that somebody must approve."""
name_argument = click.argument("name", default=DEFAULT, shell_complete=setting_completions)


@click.group("enhance")
def command() -> None:
    """Work issues off, look at verdicts, change how that goes.

    An issue (`vigyc issue submit`) is worked off in epochs, each of which the log keeps: what was proposed, what the
    verifiers said of it, axis by axis, and what came of it. A setting says who proposes and what verifies; NAME is
    `default` unless said otherwise.
    """


command.add_command(run)


@command.command("status")
@moments_option
@place_options
@options.format_option
def status(moments: Moments, place: Place, as_format: Format) -> int:
    """Show how many issues are in which state, and what is paused."""
    with reached(place) as runtime:
        found = runtime.enhance.status()
        if as_format == "table":
            waiting = runtime.enhance.issues(states=[PENDING], limit=LOOKED_THROUGH)
            held = [issue.id for issue in waiting if issue.held]
            say_status(found, held, moments, worked=is_worked(runtime))
            return 0
    say_json(status_json(found))
    return 0


@command.command("log")
@click.argument("ref", required=False, shell_complete=completions)
@click.option(
    "--issue", "issue_id", metavar="ID", shell_complete=issue_completions, help="Only the attempts at this issue."
)
@click.option("--epoch", "epoch_id", metavar="ID", help="Show this attempt whole: its verdicts, and what it changed.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="No more than so many.")
@click.option("--before", metavar="SEQ", type=click.IntRange(min=1), help="Only those before the one of this number.")
@moments_option
@place_options
@options.format_option
def log(
    ref: str | None,
    issue_id: str | None,
    epoch_id: str | None,
    limit: int,
    before: int | None,
    moments: Moments,
    place: Place,
    as_format: Format,
) -> int:
    """List the attempts at issues, the newest first: of the vigy REF, or of all."""
    with reached(place) as runtime:
        if epoch_id is not None:
            return _show_epoch(runtime, epoch_id, moments, as_format)
        found = runtime.enhance.log(ref, issue=issue_id, before=before, limit=limit)
        names = names_of(runtime, (epoch.vigy_id for epoch in found))
    if as_format != "table":
        say_data([named_json(epoch, names) for epoch in found], as_format)
    elif found:
        say_epochs(found, names, moments)
    return 0


@command.command("settings")
@click.argument("name", required=False, shell_complete=setting_completions)
@click.option("--set", "fields", metavar="KEY=JSON", multiple=True, help="Change a field (repeatable; null: default).")
@click.option("--delete", is_flag=True, help="Delete it; `default` is as it was made again.")
@moments_option
@place_options
@options.format_option
def settings(
    name: str | None,
    fields: tuple[str, ...],
    delete: bool,
    moments: Moments,
    place: Place,
    as_format: Format,
) -> int:
    """List settings; show, change, make or delete one.

    For example: --set 'verifiers=["tests","replay"]' --set replays=20 --set 'canary={"shadow_ticks":5}'. What is set
    holds from the next attempt on, and nothing is stored that could not be used.
    """
    if delete and fields:
        raise click.UsageError("give --set or --delete, not both")
    if name is None and (delete or fields):
        raise click.UsageError("say which setting is meant: vigyc enhance settings NAME ...")
    given = assignments(fields, "--set")
    with reached(place) as runtime:
        if name is None:
            known = runtime.enhance.settings()
        elif delete:
            runtime.enhance.remove_setting(name)
        elif given:
            known = [runtime.enhance.put_setting(name, given)]
        else:
            known = [runtime.enhance.setting(name)]
    if delete:
        _say_deleted(str(name), as_format)
    elif as_format != "table":
        told = [to_json(each) for each in known]
        say_json(told[0]) if name is not None else say_data(told, as_format)
    elif name is None:
        say_settings(known, moments)
    else:
        say_setting(known[0], moments)
    return 0


@command.command("pause")
@name_argument
@click.option("--reason", metavar="TEXT", default="paused by an operator", show_default=True, help="Say why.")
@place_options
@options.format_option
def pause(name: str, reason: str, place: Place, as_format: Format) -> int:
    """Let the issues of the setting NAME wait; attempts under way end."""
    with reached(place) as runtime:
        found = runtime.enhance.pause(name, reason)
    if as_format == "table":
        again = f"`vigyc enhance resume {found.name}`"
        say(one_line(f"✓ paused: no issue of the setting {found.name} is begun until {again}"))
    else:
        say_json(to_json(found))
    return 0


@command.command("resume")
@name_argument
@place_options
@options.format_option
def resume(name: str, place: Place, as_format: Format) -> int:
    """Go on with the issues of the setting NAME."""
    with reached(place) as runtime:
        found = runtime.enhance.resume(name)
    if as_format == "table":
        say(one_line(f"✓ issues of the setting {found.name} are worked off"))
    else:
        say_json(to_json(found))
    return 0


@command.command("verify")
@ref_argument
@click.argument("file", metavar="PROGRAM")
@click.option(
    "--setting", metavar="NAME", default=DEFAULT, show_default=True, shell_complete=setting_completions,
    help="Whose verifiers, and how strict.",
)  # fmt: skip
@source_options
@place_options
@options.format_option
def verify(ref: str, file: str, setting: str, choice: PolicyChoice, place: Place, as_format: Format) -> int:
    """Say what the verifiers find of a program for the vigy REF.

    PROGRAM is a file (- for standard input) that would take the place of the vigy's program. Nothing is kept. Exit code
    1 if anything speaks against it.
    """
    program = read_program(file)
    with reached(place, choice.chosen()) as runtime:
        verdicts = runtime.enhance.verify(ref, program.text, setting)
    denied = sum(not verdict.passed for verdict in verdicts)
    if as_format != "table":
        say_json(verified_json(verdicts))
    else:
        say_verdicts(verdicts)
        say(f"{denied} of {len(verdicts)} deny" if denied else f"{len(verdicts)} of {len(verdicts)} pass", err=True)
    return exit_codes.FINDINGS if denied else 0


def _show_epoch(runtime: Reached, epoch_id: str, moments: Moments, as_format: Format) -> int:
    epoch = runtime.enhance.epoch(epoch_id)
    names = names_of(runtime, [epoch.vigy_id])
    if as_format != "table":
        say_json(named_json(epoch, names))
        return 0
    name = names.get(epoch.vigy_id, epoch.vigy_id)
    tell_epoch(epoch, name, moments)
    change = change_of(runtime, epoch, name)
    if change:
        say("")
        say_diff(change)
    return 0


def _say_deleted(name: str, as_format: Format) -> None:
    if as_format == "table":
        say(one_line(f"✓ the setting {name} is deleted"))
    else:
        say_json({"setting": name, "deleted": True})
