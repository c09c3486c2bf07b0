"""From the six families of intrinsics to the set every program has, in order."""

from __future__ import annotations

from vigyc.runtime.extension import Extension
from vigyc.runtime.intrinsics.actions import ACTIONS
from vigyc.runtime.intrinsics.convergence import CONVERGENCE
from vigyc.runtime.intrinsics.diagnostics import DIAGNOSTICS
from vigyc.runtime.intrinsics.kv import KV
from vigyc.runtime.intrinsics.scheduling import SCHEDULING
from vigyc.runtime.intrinsics.state import STATE


def standard_extensions() -> tuple[Extension, ...]:
    """Actions, state, kv, convergence, scheduling, diagnostics."""
    return (ACTIONS, STATE, KV, CONVERGENCE, SCHEDULING, DIAGNOSTICS)
