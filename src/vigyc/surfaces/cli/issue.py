"""From `vigyc issue` to wishes for better programs: submitted, looked at, waited for, cancelled, tried again."""

from __future__ import annotations

from typing import Any, Final

import click

from vigyc.lang.errors import NotFound
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.issue import APPLIED, ENDED, PENDING, STATES, Issue
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.author import author
from vigyc.surfaces.cli.issue_text import NOBODY, change_of, say_issues, say_under, tell_end, tell_epoch, tell_issue
from vigyc.surfaces.cli.json_argument import assignments, object_in
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import one_line, say, say_diff, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import Reached, is_worked, names_of, reached
from vigyc.surfaces.cli.table import say_data
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.cli.vigy_argument import completions, issue_argument, ref_argument, setting_completions
from vigyc.surfaces.wire.enhanced import named_json

ATTEMPTS: Final = 20
"""How many attempts at an issue are shown."""

timeout_option = click.option("--timeout", metavar="DURATION", type=options.duration, help="Wait no longer than this.")


@click.group("issue")
def command() -> None:
    """Ask for a better program of a vigy, and see what became of that.

    An issue waits its turn. A worker (of `vigyc serve`, or `vigyc enhance run`) has a change proposed, unless the issue
    has one, and verifies it; only what passes becomes the vigy's next version. ID is an issue's id, or the beginning of
    it.
    """


@command.command("submit")
@ref_argument
@click.argument("intent")
@click.option("--patch", "file", metavar="FILE", help="The change itself, as JSON (- for standard input).")
@click.option("--constraint", "constraints", metavar="KEY=JSON", multiple=True, help="For the proposer (repeatable).")
@click.option(
    "--setting", metavar="NAME", default="default", show_default=True, shell_complete=setting_completions,
    help="Which setting it goes by.",
)  # fmt: skip
@click.option("--key", metavar="KEY", help="Submitted again under this, it is there once.")
@click.option("--wait", is_flag=True, help="Wait for its end, and exit as `vigyc issue wait` does.")
@timeout_option
@place_options
@options.format_option
def submit(
    ref: str,
    intent: str,
    file: str | None,
    constraints: tuple[str, ...],
    setting: str,
    key: str | None,
    wait: bool,
    timeout: float | None,
    place: Place,
    as_format: Format,
) -> int:
    """Ask for a better program of the vigy REF.

    INTENT says in words what is to be better. A patch is {"edits": [...]} or {"source": "..."}, maybe with "bump"
    (major, minor, patch) and "rationale". An edit is {"op": "replace", "path": [0, 2], "old": "5", "new": "30"}: a path
    counts from 0, first the form, then the item in it. Further ops: insert, delete, wrap, rename.
    """
    if timeout is not None and not wait:
        raise click.UsageError("--timeout goes with --wait")
    proposal = None if file is None else object_in(file)
    given = assignments(constraints, "--constraint")
    with reached(place) as runtime:
        done = runtime.enhance.submit(
            ref, intent, constraints=given or None, proposal=proposal, setting=setting, author=author(), key=key
        )  # fmt: skip
        if wait:
            if as_format == "table":  # so that whoever ends this early knows what goes on
                say(f"vigyc: issue {done.issue.id} is submitted; waiting for its end", err=True)
            return _await(runtime, done.issue, timeout, as_format, created=done.created)
        if as_format != "table":
            say_json({**_json(runtime, done.issue), "created": done.created})
            return 0
        name = _name(runtime, done.issue)
        known = "" if done.created else ", submitted before under this key"
        say(f"✓ issue {done.issue.id}  {one_line(name)}")
        say(f"  {done.issue.state}{known}; `vigyc issue wait {done.issue.id}` waits for its end")
        _say_delay(runtime, done.issue, err=False)
    return 0


@command.command("list")
@click.argument("ref", required=False, shell_complete=completions)
@click.option("--state", "states", type=click.Choice(STATES), multiple=True, help="Only these (may be repeated).")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="No more than so many.")
@click.option("--before", metavar="ID", help="Only those submitted before this one.")
@moments_option
@place_options
@options.format_option
def list_(
    ref: str | None,
    states: tuple[str, ...],
    limit: int,
    before: str | None,
    moments: Moments,
    place: Place,
    as_format: Format,
) -> int:
    """List the issues of the vigy REF, or of all, the newest first."""
    with reached(place) as runtime:
        found = runtime.enhance.issues(ref, states=states, before=before, limit=limit)
        names = names_of(runtime, (issue.vigy_id for issue in found))
    if as_format != "table":
        say_data([named_json(issue, names) for issue in found], as_format)
    elif found:
        say_issues(found, names, moments)
    else:
        say("no issues" if not states and ref is None else "no issues match")
    return 0


