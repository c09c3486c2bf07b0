"""From compiled code to whether it can reach an effect: by name, in a module, or because it runs what it makes up."""

from __future__ import annotations

from vigyc.effects.catalog import catalog
from vigyc.lang.artifact import Artifact
from vigyc.runtime.program import names_in


def reaches_effects(artifact: Artifact) -> bool:
    """Whether a tick of it may need a gate."""
    known = catalog()
    return (
        any(name in known and known[name].effect for name in artifact.intrinsics)
        or "evaluate" in names_in(artifact.code)
        or any(reaches_effects(module) for module in artifact.modules.values())
    )
