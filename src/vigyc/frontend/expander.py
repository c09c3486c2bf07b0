"""From forms to forms without macros: the expander.

Expansion knows binding structure (decision D20): special forms are walked by their shape, so a binding list, a
parameter list, a `cond` clause or quoted data is never taken for a call, and a local name hides a macro of that name.
A malformed special form is walked as far as it can be understood and left for the analyser. The outermost call goes
first; its operands are expanded only after it has been rewritten. A special form's name cannot be hidden, except by a
macro of that name.

Forms in which nothing changes are returned as they are, not copied. A macro that fails stops the expansion of its
top-level form, never that of the next one. The walk recurses in plain Python, three frames a level at most outside of
macro calls; the caller raises the recursion limit for deep programs.

A macro of the program runs through an evaluator that the caller provides; library macros are functions from the call
to its replacement (macros/library.py). The forms of a macro's output carry the span of the call that made them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from itertools import count
from typing import Protocol

from vigyc.frontend.macros.call import Call, Malformed
from vigyc.frontend.macros.definition import DEFINERS, BadDefinition, Macro, parse
from vigyc.frontend.macros.library import LIBRARY
from vigyc.frontend.macros.table import MacroTable
from vigyc.frontend.macros.walk import BEGIN, DEFINE, SHAPES, Handler, Scope, Walk, head_symbol, operands
from vigyc.lang.datum import Atom, Form, ListForm, PrefixForm, Symbol, symbol
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError, TickError

MAX_REWRITES = 256
"""Rewrites of one form before it must be something other than a macro call (decision D22)."""

MAX_NESTED = 10_000
"""Macro calls inside the output of one another."""

MAX_CALLS = 200_000
"""Macro calls in one text."""


class MacroEvaluator(Protocol):
    """What runs macro bodies: the pure half of the language, handed in by the compiler."""

    def compile(self, definitions: list[Form], function: Form) -> object:
        """A handle for the `(lambda ...)` form `function`, made where `definitions` have been run.

        Raises TickError or CompileError.
        """

    def call(self, name: str, handle: object, arguments: list[Form], start: int, end: int) -> Form:
        """The result of the macro `name` for `arguments` as data, as code whose every node has the span given.

        Raises TickError, also where the result has no form as code.
        """


def expand_program(
    forms: Iterable[Form],
    table: MacroTable,
    evaluator: MacroEvaluator,
    calls: list[tuple[int, int]] | None = None,
) -> tuple[list[Form], list[Diagnostic]]:
    """The top-level `forms` without macros; definitions of macros go into `table` in order and leave nil behind.

    `calls` receives the spans of the outermost macro calls in source order.
    """
    expander = _Expander(table, evaluator)
    expanded = [expander.top_level(form) for form in forms]
    if calls is not None:
        calls += expander.calls
    return expanded, expander.diagnostics


def expand(
    form: Form, table: MacroTable, evaluator: MacroEvaluator, scope: Collection[str] = frozenset()
) -> tuple[Form, list[Diagnostic]]:
    """`form` without macros, where the local names in `scope` are visible."""
    expander = _Expander(table, evaluator)
    return expander.guarded(expander.walk, form, frozenset(symbol(name) for name in scope)), expander.diagnostics


def expand_once(form: Form, table: MacroTable, evaluator: MacroEvaluator) -> tuple[Form, list[Diagnostic]]:
    """`form` with its head rewritten once if it is a macro call; its parts are left alone."""
    expander = _Expander(table, evaluator)
    return expander.guarded(expander.rewrite_once, form, frozenset()), expander.diagnostics


class _Failure(Exception):
    """A macro call that has no expansion."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _Expander(Walk):
    """One expansion: what each head means, and what was found on the way."""

    def __init__(self, table: MacroTable, evaluator: MacroEvaluator) -> None:
        self.table = table
        self.evaluator = evaluator
        self.diagnostics: list[Diagnostic] = []
        self.calls: list[tuple[int, int]] = []
        self.heads: dict[object, Handler] = _HEADS.copy()
        for name in table.variables:
            self.heads.pop(name, None)
        for name in table.macros:
            self.heads[name] = _macro_call
        self.nesting = 0
        self.call_count = 0
        self.numbers = count(1)
        self.compiling: set[Macro] = set()

    # The top level.

    def top_level(self, form: Form) -> Form:
        """`form` expanded, after which the definitions in it are known."""
        head = head_symbol(form)
        if head is None or not isinstance(form, ListForm):
            return self.guarded(self.walk, form, frozenset())
        if head in DEFINERS:
            self._define_macro(form)
            return Atom(None, form.start, form.end)
        if head is BEGIN and self.heads.get(BEGIN) is operands:
            items = [form.items[0]] + [self.top_level(item) for item in form.items[1:]]
            changed = any(new is not old for new, old in zip(items, form.items, strict=True))
            return ListForm(items, form.start, form.end) if changed else form
        if head is DEFINE:
            self._defined(form)
        result = self.guarded(self.walk, form, frozenset())
        self._record(result)
        return result

    def guarded(self, walk: Callable[[Form, Scope], Form], form: Form, scope: Scope) -> Form:
        """`walk(form, scope)`; nil where a macro in it fails, which becomes a finding."""
        try:
            return walk(form, scope)
        except _Failure as failure:
            self.diagnostics.append(failure.diagnostic)
        except RecursionError:
            message = "nested too deeply to be expanded"
            kind = "macro-expansion-limit" if self.nesting > MAX_REWRITES else "reader"
            self.diagnostics.append(Diagnostic("nested-too-deeply", message, form.start, form.end, kind=kind))
        self.nesting = 0
        self.compiling.clear()
        return Atom(None, form.start, form.end)

    def _define_macro(self, form: ListForm) -> None:
        try:
            name, macro = parse(form, self.table.world)
        except BadDefinition as bad:
            self.diagnostics.append(bad.diagnostic)
            return
        self.table.macros[name] = macro
        self.heads[name] = _macro_call

    def _defined(self, form: ListForm) -> Symbol | None:
        """The name a top-level `define` binds; it hides the library macro of that name from here on."""
        target = form.items[1] if len(form.items) > 1 else None
        if isinstance(target, ListForm) and target.items:
            target = target.items[0]
        if not isinstance(target, Atom) or not isinstance(target.value, Symbol):
            return None
        name = target.value
        if name not in self.table.macros and name.name in LIBRARY:
            self.table.variables.add(name)
            self.heads.pop(name, None)
        return name

    def _record(self, form: Form) -> None:
        """Let macros use the definitions in the expanded top-level `form`."""
        if not isinstance(form, ListForm):
            return
        head = head_symbol(form)
        if head is BEGIN:
            for item in form.items[1:]:
                self._record(item)
        elif head is DEFINE:
            name = self._defined(form)
            if name is not None:
                self.table.world.define(name.name, form)

    # Macro calls.

    def macro_call(self, form: ListForm, scope: Scope) -> Form:
        """What a list headed by a macro's name becomes."""
        if form.items[0].value in scope:  # type: ignore[attr-defined]
            return self.plain(form, scope)
        if self.nesting == 0:
            self.calls.append((form.start, form.end))
        elif self.nesting > MAX_NESTED:
            raise _limit(form, f"{MAX_NESTED} nested expansions")
        self.nesting += 1
        result: Form = form
        for _ in range(MAX_REWRITES):
            result = self.rewrite(result)  # type: ignore[arg-type]
            head = head_symbol(result)
            if head is None or head in scope or self.heads.get(head) is not _macro_call:
                result = self.plain(result, scope)
                self.nesting -= 1
                return result
        raise _limit(form, f"{MAX_REWRITES} expansion steps")

    def plain(self, form: Form, scope: Scope) -> Form:
        """`form`, which is no macro call, with its parts expanded."""
        if form.__class__ is ListForm:
            shape = SHAPES.get(head_symbol(form))
            return self.parts(form, 0, scope) if shape is None else shape(self, form, scope)
        if form.__class__ is PrefixForm:
            return self.prefixed(form, scope)
        return form

    def rewrite_once(self, form: Form, _scope: Scope) -> Form:
        """`form` rewritten if it is a macro call."""
        if isinstance(form, ListForm) and self.heads.get(head_symbol(form)) is _macro_call:
            return self.rewrite(form)
        return form

    def rewrite(self, form: ListForm) -> Form:
        """The direct output of the macro that heads `form`."""
        self.call_count += 1
        if self.call_count > MAX_CALLS:
            raise _limit(form, f"{MAX_CALLS} calls in one program")
        name: Symbol = form.items[0].value  # type: ignore[attr-defined]
        macro = self.table.macros.get(name)
        if macro is not None:
            return self._run(macro, form)
        function, shape = LIBRARY[name.name]
        call = Call(name.name, shape, form, self.numbers, self.table.macros)
        try:
            return function(call)
        except Malformed:
            return call.bad_form()

    def _run(self, macro: Macro, form: ListForm) -> Form:
        arguments = macro.bind(form.items[1:])
        if isinstance(arguments, str):
            message = f"in native `macro {macro.name}`: {arguments}"
            raise _Failure(Diagnostic("macro-arity", message, form.start, form.end, kind="native-fn"))
        handle = macro.world.compiled(macro)
        try:
            if handle is None:
                handle = self._compile(macro, form)
            return self.evaluator.call(macro.name, handle, arguments, form.start, form.end)
        except CompileError as error:
            first = error.diagnostics[0]
            raise _Failure(replace(first, start=form.start, end=form.end, notes=_raised_by(macro))) from error
        except TickError as error:
            raise _failed(macro, form, error) from error

    def _compile(self, macro: Macro, form: ListForm) -> object:
        """The handle of `macro`, whose body is expanded and compiled among the definitions it needs."""
        if macro in self.compiling:
            raise _limit(form, f"{MAX_REWRITES} expansion steps")
        self.compiling.add(macro)
        function = macro.function(list(macro.body))
        try:
            expanded = self.plain(function, frozenset())
        except _Failure as failure:
            raise _Failure(replace(failure.diagnostic, start=form.start, end=form.end)) from failure
        definitions, names = macro.world.needed_by(expanded)
        handle = self.evaluator.compile(definitions, expanded)
        macro.world.keep(macro, handle, names)
        self.compiling.discard(macro)
        return handle


def _macro_call(expander: _Expander, form: ListForm, scope: Scope) -> Form:
    return expander.macro_call(form, scope)


_HEADS: dict[object, Handler] = SHAPES | {symbol(name): _macro_call for name in LIBRARY}


def _limit(form: ListForm, what: str) -> _Failure:
    name = form.items[0].value.name  # type: ignore[attr-defined]
    message = f"macro `{name}` exceeded {what}"
    notes = (("help", "it likely expands to a call of itself"),)
    return _Failure(
        Diagnostic("macro-expansion-limit", message, form.start, form.end, kind="macro-expansion-limit", notes=notes)
    )


def _failed(macro: Macro, form: ListForm, error: TickError) -> _Failure:
    printed = getattr(error, "printed", None)
    message = error.short if printed is None else f"uncaught: {printed}"
    name = "host-at-compile-time" if error.kind == "host-at-compile-time" else "macro-failed"
    return _Failure(
        Diagnostic(name, message, form.start, form.end, kind=error.kind, notes=_raised_by(macro), thrown=printed)
    )


def _raised_by(macro: Macro) -> tuple[tuple[str, str], ...]:
    return (("note", f"raised while macro `{macro.name}` ran to expand this call"),)
