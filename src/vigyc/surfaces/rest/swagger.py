"""From vendored files to the pages of Swagger UI at /swagger: no other host is asked for anything.

The page holds no data. It asks for the schema as whoever is logged in, or with a token that it asks for.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Final, NamedTuple

from vigyc.lang.errors import NotFound
from vigyc.surfaces.rest.answer import Answer, Header
from vigyc.surfaces.rest.etag import is_known
from vigyc.surfaces.rest.request import Request

_CSP: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    b"form-action 'self'"
)
_TYPES: Final = {
    "js": b"text/javascript; charset=utf-8",
    "css": b"text/css; charset=utf-8",
    "html": b"text/html; charset=utf-8",
}
_FILES: Final = {
    "swagger-ui-bundle.js": "vendor",
    "swagger-ui.css": "vendor",
    "page.js": "static",
    "page.css": "static",
}


class File(NamedTuple):
    """A file of the package as it is sent."""

    text: bytes
    tag: str
    headers: tuple[Header, ...]


async def page(request: Request) -> Answer:
    """The page."""
    return _sent(_file("static", "swagger.html"), request)


async def file(request: Request) -> Answer:
    """A file that the page needs. Raises NotFound."""
    name = request.values[0]
    if name not in _FILES:
        raise NotFound(f"there is no file {name!r:.60}")
    return _sent(_file(_FILES[name], name), request)


def _sent(found: File, request: Request) -> Answer:
    if is_known(request.header(b"if-none-match"), found.tag):
        return Answer(304, found.headers)
    return Answer(200, found.headers, found.text)


@cache
def _file(folder: str, name: str) -> File:
    text = resources.files("vigyc.surfaces.rest").joinpath(folder, name).read_bytes()
    tag = f'"{sha256(text).hexdigest()[:16]}"'
    kind = name.rpartition(".")[2]
    cached = (b"cache-control", b"no-cache" if kind == "html" else b"public, max-age=3600")
    policy = ((b"content-security-policy", _CSP),) if kind == "html" else ()
    return File(text, tag, ((b"content-type", _TYPES[kind]), (b"etag", tag.encode()), cached, *policy))
