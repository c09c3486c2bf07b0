"""From what a request shows to who asks: a token, a session, or the word of a unix socket.

Who guesses is slowed down: after some failures from one address in a minute the next are told to wait. A right token is
let in all the same, so that nobody can lock others out.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from vigyc.surfaces.server.crowd import network_of
from vigyc.surfaces.server.peer import PEER
from vigyc.surfaces.server.refusal import Refusal
from vigyc.surfaces.server.sessions import Cookie, Sessions
from vigyc.surfaces.server.tokens import NEEDED, Tokens
from vigyc.surfaces.wire.caller import Caller, Unauthenticated

FAILURES: Final = 10
WITHIN: Final = 60.0
ADDRESSES: Final = 10_000
TOO_MANY: Final = "too many wrong tokens came from this address; wait a little"


class Admitted(NamedTuple):
    """Who was let in, whether it was a cookie that said so, and how to ask whether they still would be."""

    caller: Caller
    by_cookie: bool = False
    still: Callable[[], bool] = lambda: True


class Entrance(NamedTuple):
    """All the ways in."""

    tokens: Tokens
    sessions: Sessions
    cookie: Cookie
    failures: Failures

    def admit(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Admitted:
        """Who asks. Raises Unauthenticated, Refusal (429)."""
        shown = headers.get(b"authorization")
        if shown is not None:
            return self._by_token(shown.decode("latin-1"), scope)
        peer: Caller | None = scope.get("state", {}).get(PEER)
        if peer is not None:
            return Admitted(peer)
        for session in self.sessions_of(headers):
            caller = self.sessions.caller(session)
            if caller is not None:
                return Admitted(caller, True, partial(self._is_session_of, caller, session))
        raise Unauthenticated(NEEDED)

    def sessions_of(self, headers: Mapping[bytes, bytes]) -> list[str]:
        """The sessions its cookies tell of."""
        return self.cookie.sessions_in(headers.get(b"cookie", b"").decode("latin-1"))

    def _by_token(self, shown: str, scope: Mapping[str, Any]) -> Admitted:
        try:
            caller = self.tokens.authenticate(shown)
        except Unauthenticated:
            self.failures.note(host_of(scope))
            raise
        return Admitted(caller, False, partial(self._is_token_of, caller, shown))

    def _is_token_of(self, caller: Caller, shown: str) -> bool:
        try:
            return self.tokens.authenticate(shown) == caller
        except Unauthenticated:
            return False

    def _is_session_of(self, caller: Caller, session: str) -> bool:
        return self.sessions.caller(session) == caller


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
    """The address a request comes from, as failures count it."""
    client = scope.get("client")
    return network_of(str(client[0])) if client else ""
