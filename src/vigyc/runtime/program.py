"""From an artifact to a program that runs: its globals, its main function, and the edge around every run.

A program is loaded once and run any number of times; it keeps nothing between runs, so threads may share it, each run
having a host of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

from vigyc.lang.artifact import Artifact
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import Thrown, TickError
from vigyc.lang.source import Source
from vigyc.runtime import budget, depth
from vigyc.runtime.edge import translate
from vigyc.runtime.host import Host
from vigyc.runtime.printer import display
from vigyc.runtime.table import TABLE

Functions = Mapping[str, Callable[..., object]]
Evaluate = Callable[..., object]
Reader = Callable[[str], object]


class World:
    """What programs are loaded into: intrinsics by name, their names in code, and the reader for `read-string`."""

    __slots__ = ("idents", "intrinsics", "reader")

    def __init__(self, intrinsics: Functions, idents: Mapping[str, str], reader: Reader) -> None:
        self.intrinsics = intrinsics
        self.idents = idents
        self.reader = reader


class Program:
    """A compiled program, ready to run.

    `digest` names its text, `source` is the text with its name.
    """

    __slots__ = ("_main", "artifact", "deep", "digest", "source", "world")

    def __init__(self, artifact: Artifact, source: Source, world: World, evaluate: Evaluate) -> None:
        self.artifact = artifact
        self.digest = artifact.digest
        self.source = source
        self.world = world
        self.deep = artifact.deep
        self._main = load(artifact, source, world, evaluate)

    def __repr__(self) -> str:
        return f"Program({self.source.name!r}, {self.digest[:15]})"

    def eval(self, host: Host | None = None) -> object:
        """The value of the last form, run against `host` (a fresh one by default).

        Raises TickError for an error of the program, with its place.
        """
        return self._run(host if host is not None else Host())

    def tick(self, host: Host, *, deadline: float | None = None) -> Host:
        """Run the program once against `host` and give it back; `deadline` is in seconds.

        Raises TickError for an error of the program, Halted when the deadline passes; what the host holds then is what
        had happened until there.
        """
        if deadline is None:
            self._run(host)
        else:
            token = budget.arm(deadline)
            try:
                self._run(host)
            finally:
                budget.disarm(token)
        return host

    def _run(self, host: Host) -> object:
        if host.reader is None:
            host.reader = self.world.reader
        if not self.deep:
            try:
                return self._main(host)
            except Exception as error:
                raise translate(error) from error.__cause__
        depth.enter()
        try:
            return self._main(host)
        except Exception as error:
            raise translate(error) from error.__cause__
        finally:
            depth.leave()

    def describe(self, error: TickError) -> Diagnostic:
        """`error` of a run as a finding, to be rendered over `error.source` or this program's own text."""
        return describe(error)


def describe(error: TickError) -> Diagnostic:
    """An error of a run as a finding."""
    start, end = error.span if error.span is not None else (0, 0)
    if isinstance(error, Thrown):
        printed = display(error.value)
        return Diagnostic("user", f"uncaught: {printed}", start, end, "user", thrown=printed)
    return Diagnostic(error.kind, error.short, start, end, error.kind)


def load(artifact: Artifact, source: Source, world: World, evaluate: Evaluate) -> Callable[..., object]:
    """The main function of `artifact`: its code run once, with what it uses of the abi and nothing else in reach."""
    modules: dict[str, Callable[..., object]] = {}
    space: dict[str, Any] = {
        **{name: TABLE[name] for name in names_in(artifact.code) & TABLE.keys()},
        "__builtins__": {},
        "SOURCE": source,
        "FUNCTIONS": artifact.functions,
        "VARIABLES": artifact.variables,
        "MODULE_FUNCTIONS": [module.functions for module in artifact.modules.values()],
        "evaluate": evaluate,
        "require": lambda host, path: _require(host, path, artifact.modules, modules, world, evaluate),
    }
    for name in artifact.intrinsics:
        space[world.idents[name]] = world.intrinsics[name]
    exec(artifact.code, space)
    main: Callable[..., object] = space["program"]
    return main


def names_in(code: CodeType) -> set[str]:
    """The global names that `code` and the functions in it use: a table of them all would outweigh most programs."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if constant.__class__ is CodeType:
            names |= names_in(constant)
    return names


def _require(
    host: Host,
    path: str,
    artifacts: Mapping[str, Artifact],
    loaded: dict[str, Callable[..., object]],
    world: World,
    evaluate: Evaluate,
) -> object:
    """The exports of module `path`, which runs once in a tick."""
    artifact = artifacts[path]
    key = f"require {path}"
    exports = host.bound.get(key)
    if exports is None:
        main = loaded.get(path)
        if main is None:
            main = loaded[path] = load(artifact, Source(path, artifact.text or ""), world, evaluate)
        exports = host.bound[key] = main(host)  # type: ignore[assignment]
    return exports
