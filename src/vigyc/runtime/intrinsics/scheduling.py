"""From the tick's clock to when something may happen again."""

from __future__ import annotations

from typing import Final

from vigyc.runtime.extension import Extension
from vigyc.runtime.faults import type_mismatch
from vigyc.runtime.host import Host
from vigyc.runtime.intrinsics.kv import changed
from vigyc.runtime.intrinsics.names import name_of

SCHEDULING: Final = Extension("scheduling", standard=True)

_LONGEST_MS: Final = 30_000


@SCHEDULING.function("vigy-tick", 0, trusted=True)
def vigy_tick(host: Host, /) -> int:
    """When this tick began, in ms since 1970."""
    return host.tick_start_ms


@SCHEDULING.function("vigy-tick-count", 0, trusted=True)
def vigy_tick_count(host: Host, /) -> int:
    """How many ticks went before this one."""
    return host.tick_count


@SCHEDULING.function("vigy-since-last-tick", 0, trusted=True)
def vigy_since_last_tick(host: Host, /) -> int:
    """The ms since the tick before began, -1 on the first."""
    return -1 if host.previous_tick_ms is None else host.tick_start_ms - host.previous_tick_ms


@SCHEDULING.function("vigy-rate-limited?", 2, trusted=True)
def vigy_rate_limited(host: Host, key: object, min_ms: object, /) -> bool:
    """Whether `key` was let through less than `min_ms` ago; if not, this time is recorded.

    A first use is never limited; a record from the future (the clock went back) counts as expired (decision D33).
    """
    mark = "__ratelimit::" + name_of(key)
    if min_ms.__class__ is not int:
        raise type_mismatch("int", min_ms)
    now = host.tick_start_ms
    last = host.kv.get(mark)
    if last.__class__ is int and 0 <= now - last < min_ms:
        return True
    changed(host, mark)
    host.kv[mark] = now
    return False


@SCHEDULING.function("vigy-backoff-ms", 1, trusted=True)
def vigy_backoff_ms(host: Host, attempt: object, /) -> int:
    """How long to wait after failed attempt number `attempt`: 1 s, doubled each time, 30 s at most."""
    if attempt.__class__ is not int:
        raise type_mismatch("int", attempt)
    if attempt >= 5:
        return _LONGEST_MS
    return 1000 << attempt if attempt > 0 else 1000
