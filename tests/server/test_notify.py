"""What the service manager is told, on a real socket of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from vigyc.surfaces.server.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(10)
        if request.param == "path":
            name = str(tmp_path / "notify")
            listening.bind(name)
        else:
            name = f"@vigyc-test-{os.getpid()}"
            listening.bind("\0" + name[1:])
        yield listening, name


def test_the_manager_is_told(manager: tuple[socket.socket, str]) -> None:
    listening, name = manager
    notifier = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())})
    notifier.ready()
    notifier.beat()
    notifier.beat()
    notifier.stopping()
    assert [listening.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize(
    "watch", [{}, {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "?"}, {"WATCHDOG_USEC": "0"}]
)
def test_without_a_watchdog_it_does_not_beat(manager: tuple[socket.socket, str], watch: dict[str, str]) -> None:
    listening, name = manager
    notifier = Notifier({"NOTIFY_SOCKET": name, **watch})
    notifier.beat()
    notifier.stopping()
    assert listening.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize(
    "environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"NOTIFY_SOCKET": "x"}]
)
def test_where_nobody_listens_nothing_happens(environ: dict[str, str]) -> None:
    notifier = Notifier(environ)
    notifier.ready()
    notifier.stopping()
