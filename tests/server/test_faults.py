"""Faults that were found by attacking the server, each as its attacker did."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from server.site import LONG, Site, everything, one_reply, reply, site
from server.test_deadlines import upgrade
from vigyc.lang.errors import SettingsError
from vigyc.surfaces.server.crowd import network_of
from vigyc.surfaces.server.limits import Limits
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.server.tokens import Tokens
from vigyc.surfaces.wire.caller import Role

MASKED = b"\x81\x82" + bytes(4)  # a WebSocket's text of two bytes, masked with zeros


@pytest.fixture(scope="module")
def there() -> Iterator[Site]:
    """One that no test changes but by tokens of its own."""
    with site() as found:
        yield found


@pytest.fixture
def certificate(tmp_path: Path) -> ServerSettings:
    issued = trustme.CA().issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    return ServerSettings(tls_cert=str(tmp_path / "both.pem"))


def of_robot(there: Site) -> str:
    """The header of a new caller."""
    return f"Bearer {there.server.tokens.add('robot', Role.READ).token}"


# -- what a token opened ends with it


def test_a_stream_ends_with_the_token_that_opened_it(there: Site) -> None:
    with there.connect() as reader:
        reader.sendall(there.request(path="/v1/stream", Authorization=of_robot(there), Connection="close"))
        assert b" 200 " in reader.recv(65536)
        there.server.tokens.remove("robot")
        assert everything(reader).endswith(b"0\r\n\r\n")  # and not broken off


def test_so_does_one_of_a_session(there: Site) -> None:
    token = of_robot(there).removeprefix("Bearer ")
    login = there.ask("POST", "/login", body=json.dumps({"token": token}).encode(), Authorization=None)
    cookie = login.headers["set-cookie"].partition(";")[0]
    with there.connect() as reader:
        reader.sendall(there.request(path="/v1/stream", Authorization=None, Cookie=cookie, Connection="close"))
        assert b" 200 " in reader.recv(65536)
        there.server.tokens.remove("robot")
        everything(reader)


def test_so_does_a_websocket(there: Site) -> None:
    with there.connect() as talker:
        talker.sendall(upgrade(there, Authorization=of_robot(there)))
        assert b" 101 " in talker.recv(65536)
        talker.sendall(MASKED + b"hi")
        assert talker.recv(100).endswith(b"robot: hi")
        there.server.tokens.remove("robot")
        talker.sendall(MASKED + b"ho")
        while b"\x88" not in talker.recv(100):  # the frame that closes
            talker.sendall(MASKED + b"ho")


def test_a_session_does_not_come_back_with_another_token_of_that_name(there: Site) -> None:
    token = of_robot(there).removeprefix("Bearer ")
    login = there.ask("POST", "/login", body=json.dumps({"token": token}).encode(), Authorization=None)
    cookie = login.headers["set-cookie"].partition(";")[0]
    there.server.tokens.remove("robot")
    there.server.tokens.add("robot", Role.READ)
    assert there.ask(path="/session", Authorization=None, Cookie=cookie).status == 401
    there.server.tokens.remove("robot")


# -- what costs memory before anybody is known


def test_headers_after_the_body_are_not_kept(there: Site) -> None:
    head = b"POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    with there.connect() as talker:
        talker.sendall(head)
        with suppress(OSError):  # it hangs up long before it has all
            for _ in range(2_000):
                talker.sendall(b"x: " + b"a" * 60_000 + b"\r\n")
            pytest.fail("all of it was taken")


def test_headers_after_the_body_are_no_headers(there: Site) -> None:
    request = there.request("POST", Connection="close", Transfer_Encoding="chunked", Content_Type="application/json")
    found = there.raw(request + b"2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\nHost: evil.example\r\n\r\n")
    assert found.status == 200


def test_who_is_not_known_yet_may_not_say_much(there: Site) -> None:
    body = json.dumps({"token": "a" * 5_000}).encode()
    assert there.ask("POST", "/login", body=body, Authorization=None).status == 413
    chunked = there.request("POST", "/login", Transfer_Encoding="chunked", Content_Type="application/json")
    with there.connect() as talker:
        talker.sendall(chunked + b"2000\r\n" + b"a" * 0x2000 + b"\r\n0\r\n\r\n")
        assert one_reply(talker).status == 413


# -- who only holds connections


def test_who_only_holds_connections_keeps_nobody_out() -> None:
    with site(limits=Limits(connections=4, per_host=4)) as here:
        held = [here.connect() for _ in range(4)]
        for each in held[:2]:
            each.sendall(b"GET / HT")
        for _ in range(3):
            assert here.ask().status == 200
        for each in held:
            each.close()


def test_what_is_being_answered_does_not_make_room() -> None:
    with site(limits=Limits(connections=2, per_host=2)) as here, here.connect() as one, here.connect() as other:
        for each in (one, other):
            each.sendall(here.request(path="/v1/stream"))
            assert b" 200 " in each.recv(65536)
        with here.connect() as third:
            assert reply(third).status == 503


def test_who_never_begins_to_speak_tls_is_counted(certificate: ServerSettings) -> None:
    with site(certificate, limits=Limits(connections=3, per_host=3)) as here:
        silent = [here.connect() for _ in range(4)]
        silent[0].settimeout(5)  # less than a handshake may take
        assert silent[0].recv(1) == b""
        for each in silent:
            each.close()


def test_a_network_is_one_address() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") != network_of("2001:db8:0:1::1")
    assert network_of("fe80::1%eth0") == network_of("fe80::2%eth0")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("") == ""


# -- what another port of this machine can do with a browser


def test_a_page_at_another_port_has_nothing_asked_with_our_cookie(there: Site) -> None:
    session = there.server.sessions.open(there.server.tokens.all()[0].caller)
    cookie = {"Authorization": None, "Cookie": f"vigyc_session_{there.port}={session}"}
    for site_ in ("same-site", "cross-site"):
        assert there.ask(**cookie, Sec_Fetch_Site=site_, Sec_Fetch_Mode="no-cors").status == 403
        assert there.ask(**cookie, Sec_Fetch_Site=site_, Sec_Fetch_Mode="navigate").status == 200
    assert there.ask(**cookie, Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="cors").status == 200
    assert there.ask(**cookie, Sec_Fetch_Site="none", Sec_Fetch_Mode="navigate").status == 200


def test_a_cookie_put_before_ours_is_passed_over(there: Site) -> None:
    session = there.server.sessions.open(there.server.tokens.all()[0].caller)
    name = f"vigyc_session_{there.port}"
    assert there.ask(path="/session", Authorization=None, Cookie=f"{name}=x; {name}={session}").status == 200


# -- what is logged


def test_headers_of_a_websocket_are_not_logged(there: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), there.connect() as talker:
        talker.sendall(upgrade(there, Cookie="vigyc_session_1=its-cookie"))
        assert b" 101 " in talker.recv(65536)
    assert there.token not in caplog.text
    assert "its-cookie" not in caplog.text


# -- the token file


def test_a_pipe_in_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t", 0o600)
    with pytest.raises(SettingsError, match="no file"):
        Tokens(tmp_path / "t").ensure()


def test_a_file_that_is_much_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.touch(0o600)
    os.truncate(path, 2**40)
    with pytest.raises(SettingsError, match="longer than"):
        Tokens(path).ensure()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t"
    Tokens(path).ensure()
    os.chown(path, 12345, -1)
    with pytest.raises(SettingsError, match="somebody else"):
        Tokens(path).ensure()


def test_nobody_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "t"
    seen: set[int] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            if path.exists():
                seen.add(len(Tokens(path).all()))

    looking = threading.Thread(target=look)
    looking.start()
    Tokens(path).ensure()
    end = time.monotonic() + LONG
    while not seen and time.monotonic() < end:
        time.sleep(0.001)
    done.set()
    looking.join()
    assert seen == {1}
    assert list(tmp_path.iterdir()) == [path]


def test_changes_at_the_same_time_are_all_made(tmp_path: Path) -> None:
    path = tmp_path / "t"
    Tokens(path).ensure()
    adding = [threading.Thread(target=Tokens(path).add, args=(f"n{n}", Role.READ)) for n in range(8)]
    for each in adding:
        each.start()
    for each in adding:
        each.join()
    assert {each.name for each in Tokens(path).all()} == {"admin", *(f"n{n}" for n in range(8))}
