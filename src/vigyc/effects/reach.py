"""From compiled code to whether it can reach an effect: by name, in a module, or because it runs what it makes up."""

from __future__ import annotations

from types import CodeType

from vigyc.effects.catalog import catalog
from vigyc.lang.artifact import Artifact


def reaches_effects(artifact: Artifact) -> bool:
    """Whether a tick of it may need a gate."""
    known = catalog()
    return (
        any(name in known and known[name].effect for name in artifact.intrinsics)
        or _evaluates(artifact.code)
        or any(reaches_effects(module) for module in artifact.modules.values())
    )


def _evaluates(code: CodeType) -> bool:
    """Whether it runs code that is made while it runs."""
    inner = (constant for constant in code.co_consts if constant.__class__ is CodeType)
    return "evaluate" in code.co_names or any(_evaluates(part) for part in inner)
