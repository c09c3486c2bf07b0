"""From text to a program: the whole pipeline on one page.

    read -> expand -> analyse -> optimise, close, infer, generate -> guard, build -> (cache) -> load

Every pass takes data and gives data with its findings; none raises for what a user wrote. What stops a compilation is
a text that cannot be read or a macro that fails; everything else becomes an error at the place that reaches it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from vigyc.codegen.builder import build
from vigyc.codegen.cache import Cache, shared
from vigyc.codegen.cache_key import cache_key
from vigyc.codegen.module import ATTRIBUTES, CONSTANTS, generate
from vigyc.evaluation import Evaluator, MacroRunner
from vigyc.frontend.analyser import Finding, ModuleLink
from vigyc.frontend.expander import expand_program
from vigyc.frontend.macros.table import MacroTable
from vigyc.frontend.program import analyse_program
from vigyc.frontend.reader import program_text, read
from vigyc.lang import ir
from vigyc.lang.artifact import Artifact
from vigyc.lang.datum import Atom, Form, ListForm, Symbol
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.digest import digest
from vigyc.lang.errors import CompileError, Invalid
from vigyc.lang.source import Source
from vigyc.linking import ModuleBundle, ModuleRecorder, Modules, ModuleTexts, NoModules, ShippedModules
from vigyc.runtime import depth
from vigyc.runtime.extension import Extension
from vigyc.runtime.host import Host
from vigyc.runtime.program import Program
from vigyc.scope import Scope, scope_of

CODE_NAME = "<tatara>"  # the file name of every code object: a program's own may change, its digest does not


def compile(
    source: str,
    *,
    filename: str = "<program>",
    extensions: Iterable[Extension] | None = None,
    cache: Cache | bool | None = None,
    modules: Mapping[str, str] | Modules | None = None,
) -> Program:
    """The program that the text `source` is.

    `extensions` are the intrinsics in scope (default: the six standard ones). `cache` is where compiled code is kept:
    the shared one at the default place, or none (False). `modules` is what `require` finds: texts by path, or a
    `Modules`. Raises CompileError with every finding for a text that cannot be read or whose macros fail.
    """
    return go_on(None, source, filename=filename, extensions=extensions, cache=cache, modules=modules)


def go_on(
    analysed: Analysed | None,
    source: str,
    *,
    filename: str = "<program>",
    extensions: Iterable[Extension] | None = None,
    cache: Cache | bool | None = None,
    modules: Mapping[str, str] | Modules | None = None,
) -> Program:
    """The same, from where `checking.analyse` left this very text, if it is at hand: it is read but once."""
    scope = scope_of(None if extensions is None else tuple(extensions))
    texts = as_modules(modules)
    store = shared() if cache is None or cache is True else cache or None
    again = (store, source, filename, scope)
    if modules is None and again in _loaded:
        return _loaded[again]
    name = digest(source)
    key = cache_key(name, (scope.fingerprint,)) if store is not None else ""
    artifact = store.get(key) if store is not None else None
    if artifact is None or not _is_fresh(artifact, texts, filename):
        text = Source(filename, source)
        if analysed is None:
            artifact = Compilation(scope, texts).artifact(text)
        else:
            artifact = analysed.compilation.generated(analysed.program, text)
        if store is not None:
            store.put(key, artifact)
    text = Source(filename, source)
    program = Program(artifact, text, scope.world, Evaluator(scope, text, texts))
    if modules is None and store is not None:
        _keep(again, program)
    return program


# Programs by all that made them, the newest last; a program keeps nothing between runs, so it can serve again.
_loaded: dict[tuple[object, ...], Program] = {}
_LOADED = 256


def _keep(again: tuple[object, ...], program: Program) -> None:
    while len(_loaded) >= _LOADED:
        _loaded.pop(next(iter(_loaded)), None)
    _loaded[again] = program


def evaluate(source: str, host: Host, *, extensions: Iterable[Extension] | None = None) -> Host:
    """Compile `source` and run it once against `host`, which is given back.

    Raises CompileError or TickError.
    """
    return compile(source, extensions=extensions).tick(host)


def as_modules(given: Mapping[str, str] | Modules | None) -> Modules:
    """What `require` finds, as a `Modules`: what is given, then what is shipped. Raises Invalid.

    A bundle was found once and for all, and gets nothing added; nor does what has it already.
    """
    if given is None:
        return ShippedModules(NoModules())
    if isinstance(given, Mapping):
        return ShippedModules(ModuleTexts(given))
    _check_modules(given)
    if isinstance(given, ModuleBundle | ModuleRecorder | ShippedModules):
        return given
    return ShippedModules(given)


def _check_modules(given: object) -> None:
    if isinstance(given, str) or not callable(getattr(given, "find", None)):
        raise Invalid("modules: they must be texts by path, or ModuleFiles([folder, ...])")


def _is_fresh(artifact: Artifact, modules: Modules, filename: str) -> bool:
    """Whether every text that was looked for is still what it was when this was compiled."""
    for path, known in artifact.requires.items():
        found = modules.find(path, filename)
        if (digest(found[1]) if found is not None else "") != known:
            return False
        module = artifact.modules.get(path)
        if found is not None and module is not None and not _is_fresh(module, modules, found[0]):
            return False
    return True


class Compilation:
    """One text on its way to an artifact, with the modules it requires; `forms` are what was read of it.

    `dynamic` compiles it as if it used `eval`: nothing is optimised. Tests hold the optimiser against that.
    """

    def __init__(
        self, scope: Scope, modules: Modules, table: MacroTable | None = None, *, dynamic: bool = False
    ) -> None:
        self.scope = scope
        self.dynamic = dynamic
        self.modules = modules
        self.table = table if table is not None else MacroTable()
        self.source = Source("", "")
        self.links: dict[str, ModuleLink] = {}
        self.artifacts: dict[str, Artifact] = {}
        self.requires: dict[str, str] = {}
        self.loading: tuple[str, ...] = ()
        self.findings: list[Finding] = []
        self.calls: list[tuple[int, int]] = []
        self.forms: list[Form] = []

    def artifact(self, source: Source) -> Artifact:
        """The compiled text. Raises CompileError."""
        return self.generated(self.program(source), source)

    def generated(self, program: ir.Program, source: Source, *, is_module: bool = False) -> Artifact:
        """The compiled text from its analysed one."""
        depth.enter()
        try:
            made = generate(program, self.scope.signatures, source.line_starts, is_module=is_module)
        finally:
            depth.leave()
        return build(
            made.module,
            filename=CODE_NAME,
            digest=digest(source.text),
            allowed_attributes=ATTRIBUTES,
            constants=CONSTANTS,
            functions=made.functions,
            variables=made.variables,
            deep=made.deep,
            modules=self.artifacts,
            requires=self.requires,
            intrinsics=made.intrinsics,
        )

    def program(self, source: Source, *, is_module: bool = False) -> ir.Program:
        """The analysed text. Raises CompileError."""
        forms = self.expanded(source)
        depth.enter()
        try:
            program, self.findings = analyse_program(
                forms, self.scope.signatures, link=self._link, is_module=is_module, dynamic=self.dynamic
            )
        finally:
            depth.leave()
        return program

    def expanded(self, source: Source) -> list[Form]:
        """The text's forms without macros; what macros displayed goes to stderr (decision D19). Raises CompileError."""
        self.source = source
        forms, diagnostics = read(source)
        if diagnostics:
            raise CompileError(diagnostics)
        self.forms = forms
        runner = MacroRunner(self.scope, source)
        expanded: list[Form] = []
        depth.enter()
        try:
            for form in forms:
                path = required_path(form)
                if path is not None:
                    self._link(path)
                done, found = expand_program([form], self.table, runner, self.calls)
                expanded += done
                diagnostics += found
        finally:
            depth.leave()
            sys.stderr.write("".join(runner.host.output))
        if any(diagnostic.severity == "error" for diagnostic in diagnostics):
            raise CompileError(diagnostics)
        return expanded

    # -- modules ----------------------------------------------------------------------------------

    def _link(self, path: str) -> ModuleLink:
        """What `require` of `path` finds; the module is compiled on the first time, its macros known from then on."""
        link = self.links.get(path)
        if link is None:
            link = self.links[path] = self._compile_module(path)
        return link

    def _compile_module(self, path: str) -> ModuleLink:
        try:
            found = self.modules.find(path, self.source.name)
        except (OSError, UnicodeDecodeError) as error:
            return ModuleLink(failure=("module-unreadable", f"module {path} cannot be read: {error}"))
        self.requires[path] = digest(found[1]) if found is not None else ""
        if found is None:
            return ModuleLink(failure=("module-not-found", f"module not found: {path}"))
        name, text = found
        if name in self.loading:
            stack = " → ".join(self.loading)
            return ModuleLink(failure=("circular-require", f"circular require: {path} (load stack: {stack})"))
        inner = Compilation(self.scope, self.modules, self.table.for_module())
        inner.loading = (*self.loading, name)
        source = Source(name, text)
        try:
            program = inner.program(source, is_module=True)
            program.exports = [(export, _defined(path, export, node)) for export, node in program.exports]
            exports = tuple(export for export, _ in program.exports)
            defined = frozenset(var.name for var in program.visible) | self.scope.signatures.keys()
            artifact = inner.generated(program, source, is_module=True)
        except CompileError as error:
            return ModuleLink(failure=_failure(error.diagnostics[0]))
        self.artifacts[path] = replace(artifact, text=text)
        return ModuleLink(exports, defined)


class Analysed(NamedTuple):
    """A text half-way to a program."""

    compilation: Compilation
    program: ir.Program


def _defined(path: str, name: str, node: ir.Node) -> ir.Node:
    """What a module exports as `name`; a name it does not define fails when the module is loaded (decision D25)."""
    if not isinstance(node, ir.Fail):
        return node
    return ir.Fail("not-defined", (f"{path} does not define {name}",), node.start, node.end)


def _failure(diagnostic: Diagnostic) -> tuple[str, str]:
    if diagnostic.kind == "reader":
        return "reader", f"reader: {program_text(diagnostic)}"
    return diagnostic.kind, diagnostic.message


def required_path(form: Form) -> str | None:
    """The path of a well-formed top-level `require`."""
    items = form.items if isinstance(form, ListForm) else []
    if len(items) < 2 or not (isinstance(items[0], Atom) and isinstance(items[1], Atom)):
        return None
    head, path = items[0].value, items[1].value
    if isinstance(head, Symbol) and head.name == "require" and isinstance(path, str):
        return path
    return None
