"""From a message to the answer of another agent: the pack `a2a`, the Agent2Agent protocol 1.0 and 0.3 over JSON-RPC.

A call needs two grants for the agent's host, `a2a` and `net`; and for the host its card names, if that is another.
"""

from __future__ import annotations

from time import monotonic
from typing import Final

from vigyc.effects.agents import a2a_wire as wire
from vigyc.effects.agents.a2a import Peer
from vigyc.effects.gate import Gate
from vigyc.effects.operation import Options
from vigyc.effects.pack import Pack
from vigyc.effects.plain import told
from vigyc.effects.scopes.host import Target
from vigyc.lang.datum import keyword

PACK: Final = Pack("a2a", "Messages to other agents.")

_TEXT: Final = keyword("text")
_TASK: Final = keyword("task-id")
_STATE: Final = keyword("state")
_DATA: Final = keyword("data")
_OPTIONS: Final[dict[str, tuple[str, object]]] = {
    "task-id": ("str", ""),
    "headers": ("dict[str, Text]", {}),
    "timeout-ms": ("int", None),
}
_GIVEN: Final[Options] = {name: default for name, (_, default) in _OPTIONS.items()}


@PACK.effect(
    "a2a-send", needs="a2a", result=True, changes=True, options=_OPTIONS,
    example='(a2a-send "https://agent.example" "What is the weather?")',
)  # fmt: skip
def a2a_send(gate: Gate, url: Target, content: object, options: Options = _GIVEN) -> object:
    """What the agent at the URL, whose card is at /.well-known/agent-card.json below it, makes of the content.

    The content is a string, a part as the protocol has it (`{:text "..."}`, `{:data {...}}`), or a list of them. The
    result is a map: `:text`, the text of the answer; `:data`, a list of the data in it; `:task-id` and `:state`
    (`completed`, `failed`, `input-required`, ...) of the agent's task, nil for an answer without one. A task that is
    under way is waited for.

    Options: `:task-id`, to go on with a task that requires input; `:headers`, a map of strings or secrets, sent to the
    URL's own host only; `:timeout-ms`, for all of it together. Errors: `timeout`, `refused` (the agent refused),
    `unsupported` (it speaks neither version over JSON-RPC), `decode`, and those of http-get.
    """
    given = options["timeout-ms"]
    most = gate.limits.model_ms if given is None else min(gate.limits.model_ms, given)
    peer = Peer(gate, url, options["headers"], monotonic() + gate.remaining(most))
    answer = peer.send(told("a2a-send", content), options["task-id"])
    return {
        _TEXT: wire.texts(answer.parts),
        _DATA: wire.data(answer.parts),
        _TASK: answer.task or None,
        _STATE: answer.state or None,
    }
