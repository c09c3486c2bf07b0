"""From URLs to what their servers answer: the pack `http`.

A result is a map: `:status` a number, `:headers` a map of strings with lower-case names, `:body` a string, or bytes
where it is not UTF-8. Any status is an answer. The errors are `network` (no such host, no connection, one that breaks
off), `timeout`, `tls` (a server that cannot prove who it is), `decode` (an answer that is not HTTP, or is coded as was
not asked for), `too-large` and `redirects` (too many, or from https to http). Redirects are followed where the policy
allows each of them; the program's own headers stay behind when the origin changes, except Accept, Accept-Language,
Content-Type and User-Agent. What the policy refuses raises `denied`: also a name that leads to an address that is not
public, unless a grant names that address.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from vigyc.effects.gate import Gate
from vigyc.effects.network.client import Response, send
from vigyc.effects.operation import Options
from vigyc.effects.pack import Pack
from vigyc.effects.scopes.host import Target
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.json_value import dumps

PACK: Final = Pack("http", "Requests to the servers that the policy grants, and their answers.")

_STATUS: Final = keyword("status")
_HEADERS: Final = keyword("headers")
_BODY: Final = keyword("body")
_ASKING: Final[dict[str, tuple[str, object]]] = {
    "headers": ("dict[str, Text]", {}),
    "query": ("dict[str, Text]", {}),
    "timeout-ms": ("int", None),
}
_SENDING: Final[dict[str, tuple[str, object]]] = {**_ASKING, "body": ("Blob", b""), "json": ("Json", None)}
_ASKED: Final[Options] = {name: default for name, (_, default) in _ASKING.items()}
_SENT: Final[Options] = {name: default for name, (_, default) in _SENDING.items()}


@PACK.effect("http-get", needs="net", result=True, options=_ASKING, example='(http-get "https://example.com/a")')
def http_get(gate: Gate, url: Target, options: Options = _ASKED) -> object:
    """What is at the URL.

    Options: `:headers`, a map of strings or secrets; `:query`, a map of strings or secrets that is added to the URL,
    percent-encoded and sorted; `:timeout-ms`, for all of it together, where that is less than the policy's limit.
    """
    return _asked(gate, "GET", url, options)


@PACK.effect("http-head", needs="net", result=True, options=_ASKING, example='(http-head "https://example.com/a")')
def http_head(gate: Gate, url: Target, options: Options = _ASKED) -> object:
    """Status and headers of what is at the URL, with an empty body; options as for http-get."""
    return _asked(gate, "HEAD", url, options)


@PACK.effect(
    "http-post", needs="net", result=True, changes=True, options=_SENDING,
    example='(http-post "https://example.com/a" (hash-map :json (hash-map :n 1)))',
)  # fmt: skip
def http_post(gate: Gate, url: Target, options: Options = _SENT) -> object:
    """What the server answers to a POST.

    Options: those of http-get; `:body`, a string, bytes or a secret; or `:json`, data that is sent as JSON with its
    Content-Type (nil is no body; a secret in it is sent as ***).
    """
    return _asked(gate, "POST", url, options)


@PACK.effect(
    "http-put", needs="net", result=True, changes=True, options=_SENDING,
    example='(http-put "https://example.com/a" (hash-map :body "text"))',
)  # fmt: skip
def http_put(gate: Gate, url: Target, options: Options = _SENT) -> object:
    """What the server answers to a PUT; options as for http-post."""
    return _asked(gate, "PUT", url, options)


@PACK.effect(
    "http-patch", needs="net", result=True, changes=True, options=_SENDING,
    example='(http-patch "https://example.com/a" (hash-map :json (hash-map :n 1)))',
)  # fmt: skip
def http_patch(gate: Gate, url: Target, options: Options = _SENT) -> object:
    """What the server answers to a PATCH; options as for http-post."""
    return _asked(gate, "PATCH", url, options)


@PACK.effect(
    "http-delete", needs="net", result=True, changes=True, options=_SENDING,
    example='(http-delete "https://example.com/a")',
)  # fmt: skip
def http_delete(gate: Gate, url: Target, options: Options = _SENT) -> object:
    """What the server answers to a DELETE; options as for http-post."""
    return _asked(gate, "DELETE", url, options)


@PACK.effect(
    "http-send", needs=(("net", 1),), result=True, changes=True, options=_SENDING,
    example='(http-send "OPTIONS" "https://example.com/a")',
)  # fmt: skip
def http_send(gate: Gate, method: str, url: Target, options: Options = _SENT) -> object:
    """What the server answers to any method but CONNECT and TRACE; options as for http-post."""
    return _asked(gate, method, url, options)


def _asked(gate: Gate, method: str, url: Target, options: Options) -> object:
    headers, body = options["headers"], options.get("body", b"")
    data = options.get("json")
    if data is not None:
        if body:
            raise TickError("native-fn", "a request has a :body or a :json, not both")
        headers, body = _with_type(headers), _encoded(dumps(data))
    try:
        target = url.with_query(options["query"])
    except ValueError as error:
        raise TickError("native-fn", f"that :query cannot be sent: {error}") from None
    return _answer(send(gate, method, target, headers=headers, body=body, timeout_ms=options["timeout-ms"]))


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise TickError("native-fn", "that :json cannot be sent: it holds half of a surrogate pair") from None


def _with_type(headers: dict[str, str]) -> dict[str, str]:
    given = {name.lower() for name in headers}
    return headers if "content-type" in given else {**headers, "content-type": "application/json"}


def _answer(response: Response) -> object:
    body: str | bytes = response.body
    with suppress(UnicodeDecodeError):
        body = response.body.decode()
    return {_STATUS: response.status, _HEADERS: dict(response.headers), _BODY: body}
