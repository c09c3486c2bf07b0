"""Requests that are too long, broken, or could be read in two ways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.site import MIB, Site, reply, site


@pytest.fixture(scope="module")
def here() -> Iterator[Site]:
    with site() as found:
        yield found


def test_a_request_as_it_should_be(here: Site) -> None:
    found = here.ask("POST", body=b'{"a": 1}')
    assert (found.status, found.body) == (200, b'{"bytes":8,"caller":"admin","path":"/v1/echo"}')
    assert "server" not in found.headers
    assert "date" in found.headers


@pytest.mark.parametrize(("length", "status"), [(4000, 404), (4200, 414), (10**6, 414)])
def test_a_long_url(here: Site, length: int, status: int) -> None:
    assert here.ask(path="/" + "a" * length).status == status


@pytest.mark.parametrize(("length", "status"), [(15_000, 200), (17_000, 431), (10**6, 431)])
def test_a_long_header(here: Site, length: int, status: int) -> None:
    assert here.ask(X_Long="a" * length).status == status


@pytest.mark.parametrize(("count", "status"), [(1_000, 200), (3_000, 431)])
def test_many_headers(here: Site, count: int, status: int) -> None:
    many = {f"x{number}": "a" for number in range(count)}
    assert here.ask(**many).status == status


def test_a_header_that_never_ends_is_not_kept(here: Site) -> None:
    with here.connect() as endless:
        endless.sendall(here.request()[:-2] + b"X-A: ")
        try:
            for _ in range(1000):
                endless.sendall(b"a" * 1000)
        except OSError:
            pass
        assert reply(endless).status in {431, 0}


def test_a_body_that_is_too_long_is_refused_unread(here: Site) -> None:
    with here.connect() as big:
        big.sendall(here.request("POST", Content_Type="application/json", Content_Length=str(10**12)))
        found = reply(big)
        assert (found.status, found.headers["connection"]) == (413, "close")


def test_a_body_without_a_length_is_refused_at_the_byte_that_is_too_many(here: Site) -> None:
    with here.connect() as big:
        big.sendall(here.request("POST", Content_Type="application/json", Transfer_Encoding="chunked"))
        chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
        try:
            for _ in range(64):
                big.sendall(chunk)
        except OSError:
            pass
        assert reply(big).status == 413


def test_a_body_as_long_as_may_be(here: Site) -> None:
    assert here.ask("POST", body=b" " * MIB).status == 200
    assert here.ask("POST", body=b" " * (MIB + 1)).status == 413


def test_a_body_in_chunks(here: Site) -> None:
    head = here.request("POST", Content_Type="application/json", Transfer_Encoding="chunked", Connection="close")
    found = here.raw(head + b"3\r\n{  \r\n1\r\n}\r\n0\r\n\r\n")
    assert (found.status, b'"bytes":4' in found.body) == (200, True)


HOST = b"Host: localhost\r\n"
SMUGGLED = {
    "two lengths": b"POST /v1/echo HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "one length twice": b"POST /v1/echo HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a list of lengths": b"POST /v1/echo HTTP/1.1\r\n" + HOST + b"Content-Length: 3, 3\r\n\r\nabc",
    "a signed length": b"POST /v1/echo HTTP/1.1\r\n" + HOST + b"Content-Length: +3\r\n\r\nabc",
    "a negative length": b"POST /v1/echo HTTP/1.1\r\n" + HOST + b"Content-Length: -3\r\n\r\nabc",
    "a hexadecimal length": b"POST /v1/echo HTTP/1.1\r\n" + HOST + b"Content-Length: 0x3\r\n\r\nabc",
    "an endless length": b"POST /v1/echo HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\nabc",
    "length and coding": b"POST /v1/echo HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": b"POST /v1/echo HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "a coding unknown": b"POST /v1/echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two codings": b"POST /v1/echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a coding twice": b"POST /v1/echo HTTP/1.1\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a blank before the colon": b"POST /v1/echo HTTP/1.1\r\n" + HOST + b"Content-Length : 3\r\n\r\nabc",
    "a folded header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\r\n b\r\n\r\n",
    "a bare line feed": b"GET / HTTP/1.1\n" + HOST + b"\n",
    "a coding in HTTP/1.0": b"POST / HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + b"Host: evil.test\r\n\r\n",
    "a whole URL": b"GET http://evil.test/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT evil.test:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a null byte in the URL": b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a null byte in a header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\0b\r\n\r\n",
    "a null byte told in the URL": b"GET /%00 HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    "no ASCII": "GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
    "another version": b"GET / HTTP/3.0\r\n" + HOST + b"\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a wrong chunk": b"POST /livez HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("what", SMUGGLED)
def test_what_can_be_read_in_two_ways_is_not_read(here: Site, what: str) -> None:
    follower = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    found = here.raw(SMUGGLED[what] + follower)
    assert found.status in {400, 401}
    assert b"live" not in found.data
    if what != "a wrong chunk":
        assert found.status == 400


def test_the_old_version_is_answered_and_ends(here: Site) -> None:
    found = here.raw(b"GET /livez HTTP/1.0\r\n" + HOST + b"\r\n")
    assert (found.status, found.body) == (200, b"live")


def test_several_requests_at_once_are_answered_in_order(here: Site) -> None:
    with here.connect() as busy:
        busy.sendall(here.request() + here.request(path="/livez") + here.request(path="/nowhere", Connection="close"))
        found = reply(busy)
        order = [found.data.find(each) for each in (b'"bytes":0', b"live", b"not-found")]
        assert -1 not in order
        assert order == sorted(order)


def test_another_protocol_that_is_asked_for_is_not_spoken(here: Site) -> None:
    assert here.ask(path="/livez", Connection="Upgrade, close", Upgrade="h2c").status == 200
