"""Reconcilers: a program, nothing, and a chain."""

from __future__ import annotations

import pytest

from vigyc.lang.errors import TickError
from vigyc.model.action import Action
from vigyc.runtime.host import Host
from vigyc.runtime.reconciler import ChainReconciler, LispReconciler, NoopReconciler, Reconciler


class Program:
    """Stands for a compiled program."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.deadlines: list[float | None] = []

    def tick(self, host: Host, *, deadline: float | None = None) -> Host:
        self.deadlines.append(deadline)
        if self.kind == "fail":
            raise TickError("native-fn", "in native `car`: no")
        host.actions.append(Action(self.kind))
        return host


class Replacing:
    def tick(self, host: Host) -> Host:
        return Host(kv={"seen": len(host.actions)})


def test_a_program_runs_under_its_deadline() -> None:
    program = Program("pull")
    host = Host()
    assert LispReconciler(program, deadline=0.5).tick(host) is host
    assert LispReconciler(program).tick(host) is host
    assert program.deadlines == [0.5, None]
    assert [action.kind for action in host.actions] == ["pull", "pull"]


def test_noop_does_nothing() -> None:
    host = Host()
    before = host.snapshot()
    assert NoopReconciler().tick(host) is host
    assert host.snapshot() == before


def test_a_chain_threads_one_host_in_order() -> None:
    chain = ChainReconciler([LispReconciler(Program("pull")), NoopReconciler(), LispReconciler(Program("push"))])
    host = chain.tick(Host())
    assert [action.kind for action in host.actions] == ["pull", "push"]
    assert ChainReconciler([chain, Replacing()]).tick(Host()).kv == {"seen": 2}
    untouched = Host()
    assert ChainReconciler([]).tick(untouched) is untouched


def test_the_first_error_stops_the_chain() -> None:
    last = Program("push")
    children: list[Reconciler] = [
        LispReconciler(Program("pull")),
        LispReconciler(Program("fail")),
        LispReconciler(last),
    ]
    host = Host()
    with pytest.raises(TickError):
        ChainReconciler(children).tick(host)
    assert [action.kind for action in host.actions] == ["pull"]
    assert last.deadlines == []
