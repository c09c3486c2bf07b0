"""The source tree as data for the house tests: files, their syntax trees, their functions."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "vigyc"


@cache
def modules() -> dict[Path, ast.Module]:
    """Every module of the package by its path relative to the package."""
    return {path.relative_to(SRC): ast.parse(path.read_text("utf-8")) for path in sorted(SRC.rglob("*.py"))}


def line_count(path: Path) -> int:
    return len((SRC / path).read_text("utf-8").splitlines())


def functions() -> list[tuple[str, int]]:
    """`(module:line name, length in lines)` of every function and method."""
    return [
        (f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def imported_names(tree: ast.AST) -> list[tuple[str, int]]:
    """`(module name, line)` of every absolute import below `tree`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.module, node.lineno))
    return found
