"""From the text of a vigy to what the engine ticks: its program compiled, with all that it requires.

A text is compiled under one name for all vigies, so that those with the same text share one program: a vigy that waits
costs little. What a program requires is looked up once, when it is registered, and kept with the vigy.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, Final, NamedTuple

from vigyc.auditing import Use, Uses, refusals, uses_of
from vigyc.checking import analyse
from vigyc.codegen.cache import Cache, shared
from vigyc.compiler import Analysed, as_modules, go_on
from vigyc.effects.dry_run import DryRun
from vigyc.effects.gate import StandIn
from vigyc.effects.gated import Gated
from vigyc.effects.policy import NOTHING, Policy
from vigyc.effects.powers import Powers
from vigyc.effects.reach import reaches_effects
from vigyc.frontend.canonical import content_name, printed
from vigyc.inspection import render_stage
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.digest import digest
from vigyc.lang.errors import CompileError, Invalid, NotGranted
from vigyc.linking import ModuleBundle, ModuleRecorder, Modules
from vigyc.model.argument import checked_text
from vigyc.model.vigy import Version, Vigy
from vigyc.runtime.extension import Extension
from vigyc.runtime.host import Host
from vigyc.runtime.json_value import dumps
from vigyc.runtime.program import Program
from vigyc.runtime.reconciler import Reconciler

KEPT: Final = 256
_NAME: Final = "<program>"

Wrap = Callable[[Program], Reconciler]


class Examined(NamedTuple):
    """What was found of a text that compiles: its digest, the name of its content, the modules it requires, what
    `check` says of it, and the effects it can be seen to have."""

    digest: str
    content: str | None
    modules: Mapping[str, Any] | None
    findings: list[Diagnostic]
    uses: tuple[Use, ...] = ()

    def check_granted(self, policy: Policy) -> None:
        """Raises NotGranted if `policy` is sure to refuse something."""
        refused = refusals(self.uses, policy)
        if refused:
            raise NotGranted(refused)


class Checked(NamedTuple):
    """What can be said of a text without running it: its `findings`, what a policy would refuse of it (`refused`), and
    the effects it can be seen to have."""

    findings: list[Diagnostic]
    refused: list[Diagnostic]
    uses: Uses


class Strange:
    """A reconciler of the embedder's; what it gives back must be a host."""

    def __init__(self, reconciler: Reconciler) -> None:
        self._tick = reconciler.tick

    def tick(self, host: Host) -> Host:
        """Tick it. Raises TypeError, and whatever it raises."""
        made: object = self._tick(host)
        if not isinstance(made, Host):
            raise TypeError(f"a reconciler's `tick` must return a host, not {type(made).__name__}")
        return made


