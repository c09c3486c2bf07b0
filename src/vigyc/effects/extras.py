"""From the name of an optional package to the module: the one door to what the core install does without.

A pack that needs such a package asks here when an operation is called, so that a program which never calls it never
needs the package.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from vigyc.lang.errors import TickError


@cache
def _module(name: str) -> Any:
    return import_module(name)


def need(op: str, name: str, package: str, extra: str) -> Any:
    """Module `name` for operation `op`; `package` has it, `vigyc[extra]` installs that.

    Raises TickError `missing-extra` if it is not installed.
    """
    try:
        return _module(name)
    except ModuleNotFoundError as missing:
        said = f"`{op}` needs the package {package}: pip install 'vigyc[{extra}]'"
        raise TickError("missing-extra", said) from missing
