"""From the files that GraphiQL is made of to what a browser is served: all from here, and kept by their content."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from vigyc.surfaces.wire.asset import ASK, FOREVER, TOOL_POLICY, Asset, asset_at, asset_of, sent

_HERE: Final = Path(__file__).parent
_FILES: Final = {
    "react.js": "vendor/react.production.min.js",
    "react-dom.js": "vendor/react-dom.production.min.js",
    "graphiql.js": "vendor/graphiql.min.js",
    "graphiql.css": "vendor/graphiql.min.css",
    "page.css": "static/page.css",
    "page.js": "static/page.js",
}


async def serve_asset(request: Request) -> Response:
    """The file of that name, or that it is the one the browser has."""
    name = request.path_params["name"]
    if name not in _FILES:
        return Response("there is no such file", 404, media_type="text/plain")
    return _sent(_file(_FILES[name]), request, FOREVER)


def page(request: Request) -> Response:
    """GraphiQL."""
    return _sent(_page(), request, ASK, TOOL_POLICY)


def _sent(asset: Asset, request: Request, keeping: str, policy: str | None = None) -> Response:
    known, accepted = request.headers.get("if-none-match"), request.headers.get("accept-encoding")
    status, headers, body = sent(asset, known, accepted, keeping, policy)
    return Response(body, status, headers)


@cache
def _file(path: str) -> Asset:
    return asset_at(_HERE / path)


@cache
def _page() -> Asset:
    """The page, which names its files by their content."""
    text = (_HERE / "static/page.html").read_text("utf-8")
    for name, path in _FILES.items():
        tag = _file(path).tag.strip('"')
        text = text.replace(f"/static/{name}", f"/static/{name}?v={tag}")
    return asset_of("page.html", text.encode())
