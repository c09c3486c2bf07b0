"""From a one-time code or a token to a session of a browser, told by a cookie.

Everything is in memory: a session ends with its server at the latest. One that a token opened ends with that token,
also when another takes its name.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from vigyc.surfaces.wire.caller import LOCAL, Caller, Unauthenticated

CODE_SECONDS: Final = 10 * 60.0
SESSION_SECONDS: Final = 12 * 3600.0
MOST: Final = 1_000

USED: Final = "this login link was used before, or is too old: `vigyc serve` prints another when it starts"


class Known(NamedTuple):
    """Whom a code or a session stands for, until when (by the clock; None for no end), and the token that opened it."""

    caller: Caller
    until: float | None
    token: str | None = None


class Sessions:
    """The codes and sessions of one server.

    `whose` says who has a token, None if nobody does any more; `clock` gives seconds.
    """

    def __init__(
        self, whose: Callable[[str], Caller | None] = lambda _: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._whose = whose
        self._clock = clock
        self._codes: dict[str, Known] = {}
        self._sessions: dict[str, Known] = {}

    def code(self, caller: Caller = LOCAL, *, seconds: float | None = CODE_SECONDS) -> str:
        """A code that opens one session for `caller`, within `seconds` or, with None, whenever."""
        return self._kept(self._codes, caller, seconds)

    def redeem(self, code: str) -> str:
        """The session `code` opens; the code is no good any more. Raises Unauthenticated."""
        known = self._codes.pop(code, None)
        if known is None or not self._is_good(known):
            raise Unauthenticated(USED)
        return self.open(known.caller)

    def open(self, caller: Caller, token: str | None = None) -> str:
        """A new session for `caller`, who showed `token` or needs none."""
        return self._kept(self._sessions, caller, SESSION_SECONDS, token)

    def caller(self, session: str) -> Caller | None:
        """Whose session it is; None if it is none, or none any more."""
        known = self._sessions.get(session)
        if known is None:
            return None
        if not self._is_good(known):
            self.close(session)
            return None
        return known.caller

    def close(self, session: str) -> None:
        """End it; again is nothing."""
        self._sessions.pop(session, None)

    def _kept(self, place: dict[str, Known], caller: Caller, seconds: float | None, token: str | None = None) -> str:
        while len(place) >= MOST:
            del place[next(iter(place))]
        secret = secrets.token_urlsafe(32)
        place[secret] = Known(caller, None if seconds is None else self._clock() + seconds, token)
        return secret

    def _is_good(self, known: Known) -> bool:
        in_time = known.until is None or self._clock() < known.until
        return in_time and (known.token is None or self._whose(known.token) == known.caller)


class Cookie(NamedTuple):
    """The cookie of a server's sessions: its name has the port, for cookies do not know of ports."""

    port: int = 0
    secure: bool = False

    @property
    def name(self) -> str:
        """Its name."""
        return f"vigyc_session_{self.port}"

    def sessions_in(self, header: str) -> list[str]:
        """The sessions told by the value of a `Cookie` header: of another port of this host may come others."""
        pairs = (pair.strip().partition("=") for pair in header.split(";"))
        return [value for name, _, value in pairs if name == self.name]

    def setting(self, session: str) -> str:
        """The value of a `Set-Cookie` header."""
        return self._with(session, int(SESSION_SECONDS))

    @property
    def clearing(self) -> str:
        """The same for a session that ended."""
        return self._with("", 0)

    def _with(self, value: str, seconds: int) -> str:
        secure = "; Secure" if self.secure else ""
        return f"{self.name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{secure}"
