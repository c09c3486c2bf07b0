"""What happens is told the same by every stream, in the same order, to who was there and to who comes later."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import grpc
import httpx2
import pytest
from websockets.sync.client import connect

from grpc_surface.calling import Client as GrpcClient
from surfaces import graph
from surfaces.house import PATIENCE, House, house
from surfaces.script import plain
from vigyc.model.codec import to_json
from vigyc.surfaces.client.async_client import AsyncClient
from vigyc.surfaces.client.client import Client
from vigyc.surfaces.client.server_events import server_events
from vigyc.surfaces.grpc.translation import read
from vigyc.surfaces.wire.caller import LOCAL
from vigyc.surfaces.wire.door import LocalDoor

TALKS = '(vigy-event "seen" "ü") (vigy-create (hash-map "id" 9007199254740993)) (vigy-emit "custom" (list 3.0 nil))'
TRIES = '(try (fs-read (string-append "/etc/" "hostname")) (catch (e) (vigy-noop)))'


@pytest.fixture(scope="module")
def served() -> Iterator[House]:
    with house() as found:
        runtime = found.runtime
        for name, program in (("one", TALKS), ("two", TRIES)):
            runtime.register(program, name=name, enabled=False)
            runtime.tick(name)
        runtime.kv("one").set("k", 1)
        runtime.enable("one")
        runtime.disable("one")
        runtime.pause()
        runtime.resume()
        runtime.enhance.pause(reason="not yet, ü")
        runtime.enhance.cancel(runtime.enhance.submit("one", "more").issue.id, note="no")
        runtime.enhance.resume()
        runtime.register("(vigy-noop)", name="three", enabled=False)
        runtime.delete("three")  # of which no run is lost: that would be a gap
        yield found


def by_sse(served: House, after: int, count: int) -> list[Any]:
    headers = {"authorization": f"Bearer {served.admin}", "last-event-id": str(after)}
    with (
        httpx2.Client(timeout=PATIENCE, trust_env=False) as http,
        http.stream("GET", f"{served.url}/v1/events", headers=headers) as response,
    ):
        events = list(islice(server_events(response.iter_bytes()), count))
    found = [json.loads(event.data) for event in events]
    assert [(event.id, event.kind) for event in events] == [(str(each["seq"]), each["kind"]) for each in found]
    return found


def by_grpc(served: House, after: int, count: int) -> list[Any]:
    with (
        grpc.insecure_channel(served.grpc, [("grpc.use_local_subchannel_pool", 1)]) as channel,
        GrpcClient(channel, served.admin).stream("Watch", {"after": str(after)}) as stream,
    ):
        return [read(message) for message in stream.take(count)]


def by_graphql(served: House, after: int, count: int) -> list[Any]:
    kind = graph.notice_field()
    query = f"subscription ($after: Long) {{ notices(after: $after) {graph.selection_of(kind)} }}"
    url = served.url.replace("http", "ws") + "/graphql"
    headers = {"Authorization": f"Bearer {served.admin}"}
    with connect(url, subprotocols=["graphql-transport-ws"], additional_headers=headers, proxy=None) as socket:  # type: ignore[list-item]
        socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(socket.recv(PATIENCE))["type"] == "connection_ack"
        payload = {"query": query, "variables": {"after": after}}
        socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        heard = [json.loads(socket.recv(PATIENCE)) for _ in range(count)]
    return [graph.output_of(kind, each["payload"]["data"]["notices"]) for each in heard]


def by_client(served: House, after: int, count: int) -> list[Any]:
    with Client.connect(served.url, served.admin) as client, client.subscribe(after) as heard:
        return [to_json(notice) for notice in islice(heard, count)]


def by_async_client(served: House, after: int, count: int) -> list[Any]:
    async def listen() -> list[Any]:
        async with AsyncClient.connect(served.url, served.admin) as client:
            found = []
            async with await client.subscribe(after) as heard:
                while len(found) < count:
                    notice = await heard.get(PATIENCE)
                    assert notice is not None
                    found.append(to_json(notice))
            return found

    return asyncio.run(listen())


@pytest.mark.parametrize("late", [False, True], ids=["from-the-beginning", "from-the-middle"])
@pytest.mark.parametrize("by", [by_sse, by_grpc, by_graphql, by_client, by_async_client])
def test_every_stream_tells_the_same(served: House, by: Callable[[House, int, int], list[Any]], late: bool) -> None:
    truth = LocalDoor(served.runtime, LOCAL).perform("list_notices", {"limit": 1000})
    assert {"run", "event", "denied", "registered", "enabled", "kv-edited", "deleted", "paused"} <= {
        each["kind"] for each in truth
    }
    start = len(truth) // 2 if late else 0
    heard = by(served, truth[start - 1]["seq"] if late else 0, len(truth) - start)
    for told, expected in zip(heard, truth[start:], strict=True):
        assert plain(told) == plain(expected)
        assert json.dumps(told.get("data"), sort_keys=True) == json.dumps(expected.get("data"), sort_keys=True)
