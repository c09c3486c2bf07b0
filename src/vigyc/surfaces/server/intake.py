"""From the body of a request to as much of it as may come in: the right type, and not too long.

A body that is too long is not kept: it is refused at the byte that is too many, or before it begins if its length is
told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.types import Receive, Scope

from vigyc.lang.errors import Invalid
from vigyc.surfaces.server.refusal import Refusal

_JSON: Final = frozenset({b"application/json"})
_MERGE: Final = frozenset({b"application/json", b"application/merge-patch+json"})
_FORM: Final = frozenset({b"application/json", b"application/x-www-form-urlencoded"})
_CLOSE: Final = (b"connection", b"close")
_LOGIN: Final = "/login"
_LOGIN_BYTES: Final = 4 * 2**10


class Intake:
    """Receives the body of a request, up to `most` bytes; `over` is the refusal once there are more."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._taken = 0
        self.over: Refusal | None = None

    async def __call__(self) -> Any:
        """The next message. Raises Refusal (413)."""
        if self.over is not None:
            raise self.over
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > self._most:
            self.over = too_long(self._most)
            raise self.over
        return message


def too_long(most: int) -> Refusal:
    """What is said of a body of more than `most` bytes."""
    return Refusal(413, Invalid(f"the body is longer than {most} bytes"), _CLOSE)


def most_bytes(scope: Scope, most: int) -> int:
    """How many bytes the body of a request may have, `most` in general; less of somebody who is not known yet."""
    return min(most, _LOGIN_BYTES) if scope["path"] == _LOGIN else most


def check_body(scope: Scope, headers: Mapping[bytes, bytes], most: int) -> None:
    """Raises Refusal (413, 415) for a body that is not to come in."""
    length = headers.get(b"content-length")
    if length is not None and int(length) > most:
        raise too_long(most)
    if (length is None or not int(length)) and b"transfer-encoding" not in headers:
        return
    form, merge = scope["path"] == _LOGIN, scope["method"] == "PATCH"
    allowed = _FORM if form else _MERGE if merge else _JSON
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind not in allowed:
        raise Refusal(415, Invalid("a body must be of the type application/json"), _CLOSE)