@command.command("show")
@issue_argument
@moments_option
@place_options
@options.format_option
def show(issue_id: str, moments: Moments, place: Place, as_format: Format) -> int:
    """Show an issue: what came of it, and every attempt at it.

    Attempts are told with their verdicts, and the last one with what it changed, or would have. In JSON: the issue, and
    its attempts as `epochs`.
    """
    with reached(place) as runtime:
        issue = runtime.enhance.issue(issue_id)
        epochs = runtime.enhance.log(issue=issue.id, limit=ATTEMPTS)
        names = names_of(runtime, [issue.vigy_id])
        if as_format != "table":
            say_json({**named_json(issue, names), "epochs": [named_json(epoch, names) for epoch in epochs]})
            return 0
        name = names.get(issue.vigy_id, issue.vigy_id)
        tell_issue(issue, name, moments)
        _say_delay(runtime, issue, err=False)
        told = [*issue.reasons, str((issue.proposal or {}).get("rationale"))]
        for epoch in reversed(epochs):
            say("")
            tell_epoch(epoch, None, moments, told)
        change = next((text for epoch in epochs if (text := change_of(runtime, epoch, name))), "")
    if change:
        say("")
        say_diff(change)
    return 0


@command.command("wait")
@issue_argument
@timeout_option
@place_options
@options.format_option
def wait_(issue_id: str, timeout: float | None, place: Place, as_format: Format) -> int:
    """Wait for the end of an issue.

    Exit code 0 if it was applied, 1 if it ended otherwise or takes longer than --timeout.
    """
    with reached(place) as runtime:
        return _await(runtime, runtime.enhance.issue(issue_id), timeout, as_format)


@command.command("cancel")
@issue_argument
@click.option("--note", metavar="TEXT", help="Say why.")
@place_options
@options.format_option
def cancel(issue_id: str, note: str | None, place: Place, as_format: Format) -> int:
    """End an issue that has not ended.

    An attempt under way is stopped, and nothing of it is kept but its entry in the log.
    """
    with reached(place) as runtime:
        return _changed(runtime, runtime.enhance.cancel(issue_id, author=author(), note=note), "cancelled", as_format)


@command.command("retry")
@issue_argument
@place_options
@options.format_option
def retry(issue_id: str, place: Place, as_format: Format) -> int:
    """Let an issue that ended without a version wait its turn again.

    It has all its attempts once more.
    """
    with reached(place) as runtime:
        return _changed(runtime, runtime.enhance.retry(issue_id), "waits its turn once more", as_format)


@command.command("approve")
@issue_argument
@place_options
@options.format_option
def approve(issue_id: str, place: Place, as_format: Format) -> int:
    """Let an issue change what is protected, or need more effects.

    What decides on changes (the flow of a setting, the tests of a program) is changed by nothing that was not approved;
    and a program may need more effects than the one before it only then. An issue that was rejected for that is tried
    again by `vigyc issue retry`.
    """
    by = author()
    with reached(place) as runtime:
        done = runtime.enhance.approve(issue_id) if by is None else runtime.enhance.approve(issue_id, author=by)
        return _changed(runtime, done, f"approved by {done.approved_by}", as_format)


def _await(
    runtime: Reached, issue: Issue, timeout: float | None, as_format: Format, *, created: bool | None = None
) -> int:
    """Wait for the end of `issue`, and tell of it."""
    if as_format == "table" and issue.state not in ENDED:
        _say_delay(runtime, issue, err=True)
    found = runtime.enhance.wait(issue.id, timeout)
    if as_format != "table":
        say_json({**_json(runtime, found), **({} if created is None else {"created": created})})
    else:
        tell_end(found, _name(runtime, found))
    if found.state not in ENDED:
        say(f"vigyc: the time is up, and the issue is {found.state}; `vigyc issue wait {found.id}` waits on", err=True)
    return 0 if found.state == APPLIED else exit_codes.FINDINGS


def _changed(runtime: Reached, issue: Issue, what: str, as_format: Format) -> int:
    """Tell what was done with `issue`."""
    if as_format != "table":
        say_json(_json(runtime, issue))
    else:
        say(one_line(f"✓ issue {issue.id}  {_name(runtime, issue)}: {what}"))
    return 0


def _say_delay(runtime: Reached, issue: Issue, *, err: bool) -> None:
    """Tell why `issue` is not begun, where that is known and something can be done about it."""
    told = _delay(runtime, issue)
    if told is not None and err:
        say(one_line(f"vigyc: {told}"), err=True)
    elif told is not None:
        say_under("waits", told)


def _delay(runtime: Reached, issue: Issue) -> str | None:
    if issue.state != PENDING:
        return None
    if issue.held:
        return f"it would change what decides on changes; `vigyc issue approve {issue.id}` lets it go on"
    try:
        setting: EnhanceSetting = runtime.enhance.setting(issue.setting)
    except NotFound as gone:
        return str(gone)
    if setting.paused is not None:
        return f"the setting {setting.name} is paused ({setting.paused}); `vigyc enhance resume {setting.name}` goes on"
    return None if is_worked(runtime) else NOBODY


def _json(runtime: Reached, issue: Issue) -> dict[str, Any]:
    return named_json(issue, names_of(runtime, [issue.vigy_id]))


def _name(runtime: Reached, issue: Issue) -> str:
    return names_of(runtime, [issue.vigy_id]).get(issue.vigy_id, issue.vigy_id)
