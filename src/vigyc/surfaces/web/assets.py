"""From the files of the dashboard to what is sent for a path: bytes, plain and compressed, with type and tag.

All files are read once, so what there is to be had is a table: no path leads out of it. `build` names its contents and
is part of the addresses the page uses, so that what is at such an address never changes.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from vigyc.surfaces.wire.asset import TYPES, Asset, asset_of

_ROOM: Final = Path(__file__).parent
PAGE: Final = "index.html"


class Assets(NamedTuple):
    """All files of the dashboard by path, the page apart."""

    build: str
    page: Asset
    files: dict[str, Asset]


def read_assets() -> Assets:
    """The dashboard's files, as they are in the package."""
    texts = {**_read(_ROOM / "static", ""), **_read(_ROOM / "vendor", "vendor/")}
    shell = texts.pop(PAGE)
    build = sha256(b"".join(path.encode() + body for path, body in sorted(texts.items()))).hexdigest()[:12]
    return Assets(
        build, asset_of(PAGE, _page(shell, build, texts)), {path: asset_of(path, texts[path]) for path in texts}
    )


def _read(folder: Path, prefix: str) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.suffix in TYPES)
    return {prefix + path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _page(shell: bytes, build: str, texts: dict[str, bytes]) -> bytes:
    """The page, which asks for all its modules at once instead of one after the other."""
    own = (path for path in texts if path.endswith(".js") and not path.startswith("vendor/"))
    links = "\n".join(f'<link rel="modulepreload" href="/static/{build}/{path}">' for path in own)
    return shell.decode().replace("{{build}}", build).replace("{{modules}}", links).encode()
