"""From a desk to the routes of GraphQL: requests and GraphiQL at /graphql, subscriptions there over WebSocket."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route, WebSocketRoute

from vigyc.surfaces.graphql.assets import serve_asset
from vigyc.surfaces.graphql.endpoint import Endpoint
from vigyc.surfaces.graphql.websocket import Sockets
from vigyc.surfaces.wire.desk import Desk


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes; whoever calls must be known (wire.caller.SCOPE)."""
    endpoint = Endpoint(desk)
    return [
        Route("/graphql", endpoint.post, methods=["POST"]),
        Route("/graphql", endpoint.get, methods=["GET"]),
        Route("/graphql/static/{name}", serve_asset, methods=["GET"]),
        WebSocketRoute("/graphql", Sockets(desk).serve),
    ]
