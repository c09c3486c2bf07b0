"""From "has this been done" to marks in the kv: first times and convergence."""

from __future__ import annotations

from typing import Final

from vigyc.runtime.extension import Extension
from vigyc.runtime.host import Host
from vigyc.runtime.intrinsics.kv import changed
from vigyc.runtime.intrinsics.names import name_of

CONVERGENCE: Final = Extension("convergence", standard=True)


@CONVERGENCE.function("vigy-once", 1, trusted=True)
def vigy_once(host: Host, key: object, /) -> bool:
    """True the first time ever for `key`, then false."""
    mark = "__once::" + name_of(key)
    if mark in host.kv:
        return False
    changed(host, mark)
    host.kv[mark] = True
    return True


@CONVERGENCE.function("vigy-mark-converged", 1, trusted=True)
def vigy_mark_converged(host: Host, key: object, /) -> None:
    """Record that `key` has converged, at this tick's time."""
    mark = "__converged::" + name_of(key)
    changed(host, mark)
    host.kv[mark] = host.now


@CONVERGENCE.function("vigy-converged?", 1, trusted=True)
def vigy_converged(host: Host, key: object, /) -> bool:
    """Whether `key` was ever marked as converged."""
    return "__converged::" + name_of(key) in host.kv
