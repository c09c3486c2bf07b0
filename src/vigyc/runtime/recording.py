"""From the host of a tick that has ended to its record: the run, where the vigy stands after it, what is to be told."""

from __future__ import annotations

from vigyc.lang.errors import CompileError, Halted, Thrown, TickError, VigycError
from vigyc.lang.source import Source
from vigyc.model.condition import settled
from vigyc.model.effect import DENIED
from vigyc.model.notice import DENIED as REFUSED
from vigyc.model.notice import EVENT, MISSED, Notice
from vigyc.model.run import EMPTY_REPORT, FAILED, OK, TIMED_OUT, Report, Run
from vigyc.model.standing import Standing
from vigyc.runtime.host import Host
from vigyc.runtime.printer import display

_new = tuple.__new__  # a NamedTuple by the short way, for what every tick makes
_SILENT = EMPTY_REPORT[:8]
_TOLD = 20  # denials of a run that are notices of their own


def report_of(host: Host) -> Report:
    """What the tick said, and which keys it changed."""
    if not (
        host.logs or host.conditions or host.desired or host.observed or host.metrics or host.trace or host.events
        or host.output or host.deleted or host.gate is not None
    ):  # fmt: skip
        return _new(Report, (*_SILENT, tuple(sorted(host.dirty)), (), (), 0)) if host.dirty else EMPTY_REPORT
    return Report(
        tuple(host.logs),
        tuple(host.events),
        tuple(host.conditions),
        host.desired,
        host.observed,
        host.trace,
        host.metrics,
        "".join(host.output),
        tuple(sorted(host.dirty)),
        tuple(sorted(host.deleted)),
        *((), 0) if host.gate is None else (host.gate.told(), host.gate.denied),
    )


def standing_after(before: Standing, run: Run) -> tuple[Standing, bool]:
    """Where the vigy stands after `run`, and whether its state (all but its counters) is another than before."""
    if run.result != OK:
        return _standing_after_failure(before, run), run.report.denied > 0
    report = run.report
    conditions, desired, observed = before.conditions, before.desired, before.observed
    if report is not EMPTY_REPORT:
        if report.conditions:
            conditions = settled(conditions, report.conditions)
        desired = report.desired or desired
        observed = report.observed or observed
    started_at = run.started_at
    after = _new(Standing, (
        before.tick_count + 1, started_at, run.id, started_at, run.ended_at, OK, None, 0,
        before.runs + 1, before.failed, before.timed_out, before.missed + run.missed, conditions, desired, observed,
        before.denied + report.denied,
    ))  # fmt: skip
    return after, report.denied > 0 or not (
        (conditions is before.conditions or conditions == before.conditions)
        and (desired is before.desired or desired == before.desired)
        and (observed is before.observed or observed == before.observed)
    )


def _standing_after_failure(before: Standing, run: Run) -> Standing:
    return before._replace(
        run_id=run.id,
        started_at=run.started_at,
        ended_at=run.ended_at,
        result=run.result,
        error=run.error,
        failures=before.failures + 1,
        runs=before.runs + 1,
        failed=before.failed + (run.result == FAILED),
        timed_out=before.timed_out + (run.result == TIMED_OUT),
        missed=before.missed + run.missed,
        denied=before.denied + run.report.denied,
    )


def notices_of(run: Run) -> tuple[Notice, ...]:
    """What the stream tells after the run itself: missed ticks, the program's events, and what it was refused."""
    if not run.missed and not run.report.events and not run.report.denied:
        return ()
    notices = []
    if run.missed:
        text = f"{run.missed} tick{'s' if run.missed > 1 else ''} missed before this one"
        notices.append(Notice(0, run.started_at, MISSED, run.vigy_id, run.id, text, {"count": run.missed}))
    for event in run.report.events:
        notices.append(Notice(0, run.started_at, EVENT, run.vigy_id, run.id, event.message, {"kind": event.kind}))
    if run.report.denied:
        notices += _denials(run)
    return tuple(notices)


def _denials(run: Run) -> list[Notice]:
    """A notice for each of the first calls that were refused, the last of them saying how many more there were."""
    refused = [effect for effect in run.report.effects if effect.outcome == DENIED][:_TOLD]
    more = run.report.denied - len(refused)
    notices = []
    for at, effect in enumerate(refused, 1):
        text = f"`{effect.name}`{f' of {effect.resource}' if effect.resource else ''}: {effect.rule}"
        if more and at == len(refused):
            text += f" (and {more} more)"
        data = {"name": effect.name, "resource": effect.resource, "rule": effect.rule}
        notices.append(Notice(0, run.started_at, REFUSED, run.vigy_id, run.id, text, data))
    return notices


def error_of(error: BaseException, deadline: float, name: str) -> tuple[str, str, str]:
    """The result, the kind and the text of what ended a tick of the vigy called `name`; `deadline` in seconds."""
    if isinstance(error, Halted):
        return TIMED_OUT, "halted", f"stopped at its deadline of {deadline:g} s"
    if isinstance(error, Thrown):
        return FAILED, "user", f"uncaught: {display(error.value)}{_place(error, name)}"
    if isinstance(error, TickError):
        return FAILED, error.kind, f"{error.short}{_place(error, name)}"
    if isinstance(error, CompileError):
        found = error.diagnostics[0]
        return FAILED, found.kind, f"the program does not compile: {found.message}"
    if isinstance(error, VigycError):
        return FAILED, "internal-error", str(error)
    return FAILED, "host", f"{type(error).__name__}: {error}"


def _place(error: TickError, name: str) -> str:
    """Where it happened: in the vigy's own program, which is shared and has no name, or in a module."""
    source: Source | None = error.source
    if source is None or error.span is None:
        return ""
    line, column = source.place(error.span[0])
    return f" (at {name if source.name == '<program>' else source.name}:{line}:{column})"
