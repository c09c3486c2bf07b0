"""From an allowed URL to the answer of its server.

    look up -> judge the addresses -> connect to one of them -> ask -> follow a redirect: allow it, and begin again

One time bounds the whole, one connection serves one request. Needs the extra `http` (h11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import urljoin

from vigyc.effects.extras import need
from vigyc.effects.gate import Gate
from vigyc.effects.network.coding import decoded
from vigyc.effects.network.headers import bodiless, checked, checked_method, elsewhere, sent
from vigyc.effects.network.link import connect
from vigyc.effects.network.reach import reach
from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.host import Target

NET: Final = "net"
NONE: Final[Mapping[str, str]] = MappingProxyType({})
_ABSOLUTE: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class Response(NamedTuple):
    """An answer; header names are in lower case, `url` is the one that gave it after redirects."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str


class _Request(NamedTuple):
    method: str
    target: Target
    headers: Mapping[str, str]
    body: bytes


def send(
    gate: Gate,
    method: str,
    target: Target,
    *,
    headers: Mapping[str, str] = NONE,
    body: bytes = b"",
    timeout_ms: int | None = None,
    limit_ms: int | None = None,
    most: int | None = None,
    kind: str = NET,
) -> Response:
    """The answer of `target`, which `gate` has allowed for `net`; a redirect is for `kind`, too, if that is another.

    It takes at most `timeout_ms` and has at most `most` bytes of body, where that is less than the policy's limits;
    `limit_ms` is the limit of time where that of requests is not meant.
    Bytes of body are charged, either way. Raises EffectFailed network | timeout | tls | decode | too-large | redirects;
    TickError `denied` (the address or a redirect), `budget-exceeded`, `native-fn` (a method or header that cannot be).
    """
    limits = gate.limits
    longest = limits.request_ms if limit_ms is None else limit_ms
    milliseconds = longest if timeout_ms is None else min(longest, max(timeout_ms, 0))
    until = monotonic() + gate.remaining(milliseconds)
    room = limits.body_bytes if most is None else min(limits.body_bytes, most)
    request = _Request(checked_method(method), target, checked(headers), body)
    for _ in range(limits.redirects + 1):
        found = _hop(gate, request, until, room)
        if isinstance(found, Response):
            return found
        request = _onward(gate, kind, request, *found)
    raise EffectFailed("redirects", f"{target.place} redirects more than {limits.redirects} times")


def _hop(gate: Gate, request: _Request, until: float, room: int) -> Response | tuple[int, str]:
    """The answer to one request, or status and place of a redirect, whose body is not read."""
    target = request.target
    soon = min(until, monotonic() + gate.limits.connect_ms / 1000)
    policy = gate.session.policy
    found = reach(policy, target, max(soon - monotonic(), 0.0))
    if not found.decision.allowed:
        raise gate.refuse(found.decision)
    exchange = need("http", "vigyc.effects.network.exchange", "h11", "http").Exchange
    with connect(target, found.addresses, policy.ca, soon, until) as link, gate.waiting(link.abort):
        talk = exchange(link, target.place, lambda amount: _charge(gate, amount))
        headers = sent(request.headers, target, request.method, request.body)
        head = talk.ask(request.method, target.path, headers, request.body)
        if head.status in _REDIRECTS and "location" in head.headers:
            return head.status, head.headers["location"]
        body = talk.body(room, head) if request.method != "HEAD" else b""
    body = decoded(body, head.headers.get("content-encoding", ""), room, target.place)
    return Response(head.status, head.headers, body, target.url)


def _onward(gate: Gate, kind: str, request: _Request, status: int, location: str) -> _Request:
    """The request after `request`, as browsers do it."""
    method, before, headers, body = request
    url = _joined(before.url, location)
    target: Target = gate.allow(NET, url)
    if kind != NET:
        gate.allow(kind, url)
    if before.scheme == "https" and target.scheme == "http":
        raise EffectFailed("redirects", f"{before.place} redirects from https to http")
    if target.origin != before.origin:
        headers = elsewhere(headers)
    if (status == 303 and method != "HEAD") or (status in {301, 302} and method == "POST"):
        method, headers, body = "GET", bodiless(headers), b""
    return _Request(method, target, headers, body)


def _joined(url: str, location: str) -> str:
    """Where `location` leads from `url`; as it stands if it is no reference, to be refused as what it is.

    Headers are read as latin-1, while what is not ASCII in a `location` is UTF-8 nearly always.
    """
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode()
    try:
        return location if _ABSOLUTE.match(location) else urljoin(url, location)
    except ValueError:
        return location


def _charge(gate: Gate, amount: int) -> None:
    """Charge `amount` bytes that came or are to go; where there is less left, that less and then the error."""
    there = gate.most("bytes", amount)
    gate.charge("bytes", there)
    gate.charge("bytes", amount - there)
