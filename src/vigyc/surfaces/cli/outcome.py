"""From a program and a host to what came of it, as the JSON data that `eval` and its batch print.

Shapes: `{"ok": true, "value", "json", "stdout"}` for a value, `{"ok": true, "host": {...}}` for a tick, and
`{"ok": false, "kind", "message", "span", "thrown"?, "stdout"}` for an error; spans are UTF-8 bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from vigyc.compiler import compile as compile_program
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError, Halted, TickError
from vigyc.lang.source import Source
from vigyc.linking import Modules
from vigyc.runtime.budget import deadline
from vigyc.runtime.extension import Extension
from vigyc.runtime.host import Host
from vigyc.runtime.json_value import to_json
from vigyc.runtime.printer import display
from vigyc.runtime.program import describe

_HALTED = Diagnostic("halted", "the deadline passed before it was finished", 0, 0, "halted")


@dataclass(frozen=True, slots=True)
class Setting:
    """How programs are compiled and run: what is in scope, what `require` finds, the cache, the seconds for each."""

    extensions: tuple[Extension, ...] | None = None
    modules: Modules | Mapping[str, str] | None = None
    cache: bool | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a program came to no end, and the text that is about."""

    findings: list[Diagnostic]
    source: Source

    def to_json(self) -> dict[str, Any]:
        """The first finding in the shape of an error."""
        first = self.findings[0]
        result: dict[str, Any] = {"ok": False, "kind": first.kind, "message": first.message}
        if first.end > first.start:
            result["span"] = [first.start, first.end]
        if first.thrown is not None:
            result["thrown"] = first.thrown
        return result


def value_of(source: Source, host: Host, setting: Setting) -> dict[str, Any] | Failure:
    """The value of `source` run once against `host`, in the shape of a value, or what went wrong."""
    try:
        with _limit(setting.seconds):
            value = _compiled(source, setting).eval(host)
            result: dict[str, Any] = {"ok": True, "value": display(value), "json": to_json(value)}
    except (CompileError, TickError, Halted) as error:
        return failure(error, source)
    result["stdout"] = "".join(host.output)
    return result


def tick_of(source: Source, host: Host, setting: Setting) -> dict[str, Any] | Failure:
    """What one tick of `source` did to `host`, in the shape of a tick, or what went wrong."""
    try:
        with _limit(setting.seconds):
            _compiled(source, setting).tick(host)
    except (CompileError, TickError, Halted) as error:
        return failure(error, source)
    return {"ok": True, "host": host.snapshot()}


def failure(error: CompileError | TickError | Halted, source: Source) -> Failure:
    """`error` as findings over the text it arose in, which may be a module's."""
    if isinstance(error, CompileError):
        return Failure(error.diagnostics, source)
    if isinstance(error, Halted):
        return Failure([_HALTED], source)
    return Failure([describe(error)], error.source or source)


def _compiled(source: Source, setting: Setting) -> Any:
    return compile_program(
        source.text,
        filename=source.name,
        extensions=setting.extensions,
        cache=setting.cache,
        modules=setting.modules,
    )


def _limit(seconds: float | None) -> AbstractContextManager[None]:
    return nullcontext() if seconds is None else deadline(seconds)
