"""From a tick that tests another vigy's program to the ticks of that program: the host of a test program.

The pack `test` reaches it through the gate. Any other program has no such host, and is refused.
"""

from __future__ import annotations

from typing import Any, Protocol

from vigyc.runtime.host import Host


class Trial(Protocol):
    """What ticks the program that is tested."""

    def tick(self, kv: dict[str, Any], ticks: int, now_ms: int | None) -> dict[str, Any]:
        """What so many ticks upon `kv` do, the first of them at `now_ms`, as JSON data."""


class TrialHost(Host):
    """The host of a test program's one tick; `asked` is how many ticks of `trial` it asked for."""

    __slots__ = ("asked", "trial")

    def __init__(self, trial: Trial, tick_start_ms: int) -> None:
        super().__init__(tick_start_ms=tick_start_ms)
        self.trial = trial
        self.asked = 0
