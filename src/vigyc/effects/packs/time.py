"""From the clocks to ms, and sleeping within the run's time: the pack `time`.

`time-now` is the tick's own clock, a function of the tick, and so needs no grant. Sleeping never outlasts the tick, nor
a run that is stopped.
"""

from __future__ import annotations

from threading import Event
from time import monotonic_ns, time_ns
from typing import Final

from vigyc.effects.gate import Gate
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed

PACK: Final = Pack("time", "Clocks, and sleeping.")


@PACK.effect("time-now", external=False, example="(time-now)")
def time_now(gate: Gate) -> int:
    """When this tick began, in ms since 1970; the same all through the tick. It needs no grant."""
    return gate.host.tick_start_ms


@PACK.effect("time-clock", needs="time", example="(time-clock)")
def time_clock(gate: Gate) -> int:
    """The time of day now, in ms since 1970. It goes on during a tick, and may be set back."""
    return time_ns() // 1_000_000


@PACK.effect("time-monotonic", needs="time", example="(time-monotonic)")
def time_monotonic(gate: Gate) -> float:
    """Ms since some moment in the past, for measuring: it never goes back."""
    return monotonic_ns() / 1_000_000


@PACK.effect("time-sleep", needs="time", result=True, example="(time-sleep 100)")
def time_sleep(gate: Gate, ms: int) -> None:
    """Do nothing for `ms` ms; for 0 or less, go on at once.

    Error `timeout`, at once, when that is more than the tick has left, or when all sleeping of the run together would
    be more than the policy's `sleep_ms`. Takes `ms` from the budget.
    """
    if ms <= 0:
        return
    left = gate.limits.sleep_ms - gate.slept_ms
    if ms > left:
        raise EffectFailed("timeout", f"time-sleep {ms}: this run may sleep {left} ms more")
    if ms > gate.remaining() * 1000:
        raise EffectFailed("timeout", f"time-sleep {ms}: the tick is over before that")
    gate.charge("ms", ms)
    gate.slept_ms += ms
    woken = Event()
    with gate.waiting(woken.set):
        woken.wait(ms / 1000)
