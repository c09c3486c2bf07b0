"""From a URL to its parts and back: what the network operations read, and as they read it.

A host comes in its normal form, and no text is read that two programs could read differently: no user, no backslash,
no space or control character.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote_to_bytes

from vigyc.effects.network.names import bracketed, host_of, port_of

PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*")
_AUTHORITY: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::(.*))?")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_STAYS: Final = "!$%&'()*+,-./:;=@_~"  # what has a meaning of its own in a path; %, as it is encoded already


def check_characters(url: str) -> None:
    """Raise ValueError for characters that no URL holds."""
    if "\\" in url or not url.isprintable() or any(map(str.isspace, url)):
        raise ValueError("a URL cannot hold spaces, control characters or backslashes")


def parts_of(url: str) -> dict[str, Any]:
    """Scheme, host, port (None: none is said or usual), path, query and fragment (None: there is none).

    Raises ValueError.
    """
    check_characters(url)
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("it is not a URL such as https://example.org/")
    scheme = found[1].lower()
    if "@" in found[2]:
        raise ValueError("a URL cannot hold a user or password")
    authority = _AUTHORITY.fullmatch(found[2])
    if authority is None:
        raise ValueError("it is not the name of a host")
    port = PORTS.get(scheme) if authority[2] is None else port_of(authority[2])
    return {
        "scheme": scheme, "host": host_of(authority[1]), "port": port, "path": found[3] or "/",
        "query": found[4], "fragment": found[5],
    }  # fmt: skip


def built(parts: Mapping[str, Any]) -> str:
    """The URL of parts as `parts_of` gives them; what may not stand in one as it is, is percent-encoded.

    Raises ValueError.
    """
    scheme, host, port, path = parts["scheme"].lower(), parts["host"], parts["port"], parts["path"]
    if not _SCHEME.fullmatch(scheme):
        raise ValueError("it is not a scheme")
    if path and path[0] != "/":
        raise ValueError("a path begins with /")
    said = "" if port is None or PORTS.get(scheme) == port else f":{port_of(str(port))}"
    url = (
        f"{scheme}://{bracketed(host_of(f'[{host}]' if ':' in host else host))}{said}{quote(path or '/', safe=_STAYS)}"
    )
    if parts["query"]:
        url += "?" + quote(parts["query"], safe=_STAYS + "?")
    return url if parts["fragment"] is None else f"{url}#{quote(parts['fragment'], safe=_STAYS + '?')}"


def decoded(text: str) -> str:
    """Percent-encoded `text` as what it says. Raises ValueError."""
    if _BAD_ESCAPE.search(text):
        raise ValueError("% stands before two hexadecimal digits")
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise ValueError("what is encoded is not UTF-8") from None
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair") from None
