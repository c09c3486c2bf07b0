"""From ticks to what is kept between them: a scope, one vigy's kv and counters, in memory.

A tick works on the live dict `kv`. Beside it lies `_held`, the same values as of the last commit: values never change,
so a commit or an undo moves references for the keys the tick touched, whatever the size of the kv.
"""

from __future__ import annotations

from typing import Any

from vigyc.runtime.host import Host


class MemoryScope:
    """The kv and counters of one vigy, kept as long as the process lives; `store/scope.py` has the lasting one.

    `tick_count` is the number of ticks that succeeded, `previous_tick_ms` when the last of them began.
    """

    __slots__ = ("_held", "kv", "previous_tick_ms", "tick_count")

    def __init__(self, kv: dict[str, Any] | None = None) -> None:
        self.kv: dict[str, Any] = {} if kv is None else kv
        self._held = self.kv.copy()
        self.tick_count = 0
        self.previous_tick_ms: int | None = None

    def commit(self, host: Host) -> None:
        """Keep what the tick of `host` changed, and count it."""
        if host.dirty:
            kv, held = self.kv, self._held
            for key in host.dirty:
                held[key] = kv[key]
        if host.deleted:
            for key in host.deleted:
                self._held.pop(key, None)
        self.tick_count = host.tick_count + 1
        self.previous_tick_ms = host.tick_start_ms

    def rollback(self, host: Host) -> None:
        """Undo in the kv what the tick of `host` changed."""
        kv, held = self.kv, self._held
        for key in (*host.dirty, *host.deleted):
            if key in held:
                kv[key] = held[key]
            else:
                kv.pop(key, None)

    def flush(self) -> None:
        """Nothing waits to be written."""
