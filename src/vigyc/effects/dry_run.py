"""From the calls of a tick that is only tried to what it would have done: what changes nothing is done, the rest not.

A call is decided as ever, so a dry run shows what would be refused. One that would change something gives the program
a result that is not ok, with the error `dry-run`.
"""

from __future__ import annotations

from collections.abc import Callable

from vigyc.effects.gate import Gate
from vigyc.effects.performed import Performed
from vigyc.effects.result import failed
from vigyc.model.effect import NOT_DONE


class DryRun:
    """Answers in place of what would change the world."""

    def answer(self, gate: Gate, call: Performed, perform: Callable[[], object]) -> object:
        """The value of `call`."""
        if not call.operation.changes:
            return perform()
        gate.decide(call)
        call.outcome = NOT_DONE
        return failed("dry-run", f"{call.operation.name} is not done in a dry run")
