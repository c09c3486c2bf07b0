"""From a vigy, and where it stands, to what the commands show of it: short text, and JSON data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vigyc.model.duration import duration_text
from vigyc.model.run import Run
from vigyc.model.schedule import Fixed, Schedule
from vigyc.model.schedule_rules import describe
from vigyc.model.standing import Standing, State
from vigyc.surfaces.cli.output import say
from vigyc.surfaces.cli.run_text import action_text, condition_text, entry_lines
from vigyc.surfaces.cli.table import aligned
from vigyc.surfaces.cli.timestamps import Moments, took


def ticking(schedule: Schedule) -> str:
    """When it ticks: `every 10s`, `by cron(*/5 * * * *, UTC), jitter 1s`."""
    when = schedule.when
    if isinstance(when, Fixed) and schedule == Schedule(Fixed(when.interval_ms)):
        return f"every {duration_text(when.interval_ms)}"
    return f"by {describe(schedule)}"


def labels_text(labels: Mapping[str, str]) -> str:
    """`key=value` for each label."""
    return ", ".join(f"{key}={value}" for key, value in labels.items())


def last_text(standing: Standing, moments: Moments) -> str:
    """How the last tick went, and when."""
    if standing.result is None:
        return ""
    denied = f", {standing.denied} effects denied so far" if standing.denied else ""
    return f"{standing.result} {moments.text(standing.started_at)}{denied}"


def state_lines(state: State, moments: Moments) -> Iterator[tuple[str, str]]:
    """A line for each thing in a state: what it is about, and its text."""
    yield from entry_lines("desired", state.desired)
    yield from entry_lines("observed", state.observed)
    for condition in state.conditions:
        yield "condition", f"{condition_text(condition)}  ({moments.text(condition.last_transition)})"
    for pending in state.pending:
        yield "pending", f"{action_text(pending.action)}  (run {pending.run_id}, action {pending.position})"


def say_runs(runs: Sequence[Run], moments: Moments, names: Mapping[str, str] | None = None) -> None:
    """Write runs as a table, with the `names` of their vigies by id if those differ."""

    def row(run: Run) -> tuple[str, ...]:
        told = run.error if run.error is not None else ", ".join(action.kind for action in run.actions)
        told += f" ({run.report.denied} denied)" if run.report.denied else ""
        whose = () if names is None else (names.get(run.vigy_id, run.vigy_id),)
        return str(run.seq), run.id, *whose, moments.text(run.started_at), run.result, took(run.duration_us), told

    whose = () if names is None else ("VIGY",)
    heads = ("SEQ", "RUN", *whose, "STARTED", "RESULT", "TOOK", "WHAT")
    for line in aligned([heads, *map(row, runs)], hued=(heads.index("RESULT"),)):
        say(line)
