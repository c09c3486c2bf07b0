"""From the files that GraphiQL is made of to what a browser is served: all from here, and kept by their content."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

_HERE: Final = Path(__file__).parent
_FILES: Final = {
    "react.js": ("vendor/react.production.min.js", "text/javascript"),
    "react-dom.js": ("vendor/react-dom.production.min.js", "text/javascript"),
    "graphiql.js": ("vendor/graphiql.min.js", "text/javascript"),
    "graphiql.css": ("vendor/graphiql.min.css", "text/css"),
    "page.css": ("static/page.css", "text/css"),
    "page.js": ("static/page.js", "text/javascript"),
}
_POLICY: Final = "; ".join((
    "default-src 'self'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:",
    "font-src 'self' data:", "connect-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
    "form-action 'self'",
))  # fmt: skip


class Asset(NamedTuple):
    """A file; `tag` is of its content."""

    content: bytes
    kind: str
    tag: str


@cache
def asset(name: str) -> Asset | None:
    """The file served as `name`."""
    if name not in _FILES:
        return None
    path, kind = _FILES[name]
    content = (_HERE / path).read_bytes()
    return Asset(content, f"{kind}; charset=utf-8", sha256(content).hexdigest()[:20])


async def serve_asset(request: Request) -> Response:
    """The file of that name, or that it is the one the browser has."""
    found = asset(request.path_params["name"]) if request.path_params["name"] in _FILES else None
    if found is None:
        return Response("there is no such file", 404, media_type="text/plain")
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    headers = {"ETag": f'"{found.tag}"', "Cache-Control": "private, max-age=31536000, immutable"}
    if f'"{found.tag}"' in known:
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers={**headers, "Content-Type": found.kind})


def page() -> Response:
    """GraphiQL."""
    return Response(
        _page(), headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}, media_type="text/html"
    )


@cache
def _page() -> bytes:
    text = (_HERE / "static/page.html").read_text("utf-8")
    for name in _FILES:
        found = asset(name)
        assert found is not None
        text = text.replace(f"/static/{name}", f"/static/{name}?v={found.tag}")
    return text.encode()
