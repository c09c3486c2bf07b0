"""What programs, servers and name servers try against the pack `http`; all of it stays on the loopback."""

from __future__ import annotations

import gzip
import socket
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import monotonic

import pytest
import trustme

from effects import loopback
from effects.conftest import Effects
from effects.loopback import Asked, Serve, answer, certified, redirect, url
from vigyc.effects.limits import Limits
from vigyc.effects.network.client import send
from vigyc.effects.network.headers import checked
from vigyc.effects.network.reach import reach
from vigyc.effects.policy import Policy
from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.host import parse_url
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError

Make = Callable[..., Effects]
STATUS, BODY = keyword("status"), keyword("body")
NAMES = {"ok.test": "127.0.0.1", "evil.test": "127.0.0.1"}


class Shifting(Mapping[str, str]):
    """A name server that answers otherwise each time it is asked, the last answer again and again."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __getitem__(self, name: str) -> str:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]

    def __iter__(self) -> Iterator[str]:
        return iter(["ok.test"])

    def __len__(self) -> int:
        return 1


@pytest.fixture
def serve() -> Iterator[Serve]:
    with loopback.serving() as serve:
        yield serve


def keyed(**options: object) -> dict[object, object]:
    return {keyword(name.replace("_", "-")): value for name, value in options.items()}


# -- which server is reached


@pytest.mark.parametrize("path", ["http://ok.test:{port}@evil.test:{port}/", "http://ok.test:80@evil.test:{port}/"])
def test_d01_a_user_that_looks_like_a_host_is_denied(effects: Make, serve: Serve, path: str) -> None:
    server = serve(answer(b"evil"))
    run = effects("net:ok.test", "net:127.0.0.1", resolve=NAMES)
    run.denied("http-get", path.format(port=server.port))
    assert server.connections == 0


@pytest.mark.parametrize("rest", ["/x@ok.test/", "?q=@ok.test", "#@ok.test/", "/\\@ok.test", "\\@ok.test/"])
def test_d02_a_path_that_looks_like_a_host_is_denied(effects: Make, serve: Serve, rest: str) -> None:
    server = serve(answer(b"evil"))
    run = effects("net:ok.test", "net:127.0.0.1", resolve=NAMES)
    run.denied("http-get", f"http://evil.test:{server.port}{rest}")
    assert server.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_d04_a_redirect_to_another_host_is_denied(effects: Make, serve: Serve, status: int) -> None:
    evil = serve(answer(b"evil"))
    server = serve(redirect(f"http://evil.test:{evil.port}/", status, b"secret"))
    run = effects("net:ok.test", "net:127.0.0.1:1", f"net:127.0.0.1:{server.port}", resolve=NAMES)
    said = run.denied("http-get", url(server, host="ok.test"))
    assert f"evil.test:{evil.port}" in said
    assert "secret" not in said
    assert evil.connections == 0
    assert [decision.allowed for decision in run.gate.calls[-1].decisions] == [True, False]


def test_d04_a_refresh_in_a_page_is_no_redirect(effects: Make, serve: Serve) -> None:
    page = b'<meta http-equiv="refresh" content="0;url=http://evil.test/">'
    server = serve(answer(page, headers={"Refresh": "0;url=http://evil.test/"}))
    assert effects("net:127.0.0.1").value("http-get", url(server))[BODY] == page.decode()


@pytest.mark.parametrize(
    "location",
    [
        "//evil.test/", "//[::1", "http:///evil.test", "http:evil.test", "http://ok.test@evil.test/",
        "file:///etc/passwd", "ftp://ok.test/", "http://127.1/", "http://2130706433/", "http://[::1",
        "http://ok.test\\@evil.test/", "data:text/plain,a",
    ],
)  # fmt: skip
def test_d04_a_redirect_with_an_odd_place_leads_nowhere(effects: Make, serve: Serve, location: str) -> None:
    server = serve(redirect(location))
    run = effects("net:ok.test", f"net:127.0.0.1:{server.port}", resolve=NAMES)
    run.denied("http-get", url(server, host="ok.test"))
    assert len(server.asked) == 1


def test_t4_a_redirect_to_a_private_address_is_denied(effects: Make, serve: Serve) -> None:
    inside = serve(answer(b"inside"))
    targets = [f"http://127.0.0.1:{inside.port}/", f"http://in.test:{inside.port}/", f"http://localhost:{inside.port}/"]
    server = serve(lambda asked: redirect(targets[int(asked.path[1:])]))
    run = effects("net:*", f"net:127.0.0.1:{server.port}", resolve={**NAMES, "in.test": "127.0.0.1"})
    for at in range(3):
        run.denied("http-get", url(server, f"/{at}", host="ok.test"))
    assert inside.connections == 0


def test_t4_no_redirect_leaves_tls(effects: Make, serve: Serve, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    plain = serve(answer(b"plain"))
    server = serve(redirect(url(plain)), certified(authority, "127.0.0.1"))
    run = effects("net:127.0.0.1", ca=str(tmp_path / "ca.pem"))
    assert run.error("http-get", url(server, scheme="https")).tag == "redirects"
    assert plain.connections == 0


def test_t4_what_may_be_secret_stays_with_its_origin(effects: Make, serve: Serve) -> None:
    other = serve(answer(b"there"))
    server = serve(redirect(url(other)))
    headers = {"Authorization": "a", "Cookie": "b", "X-Api-Key": "c", "Accept": "text/x", "User-Agent": "me"}
    assert effects("net:127.0.0.1").value("http-get", url(server), keyed(headers=headers))[BODY] == "there"
    assert server.asked[0].headers["x-api-key"] == "c"
    there = other.asked[0].headers
    assert not there.keys() & {"authorization", "cookie", "x-api-key"}
    assert (there["accept"], there["user-agent"], there["host"]) == ("text/x", "me", f"127.0.0.1:{other.port}")


def test_d13_a_redirect_must_be_allowed_for_the_kind_of_the_request_too(effects: Make, serve: Serve) -> None:
    other = serve(answer(b"there"))
    server = serve(redirect(url(other)))
    run = effects("net:127.0.0.1", f"a2a:127.0.0.1:{server.port}")
    target = run.gate.allow("net", url(server))
    with pytest.raises(TickError) as caught:
        send(run.gate, "POST", target, body=b"task", kind="a2a")
    assert caught.value.kind == "denied"
    assert other.connections == 0
    assert send(run.gate, "POST", target, body=b"task").body == b"there"


@pytest.mark.parametrize("spelling", ["http://OK.test:{}/", "http://ok.test.:{}/", "HTTP://ok.TEST:{}"])
def test_d06_other_spellings_of_a_granted_host_are_allowed(effects: Make, serve: Serve, spelling: str) -> None:
    server = serve(answer(b"ok"))
    run = effects("net:ok.test", "net:127.0.0.1", resolve=NAMES)
    assert run.value("http-get", spelling.format(server.port))[BODY] == "ok"


@pytest.mark.parametrize(
    "where",
    [
        "127.0.0.1", "169.254.169.254", "::1", "10.0.0.1", "192.168.0.1", "100.64.0.1", "0.0.0.0", "::", "fd00::1",
        "fe80::1", "::ffff:127.0.0.1", "::ffff:a00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1",
        "255.255.255.255", "1.1.1.1 127.0.0.1", "127.0.0.1, 1.1.1.1", "2606:4700::1111 ::1",
    ],
)  # fmt: skip
def test_d08_a_name_that_leads_inside_is_denied(effects: Make, where: str) -> None:
    run = effects("net:ok.test", "net:*", "net:localhost", "net:172.16.0.0/12", resolve={"ok.test": where})
    said = run.denied("http-get", "http://ok.test/")
    assert where not in said


@pytest.mark.parametrize(
    "where",
    ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://10.0.0.1/", "http://localhost/",
     "http://[fd00:ec2::254]/", "http://[::ffff:169.254.169.254]/", "http://0.0.0.0/"],
)  # fmt: skip
def test_d08_any_host_is_any_public_host(effects: Make, where: str) -> None:
    effects("net:*").denied("http-get", where)


@pytest.mark.parametrize("grant", ["net:127.0.0.1", "net:127.0.0.0/8", "net:0.0.0.0/0", "net:127.0.0.1:{port}"])
def test_d08_a_private_address_is_reached_where_a_grant_names_it(effects: Make, serve: Serve, grant: str) -> None:
    server = serve(answer(b"inside"))
    run = effects("net:ok.test", grant.format(port=server.port), resolve=NAMES)
    assert run.value("http-get", url(server, host="ok.test"))[BODY] == "inside"
    effects("net:ok.test", "net:127.0.0.1:1", resolve=NAMES).denied("http-get", url(server, host="ok.test"))


def test_d08_a_grant_of_localhost_is_for_that_name_and_the_loopback(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"inside"))
    run = effects("net:localhost", "net:ok.test", resolve=NAMES)
    run.denied("http-get", url(server, host="ok.test"))
    run.denied("http-get", url(server))
    effects("net:localhost", resolve={"localhost": "10.0.0.1"}).denied("http-get", url(server, host="localhost"))
    assert server.connections == 0


def test_t4_a_name_is_resolved_once_for_check_and_connection(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"first"))
    names = Shifting("127.0.0.1", "127.0.0.3")
    run = effects("net:ok.test", f"net:127.0.0.1:{server.port}", resolve=names)
    assert run.value("http-get", url(server, host="ok.test"))[BODY] == "first"
    assert names.asked == 1
    run.denied("http-get", url(server, host="ok.test"))
    assert server.connections == 1


def test_t4_each_hop_is_judged_by_where_it_leads_now(effects: Make, serve: Serve) -> None:
    server = serve(redirect("/again"))
    run = effects("net:ok.test", f"net:127.0.0.1:{server.port}", resolve=Shifting("127.0.0.1", "10.0.0.1"))
    run.denied("http-get", url(server, host="ok.test"))
    assert len(server.asked) == 1


def test_t4_a_public_address_is_let_through_and_pinned() -> None:
    policy = Policy.of("net:ok.test", resolve={"ok.test": "::ffff:1.1.1.1, 2606:4700::1111 1.0.0.1"})
    found = reach(policy, parse_url("http://ok.test/"), 1)
    assert found.decision.allowed
    assert found.addresses == ("1.1.1.1", "2606:4700::1111", "1.0.0.1")


def test_d10_another_port_of_the_host_is_denied(effects: Make) -> None:
    run = effects("net:ok.test:443", "net:127.0.0.1", resolve=NAMES)
    for where in ("http://ok.test:22/", "https://ok.test:22/", "http://ok.test/"):
        run.denied("http-get", where)


@pytest.mark.parametrize("scheme", ["file:///etc/passwd", "ftp://ok.test/", "gopher://ok.test/_x", "data:text/plain,x"])
def test_d11_other_schemes_are_denied(effects: Make, scheme: str) -> None:
    effects("net:*").denied("http-get", scheme)


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.0x1", "0"])
def test_t4_odd_spellings_of_an_address_are_denied(effects: Make, serve: Serve, host: str) -> None:
    server = serve(answer(b"inside"))
    effects("net:*", "net:127.0.0.1").denied("http-get", url(server, host=host))
    assert server.connections == 0


@pytest.mark.parametrize("host", ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "１２７.0.0.1", "127.0.0.1."])
def test_t4_other_spellings_of_an_address_are_that_address(effects: Make, serve: Serve, host: str) -> None:
    server = serve(answer(b"inside"))
    effects("net:*").denied("http-get", url(server, host=host))
    assert effects("net:127.0.0.1").value("http-get", url(server, host=host))[BODY] == "inside"


def test_t4_no_proxy_is_used(effects: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = serve(answer(b"proxy")), serve(answer(b"server"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, url(proxy))
    assert effects("net:127.0.0.1").value("http-get", url(server))[BODY] == "server"
    assert proxy.connections == 0


# -- what is not granted


def test_c02_a_granted_host_is_called(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"api"))
    run = effects(f"net:ok.test:{server.port}", "net:127.0.0.1", resolve=NAMES)
    assert run.value("http-get", url(server, host="ok.test"))[BODY] == "api"
    assert run.gate.denied == 0


@pytest.mark.parametrize("host", ["evil.test", "a.ok.test", "ok.test.evil.test", "test", "xok.test"])
def test_c03_any_other_host_is_denied(effects: Make, serve: Serve, host: str) -> None:
    server = serve(answer(b"evil"))
    run = effects("net:ok.test", "net:127.0.0.1", resolve={**NAMES, host: "127.0.0.1"})
    said = run.denied("http-get", url(server, host=host))
    assert f"net:{host}:{server.port}" in said
    assert server.connections == 0


def test_c03_without_a_grant_no_operation_connects(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"x"))
    run = effects()
    for op in ("http-get", "http-head", "http-post", "http-put", "http-patch", "http-delete"):
        run.denied(op, url(server))
    run.denied("http-send", "GET", url(server))
    assert server.connections == 0


# -- what a program may not send


@pytest.mark.parametrize(
    "name",
    ["Host", "content-length", "Transfer-Encoding", "Connection", "Upgrade", "TE", "Expect", "Proxy-Authorization", "",
     "a b", "a:b", "a\r\nHost", "ä", "a\0", "x" * 100 + "\n"],
)  # fmt: skip
def test_t4_headers_that_are_ours_or_none_are_refused(effects: Make, serve: Serve, name: str) -> None:
    server = serve(answer())
    with pytest.raises(TickError, match="header"):
        effects("net:127.0.0.1").call("http-get", url(server), keyed(headers={name: "1"}))
    assert server.connections == 0


@pytest.mark.parametrize("value", ["a\r\nHost: evil.test", "a\nb", "a\rb", "a\0b", "a\x7f", "\x1b[0m", "\ud800"])
def test_t4_a_line_break_in_a_value_is_refused_and_not_shown(effects: Make, serve: Serve, value: str) -> None:
    server = serve(answer())
    with pytest.raises(TickError) as caught:
        effects("net:127.0.0.1").call("http-get", url(server), keyed(headers={"x": value}))
    assert value not in caught.value.short
    assert server.connections == 0


def test_t4_a_header_is_given_once() -> None:
    with pytest.raises(TickError, match="twice"):
        checked({"X-A": "1", "x-a": "2"})


def test_a_value_in_other_letters_is_sent_as_utf_8(effects: Make, serve: Serve) -> None:
    server = serve(answer())
    effects("net:127.0.0.1").value("http-get", url(server), keyed(headers={"x": " grü\t! "}))
    assert server.asked[0].headers["x"] == "grü\t!"


# -- what a server may try


def test_d14_a_large_body_is_cut_off(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"x" * (11 * 2**20)))
    assert effects("net:127.0.0.1").error("http-get", url(server)).tag == "too-large"


def test_d14_a_body_of_unsaid_length_is_cut_off(effects: Make, serve: Serve) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001)
    run = effects("net:127.0.0.1", limits=Limits(body_bytes=1000))
    assert run.error("http-get", url(server)).tag == "too-large"
    run = effects("net:127.0.0.1", limits=Limits(body_bytes=1001))
    assert run.value("http-get", url(server))[BODY] == "x" * 1001


@pytest.mark.parametrize(("coding", "code"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_d14_a_bomb_is_not_blown_up(effects: Make, serve: Serve, coding: str, code: Callable[[bytes], bytes]) -> None:
    bomb = code(bytes(9 * 2**20))
    assert len(bomb) < 10_000
    server = serve(answer(bomb, headers={"Content-Encoding": coding}))
    assert effects("net:127.0.0.1").error("http-get", url(server)).tag == "too-large"


def test_d14_a_body_is_measured_as_it_is_meant(effects: Make, serve: Serve) -> None:
    server = serve(answer(gzip.compress(b"ab" * 600), headers={"Content-Encoding": "gzip"}))
    assert effects("net:127.0.0.1", limits=Limits(body_bytes=1000)).error("http-get", url(server)).tag == "too-large"
    assert effects("net:127.0.0.1", limits=Limits(body_bytes=1200)).value("http-get", url(server))[STATUS] == 200


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "zstd", "x" * 99, "gzip"])
def test_a_coding_that_was_not_asked_for_is_refused(effects: Make, serve: Serve, coding: str) -> None:
    server = serve(answer(b"not that", headers={"Content-Encoding": coding}))
    assert effects("net:127.0.0.1").error("http-get", url(server)).tag == "decode"


@pytest.mark.parametrize("cut", [1, 8, 12])
def test_a_coded_body_that_is_cut_is_refused(effects: Make, serve: Serve, cut: int) -> None:
    server = serve(answer(gzip.compress(b"text" * 99)[:-cut], headers={"Content-Encoding": "gzip"}))
    assert effects("net:127.0.0.1").error("http-get", url(server)).tag == "decode"


def test_a_coded_body_that_goes_on_is_refused(effects: Make, serve: Serve) -> None:
    server = serve(answer(gzip.compress(b"text") + b"more", headers={"Content-Encoding": "gzip"}))
    assert effects("net:127.0.0.1").error("http-get", url(server)).tag == "decode"


def _dripping(head: bytes, drop: bytes) -> Callable[[Asked], bytes]:
    def drip(asked: Asked) -> bytes:
        asked.say(head)
        while asked.wait(0.02):
            asked.say(drop)
        return b""

    return drip


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 2", b"0"),
        (b"", b"\r\n"),
    ],
)
def test_d14_a_slow_drip_ends_in_time(effects: Make, serve: Serve, head: bytes, drop: bytes) -> None:
    server = serve(_dripping(head, drop))
    began = monotonic()
    error = effects("net:127.0.0.1", limits=Limits(request_ms=200)).error("http-get", url(server))
    assert error.tag in {"timeout", "decode"}
    assert monotonic() - began < 1


def test_d14_silence_ends_with_the_tick(effects: Make, serve: Serve) -> None:
    server = serve(lambda asked: answer() if asked.wait(5) else b"")
    began = monotonic()
    assert effects("net:127.0.0.1", seconds=0.2).error("http-get", url(server)).tag == "timeout"
    assert monotonic() - began < 1


def test_t4_a_head_without_end_is_cut_off(effects: Make, serve: Serve) -> None:
    def endless(asked: Asked) -> bytes:
        asked.say(b"HTTP/1.1 200 OK\r\n")
        while asked.wait(0):
            asked.say(b"X-Y: " + b"z" * 1000 + b"\r\n")
        return b""

    assert effects("net:127.0.0.1").error("http-get", url(serve(endless))).tag == "too-large"


def test_t4_interim_answers_without_end_are_cut_off(effects: Make, serve: Serve) -> None:
    server = serve(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)
    assert effects("net:127.0.0.1").error("http-get", url(server)).tag == "decode"


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\na",
        b"HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
def test_t4_garbage_is_no_answer(effects: Make, serve: Serve, said: bytes) -> None:
    assert effects("net:127.0.0.1").error("http-get", url(serve(said))).tag == "decode"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nA: b\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
)
def test_an_answer_that_breaks_off_is_no_answer(effects: Make, serve: Serve, said: bytes) -> None:
    assert effects("net:127.0.0.1").error("http-get", url(serve(said))).tag == "network"


def test_a_server_that_is_not_there_is_a_failure_of_the_network(effects: Make) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        error = effects("net:127.0.0.1").error("http-get", f"http://127.0.0.1:{port}/")
    assert error.tag == "network"
    assert f"127.0.0.1:{port}" in error.message


@pytest.mark.parametrize("where", ["", "nonsense", "127.0.0.1 x", "1.2.3"])
def test_a_name_that_leads_nowhere_is_a_failure_of_the_network(effects: Make, where: str) -> None:
    error = effects("net:ok.test", resolve={"ok.test": where}).error("http-get", "http://ok.test/")
    assert error.tag == "network"


def test_a_name_that_does_not_exist_is_a_failure_of_the_network() -> None:
    target = parse_url("http://nowhere.invalid/")
    with pytest.raises(EffectFailed) as caught:
        reach(Policy.of("net:*"), target, 0.5)
    assert caught.value.tag in {"network", "timeout"}


@pytest.mark.parametrize("name", ["other.test", "*.other.test", "127.0.0.1"])
def test_t4_a_certificate_of_another_host_is_no_proof(effects: Make, serve: Serve, tmp_path: Path, name: str) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = serve(answer(b"x"), certified(authority, name))
    run = effects("net:ok.test", "net:127.0.0.1", resolve=NAMES, ca=str(tmp_path / "ca.pem"))
    error = run.error("http-get", url(server, host="ok.test", scheme="https"))
    assert error.tag == "tls"
    assert server.asked == []


@pytest.mark.parametrize("given", [False, True])
def test_t4_a_certificate_nobody_vouches_for_is_no_proof(
    effects: Make, serve: Serve, tmp_path: Path, given: bool
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = serve(answer(b"x"), certified(trustme.CA(), "127.0.0.1"))
    run = effects("net:127.0.0.1", **({"ca": str(tmp_path / "ca.pem")} if given else {}))
    assert run.error("http-get", url(server, scheme="https")).tag == "tls"
    assert server.asked == []


@pytest.mark.parametrize("text", [None, "nonsense"])
def test_t4_without_authorities_nobody_is_trusted(
    effects: Make, serve: Serve, tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    server = serve(answer(b"x"), certified(trustme.CA(), "127.0.0.1"))
    error = effects("net:127.0.0.1", ca=str(path)).error("http-get", url(server, scheme="https"))
    assert error.tag == "tls"
    assert str(tmp_path) not in error.message


def test_t4_a_server_without_tls_is_no_secure_one(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"x"))
    assert effects("net:127.0.0.1").error("http-get", url(server, scheme="https")).tag == "tls"


def test_t4_a_handshake_that_hangs_ends_in_time(effects: Make, serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = monotonic()
        run = effects("net:127.0.0.1", limits=Limits(connect_ms=150))
        error = run.error("http-get", f"https://127.0.0.1:{silent.getsockname()[1]}/")
    assert error.tag == "timeout"
    assert monotonic() - began < 1


def test_t4_a_body_cut_off_within_tls_is_no_answer(effects: Make, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    class Cutting(loopback.Loopback):
        def finish(self, connection: ssl.SSLSocket) -> None:
            """End the connection below TLS, as who sits between could."""

    server = Cutting(lambda _: b"HTTP/1.1 200 OK\r\n\r\nhalf of it", certified(authority, "127.0.0.1"))
    try:
        run = effects("net:127.0.0.1", ca=str(tmp_path / "ca.pem"))
        assert run.error("http-get", url(server, scheme="https")).tag == "network"
    finally:
        server.close()
