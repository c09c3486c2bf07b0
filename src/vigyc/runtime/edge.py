"""From what Python raised to the error of the language: kind, text and place, at the edge of the program.

Generated code tests only what Python would wrongly accept; what Python refuses by itself (a value that is not
callable, a wrong number of arguments, an unset variable, a key looked up in what is no map) arrives here as Python's
own exception. The place is the position of the instruction in the innermost frame of generated code, which its
generator made the span of the form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from types import FrameType, TracebackType

from vigyc.lang.errors import InternalError, Thrown, TickError
from vigyc.lang.source import Source
from vigyc.runtime import faults
from vigyc.runtime.depth import MAX_DEPTH
from vigyc.runtime.native import NATIVES
from vigyc.runtime.values import ErrorValue, kind_of_class

_NOT_CALLABLE = re.compile(r"^'(\w+)' object is not callable$")
_TOO_MANY = re.compile(
    r"^(.+)\(\) takes (?:from )?(\d+)(?: to (\d+))? positional arguments? but (\d+) (?:was|were) given$"
)
_TOO_FEW = re.compile(r"^(.+)\(\) missing (\d+) required positional arguments?:")
_UNSET = re.compile(r"'([^']+)'")

Functions = Mapping[str, tuple[str, tuple[str, ...], str | None]]


def translate(error: BaseException) -> TickError:
    """`error`, raised while a program ran, as one of the language, with its place. Raises InternalError for ours."""
    frame, instruction = _innermost(error.__traceback__)
    if isinstance(error, TickError):
        found = error
    else:
        found = _translated(error, frame)
        found.__cause__ = error
    if found.span is None and frame is not None:
        found.span = _span(frame, instruction)
        found.source = frame.f_globals["SOURCE"]
    return found


def caught(error: BaseException) -> object:
    """What `catch` binds: the thrown value, or an error value."""
    found = translate(error)
    error.__context__ = None  # what was caught before is over; Python would walk the whole chain at the next raise
    if isinstance(found, Thrown):
        return found.value
    return ErrorValue(found.kind, found.short)


def _innermost(trace: TracebackType | None) -> tuple[FrameType | None, int]:
    """The innermost frame of generated code and its instruction; of those around, if none lies on the way."""
    frame, instruction = None, -1
    around = trace.tb_frame.f_back if trace is not None else None
    while trace is not None:
        if "FUNCTIONS" in trace.tb_frame.f_globals:
            frame, instruction = trace.tb_frame, trace.tb_lasti
        trace = trace.tb_next
    while frame is None and around is not None:
        if "FUNCTIONS" in around.f_globals:
            frame, instruction = around, around.f_lasti
        around = around.f_back
    return frame, instruction


def _span(frame: FrameType, instruction: int) -> tuple[int, int] | None:
    position = next(islice(frame.f_code.co_positions(), instruction // 2, None), None)
    if position is None:
        return None
    line, end_line, column, end_column = position
    source: Source = frame.f_globals["SOURCE"]
    starts = source.line_starts
    if line is None or end_line is None or column is None or end_column is None or end_line > len(starts):
        return None
    return starts[line - 1] + column, starts[end_line - 1] + end_column


def _translated(error: BaseException, frame: FrameType | None) -> TickError:
    if isinstance(error, RecursionError):
        name = _function_name(frame)
        return TickError("depth-exceeded", f"call depth budget of {MAX_DEPTH} exceeded in `{name}`")
    if isinstance(error, MemoryError):
        return TickError("size-exceeded", "memory is exhausted")
    if isinstance(error, NameError) and frame is not None:
        return _unbound(error, frame)
    if isinstance(error, AttributeError) and error.name == "get":
        return faults.type_mismatch("map", error.obj)
    if isinstance(error, TypeError):
        found = _refused_call(str(error), frame)
        if found is not None:
            return found
    raise InternalError(f"runtime: {type(error).__name__}: {error}") from error


def _function_name(frame: FrameType | None) -> str:
    if frame is None:
        return "closure"
    entry = frame.f_globals["FUNCTIONS"].get(frame.f_code.co_name)
    return entry[0] if entry is not None and entry[0] else "closure"


def _unbound(error: NameError, frame: FrameType) -> TickError:
    match = _UNSET.search(str(error))
    ident = match[1] if match else str(error.name)
    return faults.unbound_symbol(frame.f_globals["VARIABLES"].get(ident, ident))


def _refused_call(text: str, frame: FrameType | None) -> TickError | None:
    match = _NOT_CALLABLE.match(text)
    if match:
        return faults.not_callable(kind_of_class(match[1]))
    match = _TOO_MANY.match(text)
    if match:
        name, lo, hi = _arity(match[1], frame, int(match[2]), int(match[3] or match[2]))
        return faults.arity_mismatch(name, lo, hi, int(match[4]))
    match = _TOO_FEW.match(text)
    if match:
        missing = int(match[2])
        name, lo, hi = _arity(match[1], frame, missing, missing)
        return faults.arity_mismatch(name, lo, hi, lo - missing)
    return None


def _arity(qualified: str, frame: FrameType | None, lo: int, hi: int | None) -> tuple[str, int, int | None]:
    """The Lisp name and the arity of the function that Python calls `qualified`; as counted, where it is unknown."""
    native = NATIVES.get(qualified)
    if native is not None:
        known = native.tatara  # type: ignore[attr-defined]
        return known.name, known.lo, known.hi
    ident = qualified.rsplit(".", 1)[-1]
    for functions in _tables(frame):
        entry = functions.get(ident)
        if entry is not None:
            name, params, rest = entry
            return name or "closure", len(params), None if rest is not None else len(params)
    return ident, lo, hi


def _tables(frame: FrameType | None) -> list[Functions]:
    """The function tables of the program around and of its modules."""
    if frame is None:
        return []
    return [frame.f_globals["FUNCTIONS"], *frame.f_globals["MODULE_FUNCTIONS"]]


def text_of(error: TickError, display: str = "") -> str:
    """The full text of an error as the original prints it, with its place; `display` is a thrown value, printed."""
    at = f"{error.span[0]}..{error.span[1]}" if error.span is not None else "<synthetic>"
    if isinstance(error, Thrown):
        return f"user error: {display}"
    long = _LONG.get(error.kind)
    return f"{long(error.short)} at {at}" if long is not None else f"{error.short} at {at}"


def _arity_long(text: str) -> str:
    match = re.match(r"^`(.*)` expected (.*)$", text, re.DOTALL)
    return f"arity mismatch in {match[1]}: expected {match[2]}" if match else text


def _form_long(text: str) -> str:
    return "bad special form " + text.removeprefix("bad ")


def _native_long(text: str) -> str:
    match = re.match(r"^in native `(.*?)`: (.*)$", text, re.DOTALL)
    return f"in native fn {match[1]}: {match[2]}" if match else text


def _callable_long(text: str) -> str:
    match = re.match(r"^value of type (.*) is not callable$", text)
    return f"not callable: value of type {match[1]}" if match else text


def _unbound_long(text: str) -> str:
    match = re.match(r"^unbound symbol `(.*)`$", text, re.DOTALL)
    return f"unbound symbol: {match[1]}" if match else text


_LONG = {
    "unbound-symbol": _unbound_long,
    "arity-mismatch": _arity_long,
    "bad-special-form": _form_long,
    "native-fn": _native_long,
    "not-callable": _callable_long,
}
