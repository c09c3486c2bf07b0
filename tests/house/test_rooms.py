"""Doorplates, names of modules, imports: the rules of docs/architecture.md that a program can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from house import tree

VAGUE = {"utils", "util", "common", "helpers", "helper", "misc", "base", "manager", "core"}

# Imports inside functions, each where a heavy dependency is loaded only when it is needed.
LAZY_DOORS = {
    ("__init__.py", "vigyc"),
    ("frontend/reader.py", "lark"),
    ("runtime/cron.py", "cronsim"),
    ("effects/packs/serve.py", "vigyc.effects.serving.rooms"),
    ("surfaces/cli/main.py", "vigyc.surfaces.cli"),
    ("surfaces/cli/mcp.py", "vigyc.surfaces.mcp"),
    ("surfaces/cli/mcp.py", "vigyc.surfaces.client.http_door"),
    ("surfaces/client/client.py", "vigyc.surfaces.client.http_door"),
}

# The one room each third-party package lives in.
HOMES = {
    "lark": {"frontend"},
    "astor": {"inspection.py"},
    "msgpack": {"codegen", "runtime", "effects"},
    "apsw": {"runtime", "effects"},
    "click": {"surfaces"},
    "blake3": {"lang", "model", "runtime", "codegen", "compiler.py", "effects", "frontend"},
    "cronsim": {"runtime"},
    "h11": {"effects"},
    "httpx2": {"effects", "surfaces"},
    "httpcore2": {"effects"},
    "anyio": {"effects", "surfaces"},
    "mcp": {"effects", "surfaces"},
    "websockets": {"effects"},
    "starlette": {"surfaces"},
    "uvicorn": {"surfaces"},
    "uvloop": {"surfaces"},
    "httptools": {"surfaces"},
    "graphql": {"surfaces"},
    "grpc": {"surfaces"},
    "grpc_health": {"surfaces"},
    "grpc_reflection": {"surfaces"},
    "google": {"surfaces"},
    "prometheus_client": {"surfaces"},
    "opentelemetry": {"surfaces"},
}


def test_sub_packages_are_doorplates() -> None:
    for path, module in tree.modules().items():
        if path.name == "__init__.py" and path.parent != Path():
            assert len(module.body) == 1, f"{path} holds more than a docstring"
            assert ast.get_docstring(module), f"{path} has no docstring"


def test_every_module_says_from_what_to_what() -> None:
    for path, module in tree.modules().items():
        doc = ast.get_docstring(module)
        assert doc, f"{path} has no docstring"
        if path.name not in {"__init__.py", "__main__.py"}:
            assert re.match(r"From .+ to .+", doc, re.DOTALL), f"{path}: {doc.splitlines()[0]}"


def test_no_module_has_a_vague_name() -> None:
    named = {part.removesuffix(".py") for path in tree.modules() for part in path.parts}
    assert not named & VAGUE


def test_no_type_checking_imports() -> None:
    holders = [str(path) for path in tree.modules() if "TYPE_CHECKING" in (tree.SRC / path).read_text("utf-8")]
    assert not holders


def test_imports_inside_functions_are_the_listed_doors() -> None:
    strays = []
    for path, module in tree.modules().items():
        for function in ast.walk(module):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                strays += [
                    f"{path}:{line} {name}"
                    for name, line in tree.imported_names(function)
                    if not any(path.as_posix() == place and name.startswith(what) for place, what in LAZY_DOORS)
                ]
    assert not strays


def test_nothing_inside_imports_the_root() -> None:
    strays = [
        f"{path}:{line}" for path, module in tree.modules().items() for name, line in tree.imported_names(module)
        if name == "vigyc" and path.name != "__main__.py"
    ]  # fmt: skip
    assert not strays


def test_every_dependency_has_its_room() -> None:
    strays = [
        f"{path}:{line} {name}"
        for path, module in tree.modules().items()
        for name, line in tree.imported_names(module)
        if name.split(".")[0] in HOMES and path.parts[0] not in HOMES[name.split(".")[0]]
    ]
    assert not strays


def test_only_declared_dependencies_are_imported() -> None:
    known = sys.stdlib_module_names | HOMES.keys() | {"vigyc"}
    strays = [
        f"{path}:{line} {name}"
        for path, module in tree.modules().items()
        for name, line in tree.imported_names(module)
        if name.split(".")[0] not in known
    ]
    assert not strays


def test_no_unfinished_work_is_marked() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert not [str(path) for path in tree.modules() if marks.search((tree.SRC / path).read_text("utf-8"))]


def test_import_contracts_hold() -> None:
    command = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([command, "--no-cache"], cwd=tree.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import vigyc", {"lark", "click", "astor", "apsw", "sqlite3", "asyncio", "pytest", "hypothesis"}),
        ("import vigyc.surfaces.cli.main", {"lark", "astor", "asyncio", "pytest", "hypothesis"}),
    ],
)
def test_importing_loads_nothing_heavy(statement: str, absent: set[str]) -> None:
    code = f"import sys\n{statement}\nprint(*sorted(n for n in sys.modules if '.' not in n))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not absent & set(done.stdout.split())
