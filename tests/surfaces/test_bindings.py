"""No operation without its place on every transport, and no transport with what is no operation."""

from __future__ import annotations

import pytest

from rest.described import DOCUMENT
from surfaces.methods import INSPECT, METHODS
from vigyc.surfaces.client.async_client import AsyncClient, AsyncRemoteEnhancement, AsyncRemoteKv
from vigyc.surfaces.client.client import Client
from vigyc.surfaces.client.enhancement import RemoteEnhancement
from vigyc.surfaces.client.kv import RemoteKv
from vigyc.surfaces.graphql.resolvers import PLACES, STREAMS
from vigyc.surfaces.grpc.servicer import OPERATION_OF
from vigyc.surfaces.mcp.tools import TOOLS
from vigyc.surfaces.wire.door import WATCH_ROUTE
from vigyc.surfaces.wire.table import OPERATIONS

HOLDERS = {
    "": (Client, AsyncClient), "kv": (RemoteKv, AsyncRemoteKv), "enhance": (RemoteEnhancement, AsyncRemoteEnhancement),
}  # fmt: skip
BOUND = {
    "grpc": set(OPERATION_OF.values()),
    "graphql": {place.operation for place in PLACES.values()},
    "mcp": {tool.operation.name for tool in TOOLS.values()},
    "client": {*METHODS, INSPECT},
}


@pytest.mark.parametrize("way", BOUND)
def test_every_operation_is_bound(way: str) -> None:
    assert BOUND[way] == set(OPERATIONS)


def test_every_route_is_told_of_and_used_once() -> None:
    told = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    routes = [operation.route for operation in OPERATIONS.values()]
    assert len(set(routes)) == len(routes)
    assert {route for route in told if route[1].startswith("/v1/")} == {*routes, WATCH_ROUTE}


def test_the_methods_that_are_named_are_there() -> None:
    for method in METHODS.values():
        holder, _, name = method.name.rpartition(".")
        assert callable(getattr(HOLDERS[holder][0], name))
        assert callable(getattr(HOLDERS[holder][1], name))


def test_the_stream_is_everywhere() -> None:
    assert STREAMS
    assert callable(Client.subscribe)
    assert callable(AsyncClient.subscribe)
