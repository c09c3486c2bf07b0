"""From a WebSocket client's messages to assertions: graphql-transport-ws, spoken by hand over a real client."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from graphql_surface.served import EVENTUALLY, Served

PROTOCOL = "graphql-transport-ws"


class Talk:
    """One connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(self.socket.recv(timeout=EVENTUALLY))
        return heard

    def subscribe(self, name: str, query: str, **variables: Any) -> None:
        self.say(type="subscribe", id=name, payload={"query": query, "variables": variables})

    def next(self, name: str) -> dict[str, Any]:
        """The data of the next answer, which is to request `name`."""
        heard = self.hear()
        assert (heard["type"], heard["id"]) == ("next", name), heard
        assert "errors" not in heard["payload"], heard
        data: dict[str, Any] = heard["payload"]["data"]
        return data

    def end(self) -> int:
        """The code with which the server closes."""
        with pytest.raises(ConnectionClosed) as closed:
            deque(iter(self.hear, None), maxlen=0)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code


@contextmanager
def talking(served: Served, role: str = "admin", init: bool = True, protocol: str | None = PROTOCOL) -> Iterator[Talk]:
    protocols: Any = None if protocol is None else [protocol]
    with connect(served.ws, subprotocols=protocols, additional_headers={"role": role}, proxy=None) as socket:
        talk = Talk(socket)
        if init:
            talk.say(type="connection_init")
            assert talk.hear() == {"type": "connection_ack"}
        yield talk
