"""From a function to its one run, whenever it is asked for: a thunk with its state, and its result or error.

An error never leaves a fiber. A thrown value is kept as it is; any other error is kept as an error value tagged
`fiber-error`, whose message is the full text of the error with its place.
"""

from __future__ import annotations

from collections.abc import Callable

from vigyc.lang.errors import Thrown
from vigyc.runtime.depth import MAX_DEPTH
from vigyc.runtime.edge import text_of, translate
from vigyc.runtime.faults import native_fault
from vigyc.runtime.values import ErrorValue, Foreign, register_kind


class Fiber(Foreign):
    """A thunk that runs once; `state` is `pending`, `running`, `done` or `errored`."""

    __slots__ = ("error", "result", "state", "thunk")

    def __init__(self, thunk: Callable[[], object]) -> None:
        self.thunk: Callable[[], object] | None = thunk
        self.state = "pending"
        self.result: object = None
        self.error: object = None

    def run(self) -> object:
        """The result or the error; the thunk is called if it has not been yet."""
        if self.state == "running":
            raise native_fault("go-run", "fiber already running (re-entrant call detected)")
        thunk = self.thunk
        if thunk is None:
            return self.result if self.state == "done" else self.error
        self.state = "running"
        self.thunk = None
        try:
            self.result = thunk()
        except Exception as error:
            try:
                self.error = _kept(error)
            except RecursionError:  # the stack is too full to find out what it was
                self.error = _TOO_DEEP
            self.state = "errored"
            return self.error
        self.state = "done"
        return self.result


register_kind(Fiber, "foreign")

_TOO_DEEP = ErrorValue("fiber-error", f"call depth budget of {MAX_DEPTH} exceeded in `go-run`")


def _kept(error: Exception) -> object:
    found = translate(error)
    if isinstance(found, Thrown):
        return found.value
    if found.kind == "reader":  # where in its own text a read went wrong is no place in the program
        return ErrorValue("fiber-error", "reader error: " + found.short.removeprefix("reader: "))
    return ErrorValue("fiber-error", text_of(found))
