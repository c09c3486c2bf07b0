"""Faults that were found in the pack `serve`: pages of a browser, clients that do not read, ticks that are cut."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from effects.options import options
from vigyc.effects.limits import Limits
from vigyc.effects.serving import rooms
from vigyc.effects.serving.background import Background
from vigyc.lang.datum import keyword
from vigyc.lang.errors import Halted
from vigyc.runtime import budget

UPGRADE = (
    b"GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def opened(port: int) -> socket.socket:
    until = time.monotonic() + 3
    while True:
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        found.settimeout(5)
        try:
            found.connect(("127.0.0.1", port))
            return found
        except ConnectionRefusedError:
            found.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.005)


def ask(port: int, *lines: str, method: str = "GET") -> int:
    with opened(port) as connection:
        connection.sendall("\r\n".join([f"{method} / HTTP/1.1", *lines, "", ""]).encode())
        return int(connection.recv(65536).split(b" ", 2)[1])


REQUESTS = {
    "a program": (["Host: localhost:1"], 200),
    "a program by address": (["Host: [::1]:8080"], 200),
    "a form of another page": (["Host: localhost:1", "Origin: http://evil.example"], 403),
    "a page without an origin": (["Host: localhost:1", "Origin: null"], 403),
    "a page of another port": (["Host: localhost:1", "Origin: http://localhost:2"], 403),
    "our own page": (["Host: localhost:1", "Origin: http://localhost:1"], 200),
    "a page that is listed": (["Host: localhost:1", "Origin: https://good.example"], 200),
    "a name that was made to lead here": (["Host: evil.example:1"], 403),
    "a name that only looks like ours": (["Host: localhost.evil.example"], 403),
    "a name that is listed": (["Host: good.example"], 200),
    "a picture in another page": (["Host: localhost:1", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"], 403),
    "a link in another page": (["Host: localhost:1", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"], 200),
}


@pytest.mark.parametrize(("lines", "status"), REQUESTS.values(), ids=REQUESTS)
def test_a_web_page_of_elsewhere_does_not_reach_the_handler(
    effects: Any, clients: ThreadPoolExecutor, port: int, lines: list[str], status: int
) -> None:
    asked = clients.submit(ask, port, *lines)
    seen: list[object] = []
    origins = ["https://good.example"]
    run = effects(f"serve:{port}")
    given = options(requests=1, for_ms=1000 if status == 200 else 100, origins=origins)
    run.value("serve-http", port, lambda request: seen.append(request) or "x", given)
    assert (asked.result(), len(seen)) == (status, int(status == 200))


def test_responses_that_nobody_takes_are_not_held_without_end(
    effects: Any, clients: ThreadPoolExecutor, port: int
) -> None:
    """Each may have as many bytes as a body, all together four times that; the next ones are a 503."""
    run = effects(f"serve:{port}", limits=Limits(body_bytes=8_000_000))

    def client() -> bytes:
        with opened(port) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.4)
            return connection.recv(12)

    answers = [clients.submit(client) for _ in range(8)]
    run.value("serve-http", port, lambda request: "x" * 8_000_000, options(requests=8, for_ms=600))
    assert sorted(answer.result()[-3:] for answer in answers) == [b"200"] * 4 + [b"503"] * 4


def test_a_response_above_the_limit_of_bodies_is_a_500(effects: Any, clients: ThreadPoolExecutor, port: int) -> None:
    run = effects(f"serve:{port}", limits=Limits(body_bytes=1000))
    asked = clients.submit(ask, port, "Host: localhost")
    found = run.value("serve-http", port, lambda request: "x" * 1001, options(requests=1))
    assert (asked.result(), found[keyword("failed")]) == (500, 1)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "vigyc-serve"]


def test_a_tick_that_is_cut_leaves_neither_port_nor_thread(
    effects: Any, clients: ThreadPoolExecutor, port: int
) -> None:
    """The handler goes on for ever, while another client does not take its response."""

    def forever(request: Any) -> str:
        if request[keyword("path")] == "/long":
            return "x" * 8_000_000
        while True:
            pass

    def idle() -> None:
        with opened(port) as connection, opened(port) as other:
            connection.sendall(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.1)
            other.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(1.2)

    run = effects(f"serve:{port}", seconds=0.6)
    waiting = clients.submit(idle)
    descriptors, began = len(os.listdir("/proc/self/fd")), time.monotonic()
    with pytest.raises(Halted), budget.deadline(0.6):
        run.call("serve-http", port, forever)
    assert time.monotonic() - began < 1.5
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    assert threads() == []
    waiting.result()
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 1


def test_deadlines_that_come_while_it_closes_do_not_keep_the_thread(effects: Any, port: int) -> None:
    """A client that keeps the loop busy while the tick is cut again and again."""
    background = Background()

    async def stubborn() -> None:
        try:
            await asyncio.sleep(9)
        finally:
            await asyncio.sleep(0.3)

    asyncio.run_coroutine_threadsafe(stubborn(), background.loop)
    time.sleep(0.05)
    with pytest.raises(Halted), budget.deadline(0.05):
        background.close()
    until = time.monotonic() + 2
    while threads() and time.monotonic() < until:
        time.sleep(0.01)
    assert threads() == []
    assert background.loop.is_closed()


def serve_ws(effects: Any, port: int, for_ms: int) -> None:
    effects(f"serve:{port}").value("serve-ws", port, lambda message: None, options(for_ms=for_ms))


def test_who_does_not_take_its_pongs_is_cut_off(
    effects: Any, clients: ThreadPoolExecutor, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "_UNREAD", 2**14)

    def client() -> bool:
        with opened(port) as connection:
            connection.sendall(UPGRADE)
            assert connection.recv(4096).startswith(b"HTTP/1.1 101")
            try:
                for _ in range(400):
                    connection.sendall((b"\x89\xfd\0\0\0\0" + b"x" * 125) * 200)
            except OSError:
                return True
            return False

    cut = clients.submit(client)
    serve_ws(effects, port, 1500)
    assert cut.result()


def test_handshakes_that_never_end_are_bounded(
    effects: Any, clients: ThreadPoolExecutor, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "MOST_CONNECTIONS", 8)

    def client() -> int:
        held = [opened(port) for _ in range(40)]
        time.sleep(0.1)
        alive = 0
        for connection in held:
            connection.setblocking(False)
            try:
                connection.recv(1)
            except BlockingIOError:
                alive += 1
            except OSError:
                pass
            connection.close()
        return alive

    alive = clients.submit(client)
    serve_ws(effects, port, 400)
    assert 0 < alive.result() <= 16


def test_serving_within_a_handler_ends_with_it(effects: Any, clients: ThreadPoolExecutor, port: int) -> None:
    run = effects("serve:*")

    def handler(request: object) -> object:
        assert run.error("serve-http", port, handler).tag == "in-use"
        inner: Callable[..., Any] = run.value
        return str(inner("serve-http", 0, handler, options(for_ms=20))[keyword("served")])

    asked = clients.submit(ask, port, "Host: localhost")
    assert run.value("serve-http", port, handler, options(requests=1))[keyword("failed")] == 0
    assert asked.result() == 200
    assert threads() == []
