"""From the program of a flow to the context that it ends with: one tick, upon what the application does for it.

A flow ticks under the policy of its own name, as a vigy would; the one that comes with vigyc is called `enhance`. Flows
run side by side in several threads, each with a slot of its own, and draw on the same budgets. What goes wrong is a
`Fault`: of the world, of the configuration, or of the flow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple

from vigyc.effects.flow_host import FlowHost, Steps
from vigyc.effects.gated import Gated
from vigyc.enhance.epoch.fault import CONFIGURATION, PERMANENT, RETRYABLE, Fault
from vigyc.enhance.epoch.handle import Handle
from vigyc.enhance.flow.calls import Calls
from vigyc.lang.digest import digest
from vigyc.lang.errors import CompileError, Halted, SettingsError, Thrown, TickError
from vigyc.lang.render import brief
from vigyc.lang.source import Source
from vigyc.model.vigy import Version, Vigy
from vigyc.programs import Programs
from vigyc.runtime import budget
from vigyc.runtime.reconciler import Reconciler
from vigyc.runtime.recording import error_of
from vigyc.runtime.values import ErrorValue

SHIPPED: Final = "enhance"
"""The name of the flow that comes with vigyc, and so that of its policy."""

_MAY_PASS: Final = frozenset({
    "budget-exceeded", "busy", "closed", "decode", "failed", "io-error", "network", "no-space", "redirects", "refused",
    "timeout", "tls", "too-large", "too-many-processes",
})  # fmt: skip
_TO_BE_SET: Final = frozenset({"configuration", "denied", "missing-extra"})
_NOT_THERE: Final = frozenset({"no-permission", "not-file", "not-found", "not-text"})
_NAMED_BY_POLICY: Final = frozenset({"a2a", "http", "llm", "mcp", "process", "secret"})
"""The packs for which a model, a key, a program that is not there is a matter of the configuration."""
_ANSWERED: Final = re.compile(r" answered ([0-9]{3})\b")
_ASK_AGAIN: Final = frozenset({408, 409, 425, 429})


class FlowProgram(NamedTuple):
    """The program of a flow: that of version `version` of a vigy, or the one that comes with vigyc (None).

    It runs under the policy for `name` and `labels`; its budgets are those of the vigy with the id `vigy`.
    """

    name: str
    text: str
    modules: Mapping[str, Any] | None = None
    labels: Mapping[str, str] = {}
    vigy: str = f"({SHIPPED})"
    version: int | None = None

    def to_json(self) -> dict[str, Any]:
        """What the log says of it."""
        return {"name": self.name, "version": self.version, "digest": digest(self.text)}


class FlowRun(NamedTuple):
    """A flow that ran to its end: the final context, and its calls with what they took."""

    context: dict[str, Any]
    calls: tuple[Mapping[str, Any], ...]
    tokens: int
    cost: int


@cache
def shipped_flow() -> FlowProgram:
    """The flow that comes with vigyc."""
    return FlowProgram(SHIPPED, Path(__file__).with_name("default_flow.tatara").read_text("utf-8"))


def flow_of(vigy: Vigy, version: Version) -> FlowProgram:
    """The flow that `version` of `vigy` is."""
    return FlowProgram(vigy.name, version.program, version.modules, vigy.labels, vigy.id, version.number)


def compiled(flow: FlowProgram, programs: Programs) -> Reconciler:
    """What a tick of `flow` runs. Raises CompileError."""
    found = digest(flow.text)
    return programs.load_flow(Version(flow.vigy, flow.version or 0, found, flow.text, 0, modules=flow.modules))


def run_flow(
    flow: FlowProgram,
    steps: Steps,
    programs: Programs,
    *,
    slot: str,
    seconds: float,
    ttl_ms: int,
    at_ms: int,
    handle: Handle | None = None,
    calls: Calls | None = None,
) -> FlowRun:
    """Run `flow` for at most `seconds`, what is left of its epoch's `ttl_ms`, as the tick of the time `at_ms`.

    No two runs at once have the same `slot`. `calls` is filled as it goes on, so that they are known of a run that
    fails too. Raises Fault; Stopped where `handle` was cut; and what a step raised, as it is, if it is no EffectFailed.
    """
    calls = Calls() if calls is None else calls
    host = FlowHost(steps, at_ms)
    until = monotonic() + seconds
    try:
        program = compiled(flow, programs)
        gated = Gated(
            program, programs.powers, flow.vigy, flow.name, flow.labels, seconds, lambda: calls, slot=slot
        )  # fmt: skip
        _tick(gated, host, seconds, handle)
    except Halted:
        if handle is not None:
            handle.check()
        raise _late(ttl_ms) from None
    except CompileError as error:
        found = brief(error.diagnostics[0], Source(flow.name, flow.text))
        raise Fault(CONFIGURATION, f"the flow {flow.name} does not compile: {found}") from error
    except SettingsError as error:
        raise Fault(CONFIGURATION, f"the policy of the flow {flow.name} cannot be used: {error}") from error
    except Exception as error:
        if handle is not None:
            handle.check()
        if calls.trouble is not None:
            raise calls.trouble from None
        if not isinstance(error, TickError):
            raise
        if monotonic() >= until:  # an effect that was waiting heard of it first
            raise _late(ttl_ms) from error
        raise _fault(error, flow, calls) from error
    if calls.trouble is not None:
        raise calls.trouble
    if host.final is None:
        raise Fault(PERMANENT, f"the flow {flow.name} ended without `flow-finish`, so there is no commit to read")
    return FlowRun(host.final, calls.told(), calls.tokens, calls.cost)


def _tick(gated: Gated, host: FlowHost, seconds: float, handle: Handle | None) -> None:
    """Tick until the deadline, or until `handle` is cut. Raises Halted, Stopped and whatever the tick raises."""
    armed: list[budget.Token] = []

    def stop() -> None:
        for token in armed:
            budget.cut(token)
        gate: Any = host.gate
        if gate is not None:
            gate.stop()

    with nullcontext() if handle is None else handle.stopping(stop):
        token = budget.arm(seconds)
        try:
            armed.append(token)
            if handle is not None:
                handle.check()  # it may have been cut before there was anything to cut
            gated.tick(host)
        finally:
            budget.disarm(token)
        if handle is not None:
            handle.check()  # what it waited for may have heard of it before the tick did


def _late(ttl_ms: int) -> Fault:
    return Fault(
        RETRYABLE,
        f"the epoch took longer than its ttl_ms of {ttl_ms}: its flow was stopped, and nothing was committed; raise"
        " ttl_ms if the proposer needs longer",
    )


def _fault(error: TickError, flow: FlowProgram, calls: Calls) -> Fault:
    """What follows from an error that a flow ended with."""
    plain = _plain(error)
    _, _, text = error_of(plain, 0, flow.name)
    kind = _kind(plain, calls)
    where = f"; the policy is that of {flow.name}" if plain.kind == "denied" else ""
    return Fault(kind, f"the flow {flow.name}: {calls.masked(text)}{where}")


def _plain(error: TickError) -> TickError:
    """An error value that was thrown as an error of its tag, as `ok-value` raises it."""
    value = error.value if isinstance(error, Thrown) else None
    if not isinstance(value, ErrorValue):
        return error
    found = TickError(value.tag, value.message, error.span)
    found.source = error.source
    return found


def _kind(error: TickError, calls: Calls) -> str:
    if isinstance(error, Thrown):
        return PERMANENT
    failed = calls.failed
    if error.kind in _TO_BE_SET:
        return CONFIGURATION
    if failed is None or (failed.tag, failed.message) != (error.kind, error.short):
        return RETRYABLE if error.kind in _MAY_PASS else PERMANENT
    if error.kind in _NOT_THERE and failed.pack in _NAMED_BY_POLICY:
        return CONFIGURATION
    answered = _ANSWERED.search(error.short) if error.kind == "refused" else None
    if answered is not None and 400 <= (status := int(answered[1])) < 500 and status not in _ASK_AGAIN:
        return CONFIGURATION
    return RETRYABLE if error.kind in _MAY_PASS else PERMANENT
