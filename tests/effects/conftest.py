"""A program's side of the gate: operations called by name under a policy."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from vigyc.effects import catalog
from vigyc.effects.gate import Gate
from vigyc.effects.policy import Policy
from vigyc.effects.powers import Powers
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.host import Host


class Effects:
    """One run under a policy."""

    def __init__(self, policy: Policy, seconds: float) -> None:
        self.powers = Powers(lambda name, labels: policy)
        self.session = self.powers.session("id", "vigy", {})
        self.host = Host(tick_start_ms=1_700_000_000_000)
        self.gate: Gate = self.powers.gate("id", self.session, self.host, seconds)
        self.host.gate = self.gate

    def call(self, name: str, *args: object) -> Any:
        """What a program gets from operation `name`."""
        for pack in catalog.PACKS:
            if name.startswith(pack + "-") or pack == "result":
                found = catalog.pack(pack)
                if name in found.operations:
                    function = found.functions[name]
                    return function(self.host, *args) if found.operations[name].is_effect else function(*args)
        raise KeyError(name)

    def value(self, name: str, *args: object) -> Any:
        """The value of a result that must be good."""
        result = self.call(name, *args)
        assert result[keyword("ok")] is True, result[keyword("error")].message
        return result[keyword("value")]

    def error(self, name: str, *args: object) -> Any:
        """The error value of a result that must not be."""
        result = self.call(name, *args)
        assert result[keyword("ok")] is False, result
        return result[keyword("error")]

    def denied(self, name: str, *args: object) -> str:
        """The text of a refusal, which the gate has counted."""
        before = self.gate.denied
        with pytest.raises(TickError) as caught:
            self.call(name, *args)
        assert caught.value.kind == "denied", caught.value.short
        assert self.gate.denied == before + 1
        return caught.value.short

    def close(self) -> None:
        self.gate.close()
        self.powers.close()


@pytest.fixture
def effects() -> Iterator[Callable[..., Effects]]:
    opened: list[Effects] = []

    def make(*grants: str, seconds: float = 5.0, **policy: Any) -> Effects:
        opened.append(Effects(Policy.of(*grants, **policy), seconds))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def clients() -> Iterator[ThreadPoolExecutor]:
    """Threads for what asks a server while a tick serves."""
    with ThreadPoolExecutor(80) as pool:
        yield pool
