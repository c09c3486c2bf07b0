"""From an ASGI scope to what a request says: who asks, with which headers, query and body.

A path is taken apart as it was sent, so that a segment may hold an encoded slash. What is JSON is read strictly.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.types import Receive, Scope

from vigyc.effects.data.json_text import parse
from vigyc.effects.result import EffectFailed
from vigyc.lang.errors import Invalid
from vigyc.surfaces.rest.problem import Refused
from vigyc.surfaces.wire.caller import SCOPE, Caller, Unauthenticated

MOST_BYTES: Final = 16 << 20
"""The largest body that is read here; a server may set a lower limit."""
MOST_FIELDS: Final = 1000


class Request:
    """A request, with the decoded segments of its path that stand for parameters."""

    __slots__ = ("_receive", "_scope", "method", "values")

    def __init__(self, scope: Scope, receive: Receive, values: tuple[str, ...]) -> None:
        self._scope = scope
        self._receive = receive
        self.method: str = scope["method"]
        self.values = values

    @property
    def caller(self) -> Caller:
        """Who asks. Raises Unauthenticated if nobody let them in."""
        found: Caller | None = self._scope.get(SCOPE)
        if found is None:
            raise Unauthenticated("this needs a token: Authorization: Bearer ...")
        return found

    @property
    def path(self) -> str:
        """The path, decoded."""
        return str(self._scope["path"])

    def header(self, name: bytes) -> str | None:
        """The header called `name` (lower case); one that is there several times is one list."""
        found = [value for key, value in self._scope["headers"] if key == name]
        return b", ".join(found).decode("latin-1") if found else None

    def query(self) -> list[tuple[str, str]]:
        """The fields of the query, in order. Raises Invalid."""
        raw: bytes = self._scope.get("query_string", b"")
        if not raw:
            return []
        try:
            return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        except ValueError as error:
            raise Invalid(f"the query of the URL cannot be read: {_said(error)}") from None

    async def json(self) -> dict[str, Any]:
        """The body, which must be a JSON object; nothing is an empty one. Raises Invalid, Refused."""
        raw = await self._bytes()
        if not raw:
            return {}
        kind = (self.header(b"content-type") or "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refused(415, f"a body must be of the type application/json, not {kind or 'without a type'!r:.60}")
        try:
            data = parse("the body", raw.decode())
        except UnicodeDecodeError as error:
            raise Invalid(f"the body is not UTF-8: {_said(error)}") from None
        except EffectFailed as error:
            raise Invalid(f"the body is not JSON: {error}") from None
        if not isinstance(data, dict):
            raise Invalid("the body must be a JSON object")
        return data

    def no_body(self) -> None:
        """Raises Invalid if a body comes with the request."""
        if (self.header(b"content-length") or "0").strip() != "0" or self.header(b"transfer-encoding") is not None:
            raise Invalid(f"a {self.method} takes its arguments in the query of the URL, and has no body")

    async def until_gone(self) -> None:
        """Return when the client is gone; for who has read the body."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _bytes(self) -> bytes:
        parts, size, more = [], 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Invalid("the client went away before the end of the body")
            part = message.get("body", b"")
            size += len(part)
            if size > MOST_BYTES:
                raise Refused(413, f"a body has at most {MOST_BYTES} bytes")
            parts.append(part)
            more = message.get("more_body", False)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def segments(scope: Scope) -> list[bytes]:
    """The path as it was sent, between its slashes."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0].split(b"/")[1:]


def decoded(segment: bytes) -> str:
    """A segment as text. Raises Invalid."""
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"the path of the URL is not UTF-8: {_said(error)}") from None


def _said(error: ValueError) -> str:
    return error.reason if isinstance(error, UnicodeDecodeError) else str(error)
