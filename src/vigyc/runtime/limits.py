"""From what a machine and its users can bear to the limits an engine keeps."""

from __future__ import annotations

from typing import NamedTuple


class EngineLimits(NamedTuple):
    """`deadline` (seconds) is for ticks whose vigy has none; a tick longer than `slow` (seconds) goes to the slow lane.

    Outcomes are committed when `batch` have gathered, the oldest is `batch_ms` old, or somebody waits for one.
    `threads` tick at most; `poll` (seconds) is how often the store is asked what others did there; a lease is lost
    after `lease_ttl` seconds.
    """

    deadline: float = 5.0
    slow: float = 0.05
    batch: int = 256
    batch_ms: int = 10
    threads: int = 4
    poll: float = 0.1
    lease_ttl: float = 4.0
