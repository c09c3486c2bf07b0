"""From a path to the dashboard: the page at `/` and the files it is made of, for anybody, since they hold no data."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vigyc.surfaces.web.assets import Asset, Assets, read_assets

POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)  # fmt: skip
"""What the page may load: what this server sends, and nothing that stands in a text."""

_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK: Final = "no-cache"


def routes() -> list[BaseRoute]:
    """The page, its icon and `/static/...`, all for GET and HEAD."""
    pages = _Pages(read_assets())
    return [
        Route("/", pages.page, name="dashboard"),
        Route("/favicon.ico", pages.icon, name="icon"),
        Route("/static/{path:path}", pages.file, name="static"),
    ]


class _Pages:
    """Sends `assets`."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets

    async def page(self, request: Request) -> Response:
        """The page."""
        return _sent(self._assets.page, request, _ASK)

    async def icon(self, request: Request) -> Response:
        """What browsers ask for where a page names none, such as one of JSON."""
        return _sent(self._assets.files["icon.svg"], request, _ASK)

    async def file(self, request: Request) -> Response:
        """A file: for ever at an address with the build in it, else to be asked for again."""
        path: str = request.path_params["path"]
        build, _, rest = path.partition("/")
        found = self._assets.files.get(rest if build == self._assets.build else path)
        if found is None:
            return Response("there is no such file\n", 404, media_type="text/plain")
        return _sent(found, request, _FOREVER if build == self._assets.build else _ASK)


def _sent(asset: Asset, request: Request, keeping: str) -> Response:
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": keeping,
        "ETag": asset.tag,
        "Vary": "Accept-Encoding",
    }
    if asset.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip", "Content-Type": asset.kind})
    return Response(asset.body, headers={**headers, "Content-Type": asset.kind})
