"""Codes that work once, and sessions that end."""

from __future__ import annotations

import pytest

from vigyc.surfaces.server.sessions import MOST, Cookie, Sessions
from vigyc.surfaces.wire.caller import LOCAL, Caller, Role, Unauthenticated

ROBOT = Caller("robot", Role.READ)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_code_works_once() -> None:
    sessions = Sessions()
    code = sessions.code()
    session = sessions.redeem(code)
    assert sessions.caller(session) == LOCAL
    with pytest.raises(Unauthenticated):
        sessions.redeem(code)


def test_a_code_is_good_for_ten_minutes_and_the_printed_one_until_it_is_used() -> None:
    clock = Clock()
    sessions = Sessions(clock=clock)
    in_time, late, printed = sessions.code(), sessions.code(), sessions.code(seconds=None)
    clock.now = 599
    sessions.redeem(in_time)
    clock.now = 600
    with pytest.raises(Unauthenticated, match="too old"):
        sessions.redeem(late)
    clock.now = 10**9
    sessions.redeem(printed)


def test_a_session_lasts_twelve_hours_or_until_it_is_closed() -> None:
    clock = Clock()
    sessions = Sessions(clock=clock)
    session, other = sessions.open(ROBOT), sessions.open(LOCAL)
    clock.now = 12 * 3600 - 1
    assert sessions.caller(session) == ROBOT
    sessions.close(session)
    sessions.close(session)
    assert sessions.caller(session) is None
    clock.now += 1
    assert sessions.caller(other) is None
    assert sessions.caller("x") is None


def test_a_session_ends_with_the_token_that_opened_it() -> None:
    good = {"its token": ROBOT}
    sessions = Sessions(good.get)
    session, mine = sessions.open(ROBOT, "its token"), sessions.open(LOCAL)
    assert sessions.caller(session) == ROBOT
    good.clear()
    assert sessions.caller(session) is None
    good["its token"] = ROBOT
    assert sessions.caller(session) is None
    assert sessions.caller(mine) == LOCAL


def test_there_are_not_ever_more_of_them() -> None:
    sessions = Sessions()
    first = sessions.open(LOCAL)
    others = [sessions.open(LOCAL) for _ in range(MOST)]
    assert sessions.caller(first) is None
    assert sessions.caller(others[0]) == LOCAL
    assert len(set(others)) == MOST


def test_the_cookie_is_for_this_server_alone() -> None:
    cookie = Cookie(38821)
    assert cookie.setting("abc") == "vigyc_session_38821=abc; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict"
    assert Cookie(1, secure=True).setting("abc").endswith("; Secure")
    assert "=; Max-Age=0;" in cookie.clearing
    assert cookie.sessions_in("a=b; vigyc_session_38821=abc; c") == ["abc"]
    assert cookie.sessions_in("vigyc_session_1=abc") == []
