"""From the headers a program gives to those that are sent: none that would be read as another, none that we set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from vigyc.effects.network.coding import ACCEPTED
from vigyc.effects.scopes.host import Target
from vigyc.lang.errors import TickError

MOST: Final = 65_536  # characters of all headers together
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_OURS: Final = frozenset({
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
    "proxy-authorization", "te", "trailer", "upgrade", "expect",
})  # fmt: skip
_UNSAFE: Final = frozenset({"CONNECT", "TRACE"})
_PUBLIC: Final = frozenset({"accept", "accept-language", "content-type", "user-agent"})
_OF_BODY: Final = ("content-type", "content-encoding", "content-language", "content-location")
_DEFAULTS: Final = {"accept": "*/*", "accept-encoding": ACCEPTED, "user-agent": "vigyc"}


def checked_method(method: str) -> str:
    """`method` in upper case. Raises TickError."""
    if not _TOKEN.fullmatch(method) or method.upper() in _UNSAFE:
        raise TickError("native-fn", "that method cannot be sent")
    return method.upper()


def checked(headers: Mapping[str, str]) -> dict[str, str]:
    """`headers` by lower-case name. Raises TickError, which shows no value."""
    found: dict[str, str] = {}
    size = 0
    for given, value in headers.items():
        name = given.lower()
        if not _TOKEN.fullmatch(name):
            raise TickError("native-fn", f"{given[:40]!r} is not the name of a header")
        if name in _OURS:
            raise TickError("native-fn", f"the header {name} cannot be set")
        if name in found:
            raise TickError("native-fn", f"the header {name} is given twice")
        if not _VALUE.fullmatch(value) or not _is_text(value):
            raise TickError("native-fn", f"the value of the header {name} holds a control character")
        found[name] = value.strip(" \t")
        size += len(name) + len(value)
        if size > MOST:
            raise TickError("native-fn", f"the headers of a request have at most {MOST} characters")
    return found


def sent(headers: Mapping[str, str], target: Target, method: str, body: bytes) -> dict[str, str]:
    """All that goes with a request to `target`, the host first."""
    framing = {"content-length": str(len(body))} if body or method in {"POST", "PUT", "PATCH"} else {}
    return {"host": target.authority, **_DEFAULTS, **headers, **framing, "connection": "close"}


def elsewhere(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of `headers` another origin may see: what is no secret for sure."""
    return {name: value for name, value in headers.items() if name in _PUBLIC}


def bodiless(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of `headers` that do not speak of a body."""
    return {name: value for name, value in headers.items() if name not in _OF_BODY}


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeError:
        return False
    return True
