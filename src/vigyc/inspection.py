"""From text to what a person wants to see of it: findings, and every stage of the pipeline as text."""

from __future__ import annotations

import ast
import dis
import io
from collections.abc import Iterable, Mapping

import astor

from vigyc.codegen.module import generate
from vigyc.compiler import Compilation, as_modules
from vigyc.frontend.checker import diagnose
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError
from vigyc.lang.printer import pretty
from vigyc.lang.source import Source
from vigyc.lang.tree import outline
from vigyc.linking import Modules
from vigyc.runtime.extension import Extension
from vigyc.scope import scope_of

STAGES = ("python", "ast", "ir", "expanded", "bytecode")


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
    scope = scope_of(None if extensions is None else tuple(extensions))
    compilation = Compilation(scope, as_modules(modules))
    try:
        program = compilation.program(Source(filename, source))
    except CompileError as error:
        return error.diagnostics
    return diagnose(compilation.findings, program, scope.signatures)


def render_stage(
    source: str,
    filename: str,
    emit: str,
    *,
    extensions: Iterable[Extension] | None = None,
    modules: Mapping[str, str] | Modules | None = None,
) -> str:
    """What stage `emit` of the pipeline makes of `source`, as text for people (it is never compiled).

    `python` (with the program's lines as comments), `ast`, `ir`, `expanded` or `bytecode`. Raises CompileError.
    """
    scope = scope_of(None if extensions is None else tuple(extensions))
    compilation = Compilation(scope, as_modules(modules))
    text = Source(filename, source)
    if emit == "expanded":
        return pretty(compilation.expanded(text))
    if emit == "bytecode":
        out = io.StringIO()
        dis.dis(compilation.artifact(text).code, file=out)
        return out.getvalue()
    program = compilation.program(text)
    if emit == "ir":
        return outline(program)
    return _rendered(generate(program, scope.signatures, text.line_starts).module, emit, text)


def _rendered(module: ast.Module, emit: str, text: Source) -> str:
    if emit == "ast":
        return ast.dump(module, indent=2) + "\n"
    return _with_lines(module, text)


def _with_lines(module: ast.Module, text: Source) -> str:
    """The module as Python, each function and top-level statement under the program's line that it comes from."""
    shown: set[int] = set()
    parts: list[str] = []
    for statement in module.body:
        parts.append(_commented(statement, text, shown))
    return "\n".join(parts).rstrip() + "\n"


def _commented(statement: ast.stmt, text: Source, shown: set[int]) -> str:
    python = astor.to_source(statement).rstrip()
    first, last = statement.lineno, getattr(statement, "end_lineno", None) or statement.lineno
    lines: list[str] = []
    for number in range(first, last + 1):
        if number not in shown and text.line(number).strip():
            shown.add(number)
            lines.append(f"# {number}: {text.line(number).rstrip()}")
    gap = "\n" if isinstance(statement, ast.FunctionDef) else ""
    return gap + "\n".join([*lines, python])
