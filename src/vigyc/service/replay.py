"""From a run to its tick once more: from its record, with no effect performed, and what differs.

The tick has no power over anything outside itself: whatever it asks for is answered from the record, or ends it.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, NamedTuple

from vigyc.effects.budget import Meter
from vigyc.effects.gate import Gate
from vigyc.effects.kinds import KINDS
from vigyc.effects.policy import Policy
from vigyc.effects.recording import Recorded, Recording, read
from vigyc.effects.replay import Replay
from vigyc.effects.session import Session
from vigyc.lang.errors import NotFound, TickError
from vigyc.model.run import TIMED_OUT, Run
from vigyc.model.run_codec import run_json
from vigyc.model.vigy import Version
from vigyc.runtime import budget
from vigyc.runtime.host import Host
from vigyc.runtime.json_value import dumps
from vigyc.runtime.recording import error_of, report_of
from vigyc.runtime.store.port import Store
from vigyc.service.programs import Programs

_COMPARED = (
    "result", "error", "actions", "logs", "events", "conditions", "desired", "observed", "trace", "metrics", "output",
    "kv_deleted",
)  # fmt: skip


class Difference(NamedTuple):
    """What of the replay is not as it was."""

    what: str
    recorded: Any
    replayed: Any


class Replayed(NamedTuple):
    """A run, the calls of effects as they were recorded, the same tick replayed, and what differs."""

    run: Run
    calls: tuple[Recorded, ...]
    again: Run
    differences: tuple[Difference, ...]


def replay(run: Run, version: Version, store: Store, programs: Programs, seconds: float) -> Replayed:
    """Tick `run`, which was made by `version`, again. Raises NotFound where nothing was kept, and CompileError."""
    recording = _recording(run, store)
    stand_in = Replay(recording)
    host = Host(
        tick_start_ms=recording.tick_start_ms,
        previous_tick_ms=recording.previous_tick_ms,
        tick_count=recording.tick_count,
        kv=dict(recording.kv),
    )
    session = Session(recording.name, _powerless(recording), {}, _no_secret, lambda text: None)
    gate = host.gate = Gate(session, host, monotonic() + seconds, Meter(()), stand_in)
    error = _ticked(programs, version, host, seconds)
    host.gate = None
    gate.close()
    again = _again(run, host, error, seconds, recording.name)
    return Replayed(run, tuple(recording.calls), again, tuple(_differences(run, again, recording, host, stand_in)))


def _powerless(recording: Recording) -> Policy:
    """Of the recorded policy what reaches nothing outside the run: kinds that know no scope."""
    granted = [grant for grant in recording.policy["grants"] if grant in KINDS]
    return Policy.of(*granted)


def _ticked(programs: Programs, version: Version, host: Host, seconds: float) -> BaseException | None:
    program = programs.load_bare(version)
    token = budget.arm(seconds)
    try:
        try:
            program.tick(host)
        finally:
            budget.disarm(token)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # as whoever ticked it then
        return error
    return None


def _recording(run: Run, store: Store) -> Recording:
    data = store.recording(run.id)
    if data is None:
        raise NotFound(f"there is no record of run {run.id}: only runs that call effects are recorded")
    try:
        return read(data)
    except (ValueError, TypeError) as error:
        raise NotFound(f"there is no record of run {run.id}: {error}") from error


def _again(run: Run, host: Host, error: BaseException | None, seconds: float, name: str) -> Run:
    if error is None:
        return run._replace(
            result="ok", error=None, error_kind=None, actions=tuple(host.actions), report=report_of(host)
        )
    host.abandon()
    result, kind, text = error_of(error, seconds, name)
    if result == run.result == TIMED_OUT:
        text = run.error or text  # which says what its deadline was
    return run._replace(result=result, error=text, error_kind=kind, actions=(), report=report_of(host))


def _differences(run: Run, again: Run, recording: Recording, host: Host, stand_in: Replay) -> list[Difference]:
    before, after = run_json(run), run_json(again)
    found = [
        Difference(what, before.get(what), after.get(what))
        for what in _COMPARED
        if _differ(before.get(what), after.get(what))
    ]
    writes = {key: host.kv[key] for key in host.dirty} if again.result == "ok" else {}
    found += [
        Difference(f"kv {key}", recording.writes.get(key), writes.get(key))
        for key in sorted(recording.writes.keys() | writes.keys())
        if _differ(recording.writes.get(key), writes.get(key))
    ]
    if stand_in.divergence is not None:
        found.insert(0, Difference("effects", "as recorded", stand_in.divergence))
    elif left := stand_in.left():
        found.insert(0, Difference("effects", f"{', '.join(left)} followed", "none of these"))
    return found


def _differ(one: Any, other: Any) -> bool:
    """Whether these JSON data, which may lie very deep, are not the same."""
    return dumps(one) != dumps(other)


def _no_secret(name: str) -> Any:
    raise TickError("replay-diverged", f"a replay opens no secret, and {name} was asked for")
