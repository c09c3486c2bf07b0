"""From a program that uses effects to one whose every tick passes a gate of its own.

The gate is made when the tick begins and closed when it ends, however it ends; what it recorded stays with the host.
Neither is cut in two by the tick's deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import get_ident
from typing import Protocol

from vigyc.effects.gate import Gate, StandIn
from vigyc.effects.powers import Powers
from vigyc.lang.errors import Halted
from vigyc.runtime import budget
from vigyc.runtime.host import Host

FOREVER = 10.0**9  # seconds of a tick without a deadline


class Ticked(Protocol):
    """What ticks."""

    def tick(self, host: Host) -> Host:
        """Run once against `host`."""


class Gated:
    """`program` as the vigy with this id, name and labels, under the policy that `powers` has for it.

    `seconds` is the time for one tick, unless `tick` is told another; `stand_in` makes what answers in place of the
    world. With `record_all` a run is recorded also if it calls no effect. Ticks at the same time need a `slot` each.
    """

    def __init__(
        self,
        program: Ticked,
        powers: Powers,
        vigy: str,
        name: str,
        labels: Mapping[str, str],
        seconds: float,
        stand_in: Callable[[], StandIn] | None = None,
        *,
        record_all: bool = False,
        slot: str = "",
    ) -> None:
        self._program = program
        self._powers = powers
        self._vigy = vigy
        self._name = name
        self._labels = labels
        self._seconds = seconds
        self._stand_in = stand_in
        self._record_all = record_all
        self._slot = slot

    def tick(self, host: Host, *, deadline: float | None = None) -> Host:
        """Run once against `host`; `deadline` is in seconds. Raises what the program raises, and SettingsError."""
        with self.passing(host, self._seconds if deadline is None else deadline) as gate:
            if deadline is None:
                made = self._program.tick(host)
            else:
                token = budget.arm(deadline)
                try:
                    made = self._program.tick(host)
                finally:
                    budget.disarm(token)
        made.gate = gate
        return made

    @contextmanager
    def passing(self, host: Host, seconds: float) -> Iterator[Gate]:
        """While this lasts, effects of `host` pass a gate, for at most `seconds`. Raises SettingsError."""
        stand_in = None if self._stand_in is None else self._stand_in()
        thread = get_ident()
        budget.held[thread] = True
        try:
            budget.let_in()
            session = self._powers.session(self._vigy, self._name, self._labels, self._slot)
            gate = host.gate = self._powers.gate(self._vigy, session, host, seconds, stand_in)
            gate.record_all = self._record_all
        finally:
            due = budget.held.pop(thread, True) is False
        try:
            if due:
                raise Halted
            yield gate
        finally:
            budget.held[thread] = True
            try:
                try:
                    budget.let_in()
                finally:
                    gate.close()
            finally:
                budget.held.pop(thread, None)
