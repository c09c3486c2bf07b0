"""From a file of a page to what is sent of it: its bytes, plain or packed, or word that the browser has them already.

A page and its files hold no data of anybody; they come from the package and from nowhere else.
"""

from __future__ import annotations

import gzip
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from vigyc.surfaces.wire.entity_tag import is_known, tag_of

TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""What there is, by the end of its name."""

FOREVER: Final = "public, max-age=31536000, immutable"
"""How long a file is kept whose address changes with its content."""
ASK: Final = "no-cache"
"""Kept, but asked about every time."""

PAGE_POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
"""What a page of ours may load: what this server sends, and nothing that stands in a text."""
TOOL_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
"""The same for one that others wrote, whose scripts style what they draw."""


class Asset(NamedTuple):
    """A file as it is sent, and packed by gzip; `tag` is its ETag."""

    body: bytes
    packed: bytes
    kind: str
    tag: str


class Sent(NamedTuple):
    """A status, headers, and a body."""

    status: int
    headers: dict[str, str]
    body: bytes


def asset_of(path: str, body: bytes) -> Asset:
    """The file at `path`, which says what it is."""
    return Asset(body, gzip.compress(body, 9, mtime=0), TYPES[PurePosixPath(path).suffix], tag_of(body))


def asset_at(path: Path) -> Asset:
    """The file at `path`, or the packed one beside it (`.gz`), as large ones are shipped. Raises OSError."""
    packed = path.with_name(f"{path.name}.gz")
    if not packed.exists():
        return asset_of(path.name, path.read_bytes())
    data = packed.read_bytes()
    body = gzip.decompress(data)
    return Asset(body, data, TYPES[path.suffix], tag_of(body))


def sent(asset: Asset, known: str | None, accepted: str | None, keeping: str, policy: str | None = None) -> Sent:
    """What is answered to one who has what `known` (If-None-Match) names, and can read what `accepted` names."""
    headers = {"Cache-Control": keeping, "ETag": asset.tag, "Vary": "Accept-Encoding"}
    headers |= {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
    if policy is not None:
        headers["Content-Security-Policy"] = policy
    if is_known(known, asset.tag):
        return Sent(304, headers, b"")
    headers["Content-Type"] = asset.kind
    if "gzip" in (accepted or ""):
        return Sent(200, {**headers, "Content-Encoding": "gzip"}, asset.packed)
    return Sent(200, headers, asset.body)
