"""From vendored files to the pages of Swagger UI at /swagger: no other host is asked for anything.

The page holds no data. It asks for the schema as whoever is logged in, or with a token that it asks for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from vigyc.lang.errors import NotFound
from vigyc.surfaces.rest.answer import Answer, headers_of
from vigyc.surfaces.rest.request import Request
from vigyc.surfaces.wire.asset import ASK, TOOL_POLICY, Asset, asset_at, sent

_HERE: Final = Path(__file__).parent
_KEPT: Final = "public, max-age=3600"
_FILES: Final = {
    "swagger-ui-bundle.js": "vendor",
    "swagger-ui.css": "vendor",
    "page.js": "static",
    "page.css": "static",
}


async def page(request: Request) -> Answer:
    """The page."""
    return _sent(_file("static", "swagger.html"), request, ASK, TOOL_POLICY)


async def file(request: Request) -> Answer:
    """A file that the page needs. Raises NotFound."""
    name = request.values[0]
    if name not in _FILES:
        raise NotFound(f"there is no file {name!r:.60}")
    return _sent(_file(_FILES[name], name), request, _KEPT)


def _sent(asset: Asset, request: Request, keeping: str, policy: str | None = None) -> Answer:
    known, accepted = request.header(b"if-none-match"), request.header(b"accept-encoding")
    status, headers, body = sent(asset, known, accepted, keeping, policy)
    return Answer(status, headers_of({name.lower(): value for name, value in headers.items()}), body)


@cache
def _file(folder: str, name: str) -> Asset:
    return asset_at(_HERE / folder / name)
