"""From a program and a host to what came of it, as the JSON data that `eval` and its batch print.

Shapes: `{"ok": true, "value", "json", "stdout"}` for a value, `{"ok": true, "host": {...}}` for a tick, and
`{"ok": false, "kind", "message", "span", "thrown"?, "stdout"}` for an error; spans are UTF-8 bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

from vigyc.compiler import compile as compile_program
from vigyc.effects.gated import FOREVER, Gated
from vigyc.effects.powers import Powers
from vigyc.effects.reach import reaches_effects
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError, Halted, TickError
from vigyc.lang.source import Source
from vigyc.linking import Modules
from vigyc.runtime.budget import arm, disarm
from vigyc.runtime.extension import Extension
from vigyc.runtime.host import Host
from vigyc.runtime.json_value import to_json
from vigyc.runtime.printer import display
from vigyc.runtime.program import Program, describe

T = TypeVar("T")

_HALTED = Diagnostic("halted", "the deadline passed before it was finished", 0, 0, "halted")


@dataclass(frozen=True, slots=True)
class Setting:
    """How programs are compiled and run: what is in scope, what `require` finds, the cache, the seconds for each, and
    the powers under which effects are performed (None: none are)."""

    extensions: tuple[Extension, ...] | None = None
    modules: Modules | Mapping[str, str] | None = None
    cache: bool | None = None
    seconds: float | None = None
    powers: Powers | None = None


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
        result = _within(setting.seconds, lambda: _evaluated(source, host, setting))
    except (CompileError, TickError, Halted) as error:
        return failure(error, source)
    result["stdout"] = "".join(host.output)
    return result


def tick_of(source: Source, host: Host, setting: Setting) -> dict[str, Any] | Failure:
    """What one tick of `source` did to `host`, in the shape of a tick, or what went wrong."""
    try:
        _within(setting.seconds, lambda: _compiled(source, setting).tick(host))
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


def _evaluated(source: Source, host: Host, setting: Setting) -> dict[str, Any]:
    program = _compiled(source, setting)
    with _gate(program, host, setting):
        value = program.eval(host)
    return {"ok": True, "value": display(value), "json": to_json(value)}


def _compiled(source: Source, setting: Setting) -> Program:
    return compile_program(
        source.text,
        filename=source.name,
        extensions=setting.extensions,
        cache=setting.cache,
        modules=setting.modules,
    )


def _gate(program: Program, host: Host, setting: Setting) -> AbstractContextManager[object]:
    if setting.powers is None or not reaches_effects(program.artifact):
        return nullcontext()
    seconds = FOREVER if setting.seconds is None else setting.seconds
    return Gated(program, setting.powers, "", "", {}, seconds).passing(host, seconds)


def _within(seconds: float | None, run: Callable[[], T]) -> T:
    """What `run` gives. Raises Halted after `seconds`, again and again: a recursion at its very end swallows one."""
    if seconds is None:
        return run()
    token = arm(seconds)
    try:
        return run()
    finally:
        disarm(token)
