"""From a call of an effect to what came of it: the one gate that every call passes.

    read the arguments -> decide -> charge the budget -> perform with limits -> record

A gate lives for one run. What the policy refuses raises `denied`: a program may catch that, but the run counts it,
keeps it in its record and shows it. What the world refuses is a result. A stand-in answers in place of the world: from
a record (replay.py), or not at all (a dry run).

A call is not cut in two by the tick's deadline, so that what it opens is always owned; only the functions of the
program that it calls are (`hand`). What it blocks for it bounds itself (`remaining`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import get_ident
from time import monotonic
from typing import Any, Final, Protocol

from vigyc.effects.budget import Meter
from vigyc.effects.decision import Decision
from vigyc.effects.failure import failure_of
from vigyc.effects.handle import Handle, Handles
from vigyc.effects.limits import Limits
from vigyc.effects.operation import Operation
from vigyc.effects.performed import Performed, told
from vigyc.effects.recording import Recorded, Recording, packed, raised_of, weight, write, write_refusal
from vigyc.effects.result import EffectFailed, done, failed
from vigyc.effects.session import Session
from vigyc.lang.errors import Halted, TickError
from vigyc.model.effect import Effect
from vigyc.runtime.budget import held
from vigyc.runtime.host import Host
from vigyc.runtime.secret import MASK, Secret

MOST: Final = 10_000  # calls of a run that are recorded one by one
_SHORT: Final = 256  # characters that need not be weighed
_SMALL: Final = frozenset({type(None), bool, int, float})
_TOLD: Final = 1_000  # of these, the ones that are told with the run


class StandIn(Protocol):
    """What answers in place of the world; `perform` does it in earnest."""

    def answer(self, gate: Gate, call: Performed, perform: Callable[[], object]) -> object:
        """The value of `call`."""


class Gate:
    """The gate of one run of `session`'s vigy.

    `deadline` is the monotonic time at which the tick is over: nothing may block beyond it. `calls` is the record,
    `denied` how many calls were refused. `record_all` says that a run is recorded also if it calls nothing.
    """

    def __init__(
        self, session: Session, host: Host, deadline: float, meter: Meter, stand_in: StandIn | None = None
    ) -> None:
        self.session = session
        self.host = host
        self._kv = dict(host.kv)
        self._began = monotonic()
        self.deadline = deadline
        self.limits: Limits = session.policy.limits
        self.handles = Handles(self.limits.handles)
        self.calls: list[Performed] = []
        self.unrecorded = 0
        self._room = self.limits.record_bytes
        self.denied = 0
        self.slept_ms = 0
        self._meter = meter
        self._thread = get_ident()
        self._judged = session.judged
        self._metered = meter.limits("calls") or meter.limits("cost")
        self._stand_in = stand_in
        self._call: Performed | None = None
        self.record_all = False
        self._stopped = False
        self._ends: list[Callable[[], object]] = []

    def perform(self, operation: Operation, args: tuple[object, ...]) -> object:
        """What `operation` makes of `args`. Raises TickError: a wrong argument, `denied`, `budget-exceeded`."""
        before = self._call
        self._call = call = Performed(operation, args, monotonic())
        if len(self.calls) < MOST:
            self.calls.append(call)
        else:
            self.unrecorded += 1
        held[self._thread] = True
        try:  # the first call in here takes a `Halted` that was raised before
            if self._stand_in is not None:
                call.value = value = self._stand_in.answer(self, call, lambda: self._earnest(call))
            elif operation.answers == "value":
                call.value = value = operation.function(self, *self.decide(call))
            else:
                call.value = value = self._earnest(call)
        except BaseException as error:
            call.raised = error
            raise
        finally:
            call.ended = monotonic()
            self._call = before
            light = call.value.__class__ in _SMALL and len(args) == 1 and args[0].__class__ is str
            if not light or len(args[0]) > _SHORT:  # type: ignore[arg-type]
                self._weigh(call)
            if held.pop(self._thread, True) is False:
                raise Halted
        return value

    def _weigh(self, call: Performed) -> None:
        """Keep what `call` was given and gave for the record, unless that is too large by now."""
        if self._room >= 0:
            self._room -= weight([*call.args, call.value, *(arg for args in call.inputs for arg in args)], self._room)
            if self._room < 0:
                for known in self.calls:
                    known.forget()
        if self._room < 0:
            call.forget()

    def _earnest(self, call: Performed) -> object:
        operation = call.operation
        values = self.decide(call)
        if operation.answers == "value":
            return operation.function(self, *values)
        try:
            value = operation.function(self, *values)
        except EffectFailed as error:
            return failed(error.tag, self.session.masked(error.message))
        except OSError as error:
            failure = failure_of(error, call)
            return failed(failure.tag, self.session.masked(failure.message))
        return done(self.session.masked(value))

    def decide(self, call: Performed) -> list[Any]:
        """The arguments of `call` as its function takes them, once it is allowed and paid for. Raises TickError."""
        operation = call.operation
        args, judged = call.args, operation.judged
        if operation.takes_text and len(args) == 1 and args[0].__class__ is str:  # as `read` does, by the short way
            values: list[Any] = [args[0]]
        else:
            values = operation.read(args)
        asked = values if len(judged) < 2 else values.copy()  # several kinds may be asked of one argument
        for kind, at in judged:
            value = None if at is None else asked[at]
            known = None if value.__class__ is list else self._judged.get((kind, value))
            if known is not None and known[0][0]:  # as `allow` does, by the short way
                call.decisions += (known[0],)
                resource = known[2]
            else:
                resource = self.allow(kind, value)
            if at is not None:
                values[at] = resource
        if self._metered:
            cost = self.session.policy.costs.get(operation.name, operation.cost)
            self._meter.charge_all(("calls", 1), ("cost", cost))
        return values

    def allow(self, kind: str, value: Any) -> Any:
        """What `value` is to an effect of `kind`, now that it is allowed. Raises TickError `denied`."""
        judged = self.session.judge(kind, value)
        if not judged.decision.allowed:
            raise self.refuse(judged.decision)
        if self._call is not None:
            self._call.decisions += (judged.decision,)
        return judged.resource

    def refuse(self, decision: Decision) -> TickError:
        """Count and keep a refusal, also one an operation came to by itself; what to raise for it."""
        self.denied += 1
        call = self._call
        if call is None:
            return denied(decision.kind, decision)
        decision = _unseen(Decision(*self.session.masked([*decision])), call.args)
        call.decisions += (decision,)
        return denied(call.operation.name, decision)

    # -- what operations use while they perform

    def remaining(self, most_ms: int | None = None) -> float:
        """Seconds that may pass until the tick is over, at most `most_ms`; not below 0."""
        left = max(self.deadline - monotonic(), 0.0)
        return left if most_ms is None else min(left, most_ms / 1000)

    @contextmanager
    def waiting(self, end: Callable[[], object]) -> Iterator[None]:
        """While this lasts, whoever stops the run calls `end`, which ends what the operation waits for."""
        self._ends.append(end)
        try:
            if self._stopped:
                end()
            yield
        finally:
            self._ends.remove(end)

    def stop(self) -> None:
        """Let the run's time be over now, also for what it waits for; from any thread."""
        self.deadline = monotonic()
        self._stopped = True
        with ExitStack() as stack:  # what one of them raises does not keep the others
            for end in self._ends.copy():
                stack.callback(end)

    def charge(self, unit: str, amount: int) -> None:
        """Take `amount` of `bytes`, `ms` or `tokens` from the budget. Raises TickError `budget-exceeded`."""
        self._meter.charge(unit, amount)

    def most(self, unit: str, limit: int) -> int:
        """The less of `limit` and what the budget has left of `unit`."""
        left = self._meter.left(unit) if self._meter.limits(unit) else None
        return limit if left is None else min(limit, left)

    def left(self, unit: str) -> int | None:
        """What the budget has left of `unit`; None: it is not limited."""
        return self._meter.left(unit)

    def open(self, handle: Handle) -> Handle:
        """Own `handle` until the run ends."""
        return self.handles.add(handle)

    def use(self, handle: Handle) -> None:
        """Raises TickError `closed-handle` unless `handle` is open and of this run."""
        self.handles.use(handle, self._call.operation.name if self._call is not None else "effect")

    def hand(self, function: Callable[..., object], *args: object) -> object:
        """Call a function of the program with `args`, which are recorded."""
        if self._call is not None:
            self._call.inputs += (args,)
        was_held = held.pop(self._thread, None)
        if was_held is False:
            raise Halted
        try:
            return function(*args)
        finally:
            if was_held:
                held[self._thread] = True

    def secret(self, name: str) -> Secret:
        """The secret called `name`, which `allow` has allowed. Raises EffectFailed if it cannot be had."""
        return self.session.secret(name)

    # -- what is told when the run is over

    def close(self) -> None:
        """Close what the run opened."""
        self.handles.close_all()

    def told(self) -> tuple[Effect, ...]:
        """What is told of the calls."""
        return tuple([told(call, self._began, self.session.masked) for call in self.calls[:_TOLD]])

    def recording(self, writes: Mapping[str, Any], deletes: Collection[str]) -> bytes | None:
        """The record of the run, which changed these keys; None if nothing is to be kept, as of one without calls."""
        most = self.limits.record_bytes
        if most == 0 or not (self.calls or self.record_all):
            return None
        if self._room < 0 or weight(self._kv, most) > most:
            return write_refusal(f"its record would have more than the {most} bytes that are kept")
        try:
            data = self._written(dict(writes), sorted(deletes))
        except Exception as error:  # whatever a program has come up with: its run is told all the same
            return write_refusal(f"it could not be recorded: {error}")
        return data if len(data) <= most else write_refusal(f"its record has {len(data)} bytes, and {most} are kept")

    def _written(self, writes: dict[str, Any], deletes: list[str]) -> bytes:
        host, mask = self.host, self.session.masked
        calls = [
            Recorded(
                call.operation.name,
                packed(list(call.args)),
                mask(call.value),
                None if call.raised is None else raised_of(call.raised),
                [list(args) for args in call.inputs],
            )
            for call in self.calls
        ]
        recording = Recording(
            self.session.name, self._kv, host.tick_start_ms, host.previous_tick_ms, host.tick_count,
            self.session.policy.to_json(), calls, self.unrecorded, writes, deletes,
        )  # fmt: skip
        return write(recording)


def denied(name: str, decision: Decision) -> TickError:
    """What a program gets where the policy refuses."""
    what = f" of {decision.resource}" if decision.resource else ""
    help_ = f"; the grant {decision.needed!r} would allow it" if decision.needed else ""
    return TickError("denied", f"`{name}`{what} is denied: {decision.rule}{help_}")


def _unseen(decision: Decision, args: tuple[object, ...]) -> Decision:
    """`decision` without what was asked for, if that came from a secret among `args`: a part of it is too much."""
    if decision.resource in args or not any(arg.__class__ is Secret for arg in args):
        return decision
    return Decision(False, decision.kind, MASK, f"no grant of {decision.kind} covers it")
