"""From a path to the dashboard: the page at `/` and the files it is made of, for anybody, since they hold no data."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vigyc.surfaces.web.assets import Assets, read_assets
from vigyc.surfaces.wire.asset import ASK, FOREVER, PAGE_POLICY, Asset, sent


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
        return _sent(self._assets.page, request, ASK)

    async def icon(self, request: Request) -> Response:
        """What browsers ask for where a page names none, such as one of JSON."""
        return _sent(self._assets.files["icon.svg"], request, ASK)

    async def file(self, request: Request) -> Response:
        """A file: for ever at an address with the build in it, else to be asked for again."""
        path: str = request.path_params["path"]
        build, _, rest = path.partition("/")
        found = self._assets.files.get(rest if build == self._assets.build else path)
        if found is None:
            return Response("there is no such file\n", 404, media_type="text/plain")
        return _sent(found, request, FOREVER if build == self._assets.build else ASK)


def _sent(asset: Asset, request: Request, keeping: str) -> Response:
    known, accepted = request.headers.get("if-none-match"), request.headers.get("accept-encoding")
    status, headers, body = sent(asset, known, accepted, keeping, PAGE_POLICY)
    return Response(body, status, headers)
