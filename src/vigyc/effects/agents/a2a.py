"""From a message to what another agent makes of it, over A2A: its card, then the message, then its task until it rests.

The card may name another host for what comes next: that host is judged as the first was, and is not told the headers
that were meant for the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic, sleep
from typing import Any, Final
from uuid import uuid4

from vigyc.effects.agents import a2a_wire as wire
from vigyc.effects.agents.exchange import ask, shown, tell
from vigyc.effects.gate import Gate
from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.host import Target
from vigyc.runtime.json_value import Json

KIND: Final = "a2a"
_SOON: Final = 0.05  # seconds before a task is asked for again, at first; each time half as long again
_SELDOM: Final = 2.0


class Peer:
    """The agent at `target`, until `until` (monotonic seconds)."""

    def __init__(self, gate: Gate, target: Target, headers: Mapping[str, str], until: float) -> None:
        self._gate = gate
        self._until = until
        self._target, self._version = self._meet(target, headers)
        own = headers if self._target.origin == target.origin else {}
        self._headers = {**own, **self._version.headers}

    def _meet(self, target: Target, headers: Mapping[str, str]) -> tuple[Target, wire.Version]:
        """Where the agent is told things, now that the policy allows it, and how."""
        card_at = target.url if target.url.endswith(".json") else target.url.rstrip("/") + wire.CARD
        card = ask(self._gate, self._gate.allow("net", card_at), kind=KIND, headers=headers, seconds=self._left())
        url, version = wire.endpoint(target.place, card)
        self._gate.allow(KIND, url)
        return self._gate.allow("net", url), version

    def send(self, content: Json, task: str) -> wire.Answer:
        """What the agent makes of `content`; `task` is the one it goes on with. Raises EffectFailed."""
        version = self._version
        answer = self._call(version.send, wire.message(version, content, str(uuid4()), task))
        pause = _SOON
        while answer.state in wire.UNDER_WAY:
            if self._left() <= pause:
                raise EffectFailed("timeout", f"task {answer.task[:80]} of {self._target.place} is {answer.state}")
            sleep(pause)
            pause = min(pause * 1.5, _SELDOM)
            answer = self._call(version.get, {"id": answer.task})
        return answer

    def _call(self, method: str, params: Json) -> wire.Answer:
        asked: Json = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        place = self._target.place
        said = tell(self._gate, self._target, asked, kind=KIND, headers=self._headers, seconds=self._left())
        if not isinstance(said, dict):
            raise EffectFailed("decode", f"{place} did not answer in JSON-RPC")
        if said.get("error") is not None:
            raise EffectFailed("refused", f"{place} refused: {shown(self._gate, _reason(said['error']))}")
        return wire.read(place, said.get("result"))

    def _left(self) -> float:
        left = self._until - monotonic()
        if left <= 0:
            raise EffectFailed("timeout", "the agent did not answer in time")
        return left


def _reason(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else "it does not say why"
