"""From a run to the lines that tell of it: a heading, then a line for each thing the tick did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from vigyc.model.action import ABSENT, Action
from vigyc.model.condition import Condition
from vigyc.model.effect import Effect
from vigyc.model.run import Report, Run
from vigyc.rehearsal.dry_run import Change
from vigyc.surfaces.cli.colors import painted
from vigyc.surfaces.cli.output import json_text, one_line, say, wants_color
from vigyc.surfaces.cli.timestamps import took


def tell(name: str, run: Run) -> None:
    """Tell on stdout of a run of the vigy `name`."""
    kv = [*((key, "set") for key in run.report.kv_set), *((key, "deleted") for key in run.report.kv_deleted)]
    _say(f"{name} #{run.tick}", run, f"  run {run.id}", [("kv", f"{key} {what}") for key, what in kv])


def tell_dry(name: str, run: Run, changes: Iterable[Change]) -> None:
    """Tell of a run that was not kept, and what it would have changed."""
    kv = [("kv", f"{key}  {change_text(before)} -> {change_text(after)}") for key, before, after in changes]
    _say(f"{name} #{run.tick}", run, "  dry run: nothing of it was kept", kv)


def change_text(value: object) -> str:
    """A value before or after a change."""
    return "nothing" if value is ABSENT else json_text(value)


def action_text(action: Action) -> str:
    """An action in one line."""
    return _words(action.to_json(), "kind", "payload", "result", "message")


def condition_text(condition: Condition) -> str:
    """A condition in one line."""
    return f"{condition.name} = {_words(condition.to_json(), 'status', 'reason', 'message')}"


def entry_lines(what: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A line for each entry of a map."""
    for key, value in values.items():
        yield what, f"{key} = {json_text(value)}"


def report_lines(report: Report, actions: Iterable[Action]) -> Iterator[tuple[str, str]]:
    """A line for each thing a tick said: what it is, and its text."""
    for line in report.logs:
        yield "log", f"{line.level} {line.message}"
    for action in actions:
        yield "action", action_text(action)
    for condition in report.conditions:
        yield "condition", condition_text(condition)
    for event in report.events:
        yield "event", f"{event.kind} {event.message}"
    yield from entry_lines("desired", report.desired)
    yield from entry_lines("observed", report.observed)
    yield from entry_lines("trace", report.trace)
    yield from entry_lines("metric", report.metrics)
    for effect in report.effects:
        yield "effect", effect_text(effect)


def effect_text(effect: Effect) -> str:
    """A call of an effect in one line."""
    told = [effect.name, effect.resource, effect.outcome, effect.detail]
    return "  ".join(part for part in told if part)


def say_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Write lines under a heading: what each is about, and its text."""
    for what, text in lines:
        say(f"  {what:<10} {one_line(text)}".rstrip())


def _say(head: str, run: Run, more: str, kv: Iterable[tuple[str, str]]) -> None:
    result = painted(run.result) if wants_color(err=False) else run.result
    say(f"{one_line(head)}  {result}  {took(run.duration_us)}{more}")
    say_lines([*_lines(run), *kv])


def _lines(run: Run) -> Iterator[tuple[str, str]]:
    if run.error is not None:
        yield "error", run.error
    if run.missed:
        yield "missed", f"{run.missed} before this one"
    yield from report_lines(run.report, run.actions)
    for text in run.report.output.splitlines():
        yield "output", text
    if run.report.denied:
        yield "denied", f"{run.report.denied} of its calls"


def _words(fields: Mapping[str, Any], *names: str) -> str:
    """The fields that are there, two blanks apart; a payload as JSON."""
    return "  ".join(json_text(fields[name]) if name == "payload" else fields[name] for name in names if name in fields)
