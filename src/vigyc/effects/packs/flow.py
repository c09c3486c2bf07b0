"""From a flow of the enhance pipeline to what the application does for it: the pack `flow`.

These need no grant: what they may do is what the epoch is about, and the application does it. Any other program is
refused. Data go both ways as JSON: objects are maps with string keys.
"""

from __future__ import annotations

from typing import Any, Final

from vigyc.effects.decision import Decision
from vigyc.effects.flow_host import FlowHost
from vigyc.effects.gate import Gate
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.lang.errors import TickError
from vigyc.runtime.faults import native_fault
from vigyc.runtime.json_value import Json, from_json

PACK: Final = Pack("flow", "The steps of a flow of the enhance pipeline.")

_REFUSAL: Final = "is for flows of the enhance pipeline; this vigy is not run as one"


@PACK.effect("flow-context", cost=0, example='(get-in (flow-context) (list "issue" "intent"))')
def flow_context(gate: Gate) -> object:
    """The context that the flow begins with.

    A map of `issue`, `program`, `version`, `state`, `findings`, `epoch`, `verifiers`, `proposer`, `repairs` and
    `feedback`.
    """
    return from_json(_host(gate, "flow-context").steps.context())


@PACK.effect("flow-rewrite", result=True, cost=0, example='(flow-rewrite (get (flow-context) "program"))')
def flow_rewrite(gate: Gate, source: str) -> object:
    """The patch that the rules of vigyc propose for a program, given the issue. Error `no-rule`: none fits."""
    return from_json(_host(gate, "flow-rewrite").steps.rewrite(source))


@PACK.effect("flow-apply", result=True, cost=0, example='(flow-apply "(car x)" (hash-map "source" "(vigy-noop)"))')
def flow_apply(gate: Gate, source: str, patch: Json) -> object:
    """A program with a patch applied, all of it or nothing: a map of `source` and `version`, the name of its content.

    A patch is a map of `edits` or `source`, and of `bump` and `rationale` where it has them. Error `edit`, which says
    what is wrong with it.
    """
    return from_json(_host(gate, "flow-apply").steps.apply(source, patch))


@PACK.effect("flow-verify", cost=0, example='(get (flow-verify "(vigy-noop)" "compiles") "status")')
def flow_verify(gate: Gate, source: str, axis: str) -> object:
    """The verdict on a program along one axis: a map of `axis`, `status` (pass or deny), and `evidence` or `reason`.

    It tells the flow what to expect. Before anything is committed the application finds all verdicts itself.
    """
    host = _host(gate, "flow-verify")
    try:
        return from_json(host.steps.verify(source, axis))
    except EffectFailed as failure:
        raise TickError(failure.tag, failure.message) from failure


@PACK.effect("flow-finish", cost=0, example='(flow-finish (assoc (flow-context) "note" "nothing is committed"))')
def flow_finish(gate: Gate, context: Json) -> None:
    """End the flow with this context, of which `commit` is read. It is called once."""
    host = _host(gate, "flow-finish")
    if host.final is not None:
        raise native_fault("flow-finish", "the flow was finished before")
    if context.__class__ is not dict:
        raise native_fault("flow-finish", "the context must be a map")
    host.final = context
    host.steps.finish(context)


def _host(gate: Gate, name: str) -> FlowHost:
    """The host of the flow. Raises TickError `denied`, which counts as a refusal, where there is none."""
    host: Any = gate.host
    if isinstance(host, FlowHost):
        return host
    gate.refuse(Decision(False, "flow", "", _REFUSAL))
    raise TickError("denied", f"`{name}` {_REFUSAL}")
