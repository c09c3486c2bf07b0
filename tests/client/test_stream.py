"""A stream outlives its connection: nothing is lost, nothing told twice; and it ends when it is told to."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from client.served import served
from vigyc.lang.errors import Conflict, NotFound, StoreError, VigycError
from vigyc.model.codec import to_json
from vigyc.model.notice import Notice
from vigyc.service.runtime import Runtime
from vigyc.surfaces.client.async_client import AsyncClient
from vigyc.surfaces.client.client import Client
from vigyc.surfaces.client.http_door import HttpDoor
from vigyc.surfaces.client.stream import CAPACITY
from vigyc.surfaces.wire.caller import Unauthenticated
from vigyc.surfaces.wire.failure import problem_of

LONG = 15.0


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    with Runtime.open() as runtime:
        runtime.register("(vigy-noop)", name="one", every="1h")
        yield runtime


def _edits(runtime: Runtime, count: int) -> None:
    for number in range(count):
        runtime.kv("one").set("n", [number, runtime.kv("one").get("n", 0).__class__.__name__])


def _threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def test_nothing_is_lost_while_the_server_is_started_anew(runtime: Runtime) -> None:
    with served(runtime) as server, Client.connect(server.url, server.admin) as client, client.subscribe(0) as stream:
        _edits(runtime, 3)
        heard = [stream.get(LONG) for _ in range(4)]
        server.stop()
        _edits(runtime, 3)
        server.start()
        _edits(runtime, 3)
        heard += [stream.get(LONG) for _ in range(6)]
        assert [notice.seq for notice in heard if notice is not None] == list(range(1, 11))
        assert stream.seq == 10


def test_a_reader_that_is_slow_hears_everything(runtime: Runtime) -> None:
    with served(runtime) as server, Client.connect(server.url, server.admin) as client, client.subscribe(0) as stream:
        count = CAPACITY + 200
        _edits(runtime, count)
        heard = [stream.get(LONG) for _ in range(count + 1)]
        assert [notice.seq for notice in heard if notice is not None] == list(range(1, count + 2))


def test_closing_ends_a_reader_that_waits(runtime: Runtime) -> None:
    with served(runtime) as server, Client.connect(server.url, server.admin) as client:
        stream = client.subscribe()
        told: list[object] = []
        reader = threading.Thread(target=lambda: told.append(stream.get()))
        reader.start()
        stream.close()
        reader.join(LONG)
        assert told == [None]
        assert stream.closed
        stream.close()


def test_a_client_that_is_closed_leaves_no_thread(runtime: Runtime) -> None:
    with served(runtime) as server:
        client = Client.connect(server.url, server.admin)
        streams = [client.subscribe(), client.subscribe(0)]
        assert "vigyc-stream" in _threads()
        client.close()
        client.close()
        assert all(stream.closed for stream in streams)
        assert "vigyc-stream" not in _threads()
        for ask in (client.list, client.subscribe, lambda: client.subscribe(0)):
            with pytest.raises(Conflict, match="this client is closed"):
                ask()


def test_a_server_that_stays_away_is_told(runtime: Runtime) -> None:
    with served(runtime) as server:
        client = Client(HttpDoor(server.url, server.admin, patience=0.3))
        with client, client.subscribe() as stream:
            server.stop()
            with pytest.raises(StoreError, match="cannot reach the server"):
                stream.get(LONG)
            assert stream.closed
            assert stream.get(LONG) is None


def test_a_vigy_that_is_gone_when_the_server_is_back(runtime: Runtime) -> None:
    with (
        served(runtime) as server,
        Client.connect(server.url, server.admin) as client,
        client.subscribe(vigy="one") as stream,
    ):
        server.stop()
        runtime.delete("one")
        server.start()
        with pytest.raises(NotFound):
            stream.get(LONG)


def test_a_stream_is_refused_at_once(runtime: Runtime) -> None:
    with served(runtime) as server, Client.connect(server.url) as client, pytest.raises(Unauthenticated):
        client.subscribe(0)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\nretry: 2000\n\n"


def _event(number: int) -> bytes:
    data = to_json(Notice(number, 1000 * number, "paused"))
    return f"id: {number}\nevent: paused\ndata: {json.dumps(data)}\n\n".encode()


@contextmanager
def _telling(*parts: bytes, ends: bool = True) -> Iterator[tuple[str, list[bytes]]]:
    """The URL of a server that gives each connection one of `parts`, and `ends` it, the last not; what it was asked."""
    asked: list[bytes] = []
    ended = threading.Event()

    def serve() -> None:
        with ExitStack() as open_ones:
            for part in parts:
                peer = open_ones.enter_context(link.accept()[0])
                asked.append(peer.recv(65536).lower())
                peer.sendall(HEAD + part)
                if ends and len(asked) < len(parts):
                    peer.close()
            ended.wait(LONG)

    with socket.create_server(("127.0.0.1", 0)) as link:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{link.getsockname()[1]}", asked
        finally:
            ended.set()
            thread.join(LONG)


def test_what_was_cut_in_the_middle_is_asked_for_again() -> None:
    with (
        _telling(_event(6) + _event(7)[:30], b"", _event(7) + _event(8)) as (url, asked),
        Client.connect(url) as client,
        client.subscribe(5, kinds=["paused"]) as stream,
    ):
        heard = [stream.get(LONG) for _ in range(3)]
        assert [notice.seq for notice in heard if notice is not None] == [6, 7, 8]
        assert [b"last-event-id: %d\r\n" % number in each for number, each in zip((5, 6, 6), asked, strict=True)]
        assert all(b"?kinds=paused " in each for each in asked)


def test_a_stream_that_falls_silent_is_opened_again() -> None:
    with _telling(_event(1), _event(2), ends=False) as (url, asked):
        with Client(HttpDoor(url, silence=0.2)) as client, client.subscribe(0) as stream:
            assert [stream.get(LONG), stream.get(LONG)] != [None, None]
            assert stream.seq == 2
        assert len(asked) == 2


@pytest.mark.parametrize("part", [b"data: no json\n\n", b'data: {"seq": 1}\n\n', b"data: [1]\n\n"])
def test_an_event_that_is_none(part: bytes) -> None:
    with _telling(part) as (url, _), Client(HttpDoor(url, patience=0.0)) as client, client.subscribe(0) as stream:
        with pytest.raises(VigycError):
            stream.get(LONG)
        assert stream.closed


def test_a_problem_of_the_server_is_told() -> None:
    problem = json.dumps(problem_of(NotFound("it is gone")))
    told = f"event: problem\ndata: {problem}\n\n".encode()
    with (
        _telling(told) as (url, _),
        Client.connect(url) as client,
        client.subscribe(0) as stream,
        pytest.raises(NotFound, match="it is gone"),
    ):
        stream.get(LONG)


def test_in_an_event_loop(runtime: Runtime) -> None:
    async def main(url: str, token: str) -> None:
        async with AsyncClient.connect(url, token) as client:
            assert [vigy.name for vigy in await client.list()] == ["one"]
            async with await client.subscribe() as stream:
                runs = await asyncio.gather(*(client.tick("one") for _ in range(3)))
                heard = []
                async for notice in stream:
                    heard += [notice.run_id] if notice.kind == "run" else []
                    if len(heard) == 3:
                        break
                assert set(heard) == {run.id for run in runs}
                assert await stream.get(0.01) is None
                waiting = asyncio.create_task(stream.get())
                await asyncio.sleep(0)
                stream.close()
                assert await asyncio.wait_for(waiting, LONG) is None
            kv = await client.kv("one")
            await kv.set("x", 1)
            assert await kv.export() == {"x": 1}
            assert (await kv.vigy()).generation == (await client.get("one")).generation

    with served(runtime) as server:
        asyncio.run(main(server.url, server.admin))
    assert "vigyc-stream" not in _threads()
