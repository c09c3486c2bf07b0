"""From a host to what one tick made of it: programs, nothing at all, or several things in a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from vigyc.runtime.host import Host
from vigyc.runtime.ticker import Tickable


class Reconciler(Protocol):
    """Whatever can tick: it changes the host it is given, or gives another; an error ends the tick."""

    def tick(self, host: Host) -> Host:
        """Look at the host's state, decide, and leave what is to be done in the host."""


class LispReconciler:
    """A compiled program as a reconciler, each tick at most `deadline` seconds."""

    def __init__(self, program: Tickable, *, deadline: float | None = None) -> None:
        self.program = program
        self.deadline = deadline

    def tick(self, host: Host) -> Host:
        """Run the program once; raises TickError or Halted."""
        return self.program.tick(host, deadline=self.deadline)


class NoopReconciler:
    """Does nothing."""

    def tick(self, host: Host) -> Host:
        """Give the host back as it came."""
        return host


class ChainReconciler:
    """Several reconcilers, one after the other on the same host; the first error stops the chain."""

    def __init__(self, children: Iterable[Reconciler]) -> None:
        self.children = list(children)

    def tick(self, host: Host) -> Host:
        """Thread the host through all children, in order."""
        for child in self.children:
            host = child.tick(host)
        return host
