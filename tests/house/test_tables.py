"""Tables that must agree: the abi with what the runtime registers, the docs with the ids the code can give."""

from __future__ import annotations

import ast
import re
import tomllib

import vigyc
from house import tree
from vigyc.lang.abi import BUILTINS
from vigyc.lang.forms import SPECIAL_FORMS
from vigyc.runtime.library import NATIVES
from vigyc.runtime.table import TABLE

PUBLIC = {
    "Action", "Adaptive", "AsyncClient", "AsyncRuntime", "AsyncSubscription", "Cache", "ChainReconciler", "Client",
    "CompileError", "Condition", "Conflict", "Cron", "Diagnostic", "EnhanceSetting", "Epoch", "Extension", "Fixed",
    "Halted", "Host", "HostError", "InternalError", "Invalid", "Issue", "KvStore", "LispReconciler", "ModuleFiles",
    "Modules", "ModuleTexts", "NoopReconciler", "NotAllowed", "NotFound", "Notice", "PendingAction", "Policy",
    "PolicyBook", "Program", "ProgramError", "Reconciler", "Registration", "Run", "Runtime", "Schedule",
    "ServerSettings", "Settings", "SettingsError", "Source", "Stale", "State", "StoreError", "Subscription", "Thrown",
    "Ticker", "TickError", "Tokens", "TooMany", "Verdict", "Version", "Vigy", "VigycError", "VirtualTime",
    "__version__",
    "check", "closure_extension", "compile", "display", "evaluate", "every", "from_json", "load_policies",
    "load_settings", "narrow", "open_kv", "render", "standard_extensions", "to_json",
}  # fmt: skip

WITH_EXTRAS = {"HttpServer"}


def test_the_public_face() -> None:
    assert set(vigyc.__all__) == PUBLIC
    for name in vigyc.__all__:
        assert getattr(vigyc, name) is not None
    assert len(vigyc.__all__) == len(PUBLIC)
    for name in WITH_EXTRAS:
        assert getattr(vigyc, name) is not None


def test_the_typed_face_is_the_public_face() -> None:
    stub = ast.parse((tree.SRC / "__init__.pyi").read_text("utf-8"))
    typed = {alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed | {"__version__"} == PUBLIC | WITH_EXTRAS


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert vigyc.__version__ == project["version"]


def test_every_builtin_of_the_abi_is_registered_with_its_arity() -> None:
    registered = {name: function.tatara for name, function in NATIVES.items()}  # type: ignore[attr-defined]
    assert registered.keys() == BUILTINS.keys()
    for name, signature in BUILTINS.items():
        native = registered[name]
        assert (native.lo, native.hi, native.host) == (signature.lo, signature.hi, signature.host), name
        assert TABLE[signature.ident] is NATIVES[name]


def test_identifiers_of_builtins_are_distinct() -> None:
    idents = [signature.ident for signature in BUILTINS.values()]
    assert len(idents) == len(set(idents))
    assert all(ident.isidentifier() for ident in idents)


def test_every_builtin_and_intrinsic_is_documented() -> None:
    page = (tree.ROOT / "docs" / "builtins.md").read_text("utf-8")
    named = set(re.findall(r"^\| `\(([^ )]+)", page, re.MULTILINE))
    intrinsics = {name for extension in vigyc.standard_extensions() for name in extension.intrinsics}
    assert (BUILTINS.keys() | SPECIAL_FORMS.keys() | intrinsics) <= named
    assert not [line for line in page.splitlines() if line.startswith("| `(") and line.endswith("|  |")]


def _first_strings(*functions: str) -> set[str]:
    """The literal first arguments of calls of these functions or methods anywhere in the package."""
    return {
        node.args[0].value
        for module in tree.modules().values()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        and getattr(node.func, "attr", getattr(node.func, "id", None)) in functions
        and isinstance(node.args[0].value, str)
    }  # fmt: skip


def test_every_finding_and_error_kind_is_documented() -> None:
    page = (tree.ROOT / "docs" / "errors.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `([a-z-]+)`", page, re.MULTILINE))
    given = _first_strings("Diagnostic", "TickError", "find", "Finding")
    assert {name for name in given if re.fullmatch(r"[a-z]+(-[a-z]+)*", name)} <= documented
