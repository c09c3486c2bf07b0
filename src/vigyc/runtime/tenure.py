"""From several runtimes on one store to the one that ticks: keeping the lease, giving it up, taking it over.

A holder shows that it lives by raising the lease's beat. A candidate takes over when the holder gave the lease back,
when its process is certainly dead, or when the beat stood still for `ttl` seconds of the candidate's own monotonic
time: jumps of the wall clock mean nothing here. A holder that was only asleep finds its epoch old at its next write.
"""

from __future__ import annotations

from vigyc.model.lease import Fence, Lease
from vigyc.runtime.holder import is_dead, own_name
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource


class Tenure:
    """One runtime's dealings with the lease. `fence` is there while it is the holder, as far as it knows."""

    def __init__(self, store: Store, time: TimeSource, ttl: float) -> None:
        self.name = own_name()
        self.fence: Fence | None = None
        self._store = store
        self._time = time
        self._ttl = ttl
        self._renewed = 0.0
        self._seen: Lease | None = None
        self._seen_at = 0.0

    def keep(self) -> bool:
        """Renew the lease when it is time, or try to take it; whether this runtime holds it. Raises StoreError."""
        return self._renew() if self.fence is not None else self._campaign()

    def lose(self, fence: Fence | None) -> None:
        """What was written under `fence` was refused: another runtime holds the lease, unless it was taken again."""
        if self.fence == fence:
            self.fence = None

    def give_back(self) -> None:
        """Release the lease; raises StoreError."""
        fence, self.fence = self.fence, None
        if fence is not None:
            self._store.release(fence)

    def _renew(self) -> bool:
        now = self._time.monotonic()
        if self.fence is not None and now - self._renewed >= self._ttl / 4:
            if not self._store.renew(self.fence, self._time.wall_ms()):
                self.fence = None
            self._renewed = now
        return self.fence is not None

    def _campaign(self) -> bool:
        lease = self._store.lease()
        now = self._time.monotonic()
        if lease != self._seen:
            self._seen, self._seen_at = lease, now
        if lease is None or not lease.holder or now - self._seen_at >= self._ttl or is_dead(lease.holder):
            self.fence = self._store.acquire(self.name, lease, self._time.wall_ms())
            self._renewed = now
        return self.fence is not None
