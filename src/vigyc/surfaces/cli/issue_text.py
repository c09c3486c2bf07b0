"""From issues and the attempts at them to the lines that people read: first what came of it, then why, then what to do.

Whatever a person or a model wrote is shown on lines of ours, and cannot move the cursor; what is very long is cut.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import Any, Final

from vigyc.lang.errors import NotFound
from vigyc.model import issue as states
from vigyc.model.epoch import Epoch, Verdict
from vigyc.model.issue import ENDED, Issue
from vigyc.runtime.holder import called
from vigyc.surfaces.cli.colors import painted
from vigyc.surfaces.cli.output import json_text, one_line, say, wants_color
from vigyc.surfaces.cli.store_access import Reached
from vigyc.surfaces.cli.table import aligned, width
from vigyc.surfaces.cli.timestamps import Moments, took

SHORT: Final = 60
"""The most characters of a text in a table."""
LONG: Final = 2_000
"""The most characters of a text anywhere."""
NOBODY: Final = "nobody seems to work issues off; `vigyc enhance run` does, and so does `vigyc serve`"
"""What is said of a queue that grows only."""

_ADVICE: Final[Mapping[str, str]] = {
    states.REJECTED: "mend that, and submit another issue; `vigyc enhance verify` tries a program beforehand",
    states.FAILED: "mend that, then `vigyc issue retry {id}`",
    states.DEAD: "once that is mended, `vigyc issue retry {id}`",
    states.CANCELLED: "`vigyc issue retry {id}`, if it is wanted after all",
    states.REVERTED: "submit another issue, or try this one once more: `vigyc issue retry {id}`",
}


def say_issues(issues: Sequence[Issue], names: Mapping[str, str], moments: Moments) -> None:
    """Write issues as a table."""

    def row(issue: Issue) -> tuple[str, ...]:
        vigy, why = names.get(issue.vigy_id, issue.vigy_id), "; ".join(issue.reasons)
        return issue.id, vigy, state_text(issue), moments.past(issue.updated_at), cut(issue.intent), cut(why)

    for line in aligned([("ISSUE", "VIGY", "STATE", "CHANGED", "INTENT", "WHY"), *map(row, issues)], hued=(2,)):
        say(line)


def say_epochs(epochs: Sequence[Epoch], names: Mapping[str, str], moments: Moments) -> None:
    """Write entries of the log as a table."""

    def row(epoch: Epoch) -> tuple[str, ...]:
        vigy = names.get(epoch.vigy_id, epoch.vigy_id)
        return (
            str(epoch.seq), epoch.id, vigy, moments.past(epoch.ended_at), epoch.outcome,
            took((epoch.ended_at - epoch.began_at) * 1000), cut(_summary(epoch)),
        )  # fmt: skip

    heads = ("SEQ", "EPOCH", "VIGY", "ENDED", "OUTCOME", "TOOK", "WHAT")
    for line in aligned([heads, *map(row, epochs)], hued=(4,)):
        say(line)


def tell_issue(issue: Issue, name: str, moments: Moments) -> None:
    """Tell of one issue."""
    say(f"{_hued(issue.state)}  issue {issue.id}  {one_line(name)}")
    for what, text in _about(issue, moments):
        say_under(what, text)


def tell_end(issue: Issue, name: str) -> None:
    """Tell briefly how an issue stands, for one who waited for its end."""
    made = f" as version {issue.version}" if issue.version is not None and issue.state == states.APPLIED else ""
    say(f"{_hued(issue.state)}{made}  issue {issue.id}  {one_line(name)}")
    for what, text in _why(issue):
        say_under(what, text)


def tell_epoch(epoch: Epoch, name: str | None, moments: Moments, told: Collection[str] = ()) -> None:
    """Tell of one attempt at an issue, with its verdicts; what has been `told` is not told again."""
    lasted = took((epoch.ended_at - epoch.began_at) * 1000)
    whose = "" if name is None else f"  {one_line(name)}"
    say(f"{_hued(epoch.outcome)}  attempt {epoch.attempt}, {moments.past(epoch.ended_at)}, took {lasted}"
        f"  epoch {epoch.id}{whose}")  # fmt: skip
    say_verdicts(epoch.verdicts)
    for what, text in _of_epoch(epoch, told):
        say_under(what, text)


def say_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Write a line for each verdict, and more where there is more to say."""
    widest = max((width(one_line(verdict.axis)) for verdict in verdicts), default=0)
    for verdict in verdicts:
        axis = one_line(verdict.axis)
        first, *more = _lines(verdict.detail) or [""]
        say(f"  {_hued(verdict.status)}  {axis}{' ' * (widest - width(axis))}  {first}".rstrip())
        for line in more:
            say(f"        {' ' * widest}  {line}".rstrip())


