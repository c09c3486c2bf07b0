"""From a run to its tick once more: from its record, with no effect performed, and what differs.

The tick has no power over anything outside itself: whatever it asks for is answered from the record, or ends it.
"""

from __future__ import annotations

from time import monotonic, thread_time_ns
from typing import Any, NamedTuple

from vigyc.effects.budget import Meter
from vigyc.effects.gate import Gate
from vigyc.effects.kinds import KINDS
from vigyc.effects.policy import Policy
from vigyc.effects.recording import Recorded, Recording, read
from vigyc.effects.replay import Replay
from vigyc.effects.session import Session
from vigyc.lang.errors import NotFound, TickError
from vigyc.model.run import OK, TIMED_OUT, Run
from vigyc.model.run_codec import run_json
from vigyc.model.vigy import Version
from vigyc.programs import Programs
from vigyc.runtime import budget
from vigyc.runtime.host import Host, fresh
from vigyc.runtime.json_value import dumps
from vigyc.runtime.reconciler import Reconciler
from vigyc.runtime.recording import error_of, report_of
from vigyc.runtime.store.port import Store

_COMPARED = (
    "result", "error", "actions", "logs", "events", "conditions", "desired", "observed", "trace", "metrics", "output",
    "kv_deleted",
)  # fmt: skip
_NONE = dumps(None)


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


class Again(NamedTuple):
    """The tick of a run as it came off again: the run it made, and what differs.

    `divergence` says where the program left the record (None: it did not); of what came after that nothing can be said.
    """

    run: Run
    differences: tuple[Difference, ...]
    divergence: str | None


class Record:
    """All that one run depended on: from it any program can be ticked as if it were then, any number of times."""

    def __init__(self, run: Run, recording: Recording) -> None:
        self.run = run
        self.recording = recording
        self._policy = _powerless(recording)
        self._was = {what: dumps(value) for what, value in run_json(run).items() if what in _COMPARED}

    def again(self, program: Reconciler, seconds: float) -> Again:
        """Tick `program`, which has no gate of its own, for at most `seconds`. What it raises is in the run."""
        host, error, stand_in, _ = self._ticked(program, seconds)
        run = _again(self.run, host, error, seconds, self.recording.name)
        return Again(run, tuple(self._differences(run, host, stand_in)), stand_in.divergence)

    def ended(self, program: Reconciler, seconds: float) -> str | None:
        """How a tick of `program` ends, as the result of a run; None: it leaves the record."""
        _, error, stand_in, _ = self._ticked(program, seconds)
        if stand_in.divergence is not None:
            return None
        return OK if error is None else error_of(error, seconds, self.recording.name)[0]

    def took_ns(self, program: Reconciler, seconds: float) -> int:
        """How long one more tick of `program` takes, in processor time of this thread."""
        return self._ticked(program, seconds)[3]

    def _ticked(self, program: Reconciler, seconds: float) -> tuple[Host, BaseException | None, Replay, int]:
        recording = self.recording
        stand_in = Replay(recording)
        host = fresh(
            dict(recording.kv), recording.tick_start_ms, recording.previous_tick_ms, recording.tick_count
        )  # fmt: skip
        session = Session(recording.name, self._policy, {}, _no_secret, lambda text: None)
        gate = host.gate = Gate(session, host, monotonic() + seconds, Meter(()), stand_in)
        began = thread_time_ns()
        made, error = _tick(program, host, seconds)
        took = thread_time_ns() - began
        made.gate = None
        gate.close()
        return made, error, stand_in, took

    def _differences(self, again: Run, host: Host, stand_in: Replay) -> list[Difference]:
        recording = self.recording
        after = run_json(again)
        changed = [what for what in _COMPARED if self._was.get(what, _NONE) != dumps(after.get(what))]
        before = run_json(self.run) if changed else {}
        found = [Difference(what, before.get(what), after.get(what)) for what in changed]
        writes = {key: host.kv[key] for key in host.dirty} if again.result == OK else {}
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


def replay(run: Run, version: Version, store: Store, programs: Programs, seconds: float) -> Replayed:
    """Tick `run` again, with the program of `version`: of the one that made it, or of any other.

    Raises NotFound where nothing was kept, and CompileError.
    """
    record = record_of(run, store)
    if record is None:
        kept = 'only runs that call effects are recorded, unless the setting `record` is "all"'
        raise NotFound(f"there is no record of run {run.id}: {kept}")
    again = record.again(programs.load_bare(version), seconds)
    return Replayed(run, tuple(record.recording.calls), again.run, again.differences)


def record_of(run: Run, store: Store) -> Record | None:
    """The record of `run`; None if there is none. Raises NotFound saying why for one that cannot be replayed."""
    data = store.recording(run.id)
    if data is None:
        return None
    try:
        return Record(run, read(data))
    except (ValueError, TypeError) as error:
        raise NotFound(f"there is no record of run {run.id}: {error}") from error


def _powerless(recording: Recording) -> Policy:
    """Of the recorded policy what reaches nothing outside the run: kinds that know no scope."""
    granted = [grant for grant in recording.policy["grants"] if grant in KINDS]
    return Policy.of(*granted)


def _tick(program: Reconciler, host: Host, seconds: float) -> tuple[Host, BaseException | None]:
    """The host that `program` made of `host`, or what it raised."""
    token = budget.arm(seconds)
    try:
        try:
            return program.tick(host), None
        finally:
            budget.disarm(token)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # as whoever ticked it then
        return host, error


def _again(run: Run, host: Host, error: BaseException | None, seconds: float, name: str) -> Run:
    if error is None:
        return run._replace(result=OK, error=None, error_kind=None, actions=tuple(host.actions), report=report_of(host))
    host.abandon()
    result, kind, text = error_of(error, seconds, name)
    if result == run.result == TIMED_OUT:
        text = run.error or text  # which says what its deadline was
    return run._replace(result=result, error=text, error_kind=kind, actions=(), report=report_of(host))


def _differ(one: Any, other: Any) -> bool:
    """Whether these JSON data, which may lie very deep, are not the same."""
    return dumps(one) != dumps(other)


def _no_secret(name: str) -> Any:
    raise TickError("replay-diverged", f"a replay opens no secret, and {name} was asked for")
