"""From data to running code inside a program: `eval`, `macroexpand`, and the bodies of macros.

Code made by `eval` sees the frames around it as boxes; it is compiled once per text and shape of its surroundings and
runs under the same budget. Macro bodies run in a pure world: the library, no host, no intrinsic (decision D19).
"""

from __future__ import annotations

from typing import Any, NoReturn

from vigyc.codegen.builder import build
from vigyc.codegen.module import ATTRIBUTES, CONSTANTS, generate
from vigyc.frontend.analyser import ModuleLink
from vigyc.frontend.expander import expand, expand_once, expand_program
from vigyc.frontend.macros.table import MacroTable
from vigyc.frontend.program import analyse_evaluated, analyse_program
from vigyc.frontend.reader import read
from vigyc.lang import ir
from vigyc.lang.abi import BUILTINS
from vigyc.lang.datum import Form
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import Thrown, TickError
from vigyc.lang.flat import flatten
from vigyc.lang.source import Source
from vigyc.linking import Modules
from vigyc.runtime.edge import translate
from vigyc.runtime.host import Host
from vigyc.runtime.printer import display
from vigyc.runtime.program import World, load
from vigyc.runtime.quoting import form_to_value, value_to_form
from vigyc.scope import Scope

KEPT = 256  # compiled pieces of evaluated code that a program remembers
_NAME = "<tatara>"


class MacroRunner:
    """Runs macro bodies for the expander; see `frontend.expander.MacroEvaluator`."""

    def __init__(self, scope: Scope, source: Source) -> None:
        self.scope = scope
        self.source = source
        self.world = World({}, {}, scope.world.reader)
        self.host = Host()

    def compile(self, definitions: list[Form], function: Form) -> object:
        """The function value of a lambda form, made where `definitions` have been run."""
        program, findings = analyse_program([*definitions, function], BUILTINS, link=_nothing)
        for finding in findings:
            if finding.id == "unbound-name" and finding.args[0] in self.scope.intrinsics:
                reason = f"`{finding.args[0]}` needs the host, and macros run when the program is compiled"
                raise TickError("host-at-compile-time", reason)
        main = _loaded(program, BUILTINS, self.source, self.world, _no_eval)
        try:
            self.host.reader = self.world.reader
            return main(self.host)
        except Exception as error:
            raise _printed(translate(error)) from error

    def call(self, name: str, handle: object, arguments: list[Form], start: int, end: int) -> Form:
        """What the macro makes of its arguments, as code placed at `[start, end)`."""
        values = [form_to_value(argument) for argument in arguments]
        try:
            result = handle(*values)  # type: ignore[operator]
            return value_to_form(result, start, end, f"macro {name}")
        except Exception as error:
            raise _printed(translate(error)) from error


def _nothing(path: str) -> ModuleLink:
    return ModuleLink(failure=("module-not-found", f"module not found: {path}"))


def _no_eval(*args: object) -> NoReturn:
    raise TickError("not-implemented", "`eval` cannot be used while macros are expanded")


def _printed(error: TickError) -> TickError:
    if isinstance(error, Thrown):
        error.printed = display(error.value)
    return error


def _loaded(program: ir.Program, signatures: Any, source: Source, world: World, evaluate: Any) -> Any:
    made = generate(program, signatures, source.line_starts)
    artifact = build(
        made.module,
        filename=_NAME,
        digest="",
        allowed_attributes=ATTRIBUTES,
        constants=CONSTANTS,
        functions=made.functions,
        variables=made.variables,
        deep=made.deep,
        intrinsics=made.intrinsics,
    )
    return load(artifact, source, world, evaluate)


class Evaluator:
    """`evaluate` of one program's generated code."""

    def __init__(self, scope: Scope, source: Source, modules: Modules) -> None:
        self.scope = scope
        self.source = source
        self.modules = modules
        self.kept: dict[object, Any] = {}
        self._table: MacroTable | None = None

    def __call__(
        self, host: Host, how: str, value: object, start: int, end: int, *scopes: tuple[dict[str, object], Any]
    ) -> object:
        """Expand or run `value` as code placed at `[start, end)`, innermost frame first."""
        form = value_to_form(value, start, end, how)
        runner = MacroRunner(self.scope, self.source)
        if how != "eval":
            step = expand_once if how == "macroexpand-1" else expand
            expanded, diagnostics = step(form, self.table, runner)
            _stop_at(diagnostics)
            return form_to_value(expanded)
        names = tuple(tuple(boxes) for _, boxes in scopes)
        key = (flatten(form), names, start)
        main = self.kept.get(key)
        if main is None:
            main = self._compile(form, runner, names)
            if len(self.kept) >= KEPT:
                self.kept.clear()
            self.kept[key] = main
        arguments: list[object] = []
        for dynamic, boxes in scopes:
            arguments.append(dynamic)
            arguments += boxes.values()
        return main(host, *arguments)

    def _compile(self, form: Form, runner: MacroRunner, names: tuple[tuple[str, ...], ...]) -> Any:
        local = {name for frame in names[:-1] for name in frame}
        expanded, diagnostics = expand(form, self.table, runner, local)
        _stop_at(diagnostics)
        program, _ = analyse_evaluated(expanded, self.scope.signatures, names)
        return _loaded(program, self.scope.signatures, self.source, self.scope.world, self)

    @property
    def table(self) -> MacroTable:
        """The program's macros, read from its text again when they are first needed."""
        if self._table is None:
            self._table = MacroTable()
            forms, _ = read(self.source)
            expand_program(forms, self._table, MacroRunner(self.scope, self.source))
        return self._table


def _stop_at(diagnostics: list[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        if diagnostic.severity == "error":
            raise TickError(diagnostic.kind, diagnostic.message)
