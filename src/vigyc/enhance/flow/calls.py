"""From the calls of a flow to what its epoch keeps of them: what each was given and gave, secrets masked, in bounds.

Every call is performed as ever. What is kept are the prompts, answers and commands of proposers; not the pipeline's own
steps, of which the entry has the patch and the verdicts. A text that is too long is cut, a call that has no room is
kept by name, and the last entry says how many more there were.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from vigyc.effects.agents.models import TOKENS
from vigyc.effects.gate import Gate
from vigyc.effects.performed import Performed
from vigyc.effects.plain import plain
from vigyc.effects.recording import raised_of
from vigyc.effects.result import ERROR, OK, VALUE
from vigyc.lang.errors import TickError
from vigyc.runtime.json_value import dumps
from vigyc.runtime.printer import display

ROOM: Final = 64 * 1024  # characters of JSON for all calls of an epoch
LONGEST: Final = 16 * 1024  # of a text in one of them
_BARE: Final = 80  # what an entry has at least
_STEPS: Final = "flow"  # the pack of the pipeline's own steps


class Failed(NamedTuple):
    """A call whose result was not ok."""

    name: str
    pack: str
    tag: str
    message: str


class Calls:
    """The calls of one flow, as they come: `tokens` and `cost` of all, the last that `failed`, and the `trouble` that
    the application had with one of its own steps, which is no error of the flow. `masked` hides the flow's secrets."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._entries: list[dict[str, Any]] = []
        self._more = 0
        self.masked: Callable[[Any], Any] = lambda value: value
        self.tokens = 0
        self.cost = 0
        self.failed: Failed | None = None
        self.trouble: Exception | None = None

    def answer(self, gate: Gate, call: Performed, perform: Callable[[], object]) -> object:
        """The value of `call`, performed in earnest."""
        self.masked = gate.session.masked
        operation = call.operation
        self.cost += gate.session.policy.costs.get(operation.name, operation.cost)
        try:
            value = perform()
        except Exception as error:
            if not isinstance(error, TickError) and self.trouble is None:
                self.trouble = error
            self._note(call, {"error": _told(error)})
            raise
        self._note(call, self._outcome(call, value))
        return value

    def told(self) -> tuple[dict[str, Any], ...]:
        """The calls as JSON objects: `name`, `args`, and `value` or `error`."""
        found = [*self._entries]
        if self._more:
            found.append({"omitted": f"{self._more} further call{'s' if self._more > 1 else ''}"})
        return tuple(self.masked(found))

    def _outcome(self, call: Performed, value: Any) -> dict[str, Any]:
        """What `call` gave: a value, or the error of a result that is not ok."""
        operation = call.operation
        if operation.answers == "result":
            if value[OK] is not True:
                error = value[ERROR]
                self.failed = Failed(operation.name, operation.pack, error.tag, error.message)
                return {"error": {"kind": error.tag, "message": error.message}}
            value = value[VALUE]
            if operation.pack == "llm":
                self.tokens += value[TOKENS]
        return {"value": value}

    def _note(self, call: Performed, outcome: dict[str, Any]) -> None:
        if call.operation.pack == _STEPS:
            return
        if self._room < _BARE:
            self._more += 1
            return
        name = call.operation.name
        entry = self._shortened({"name": name, "args": [*call.args], **outcome})
        size = len(dumps(entry))
        if size > self._room:
            entry = {"name": name, "omitted": f"{size} characters"}
            size = _BARE
        self._room -= size
        self._entries.append(entry)

    def _shortened(self, entry: dict[str, Any]) -> dict[str, Any]:
        """A copy of `entry` as JSON data, its texts masked and then cut."""
        whole: Any = self.masked(plain(entry))
        stack: list[Any] = [whole]
        while stack:
            target = stack.pop()
            for step, item in list(target.items() if target.__class__ is dict else enumerate(target)):
                if item.__class__ is str and len(item) > LONGEST:
                    target[step] = f"{item[:LONGEST]}... ({len(item)} characters)"
                elif item.__class__ in {dict, list}:
                    stack.append(item)
        found: dict[str, Any] = whole
        return found


def _told(error: Exception) -> dict[str, str]:
    kind, text, value = raised_of(error)
    return {"kind": kind, "message": text if value is None else display(value)}
