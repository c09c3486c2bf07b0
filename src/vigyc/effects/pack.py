"""From a family of Python functions to a pack: operations that programs call by name.

    FS = Pack("fs", "Files and folders.")

    @FS.effect("fs-read", needs="fs.read", result=True, example='(fs-read "/data/a.txt")')
    def fs_read(gate: Gate, path: Place) -> str: ...

An effect is given the gate first. Where `needs` names a kind with a scope, the argument that stands for it (the first,
unless said otherwise) is replaced by what the gate made of it once it was allowed: a `Place`, a `Target`, an
`Invocation`, a name; `("llm.cloud", None)` says that the operation itself asks the gate for what. With `result=True`
the program gets a tagged result: what the function returns as `:ok`, an `EffectFailed` or `OSError` it raises as the
error. A pure function (`pure`) sees no gate and needs no grant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter as PythonParameter
from inspect import signature
from typing import Any, TypeVar

from vigyc.effects.handle import Handle
from vigyc.effects.kinds import KINDS, NONE
from vigyc.effects.operation import READERS, REQUIRED, Operation, Parameter
from vigyc.effects.result import EffectFailed, done, failed
from vigyc.lang.errors import TickError
from vigyc.runtime.host import Host
from vigyc.runtime.native import Native

F = TypeVar("F", bound=Callable[..., object])
Needs = str | tuple[str | tuple[str, int | None], ...]


class Pack:
    """A family of operations; `operations` and `functions` (what generated code calls) by name."""

    def __init__(self, name: str, doc: str) -> None:
        self.name = name
        self.doc = doc
        self.operations: dict[str, Operation] = {}
        self.functions: dict[str, Callable[..., object]] = {}

    def effect(
        self,
        name: str,
        *,
        needs: Needs = (),
        result: bool = False,
        external: bool = True,
        changes: bool = False,
        cost: int = 1,
        options: Mapping[str, tuple[str, object]] | None = None,
        example: str,
    ) -> Callable[[F], F]:
        """Register the decorated function as effect `name`."""

        def register(function: F) -> F:
            operation = Operation(
                name, self.name, function, _parameters(function, 1), options or {}, _needs(needs),
                "result" if result else "value", external, changes, example, _doc(function), True, cost,
            )  # fmt: skip
            self._add(operation, _gated(operation))
            return function

        return register

    def pure(
        self,
        name: str,
        *,
        result: bool = False,
        options: Mapping[str, tuple[str, object]] | None = None,
        example: str,
    ) -> Callable[[F], F]:
        """Register the decorated function as pure function `name`."""

        def register(function: F) -> F:
            operation = Operation(
                name, self.name, function, _parameters(function, 0), options or {}, (),
                "result" if result else "value", False, False, example, _doc(function), False,
            )  # fmt: skip
            self._add(operation, _checked(operation))
            return function

        return register

    def _add(self, operation: Operation, function: Any) -> None:
        name = operation.name
        function.__name__ = function.__qualname__ = name
        function.tatara = Native(name, operation.lo, operation.hi, host=operation.is_effect)
        self.operations[name] = operation
        self.functions[name] = function


def _gated(operation: Operation) -> Callable[..., object]:
    def effect(host: Host, *args: object) -> object:
        gate = host.gate
        if gate is None:
            raise TickError("denied", f"`{operation.name}` is denied: this vigy has no policy")
        return gate.perform(operation, args)

    return effect


def _checked(operation: Operation) -> Callable[..., object]:
    function, read = operation.function, operation.read
    if operation.answers == "value":
        return lambda *args: function(*read(args))

    def tagged(*args: object) -> object:
        try:
            return done(function(*read(args)))
        except EffectFailed as failure:
            return failed(failure.tag, failure.message)

    return tagged


def _doc(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").strip()


def _needs(needs: Needs) -> tuple[tuple[str, int | None], ...]:
    if isinstance(needs, str):
        needs = (needs,)
    found: list[tuple[str, int | None]] = []
    for need in needs:
        kind, at = (need, 0) if isinstance(need, str) else need
        found.append((kind, None if KINDS[kind].scope == NONE else at))
    return tuple(found)


def _parameters(function: Callable[..., object], skipped: int) -> tuple[Parameter, ...]:
    """The parameters after the first `skipped`, by their annotations (which are text)."""
    found = []
    for given in list(signature(function).parameters.values())[skipped:]:
        default = REQUIRED if given.default is PythonParameter.empty else given.default
        kind = str(given.annotation)
        handle = function.__globals__.get(kind)
        if isinstance(handle, type) and issubclass(handle, Handle):
            found.append(Parameter(given.name, kind, default, handle))
            continue
        if kind != "Options" and kind not in READERS:
            raise TypeError(f"{function.__name__}: there is no reader for {given.name}: {kind}")
        found.append(Parameter(given.name, kind, default))
    return tuple(found)
