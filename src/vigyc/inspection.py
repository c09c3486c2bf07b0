"""From text to every stage of the pipeline as text, for people."""

from __future__ import annotations

import ast
import dis
import io
import warnings
from collections.abc import Iterable, Mapping
from textwrap import indent

from vigyc.codegen.module import generate
from vigyc.compiler import Compilation, as_modules
from vigyc.lang.printer import pretty
from vigyc.lang.source import Source
from vigyc.lang.tree import outline
from vigyc.linking import Modules
from vigyc.runtime.extension import Extension
from vigyc.scope import scope_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # astor still names nodes that Python 3.8 replaced
    import astor
    from astor.source_repr import split_lines

WIDTH = 110  # columns of rendered Python
STAGES = ("python", "ast", "ir", "expanded", "bytecode")


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
    """The module as Python, with the lines of the program that each statement comes from above it."""
    comments = _Comments(text)
    parts: list[str] = []
    for statement in module.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "program":
            head = _python(ast.FunctionDef("program", statement.args, [ast.Pass()], [])).split("\n")[0]
            inner = [comments.over(child, "    ") + indent(_python(child), "    ") for child in statement.body]
            parts.append("\n\n" + "\n".join([head, *inner]))
        elif isinstance(statement, ast.FunctionDef):
            parts.append("\n\n" + comments.over(statement, "") + _python(statement))
        else:
            parts.append(_python(statement))
    return "\n".join(parts).strip() + "\n"


def _python(statement: ast.stmt) -> str:
    rendered: str = astor.to_source(statement, pretty_source=_wrapped)
    return rendered.rstrip()


def _wrapped(source: list[str]) -> str:
    return "".join(split_lines(source, maxline=WIDTH))


class _Comments:
    """The lines of a program as comments, each shown once, where a statement first comes from it."""

    def __init__(self, text: Source) -> None:
        self.text = text
        self.shown: set[int] = set()

    def over(self, statement: ast.stmt, margin: str) -> str:
        """The lines `statement` comes from that have not been shown."""
        lines: list[str] = []
        for number in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1):
            line = self.text.line(number).rstrip()
            if number not in self.shown and line.strip() and not line.lstrip().startswith(";"):
                self.shown.add(number)
                lines.append(f"{margin}# {number}: {line}\n")
        return "".join(lines)
