"""From the record of a run to its tick once more, with no effect performed: every call is answered from the record.

A call that only adds to the run's own record (its log) is made again, whether it was made then or not. A program that
asks for something else than it did then has diverged: nothing can be said of what follows, so that call and all after
it raise `replay-diverged`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vigyc.effects import catalog
from vigyc.effects.gate import Gate
from vigyc.effects.performed import Performed
from vigyc.effects.recording import Recorded, Recording, error_of, packed
from vigyc.lang.errors import TickError


class Replay:
    """Answers from `recording`. `divergence` says where the program left the record, None as long as it has not."""

    def __init__(self, recording: Recording) -> None:
        self._calls = iter([call for call in recording.calls if _reaches_out(call.name)])
        self._unrecorded = recording.unrecorded
        self._done = 0
        self.divergence: str | None = None

    def answer(self, gate: Gate, call: Performed, perform: Callable[[], object]) -> object:
        """The value that `call` had. Raises what it raised, and TickError `replay-diverged`."""
        if not call.operation.external:
            return perform()
        recorded = self._next(call)
        for args in recorded.inputs:
            self._hand(gate, call, args)
        if recorded.raised is not None:
            raise error_of(recorded.raised)
        return recorded.value

    def left(self) -> list[str]:
        """The names of the calls that were recorded, reach outside the run, and did not come again."""
        return [recorded.name for recorded in self._calls]

    def _next(self, call: Performed) -> Recorded:
        if self.divergence is None:
            recorded = next(self._calls, None)
            self._done += 1
            if recorded is None:
                why = "the record ends before it" if not self._unrecorded else "only the first calls were recorded"
                self.divergence = f"call {self._done}, `{call.operation.name}`: {why}"
            elif recorded.name != call.operation.name:
                self.divergence = f"call {self._done} is `{call.operation.name}`, and was `{recorded.name}`"
            elif recorded.args != packed(list(call.args)):
                self.divergence = f"call {self._done}, `{call.operation.name}`, has other arguments than it had"
            else:
                return recorded
        raise TickError("replay-diverged", f"the replay left the record: {self.divergence}")

    def _hand(self, gate: Gate, call: Performed, args: list[object]) -> None:
        """Call the function of the program that the effect called, with what it was given."""
        functions: list[Any] = [value for value in call.args if callable(value)]
        for function in functions[:1]:
            gate.hand(function, *args)


def _reaches_out(name: str) -> bool:
    """Whether the operation called `name` reaches outside the run; one that nobody knows any more may have."""
    return name not in catalog.catalog() or catalog.operation(name).external
