from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from vigyc.effects import extras

CALLS = [
    ("yaml-parse", ("a",), "yaml", "pyyaml"),
    ("yaml-write", ("a",), "yaml", "pyyaml"),
    ("toml-write", ({},), "tomli_w", "tomli-w"),
    ("regex-find", ("a", "b"), "re2", "google-re2"),
    ("regex-escape", ("a",), "re2", "google-re2"),
]


@pytest.mark.parametrize(("name", "args", "module", "package"), CALLS)
def test_what_is_not_installed_is_named(
    pure: Any, monkeypatch: pytest.MonkeyPatch, name: str, args: tuple[object, ...], module: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    extras._module.cache_clear()
    assert pure.raised(name, *args) == (
        f"missing-extra: `{name}` needs the package {package}: pip install 'vigyc[data]'"
    )


def test_loading_the_packs_loads_no_extra() -> None:
    program = (
        "import sys; from vigyc.effects import catalog; "
        "[catalog.pack(name) for name in 'toml yaml regex datetime'.split()]; "
        "print({'yaml', 'tomli_w', 're2', 'tzdata'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
