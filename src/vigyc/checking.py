"""From text to findings: everything that can be said of a program without running it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vigyc.compiler import Analysed, Compilation, as_modules
from vigyc.frontend.checker import diagnose
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError
from vigyc.lang.source import Source
from vigyc.linking import Modules
from vigyc.runtime.extension import Extension
from vigyc.scope import scope_of


def check(
    source: str,
    filename: str = "<program>",
    extensions: Iterable[Extension] | None = None,
    modules: Mapping[str, str] | Modules | None = None,
) -> list[Diagnostic]:
    """Everything that can be said of a text without running it, in source order.

    Read errors, failing macros, malformed forms, unbound names, wrong numbers of arguments, and what is legal but
    hardly meant (warnings).
    """
    return analyse(source, filename, extensions, modules)[0]


def analyse(
    source: str,
    filename: str = "<program>",
    extensions: Iterable[Extension] | None = None,
    modules: Mapping[str, str] | Modules | None = None,
) -> tuple[list[Diagnostic], Analysed | None]:
    """The same, and the text half-way to a program, for `compiler.go_on`; None if it cannot be one."""
    scope = scope_of(None if extensions is None else tuple(extensions))
    compilation = Compilation(scope, as_modules(modules))
    try:
        program = compilation.program(Source(filename, source))
    except CompileError as error:
        return error.diagnostics, None
    return diagnose(compilation.findings, program, scope.signatures), Analysed(compilation, program)
