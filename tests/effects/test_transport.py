"""The MCP SDK's HTTP client over connections that keep to the grants."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trustme

from effects import loopback
from effects.conftest import Effects
from effects.loopback import Serve, answer, certified, redirect, url
from vigyc.effects.network.transport import async_client
from vigyc.lang.errors import TickError

Make = Callable[..., Effects]
NAMES = {"ok.test": "127.0.0.1", "in.test": "127.0.0.2"}


@pytest.fixture
def serve() -> Iterator[Serve]:
    with loopback.serving() as serve:
        yield serve


def get(run: Effects, *where: str, seconds: float = 2, most: int = 1000, **headers: str) -> list[httpx2.Response]:
    async def ask() -> list[httpx2.Response]:
        policy: Any = run.session.policy
        async with async_client(policy, run.gate, seconds=seconds, most=most, headers=headers) as client:
            return [await client.post(each, content=b"{}") for each in where]

    return asyncio.run(ask())


def test_a_granted_server_is_asked(effects: Make, serve: Serve) -> None:
    server = serve(lambda asked: answer(asked.headers["host"].encode() + asked.body))
    run = effects("net:ok.test", "net:127.0.0.1", resolve=NAMES)
    (found,) = get(run, url(server, "/mcp?a", host="OK.test"), authorization="key")
    assert found.text == f"ok.test:{server.port}{{}}"
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.headers["authorization"]) == ("POST", "/mcp?a", "key")
    assert asked.names.count("host") == asked.names.count("accept-encoding") == 1


def test_tls_proves_the_name(effects: Make, serve: Serve, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    good, bad = (serve(answer(b"x"), certified(authority, name)) for name in ("ok.test", "evil.test"))
    run = effects("net:ok.test", "net:127.0.0.1", resolve=NAMES, ca=str(tmp_path / "ca.pem"))
    assert get(run, url(good, host="ok.test", scheme="https"))[0].text == "x"
    with pytest.raises(httpx2.ConnectError):
        get(run, url(bad, host="ok.test", scheme="https"))


@pytest.mark.parametrize("host", ["evil.test", "in.test", "127.0.0.1", "2130706433", "ok.test:80@evil.test"])
def test_d13_an_unlisted_or_inner_host_is_denied(effects: Make, serve: Serve, host: str) -> None:
    server = serve(answer(b"x"))
    run = effects("net:ok.test", "net:in.test", resolve=NAMES)
    with pytest.raises(TickError) as caught:
        get(run, url(server, host=host))
    assert caught.value.kind == "denied"
    assert run.gate.denied == 1
    assert server.connections == 0


def test_no_redirect_is_followed(effects: Make, serve: Serve) -> None:
    server = serve(redirect("http://127.0.0.2/"))
    assert get(effects("net:127.0.0.0/8"), url(server))[0].status_code == 302
    assert len(server.asked) == 1


def test_no_proxy_is_used(effects: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = serve(answer(b"proxy")), serve(answer(b"server"))
    monkeypatch.setenv("ALL_PROXY", url(proxy))
    assert get(effects("net:127.0.0.1"), url(server))[0].text == "server"


@pytest.mark.parametrize(
    "said",
    [
        answer(b"x" * 1001),
        answer(gzip.compress(b"x", mtime=0), headers={"Content-Encoding": "gzip"}),
        answer(b"x", length=2),
        b"nonsense\r\n\r\n",
        b"",
    ],
)
def test_d14_what_is_no_fair_answer_is_a_failure(effects: Make, serve: Serve, said: bytes) -> None:
    with pytest.raises(httpx2.TransportError):
        get(effects("net:127.0.0.1"), url(serve(said)))


def test_d14_silence_ends_in_time(effects: Make, serve: Serve) -> None:
    server = serve(lambda asked: answer() if asked.wait(5) else b"")
    with pytest.raises(httpx2.ReadTimeout):
        get(effects("net:127.0.0.1"), url(server), seconds=0.1)


def test_a_server_that_is_not_there_is_a_failure(effects: Make) -> None:
    run = effects("net:ok.test", "net:127.0.0.1:1", resolve={"ok.test": "127.0.0.1"})
    with pytest.raises(httpx2.ConnectError):
        get(run, "http://ok.test:1/")
    with pytest.raises(httpx2.ConnectError):
        get(effects("net:ok.test", resolve={"ok.test": ""}), "http://ok.test/")