def say_under(what: str, text: str) -> None:
    """Write what something is about, and its text, which may have several lines."""
    for line in _lines(text) or [""]:
        say(f"  {what:<10} {line}".rstrip())
        what = ""


def change_of(runtime: Reached, epoch: Epoch, name: str) -> str:
    """What an attempt changed, or would have changed, as a unified diff; empty if that is not known any more."""
    if epoch.base is None or (epoch.version is None and epoch.program is None):
        return ""
    try:
        if epoch.version is not None:
            return runtime.diff(epoch.vigy_id, epoch.base, epoch.version)
        before = runtime.version(epoch.vigy_id, epoch.base).program
    except NotFound:  # of a vigy, or a version, that was deleted
        return ""
    parts = before.splitlines(), str(epoch.program).splitlines()
    lines = unified_diff(*parts, f"{name} v{epoch.base}", f"{name} as proposed", lineterm="")
    return "".join(f"{line}\n" for line in lines)


def state_text(issue: Issue) -> str:
    """The state of an issue, and whether it is held."""
    return f"{issue.state} (held)" if issue.held and issue.state not in ENDED else issue.state


def cut(text: str, most: int = SHORT) -> str:
    """The text on one line, or its beginning."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most and len(text) <= 4 * most else f"{line[: most - 1]}…"


def _about(issue: Issue, moments: Moments) -> Iterator[tuple[str, str]]:
    yield "intent", issue.intent
    if issue.constraints:
        yield "constraint", json_text(issue.constraints)
    if issue.proposal is not None:
        yield from _proposed(issue.proposal)
    by = f" by {issue.author}" if issue.author is not None else ""
    key = f", key {issue.key}" if issue.key is not None else ""
    yield "submitted", f"{moments.past(issue.submitted_at)}{by}, setting {issue.setting}{key}"
    if issue.approved_by is not None:
        yield "approved", f"by {issue.approved_by}"
    if issue.leased_by is not None:
        yield "worker", f"{called(issue.leased_by)}, attempt {issue.attempts}"
    elif issue.state == states.PENDING and issue.attempts:
        yield "tried", f"{issue.attempts} times; next {moments.text(issue.due_at)}"
    if issue.version is not None:
        yield "version", str(issue.version)
    yield from _why(issue)


def _proposed(patch: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A line for each edit of a patch."""
    if "source" in patch:
        yield "proposal", f"another text, of {len(str(patch['source']).encode(errors='replace'))} bytes"
    for edit in patch.get("edits", ()):
        place = f" at {json_text(edit['path'])}" if "path" in edit else ""
        forms = "  ->  ".join(cut(str(edit[side])) for side in ("old", "new") if side in edit)
        yield "proposal", f"{edit.get('op')}{place}  {forms}"
    if patch.get("rationale"):
        yield "rationale", str(patch["rationale"])


def _why(issue: Issue) -> Iterator[tuple[str, str]]:
    """Why it stands so, and what to do."""
    for reason in issue.reasons:
        yield "because", reason
    if issue.state in _ADVICE:
        yield "to do", _ADVICE[issue.state].format(id=issue.id)


def _of_epoch(epoch: Epoch, told: Collection[str]) -> Iterator[tuple[str, str]]:
    known = {*told, *(f"{verdict.axis}: {verdict.detail}" for verdict in epoch.verdicts)}
    for reason in epoch.reasons:
        if reason not in known:
            yield "because", reason
    if epoch.rationale and epoch.rationale not in known:
        yield "rationale", epoch.rationale
    for claim in epoch.claims:
        yield "not so", claim
    if epoch.version is not None:
        yield "version", f"{epoch.version} ({epoch.label})" if epoch.label else str(epoch.version)
    if epoch.tokens or epoch.cost:
        yield "used", f"{epoch.tokens} tokens, cost {epoch.cost}"


def _summary(epoch: Epoch) -> str:
    if epoch.version is not None:
        made = f"version {epoch.version}" + (f" ({epoch.label})" if epoch.label else "")
        return f"{made}: {epoch.rationale}" if epoch.rationale else made
    return "; ".join(epoch.reasons)


def _lines(text: str) -> list[str]:
    """The lines of a text, each without what could move the cursor."""
    more = len(text) - LONG
    shown = [one_line(line) for line in text[:LONG].splitlines()]
    return [*shown, f"(and {more} characters; -o json has all)"] if more > 0 else shown


def _hued(word: str) -> str:
    return painted(word) if wants_color(err=False) else word
