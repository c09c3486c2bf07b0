"""From what a request shows to who asks: a token, a session, or the word of a unix socket.

Who guesses is slowed down: after some failures from one address in a minute the next are told to wait. A right token is
let in all the same, so that nobody can lock others out.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from vigyc.surfaces.server.peer import PEER
from vigyc.surfaces.server.refusal import Refusal
from vigyc.surfaces.server.sessions import Cookie, Sessions
from vigyc.surfaces.server.tokens import NEEDED, Tokens
from vigyc.surfaces.wire.caller import Caller, Unauthenticated

FAILURES: Final = 10
WITHIN: Final = 60.0
ADDRESSES: Final = 10_000
TOO_MANY: Final = "too many wrong tokens came from this address; wait a little"


class Entrance(NamedTuple):
    """All the ways in."""

    tokens: Tokens
    sessions: Sessions
    cookie: Cookie
    failures: Failures

    def admit(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> tuple[Caller, bool]:
        """Who asks, and whether it is a cookie that says so. Raises Unauthenticated, Refusal (429)."""
        shown = headers.get(b"authorization")
        if shown is not None:
            try:
                return self.tokens.authenticate(shown.decode("latin-1")), False
            except Unauthenticated:
                self.failures.note(host_of(scope))
                raise
        peer: Caller | None = scope.get("state", {}).get(PEER)
        if peer is not None:
            return peer, False
        session = self.session_of(headers)
        caller = None if session is None else self.sessions.caller(session)
        if caller is None:
            raise Unauthenticated(NEEDED)
        return caller, True

    def session_of(self, headers: Mapping[bytes, bytes]) -> str | None:
        """The session its cookie tells of."""
        told = headers.get(b"cookie")
        return None if told is None else self.cookie.session_in(told.decode("latin-1"))


class Failures:
    """Who failed to be let in lately, by address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: dict[str, deque[float]] = {}

    def note(self, host: str) -> None:
        """One more failure of `host`. Raises Refusal (429) if it has to wait."""
        now = self._clock()
        times = self._times.pop(host, deque(maxlen=FAILURES))
        self._times[host] = times  # the last to be forgotten
        while len(self._times) > ADDRESSES:
            del self._times[next(iter(self._times))]
        if len(times) == FAILURES and now - times[0] < WITHIN:
            wait = math.ceil(WITHIN - (now - times[0]))
            raise Refusal(429, Unauthenticated(TOO_MANY), (b"retry-after", b"%d" % wait))
        times.append(now)


def host_of(scope: Mapping[str, Any]) -> str:
    """The address a request comes from."""
    client = scope.get("client")
    return str(client[0]) if client else ""
