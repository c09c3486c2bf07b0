"""From a case to what several verifiers look at, made for the first that asks: findings, programs, records, ticks.

What is read from the store is read before any verifier begins (`gather`), so that all of them judge by the same
present, and a store that cannot be read is no verdict on a candidate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from vigyc.effects.policy import Policy
from vigyc.enhance.verifiers.case import Case
from vigyc.frontend.canonical import content_of
from vigyc.frontend.reader import read
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError, NotFound
from vigyc.lang.source import Source
from vigyc.model.name import TESTS
from vigyc.model.run import FAILED, OK, TIMED_OUT, Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.programs import Checked
from vigyc.rehearsal.replay import Record, record_of
from vigyc.rehearsal.simulation import Simulated, Simulation
from vigyc.runtime.reconciler import Reconciler
from vigyc.runtime.time_source import TimeSource, VirtualTime

PAGES: Final = 5  # of runs that are looked through for records

Present = tuple[dict[str, Any], Standing]


class Side(NamedTuple):
    """One of the two programs: `candidate` or `base`, as the target would have it."""

    name: str
    vigy: Vigy


def sides(case: Case) -> tuple[Side, Side]:
    """The base and the candidate."""
    return Side("base", case.incumbent), Side("candidate", case.candidate)


def gather(case: Case, axes: frozenset[str]) -> None:
    """Read from the store what these axes need. Raises StoreError."""
    if axes & {"dry-run", "convergence", "idempotence", "budget"}:
        present(case)
    if axes & {"replay", "budget"}:
        records(case)
    if "tests" in axes:
        test_vigy(case)


def present(case: Case) -> Present:
    """The target's kv and standing."""
    vigy_id = case.vigy.id
    return case.once("present", lambda: (case.store.kv(vigy_id), case.store.standing(vigy_id)))


def test_vigy(case: Case) -> Vigy | None:
    """The vigy whose program tests the target's."""
    return case.once("test", lambda: case.store.named(case.vigy.name + TESTS))


def records(case: Case) -> tuple[Record, ...]:
    """The last recorded runs of the target, newest first, as many as the setting says."""
    return case.once("records", lambda: _records(case))


def _records(case: Case) -> tuple[Record, ...]:
    wanted, before = case.setting.replays, None
    found: list[Record] = []
    for _ in range(PAGES if wanted else 0):
        page = case.store.runs(case.vigy.id, before=before, limit=wanted, results=(OK, FAILED, TIMED_OUT))
        had = len(found)
        for run in page:
            if len(found) < wanted and (record := _record(case, run)) is not None:
                found.append(record)
        if len(found) == wanted or len(page) < wanted or len(found) == had:
            break
        before = page[-1].seq
    return tuple(found)


def _record(case: Case, run: Run) -> Record | None:
    """The record of `run`, if it can be replayed: it may be too large, or made by another version of vigyc."""
    try:
        return record_of(run, case.store)
    except NotFound:
        return None


# -- the text


def source(case: Case) -> Source:
    """The candidate's text."""
    return case.once("source", lambda: Source("<program>", case.program))


def reading(case: Case) -> tuple[list[Any], list[Diagnostic]]:
    """The candidate's forms, and what keeps it from being read."""
    return case.once("reading", lambda: read(source(case)))


def policy(case: Case) -> Policy:
    """What the target may do."""
    return case.once("policy", lambda: case.programs.powers.policy_of(case.vigy.name, case.vigy.labels))


def checked(case: Case, side: Side) -> Checked:
    """What `vigyc check` says of a program, under the target's policy."""
    return case.once(("checked", side.name), lambda: case.programs.check_whole(side.vigy))


def content(case: Case) -> str | None:
    """The name of the candidate's content."""
    return case.once("content", lambda: content_of(case.program, case.modules))


def program(case: Case, side: Side) -> Reconciler | CompileError:
    """What ticks a program, without a gate; or why it cannot be compiled."""
    return case.once(("program", side.name), lambda: _program(case, side.vigy))


def is_compiled(case: Case) -> bool:
    """Whether it is known by now that the candidate compiles."""
    return not isinstance(case.kept(("program", "candidate")), CompileError | None)


def _program(case: Case, vigy: Vigy) -> Reconciler | CompileError:
    version = case.base._replace(program=vigy.program, modules=vigy.modules)
    try:
        return case.programs.load_bare(version)
    except CompileError as error:
        return error


# -- ticks


def tick_seconds(case: Case) -> float:
    """The time for one tick of the target."""
    own = case.vigy.deadline_ms
    return case.programs.seconds if own is None else own / 1000


def first_tick(case: Case, side: Side) -> tuple[Simulated, Simulation]:
    """One tick upon the present, and the simulation as it stands after it, to be forked."""
    return case.once(("first", side.name), lambda: _first(case, side.vigy))


def _first(case: Case, vigy: Vigy) -> tuple[Simulated, Simulation]:
    with _simulation(case, vigy) as going:
        return going.tick(), going


def anew(case: Case, side: Side) -> Simulation:
    """A simulation that stands at the present."""
    return _simulation(case, side.vigy)


def _simulation(case: Case, vigy: Vigy) -> Simulation:
    return simulation(case, vigy, *present(case), clock(case))


def simulation(case: Case, vigy: Vigy, kv: Mapping[str, Any], standing: Standing, time: TimeSource) -> Simulation:
    """Ticks of `vigy`, which need not be the target, from there on."""
    return Simulation(vigy, kv, standing, case.store, case.programs, time, tick_seconds(case), silent)


def clock(case: Case, ahead_ms: int = 0) -> VirtualTime:
    """A clock that stands where the target's next tick would begin, so much ahead."""
    return VirtualTime(case.once("now", case.time.wall_ms) + ahead_ms)


def silent(text: str) -> object:
    """What a rehearsal prints is for nobody."""
    return None
