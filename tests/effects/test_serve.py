"""Servers that run within a tick: what they answer, whom they hear, and what they bear."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from effects.options import options
from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.effects.serving import http_server
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError

Make = Callable[..., Any]
STATUS, HEADERS, BODY, STOP = map(keyword, ("status", "headers", "body", "stop"))
METHOD, PATH, QUERY = map(keyword, ("method", "path", "query"))
CONN, ROOM = map(keyword, ("conn", "room"))


def result(served: int, failed: int, port: int) -> dict[object, object]:
    return {keyword("served"): served, keyword("failed"): failed, keyword("port"): port}


def opened(port: int) -> socket.socket:
    """A connection to the server, which may not be there yet."""
    until = time.monotonic() + 3
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)


def ask(
    port: int, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.sock = opened(port)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def raw(port: int, data: bytes) -> bytes:
    with opened(port) as connection:
        connection.sendall(data)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def serve(run: Any, port: int, handler: Callable[[Any], object], **given: object) -> Any:
    return run.value("serve-http", port, handler, options(**given))


def hello(request: Any) -> object:
    return "hello"


# -- HTTP


def test_a_request_is_handed_over_as_data(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    seen: list[Any] = []
    answer = clients.submit(ask, port, "PUT", "/a%20b?x=1&y=", "b\xfcdy".encode(), {"X-One": "1"})
    assert serve(effects(f"serve:{port}"), port, lambda r: seen.append(r) or "ok", requests=1) == result(1, 0, port)
    request = seen[0]
    assert (request[METHOD], request[PATH], request[QUERY], request[BODY]) == ("PUT", "/a%20b", "x=1&y=", "b\xfcdy")
    assert request[HEADERS]["x-one"] == "1"
    assert answer.result()[::2] == (200, b"ok")


def routes(request: Any) -> object:
    if request[PATH] == "/items" and request[METHOD] == "POST":
        return {STATUS: 201, HEADERS: {"Location": "/items/1", keyword("x-kind"): "item"}, BODY: request[BODY]}
    if request[PATH] == "/items":
        return {STATUS: 405, HEADERS: {"allow": "POST"}}
    return {STATUS: 404, BODY: "no such thing"}


def test_routes_are_the_handlers(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def all_of_them() -> list[Any]:
        return [ask(port, "POST", "/items", "x"), ask(port, "GET", "/items"), ask(port, "GET", "/other")]

    answers = clients.submit(all_of_them)
    serve(effects(f"serve:{port}"), port, routes, requests=3)
    created, refused, missing = answers.result()
    assert (created[0], created[1]["location"], created[1]["x-kind"], created[2]) == (201, "/items/1", "item", b"x")
    assert (refused[0], refused[1]["allow"]) == (405, "POST")
    assert missing[::2] == (404, b"no such thing")


@pytest.mark.parametrize(
    ("value", "expected", "kind"),
    [
        ("é", (200, "é".encode()), "text/plain; charset=utf-8"),
        (b"\xff", (200, b"\xff"), "application/octet-stream"),
        (None, (204, b""), None),
        ({BODY: "x", STATUS: 418}, (418, b"x"), "text/plain; charset=utf-8"),
        ({BODY: "{}", HEADERS: {"Content-Type": "application/json"}}, (200, b"{}"), "application/json"),
        ({STATUS: 304}, (304, b""), None),
        ({BODY: "x", HEADERS: {"content-length": "99", "transfer-encoding": "chunked"}}, (200, b"x"), None),
        (5, (500, b"Internal Server Error\n"), None),
        ({STATUS: 99}, (500, b"Internal Server Error\n"), None),
        ({STATUS: "200"}, (500, b"Internal Server Error\n"), None),
        ({HEADERS: {"x": "a\r\nset-cookie: b"}}, (500, b"Internal Server Error\n"), None),
        ({HEADERS: {"x y": "a"}}, (500, b"Internal Server Error\n"), None),
        ({HEADERS: {"x": 1}}, (500, b"Internal Server Error\n"), None),
        ({HEADERS: 1}, (500, b"Internal Server Error\n"), None),
        ({BODY: ["x"]}, (500, b"Internal Server Error\n"), None),
    ],
)
def test_what_a_handler_gives_is_a_response_or_an_error(
    effects: Make, clients: ThreadPoolExecutor, port: int, value: object, expected: tuple[int, bytes], kind: str | None
) -> None:
    answer = clients.submit(ask, port, "GET", "/")
    tally = serve(effects(f"serve:{port}"), port, lambda r: value, requests=1)
    code, headers, body = answer.result()
    assert (code, body) == expected
    assert kind is None or headers["content-type"] == kind
    assert tally == result(1, int(code == 500), port)


def test_head_gets_no_body(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    answer = clients.submit(raw, port, b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    serve(effects(f"serve:{port}"), port, hello, requests=1)
    assert answer.result().endswith(b"content-length: 5\r\nconnection: close\r\n\r\n")


def test_bodies_as_bytes(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    clients.submit(ask, port, "POST", "/", b"\xff\x00")
    seen: list[Any] = []
    serve(effects(f"serve:{port}"), port, lambda r: seen.append(r[BODY]), requests=1, bytes=True)
    assert seen == [b"\xff\x00"]


def test_a_handlers_error_is_a_500_that_tells_nothing(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def broken(request: Any) -> object:
        raise TickError("user", "internal: /etc/secret")

    def all_of_them() -> list[Any]:
        return [ask(port, "GET", "/") for _ in range(2)]

    answers = clients.submit(all_of_them)
    run = effects(f"serve:{port}")
    assert serve(run, port, broken, requests=2) == result(2, 2, port)
    assert [answer[::2] for answer in answers.result()] == [(500, b"Internal Server Error\n")] * 2


def test_what_a_handler_is_denied_is_counted(
    effects: Make, clients: ThreadPoolExecutor, port: int, tmp_path: Path
) -> None:
    run = effects(f"serve:{port}")
    answer = clients.submit(ask, port, "GET", "/")
    assert serve(run, port, lambda r: run.call("fs-read", "/etc/passwd"), requests=1) == result(1, 1, port)
    assert answer.result()[0] == 500
    assert run.gate.denied == 1


def test_many_at_once_get_each_their_own(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    answers = [clients.submit(ask, port, "POST", f"/{n}", f"body {n}") for n in range(200)]
    run = effects(f"serve:{port}")
    in_thread: set[int] = set()

    def echo(request: Any) -> object:
        in_thread.add(threading.get_ident())
        return f"{request[PATH]} {request[BODY]}"

    assert serve(run, port, echo, requests=200) == result(200, 0, port)
    assert [answer.result()[2].decode() for answer in answers] == [f"/{n} body {n}" for n in range(200)]
    assert in_thread == {threading.get_ident()}


def test_it_ends_when_a_response_says_so(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    answer = clients.submit(ask, port, "GET", "/")
    assert serve(effects(f"serve:{port}"), port, lambda r: {BODY: "bye", STOP: True}) == result(1, 0, port)
    assert answer.result()[::2] == (200, b"bye")


def test_it_ends_after_its_time_and_before_the_tick(effects: Make, port: int) -> None:
    began = time.monotonic()
    assert serve(effects(f"serve:{port}"), port, hello, for_ms=50) == result(0, 0, port)
    assert serve(effects(f"serve:{port}", seconds=0.4), port, hello) == result(0, 0, port)
    assert 0.15 < time.monotonic() - began < 1


def test_a_port_can_be_served_again_at_once(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    run = effects(f"serve:{port}")
    for _ in range(3):
        answer = clients.submit(ask, port, "GET", "/")
        assert serve(run, port, hello, requests=1) == result(1, 0, port)
        assert answer.result()[0] == 200


def test_port_0_is_one_the_system_chooses(effects: Make) -> None:
    found = serve(effects("serve:0"), 0, hello, for_ms=1)
    assert found[keyword("port")] > 1023


def test_nothing_is_left_open(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    run = effects(f"serve:{port}")
    before = len(os.listdir("/proc/self/fd")), threading.active_count()
    serve(run, port, hello, for_ms=1)
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == before
    half_open = clients.submit(raw, port, b"GET / HTT")
    serve(run, port, hello, for_ms=100)
    half_open.exception()
    assert len(os.listdir("/proc/self/fd")) == before[0]


# -- D15


def test_d15_another_address_than_the_loopback_is_denied(effects: Make, port: int) -> None:
    run = effects(f"serve:{port}")
    assert f"the grant 'serve:0.0.0.0:{port}' would allow it" in run.denied("serve-http", f"0.0.0.0:{port}", hello)
    run.denied("serve-http", f"[::]:{port}", hello)
    run.denied("serve-ws", f"0.0.0.0:{port}", hello)


def test_d15_a_port_that_is_not_granted_is_denied(effects: Make, port: int) -> None:
    run = effects(f"serve:{port}")
    run.denied("serve-http", 80, hello)
    run.denied("serve-http", 65536, hello)
    run.denied("serve-http", "nonsense", hello)
    effects("print").denied("serve-http", port, hello)
    with pytest.raises(TickError, match="port must be a port"):
        run.call("serve-http", None, hello)


def test_d15_it_listens_on_the_loopback_alone(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def listeners() -> list[str]:
        opened(port).close()
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return [fields[1] for fields in lines if fields[3] == "0A" and fields[1].endswith(f":{port:04X}")]

    found = clients.submit(listeners)
    serve(effects(f"serve:{port}"), port, hello, for_ms=300)
    assert found.result() == [f"0100007F:{port:04X}"]


def test_d15_a_busy_port_is_in_use(effects: Make) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        number = busy.getsockname()[1]
        assert effects(f"serve:{number}").error("serve-http", number, hello).tag == "in-use"
        assert effects(f"serve:{number}").error("serve-ws", number, hello).tag == "in-use"


def test_d15_a_low_port_without_rights(effects: Make) -> None:
    first_free = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    run, us = effects("serve:81"), os.geteuid()
    os.seteuid(us or 65534)  # root may listen on any port
    try:
        answer = run.call("serve-http", 81, hello, options(for_ms=1))
    finally:
        os.seteuid(us)
    assert answer[keyword("ok")] or answer[keyword("error")].tag == "no-permission"
    assert answer[keyword("ok")] is (first_free <= 81)


def test_d15_an_address_that_is_not_ours(effects: Make) -> None:
    assert effects("serve:192.0.2.1:8080").error("serve-http", "192.0.2.1:8080", hello).tag == "no-address"


def test_d15_a_flood_is_answered_up_to_the_limit(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    answers = [clients.submit(ask, port, "GET", "/") for _ in range(50)]
    run = effects(f"serve:{port}", limits=Limits(serve_requests=10))
    assert serve(run, port, hello) == result(10, 0, port)
    good = 0
    for answer in answers:
        good += answer.exception() is None and answer.result()[0] == 200
    assert good == 10


def test_d15_connections_are_bounded(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def flood() -> tuple[bool, int]:
        held = [opened(port) for _ in range(64)]
        with opened(port) as beyond:
            beyond.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            beyond.settimeout(0.2)
            try:
                waits = not beyond.recv(1000)
            except TimeoutError:
                waits = True
            for each in held:
                each.close()
            beyond.settimeout(3)
            return waits, status(beyond.recv(1000))

    found = clients.submit(flood)
    serve(effects(f"serve:{port}"), port, hello, requests=1)
    assert found.result() == (True, 200)


def test_d15_a_large_body_is_refused_unread(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def both() -> tuple[int, int]:
        return ask(port, "POST", "/", b"x" * 3_000_001)[0], ask(port, "POST", "/", b"x" * 3_000_000)[0]

    found = clients.submit(both)
    run = effects(f"serve:{port}", limits=Limits(body_bytes=3_000_000))
    assert serve(run, port, hello, requests=1) == result(1, 0, port)
    assert found.result() == (413, 200)


def test_d15_who_is_slow_is_not_waited_for(
    effects: Make, clients: ThreadPoolExecutor, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server.Seconds, "HEAD", 0.2)
    monkeypatch.setattr(http_server.Seconds, "BODY", 0.2)
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    dripping = [clients.submit(_drip, port, start) for start in (b"", b"GET / HTTP/1.1\r\nX: ", head)]
    quick = clients.submit(ask, port, "GET", "/")
    assert serve(effects(f"serve:{port}"), port, hello, for_ms=900) == result(1, 0, port)
    assert quick.result()[0] == 200
    assert [status(each.result()) for each in dripping] == [408, 408, 408]


def _drip(port: int, start: bytes) -> bytes:
    with opened(port) as connection:
        connection.sendall(start)
        connection.settimeout(0.04)
        for _ in range(100):
            try:
                connection.sendall(b"x" if start else b"")
                if found := connection.recv(1000):
                    return found
            except TimeoutError:
                pass
        return b""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET http://x/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: y\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\nB: c\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 40_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.0\r\n\r\n", 200),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(
    effects: Make, clients: ThreadPoolExecutor, port: int, data: bytes, expected: int
) -> None:
    def both() -> int:
        try:
            return status(raw(port, data))
        finally:
            ask(port, "GET", "/")

    found = clients.submit(both)
    served = 2 if expected == 200 else 1
    assert serve(effects(f"serve:{port}"), port, hello, requests=served) == result(served, 0, port)
    assert found.result() == expected


def test_a_client_that_asks_first_is_told_to_go_on(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx"
    found = clients.submit(raw, port, head)
    serve(effects(f"serve:{port}"), port, hello, requests=1)
    assert found.result().startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


# -- G04


def test_g04_requests_share_the_budget_of_the_run(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    answers = [clients.submit(ask, port, "GET", "/") for _ in range(10)]
    run = effects(f"serve:{port}", "time", budgets=(Budget({"calls": 6}),))  # serve-http, then 2 and a half requests
    with pytest.raises(TickError) as caught:
        serve(run, port, lambda r: str(run.call("time-clock")))
    assert caught.value.kind == "budget-exceeded"
    codes = [answer.result()[0] for answer in answers if answer.exception() is None]
    assert (codes.count(200), codes.count(500)) == (2, 1)
    assert run.gate.left("calls") == 0


def test_g04_bytes_are_charged(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    answer = clients.submit(ask, port, "POST", "/", b"x" * 30)
    run = effects(f"serve:{port}", budgets=(Budget({"bytes": 100}),))
    serve(run, port, lambda r: "y" * 20, requests=1)
    assert answer.result()[0] == 200
    assert run.gate.left("bytes") == 50


# -- TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def pems(authority: trustme.CA, tmp_path: Path) -> Path:
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    return tmp_path


def test_https(effects: Make, clients: ThreadPoolExecutor, port: int, authority: trustme.CA, pems: Path) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)

    def ask_safely() -> tuple[int, bytes]:
        with trust.wrap_socket(opened(port), server_hostname="127.0.0.1") as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            found = b""
            while part := connection.recv(65536):
                found += part
            return status(found), found.rpartition(b"\r\n")[2]

    found = clients.submit(ask_safely)
    run = effects(f"serve:{port}", f"fs.read:{pems}")
    files = options(cert=f"{pems}/cert.pem", key=f"{pems}/key.pem", requests=1)
    assert run.value("serve-https", port, hello, files) == result(1, 0, port)
    assert found.result() == (200, b"hello")


def test_https_reads_only_what_is_granted(effects: Make, port: int, pems: Path) -> None:
    (pems / "out.pem").symlink_to("/etc/passwd")
    run = effects(f"serve:{port}", f"fs.read:{pems}/cert.pem")
    run.denied("serve-https", port, hello, options(cert=f"{pems}/cert.pem", key=f"{pems}/key.pem"))
    run = effects(f"serve:{port}", f"fs.read:{pems}")
    run.denied("serve-https", port, hello, options(cert=f"{pems}/cert.pem", key="/etc/shadow"))
    run.denied("serve-https", port, hello, options(cert=f"{pems}/cert.pem", key=f"{pems}/out.pem"))
    with pytest.raises(TickError, match=":cert and :key are needed"):
        run.call("serve-https", port, hello, options(cert=f"{pems}/cert.pem"))


def test_https_with_what_is_no_certificate(effects: Make, port: int, pems: Path) -> None:
    (pems / "text").write_text("nothing")
    encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"
    (pems / "locked.pem").write_text(encrypted)
    run = effects(f"serve:{port}", f"fs.read:{pems}")
    for cert, key in (("text", "key.pem"), ("cert.pem", "text"), ("cert.pem", "locked.pem")):
        files = options(cert=f"{pems}/{cert}", key=f"{pems}/{key}")
        assert run.error("serve-https", port, hello, files).tag == "bad-certificate"
    assert run.error("serve-https", port, hello, options(cert=f"{pems}/a", key=f"{pems}/b")).tag == "not-found"


# -- WebSocket


def dial(port: int, path: str, **given: Any) -> ClientConnection:
    opened(port).close()
    return connect(f"ws://127.0.0.1:{port}{path}", open_timeout=3, close_timeout=1, compression=None, **given)


def chat(run: Any, message: Any) -> object:
    text = message[BODY]
    if text == "stop":
        return {STOP: True}
    if text == "who":
        run.value("serve-send", message[CONN], f"you are {message[CONN]} in {message[ROOM]}")
    else:
        run.value("serve-broadcast", message[ROOM], text)
    return None


def talk(effects: Make, clients: ThreadPoolExecutor, port: int, script: Callable[[], Any], **policy: Any) -> Any:
    """What `script` gives, run against a chat that it has to stop."""
    run = effects(f"serve:{port}", **policy)
    found: Future[Any] = clients.submit(script)
    run.value("serve-ws", port, lambda message: chat(run, message), options(for_ms=4000))
    return found.result()


def test_a_broadcast_reaches_everyone_in_the_room(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def script() -> list[Any]:
        with dial(port, "/lobby") as one, dial(port, "/lobby?x=1") as two:
            two.send("who")
            told = two.recv(3)
            one.send("hi")
            heard = [one.recv(3), two.recv(3)]
            one.send("stop")
            return [told, *heard]

    told, *heard = talk(effects, clients, port, script)
    assert told.endswith(" in lobby")
    assert heard == ["hi", "hi"]


def test_rooms_are_isolated(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def script() -> list[Any]:
        with dial(port, "/a") as one, dial(port, "/b") as two, dial(port, "/") as third:
            one.send("for a")
            first = one.recv(3)
            two.send("for b")
            second = two.recv(3)
            third.send("for none")
            heard = [first, second, third.recv(3)]
            one.send("stop")
            return heard

    assert talk(effects, clients, port, script) == ["for a", "for b", "for none"]


def test_a_message_fans_out_to_n_clients(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def script() -> list[Any]:
        with ExitStack() as stack:
            there = [stack.enter_context(dial(port, "/all")) for _ in range(20)]
            for each in there:  # each is surely in once it has been answered
                each.send("who")
                each.recv(3)
            there[0].send("news")
            heard = [each.recv(3) for each in there]
            there[0].send("stop")
            return heard

    assert talk(effects, clients, port, script) == ["news"] * 20


def test_only_text_is_handed_over(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def script() -> Any:
        with dial(port, "/x") as one:
            one.send(b"binary")
            one.send("text")
            heard = one.recv(3)
            one.send("stop")
            return heard

    assert talk(effects, clients, port, script) == "text"


def test_a_large_message_ends_its_connection(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def script() -> Any:
        with dial(port, "/x") as one, dial(port, "/x") as two:
            one.send("x" * 101)
            with pytest.raises(ConnectionClosed) as caught:
                one.recv(3)
            two.send("x" * 100)
            heard = two.recv(3)
            two.send("stop")
            assert caught.value.rcvd is not None
            return caught.value.rcvd.code, len(heard)

    assert talk(effects, clients, port, script, limits=Limits(body_bytes=100)) == (1009, 100)


def test_a_web_page_needs_its_origin_listed(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def script() -> Any:
        with pytest.raises(InvalidStatus) as caught, dial(port, "/x", origin="http://evil.example"):
            pass
        with dial(port, "/x") as one:
            one.send("stop")
        return caught.value.response.status_code

    assert talk(effects, clients, port, script) == 403
    run = effects(f"serve:{port}")

    def listed() -> None:
        with dial(port, "/x", origin="http://good.example"):
            pass

    found = clients.submit(listed)
    run.value("serve-ws", port, hello, options(for_ms=300, origins=["http://good.example"]))
    assert found.exception() is None


def test_connections_of_rooms_are_bounded(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def script() -> Any:
        with ExitStack() as stack:
            there = [stack.enter_context(dial(port, "/x")) for _ in range(64)]
            with pytest.raises(InvalidStatus) as caught, dial(port, "/x"):
                pass
            there[0].send("stop")
            return caught.value.response.status_code

    assert talk(effects, clients, port, script) == 503


def test_sending_to_nobody_and_outside_of_a_handler(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    run = effects(f"serve:{port}")
    assert run.error("serve-broadcast", "x", "text").tag == "not-serving"
    assert run.error("serve-send", 1, "text").tag == "not-serving"
    seen: list[Any] = []

    def handler(message: Any) -> object:
        seen.append(run.value("serve-send", message[CONN] + 100, "x"))
        seen.append(run.value("serve-broadcast", "empty", "x"))
        seen.append(run.value("serve-broadcast", message[ROOM], "x"))
        return {STOP: True}

    def script() -> None:
        with dial(port, "/x") as one:
            one.send("x")
            one.recv(3)

    found = clients.submit(script)
    assert run.value("serve-ws", port, handler) == result(1, 0, port)
    found.result()
    assert seen == [False, 0, 1]
    assert run.error("serve-broadcast", "x", "text").tag == "not-serving"


def test_an_error_in_a_room_is_counted_and_the_room_goes_on(
    effects: Make, clients: ThreadPoolExecutor, port: int
) -> None:
    run = effects(f"serve:{port}")

    def handler(message: Any) -> object:
        if message[BODY] == "bad":
            raise TickError("user", "bad")
        return chat(run, message)

    def script() -> Any:
        with dial(port, "/x") as one:
            one.send("bad")
            one.send("good")
            heard = one.recv(3)
            one.send("stop")
            return heard

    found = clients.submit(script)
    assert run.value("serve-ws", port, handler) == result(3, 1, port)
    assert found.result() == "good"


def test_who_does_not_read_is_cut_off(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    run = effects(f"serve:{port}")
    sent: list[int] = []

    def flood(message: Any) -> object:
        for _ in range(200):
            sent.append(run.value("serve-broadcast", "x", "y" * 1_000_000))
            if sent[-1] == 0:
                break
        return {STOP: True}

    def script() -> None:
        with opened(port) as deaf:
            deaf.sendall(
                b"GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            deaf.recv(1000)
            deaf.sendall(b"\x81\x81\0\0\0\0x")
            time.sleep(1)

    found = clients.submit(script)
    run.value("serve-ws", port, flood, options(for_ms=3000))
    found.result()
    assert sent[0] == 1
    assert sent[-1] == 0


def test_nonsense_is_no_connection(effects: Make, clients: ThreadPoolExecutor, port: int) -> None:
    def script() -> Any:
        answer = raw(port, b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with dial(port, "/x") as one:
            one.send("stop")
        return status(answer)

    assert talk(effects, clients, port, script) == 426


def test_without_the_package_the_extra_is_named(effects: Make, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vigyc.effects.serving.rooms", None)
    with pytest.raises(TickError, match=r"pip install 'vigyc\[serve\]'") as caught:
        effects(f"serve:{port}").call("serve-ws", port, hello)
    assert caught.value.kind == "missing-extra"