class Programs:
    """The programs of one runtime; the newest `KEPT` are remembered. It may be used from several threads.

    One that can reach an effect ticks under `powers` (by default none at all), for at most its own deadline, else
    `seconds`. With `record_all` every other passes a gate too, so that all ticks are recorded.
    """

    def __init__(
        self,
        extensions: Iterable[Extension] | None = None,
        cache: Cache | bool | None = None,
        modules: Mapping[str, str] | Modules | None = None,
        reconciler: Wrap | None = None,
        powers: Powers | None = None,
        seconds: float = 5.0,
        *,
        record_all: bool = False,
    ) -> None:
        self.extensions = None if extensions is None else _checked_extensions(extensions)
        self._cache = cache
        self._modules = as_modules(modules)
        if reconciler is not None and not callable(reconciler):
            raise Invalid("reconciler: it must be a function that makes of a program what ticks in its place")
        self._reconciler = reconciler
        self.powers = powers if powers is not None else Powers(lambda name, labels: NOTHING)
        self.seconds = seconds
        self._record_all = record_all
        self._kept: OrderedDict[tuple[str, str], Program] = OrderedDict()
        self._checked: OrderedDict[tuple[str, str], tuple[list[Diagnostic], Uses]] = OrderedDict()
        self._lock = Lock()

    @property
    def cache(self) -> Cache | None:
        """Where compiled code is kept; None if nowhere."""
        return shared() if self._cache is None or self._cache is True else self._cache or None

    def examine(
        self, text: str, filename: str | os.PathLike[str], modules: Mapping[str, str] | Modules | None = None
    ) -> Examined:
        """Compile `text`, and find what it requires in `modules` (default: the runtime's own).

        Raises Invalid for a blank text, CompileError for one that is no program.
        """
        if not checked_text("a program", text).strip():
            raise Invalid("vigy program empty")
        name = os.fspath(filename)
        recorder = ModuleRecorder(self._modules if modules is None else as_modules(modules), name)
        findings, analysed = analyse(text, name, self.extensions, recorder)  # so all that is required is found
        found = recorder.bundle()
        self._program(text, found, self._cache, analysed if found is None else None)
        return _examined(text, found, findings, analysed)

    def examine_bundled(self, text: str, modules: Mapping[str, Any] | None) -> Examined:
        """The same for a text whose modules were found before. Raises CompileError."""
        bundle = None if modules is None else ModuleBundle(modules)
        with _about(text):
            _, analysed = analyse(text, _NAME, self.extensions, bundle)
            self._program(text, modules, self._cache, analysed)
        return _examined(text, modules, [], analysed)

    def check(
        self, text: str, name: str, labels: Mapping[str, str], modules: Mapping[str, str] | Modules | None = None
    ) -> Checked:
        """What can be said of `text`, as the program of a vigy with this `name` and these `labels`."""
        found = self._modules if modules is None else as_modules(modules)
        findings, analysed = analyse(checked_text("a program", text), _NAME, self.extensions, found)
        uses = Uses((), False) if analysed is None else uses_of(analysed)
        return Checked(findings, refusals(uses.uses, self.powers.policy_of(name, labels)), uses)

    def check_whole(self, vigy: Vigy) -> Checked:
        """The same for the program of `vigy` with the modules it has; it is compiled from there, if it can be.

        What the newest of them were found to be is remembered.
        """
        key = _key(vigy.program, vigy.modules)
        with self._lock:
            known = self._checked.get(key)
        if known is None:
            bundle = None if vigy.modules is None else ModuleBundle(vigy.modules)
            findings, analysed = analyse(vigy.program, _NAME, self.extensions, bundle)
            known = findings, Uses((), False) if analysed is None else uses_of(analysed)
            if analysed is not None:
                with suppress(CompileError):  # which is said again to whoever loads it
                    self._program(vigy.program, vigy.modules, False, analysed)
            with self._lock:
                self._checked[key] = known
                if len(self._checked) > KEPT:
                    self._checked.popitem(last=False)
        findings, uses = known
        return Checked(findings, refusals(uses.uses, self.powers.policy_of(vigy.name, vigy.labels)), uses)

    def python(self, vigy: Vigy) -> str:
        """The Python that its program becomes, as text for people. Raises CompileError."""
        bundle = None if vigy.modules is None else ModuleBundle(vigy.modules)
        with _about(vigy.program):
            return render_stage(vigy.program, _NAME, "python", extensions=self.extensions, modules=bundle)

    def load(self, vigy: Vigy) -> Reconciler:
        """What a tick of `vigy` runs. Raises CompileError."""
        return self._gated(vigy, self._program(vigy.program, vigy.modules, self._cache), self.powers)

    def load_unseen(self, vigy: Vigy, powers: Powers) -> Reconciler:
        """What a dry run of `vigy` ticks, under `powers` of its own; nothing is left in the cache."""
        return self._gated(vigy, self._program(vigy.program, vigy.modules, False), powers, DryRun)

    def load_bare(self, version: Version) -> Reconciler:
        """What ticks a version of a program without a gate: whoever ticks it must set one. Raises CompileError."""
        return self._wrapped(self._program(version.program, version.modules, False))

    def load_flow(self, version: Version) -> Reconciler:
        """What ticks a version of a flow, which is vigyc's own affair: itself, whatever ticks in place of vigies.

        Whoever ticks it must set a gate. Raises CompileError.
        """
        return self._program(version.program, version.modules, False)

    def _gated(
        self, vigy: Vigy, program: Program, powers: Powers, stand_in: Callable[[], StandIn] | None = None
    ) -> Reconciler:
        ticked = self._wrapped(program)
        record_all = self._record_all and stand_in is None
        if not record_all and not reaches_effects(program.artifact):
            return ticked
        seconds = self.seconds if vigy.deadline_ms is None else vigy.deadline_ms / 1000
        return Gated(ticked, powers, vigy.id, vigy.name, vigy.labels, seconds, stand_in, record_all=record_all)

    def _wrapped(self, program: Program) -> Reconciler:
        return program if self._reconciler is None else Strange(self._reconciler(program))

    def _program(
        self,
        text: str,
        modules: Mapping[str, Any] | None,
        cache: Cache | bool | None,
        analysed: Analysed | None = None,
    ) -> Program:
        key = _key(text, modules)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            bundle = None if modules is None else ModuleBundle(modules)
            found = go_on(analysed, text, filename=_NAME, extensions=self.extensions, cache=cache, modules=bundle)
        with self._lock:
            self._kept[key] = found
            self._kept.move_to_end(key)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def _key(text: str, modules: Mapping[str, Any] | None) -> tuple[str, str]:
    """What a program is remembered by."""
    return digest(text), "" if modules is None else dumps(dict(modules))


def _examined(
    text: str, modules: Mapping[str, Any] | None, findings: list[Diagnostic], analysed: Analysed | None
) -> Examined:
    if analysed is None:
        return Examined(digest(text), None, modules, findings)
    content = content_name(printed(analysed.compilation.forms), modules)
    return Examined(digest(text), content, modules, findings, uses_of(analysed).uses)


@contextmanager
def _about(text: str) -> Iterator[None]:
    """What is said in here of a program is said of `text`, which whoever asks did not send along."""
    try:
        yield
    except CompileError as error:
        error.text = text
        raise


def _checked_extensions(extensions: Iterable[Extension]) -> tuple[Extension, ...]:
    found = () if isinstance(extensions, Extension) else tuple(extensions)
    if not all(isinstance(extension, Extension) for extension in found) or isinstance(extensions, Extension):
        raise Invalid("extensions: they must be several Extension, such as [*standard_extensions(), your_own]")
    return found
