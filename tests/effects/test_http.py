"""The pack `http` against servers on the loopback: what programs ask for and what they get."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme

from effects import loopback
from effects.conftest import Effects
from effects.loopback import Serve, answer, certified, redirect, url
from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.effects.network import client
from vigyc.effects.packs.http import PACK
from vigyc.effects.result import EffectFailed
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.secret import Secret

Make = Callable[..., Effects]
STATUS, HEADERS, BODY = keyword("status"), keyword("headers"), keyword("body")


@pytest.fixture
def serve() -> Iterator[Serve]:
    with loopback.serving() as serve:
        yield serve


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def keyed(**options: object) -> dict[object, object]:
    return {keyword(name.replace("_", "-")): value for name, value in options.items()}


def test_a_get_gives_status_headers_and_text(effects: Make, serve: Serve) -> None:
    server = serve(answer("grüße".encode(), headers={"X-A": "1", "x-a": "2", "Content-Type": "text/plain"}))
    found = effects(f"net:127.0.0.1:{server.port}").value("http-get", url(server, "/a?b=c#d"))
    assert found[STATUS] == 200
    assert found[BODY] == "grüße"
    assert found[HEADERS] == {"x-a": "1, 2", "content-type": "text/plain", "content-length": "7"}
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("GET", "/a?b=c")
    assert asked.headers == {
        "host": f"127.0.0.1:{server.port}", "accept": "*/*", "accept-encoding": "gzip, deflate", "user-agent": "vigyc",
        "connection": "close",
    }  # fmt: skip


def test_a_body_that_is_no_text_comes_as_bytes(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"\xff\xfe\x00"))
    assert effects("net:127.0.0.1").value("http-get", url(server))[BODY] == b"\xff\xfe\x00"


@pytest.mark.parametrize("status", [201, 204, 304, 400, 404, 500, 599])
def test_any_status_is_an_answer(effects: Make, serve: Serve, status: int) -> None:
    server = serve(answer(status=status))
    assert effects("net:127.0.0.1").value("http-get", url(server))[STATUS] == status


def test_a_head_has_no_body(effects: Make, serve: Serve) -> None:
    server = serve(answer(length=10**12, headers={"Content-Encoding": "gzip"}))
    found = effects("net:127.0.0.1").value("http-head", url(server))
    assert found[BODY] == ""
    assert found[HEADERS]["content-length"] == str(10**12)
    assert server.asked[0].method == "HEAD"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_body_is_sent(effects: Make, serve: Serve, method: str) -> None:
    server = serve(answer(b"done"))
    found = effects("net:127.0.0.1").value(f"http-{method}", url(server), keyed(body=b"\0data"))
    assert found[BODY] == "done"
    (asked,) = server.asked
    assert (asked.method, asked.body) == (method.upper(), b"\0data")
    assert "content-type" not in asked.headers


def test_an_empty_post_says_so(effects: Make, serve: Serve) -> None:
    server = serve(answer())
    run = effects("net:127.0.0.1")
    run.value("http-post", url(server))
    run.value("http-delete", url(server))
    assert [asked.headers.get("content-length") for asked in server.asked] == ["0", None]


def test_data_is_sent_as_json(effects: Make, serve: Serve) -> None:
    server = serve(answer())
    run = effects("net:127.0.0.1")
    run.value("http-post", url(server), keyed(json={keyword("n"): [1, None]}))
    run.value("http-post", url(server), keyed(json=[], headers={"Content-Type": "application/x+json"}))
    first, second = server.asked
    assert json.loads(first.body) == {"n": [1, None]}
    assert (first.headers["content-type"], second.headers["content-type"]) == ("application/json", "application/x+json")
    with pytest.raises(TickError, match="not both"):
        run.call("http-post", url(server), keyed(json=1, body="a"))


def test_a_query_is_encoded_and_sorted(effects: Make, serve: Serve) -> None:
    server = serve(answer())
    run = effects("net:127.0.0.1")
    run.value("http-get", url(server, "/a"), keyed(query={"b": "x y&z", "a": "ü/#"}))
    run.value("http-get", url(server, "/a?q=1"), keyed(query={keyword("b"): "2"}))
    assert [asked.path for asked in server.asked] == ["/a?a=%C3%BC%2F%23&b=x%20y%26z", "/a?q=1&b=2"]


def test_any_method_can_be_sent_but_a_few(effects: Make, serve: Serve) -> None:
    server = serve(answer())
    run = effects("net:127.0.0.1")
    run.value("http-send", "options", url(server))
    assert server.asked[0].method == "OPTIONS"
    for method in ("CONNECT", "trace", "", "G ET", "GET / HTTP/1.1\r\nHost: evil", "GÉT"):
        with pytest.raises(TickError):
            run.call("http-send", method, url(server))
    assert server.connections == 1


def test_f13_secrets_are_opened_for_the_server_alone(effects: Make, serve: Serve) -> None:
    server = serve(lambda asked: answer(asked.body))
    run = effects("net:127.0.0.1")
    options = keyed(headers={"authorization": Secret("Bearer abc", "key")}, body=Secret("hidden", "b"))
    run.value("http-post", Secret(url(server, "/?token=xyz"), "url"), options)
    (asked,) = server.asked
    assert (asked.headers["authorization"], asked.body, asked.path) == ("Bearer abc", b"hidden", "/?token=xyz")
    server.close()
    error = run.error("http-post", Secret(url(server, "/?token=xyz"), "url"), options)
    assert "xyz" not in error.message
    assert "abc" not in error.message


@pytest.mark.parametrize(
    ("coding", "code"),
    [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("Identity", bytes)],
)
def test_a_coded_body_is_decoded(effects: Make, serve: Serve, coding: str, code: Callable[[bytes], bytes]) -> None:
    server = serve(answer(code(b"text " * 99), headers={"Content-Encoding": coding}))
    assert effects("net:127.0.0.1").value("http-get", url(server))[BODY] == "text " * 99


def test_a_chunked_body_is_put_together(effects: Make, serve: Serve) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n")
    assert effects("net:127.0.0.1").value("http-get", url(server))[BODY] == "abcde"


def test_a_body_without_a_length_ends_with_the_connection(effects: Make, serve: Serve) -> None:
    server = serve(b"HTTP/1.0 200 OK\r\n\r\nall")
    assert effects("net:127.0.0.1").value("http-get", url(server))[BODY] == "all"


def test_an_interim_answer_is_passed_over(effects: Make, serve: Serve) -> None:
    server = serve(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(b"late"))
    assert effects("net:127.0.0.1").value("http-get", url(server))[BODY] == "late"


def test_d05_a_redirect_on_the_same_host_is_followed(effects: Make, serve: Serve) -> None:
    server = serve(lambda asked: redirect("/b?c#d") if asked.path == "/a" else answer(asked.path.encode()))
    found = effects("net:127.0.0.1").value("http-get", url(server, "/a"), keyed(headers={"authorization": "key"}))
    assert found[BODY] == "/b?c"
    assert [asked.headers["authorization"] for asked in server.asked] == ["key", "key"]


@pytest.mark.parametrize(
    ("status", "method", "after", "body"),
    [
        (301, "POST", "GET", b""), (302, "POST", "GET", b""), (303, "POST", "GET", b""), (303, "PUT", "GET", b""),
        (301, "PUT", "PUT", b"data"), (307, "POST", "POST", b"data"), (308, "PATCH", "PATCH", b"data"),
        (303, "HEAD", "HEAD", b"data"),
    ],
)  # fmt: skip
def test_a_redirect_keeps_or_changes_the_method_as_browsers_do(
    effects: Make, serve: Serve, status: int, method: str, after: str, body: bytes
) -> None:
    server = serve(lambda asked: redirect("/b", status, b"") if asked.path == "/a" else answer())
    options = keyed(body="data", headers={"content-type": "text/x"})
    effects("net:127.0.0.1").value("http-send", method, url(server, "/a"), options)
    last = server.asked[-1]
    assert (last.method, last.body) == (after, body)
    assert ("content-type" in last.headers) == bool(body)


def test_what_says_nowhere_is_no_redirect(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"", 302))
    assert effects("net:127.0.0.1").value("http-get", url(server))[STATUS] == 302
    server = serve(answer(b"", 304, {"Location": "/a"}))
    assert effects("net:127.0.0.1").value("http-get", url(server))[STATUS] == 304


def test_redirects_end(effects: Make, serve: Serve) -> None:
    server = serve(lambda asked: redirect(asked.path + "a"))
    run = effects("net:127.0.0.1", limits=Limits(redirects=2))
    assert run.error("http-get", url(server)).tag == "redirects"
    assert len(server.asked) == 3


def test_a_name_is_where_the_policy_says(effects: Make, serve: Serve) -> None:
    server = serve(lambda asked: answer(asked.headers["host"].encode()))
    grants = "net:*.ok.test", f"net:127.0.0.1:{server.port}"
    run = effects(*grants, resolve={"a.ok.test": "127.0.0.1"})
    assert run.value("http-get", url(server, host="A.ok.test."))[BODY] == f"a.ok.test:{server.port}"


def test_the_next_address_is_tried(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"here"))
    run = effects("net:ok.test", "net:127.0.0.0/8", resolve={"ok.test": "127.0.0.9, 127.0.0.1"})
    assert run.value("http-get", url(server, host="ok.test"))[BODY] == "here"


def test_localhost_is_reached_where_it_is_granted(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"home"))
    assert effects(f"net:localhost:{server.port}").value("http-get", url(server, host="LOCALHOST."))[BODY] == "home"


def test_a_server_that_proves_who_it_is_is_talked_to(
    effects: Make, serve: Serve, authority: trustme.CA, ca: str
) -> None:
    names: list[str | None] = []
    tls = certified(authority, "ok.test", "127.0.0.1")
    tls.sni_callback = lambda _, name, __: names.append(name)
    server = serve(lambda asked: answer(asked.headers["host"].encode()), tls)
    run = effects("net:ok.test", "net:127.0.0.1", ca=ca, resolve={"ok.test": "127.0.0.1"})
    assert run.value("http-get", url(server, host="ok.test", scheme="https"))[BODY] == f"ok.test:{server.port}"
    assert run.value("http-get", url(server, scheme="https"))[STATUS] == 200
    assert names == ["ok.test", None]


def test_time_and_size_may_be_less_than_the_limits(effects: Make, serve: Serve) -> None:
    server = serve(lambda asked: answer(b"x" * 100) if asked.wait(0.1) else b"")
    run = effects("net:127.0.0.1")
    assert run.error("http-get", url(server), keyed(timeout_ms=30)).tag == "timeout"
    target = run.gate.allow("net", url(server))
    with pytest.raises(EffectFailed) as caught:
        client.send(run.gate, "get", target, most=99)
    assert caught.value.tag == "too-large"
    assert client.send(run.gate, "get", target, most=100).body == b"x" * 100


def test_bodies_are_charged_either_way(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"x" * 60))
    run = effects("net:127.0.0.1", budgets=(Budget({"bytes": 100}),))
    run.value("http-post", url(server), keyed(body="y" * 40))
    assert run.gate.left("bytes") == 0
    with pytest.raises(TickError, match="budget"):
        run.call("http-get", url(server))
    with pytest.raises(TickError, match="budget"):
        run.call("http-post", url(server), keyed(body="y"))
    assert len(server.asked) == 2


def test_a_body_beyond_the_budget_is_charged_as_far_as_it_goes(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"x" * 60))
    run = effects("net:127.0.0.1", budgets=(Budget({"bytes": 50}),))
    with pytest.raises(TickError) as caught:
        run.call("http-get", url(server))
    assert caught.value.kind == "budget-exceeded"
    assert run.gate.left("bytes") == 0


def test_misuse_is_named(effects: Make) -> None:
    run = effects("net:*")
    options: list[Mapping[Any, Any]] = [keyed(timeout="1"), keyed(headers={"a": 1}), keyed(query=[1]), keyed(body="x")]
    for given in options:
        with pytest.raises(TickError):
            run.call("http-get", "https://example.com", given)


def test_asking_changes_nothing_and_sending_may() -> None:
    changing = {name for name, operation in PACK.operations.items() if operation.changes}
    assert set(PACK.operations) - changing == {"http-get", "http-head"}
