"""From the families of builtins to the registry that holds them all: importing this makes the library."""

from __future__ import annotations

import importlib
import pkgutil

from vigyc.runtime import builtins
from vigyc.runtime.native import NATIVES

for _family in pkgutil.iter_modules(builtins.__path__):
    importlib.import_module(f"{builtins.__name__}.{_family.name}")

__all__ = ["NATIVES"]
