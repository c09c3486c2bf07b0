"""Slow clients, silent ones, those that do not read, and too many of them: each costs little, and not for long."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from server.site import SHORT, Site, everything, one_reply, reply, site
from vigyc.surfaces.server.limits import Limits

SOON = 5.0  # seconds


@contextmanager
def takes(least: float, most: float = SOON) -> Iterator[None]:
    """What happens inside takes about so long."""
    began = time.monotonic()
    yield
    assert least <= time.monotonic() - began <= most


def test_the_limits_are_those_that_were_promised() -> None:
    assert Limits()._asdict() == {
        "first_byte": 5.0, "headers": 10.0, "body": 30.0, "body_rate": 1024, "body_grace": 5.0, "idle": 15.0,
        "write": 8.0, "head_bytes": 16384, "url_bytes": 4096, "body_bytes": 1048576, "connections": 512,
        "per_host": 256, "drain": 3.0,
    }  # fmt: skip


def test_who_says_nothing_is_hung_up_on() -> None:
    with site(limits=SHORT) as here, here.connect() as silent, takes(0.2):
        assert everything(silent) == b""


def test_half_a_head_is_waited_for_and_then_refused() -> None:
    with site(limits=SHORT) as here, here.connect() as half, takes(0.3):
        half.sendall(b"GET /v1/echo HTTP/1.1\r\nHost: ")
        assert reply(half).status == 408


def test_a_head_that_trickles_has_no_more_time_than_another() -> None:
    with site(limits=SHORT) as here, here.connect() as slow, takes(0.3):
        slow.settimeout(0.05)
        slow.sendall(b"GET / HTTP/1.1\r\n")
        got = b""
        for _ in range(100):
            try:
                slow.sendall(b"X-A: b\r\n")
                got = slow.recv(1000)
            except TimeoutError:
                continue
            except OSError:
                break
            if got:
                break
        assert b" 408 " in got


def test_a_body_that_trickles_is_refused() -> None:
    with site(limits=SHORT) as here, here.connect() as slow, takes(0.3):
        slow.sendall(here.request("POST", Content_Type="application/json", Content_Length="100000") + b"{")
        assert reply(slow).status == 408


def test_a_body_that_takes_too_long_is_refused_however_fast_it_comes() -> None:
    with site(limits=SHORT._replace(body_rate=0)) as here, here.connect() as slow, takes(0.7):
        slow.sendall(here.request("POST", Content_Type="application/json", Content_Length="100000") + b"{")
        assert reply(slow).status == 408


def test_a_connection_that_is_kept_has_its_time_too() -> None:
    with site(limits=SHORT) as here, here.connect() as kept:
        kept.sendall(here.request())
        assert one_reply(kept).status == 200
        kept.sendall(here.request())
        assert one_reply(kept).status == 200
        with takes(0.2):
            assert everything(kept) == b""


def test_blank_lines_do_not_keep_a_connection() -> None:
    with site(limits=SHORT) as here, here.connect() as blank, takes(0.2):
        blank.settimeout(0.05)
        ended = False
        for _ in range(100):
            try:
                blank.sendall(b"\r\n")
                ended = blank.recv(10) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
            if ended:
                break
        assert ended


@pytest.mark.parametrize("path", ["/v1/much", "/v1/stream?fast=1"])
def test_who_does_not_read_is_cut_off(path: str) -> None:
    with site(limits=SHORT) as here, here.connect(rcvbuf=4096) as deaf:
        deaf.sendall(here.request(path=path))
        time.sleep(2)  # twice the time it has, in which it reads nothing
        assert len(everything(deaf)) < 32 * 2**20
        assert here.ask().status == 200


def test_who_reads_slowly_is_not() -> None:
    with site(limits=SHORT) as here, here.connect(rcvbuf=65536) as slow:
        slow.sendall(here.request(path="/v1/much", Connection="close"))
        got, end = 0, time.monotonic() + 2
        while time.monotonic() < end:
            got += len(slow.recv(65536))
            time.sleep(0.1)
        assert got + len(everything(slow)) > 64 * 2**20


def test_a_stream_is_not_idle() -> None:
    with site(limits=SHORT) as here, here.connect() as reader:
        reader.sendall(here.request(path="/v1/stream"))
        got = b""
        while b"begun" not in got:
            got += reader.recv(65536)
        reader.settimeout(1.0)
        with pytest.raises(TimeoutError):
            reader.recv(1)


def test_one_too_many_is_told_so_at_once() -> None:
    few = Limits(connections=3, per_host=2)
    with site(limits=few) as here, here.connect() as one, here.connect() as two:
        for each in (one, two):
            each.sendall(here.request(path="/v1/stream"))
            assert each.recv(65536)
        with here.connect() as third, takes(0):
            assert reply(third).status == 503
        one.close()
        assert until_served(here)


def until_served(here: Site) -> bool:
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        if here.ask().status == 200:
            return True
    return False


def test_a_thousand_idle_connections_do_not_slow_others_down() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    try:
        with site(limits=Limits(connections=2000, per_host=2000)) as here, ExitStack() as stack:
            for number in range(1000):
                idle = stack.enter_context(here.connect())
                if number % 2:
                    idle.sendall(b"GET / HTTP/1.1\r\nHost: ")
            worker = stack.enter_context(here.connect())
            took, end = [], time.monotonic() + 1
            while time.monotonic() < end:
                began = time.monotonic()
                worker.sendall(here.request())
                assert one_reply(worker).status == 200
                took.append(time.monotonic() - began)
            assert len(took) > 50
            assert sorted(took)[int(len(took) * 0.99)] <= 0.1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_end_takes_five_seconds_at_most_whatever_clients_do() -> None:
    with site() as here, ExitStack() as stack:
        silent, half, body, deaf, stream, stuck, upgraded = (
            stack.enter_context(here.connect(**more))
            for more in ({}, {}, {}, {"rcvbuf": 4096}, {"rcvbuf": 4096}, {}, {})
        )
        half.sendall(b"GET / HTTP/1.1\r\nHo")
        body.sendall(here.request("POST", Content_Type="application/json", Content_Length="1000") + b"{")
        deaf.sendall(here.request(path="/v1/much"))
        stream.sendall(here.request(path="/v1/stream?fast=1"))
        stuck.sendall(here.request(path="/v1/stuck"))
        upgraded.sendall(upgrade(here))
        assert upgraded.recv(1000).startswith(b"HTTP/1.1 101")
        assert here.ask().status == 200
        with takes(0, 5):
            here.server.stop(5)
        for each in (silent, half, body, stuck, upgraded):
            everything(each)  # each was hung up on
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", here.port))


def test_the_end_is_quick_when_nobody_is_stuck() -> None:
    with site() as here, here.connect() as kept, here.connect() as stream:
        kept.sendall(here.request())
        assert one_reply(kept).status == 200
        stream.sendall(here.request(path="/v1/stream"))
        assert stream.recv(65536)
        with takes(0, 1):
            here.server.stop(5)


def upgrade(here: Site, **headers: str | None) -> bytes:
    """The request for a WebSocket."""
    return here.request(
        path="/v1/socket", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Version="13",
        Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==", **headers,
    )  # fmt: skip


def test_a_websocket_that_does_not_read_is_cut_off() -> None:
    frame = b"\x81\xfe\xff\xff" + bytes(4) + b"a" * 0xFFFF  # a text, masked with zeros
    with site(limits=SHORT) as here, here.connect(rcvbuf=4096) as deaf:
        deaf.sendall(upgrade(here))
        assert deaf.recv(1000).startswith(b"HTTP/1.1 101")
        with suppress(ConnectionResetError, BrokenPipeError):  # its echoes wait, until it is cut off
            for _ in range(10_000):
                deaf.sendall(frame)
            pytest.fail("all of it was taken")
        assert here.ask().status == 200


def test_a_websocket_that_is_idle_is_kept() -> None:
    with site(limits=SHORT) as here, here.connect() as idle:
        idle.sendall(upgrade(here))
        assert idle.recv(1000).startswith(b"HTTP/1.1 101")
        idle.settimeout(1.5)
        with pytest.raises(TimeoutError):
            idle.recv(1)
        idle.settimeout(SOON)
        idle.sendall(b"\x81\x82" + bytes(4) + b"hi")
        assert idle.recv(1000).endswith(b"admin: hi")


def test_who_leaves_early_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with site(limits=Limits(drain=0.3)) as here:
        for path in ("/v1/stream", "/v1/stream?fast=1", "/v1/much", "/v1/echo", "/v1/stuck"):
            for _ in range(20):
                with here.connect() as hasty:
                    hasty.sendall(here.request(path=path) * 2)
        assert here.ask().status == 200
        here.server.stop(5)
    assert caplog.text == ""
