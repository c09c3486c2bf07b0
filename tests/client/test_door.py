"""What a client says when a server is not there, is slow, is another, or does not know it; and how it gets there."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

import vigyc
from client.served import served
from vigyc.lang.errors import InternalError, Invalid, NotAllowed, StoreError
from vigyc.service.runtime import Runtime
from vigyc.surfaces.client.client import Client
from vigyc.surfaces.wire.caller import Unauthenticated


@contextmanager
def answering(answer: bytes | None) -> Iterator[str]:
    """The URL of something that gives everybody this answer, or none at all."""
    with socket.create_server(("127.0.0.1", 0)) as link:
        held = []

        def serve() -> None:
            while True:
                try:
                    peer, _ = link.accept()
                except OSError:
                    return
                held.append(peer)
                if answer is not None:
                    peer.recv(65536)
                    peer.sendall(answer)
                    peer.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{link.getsockname()[1]}"
        finally:
            link.shutdown(socket.SHUT_RDWR)
            thread.join()
            for peer in held:
                peer.close()


def _reply(status: str, body: bytes = b"", kind: str = "text/html", *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-type: {kind}", f"content-length: {len(body)}", "connection: close", *more]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    with Runtime.open() as runtime:
        runtime.register("(vigy-noop)", name="one", every="1h")
        yield runtime


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as link:
        url = f"http://127.0.0.1:{link.getsockname()[1]}"
    with Client.connect(url) as client:
        for ask in (client.list, client.subscribe, lambda: client.kv("one")):
            with pytest.raises(StoreError) as caught:
                ask()
            assert str(caught.value) == f"cannot reach the server at {url}: connection refused"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpcore2 forgets a socket
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_no_such_host_and_no_such_socket(tmp_path: Path) -> None:
    for url in ("http://nowhere.invalid:1", f"unix:{tmp_path}/none.sock"):
        with Client.connect(url) as client, pytest.raises(StoreError, match=f"cannot reach the server at {url}: "):
            client.list()
    gc.collect()  # here, where the warning is expected


def test_a_server_that_never_answers() -> None:
    with answering(None) as url, Client.connect(url, timeout=0.2) as client:
        for ask in (client.list, client.subscribe, lambda: client.tick("one", 0.1)):
            with pytest.raises(StoreError, match="it does not answer in time"):
                ask()


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (_reply("200 OK", b"<html>"), InternalError, "cannot be read"),
        (_reply("404 Not Found", b"<html>"), InternalError, "answers as no server of vigyc does: 404 Not Found"),
        (_reply("502 Bad Gateway", b"{}", "application/json"), StoreError, "502 Bad Gateway"),
        (_reply("302 Found", b"", "text/plain", "location: /elsewhere"), InternalError, "302 Found"),
        (b"nonsense\r\n\r\n", StoreError, "cannot reach the server"),
        (b"", StoreError, "cannot reach the server"),
    ],
)
def test_an_answer_that_is_none(reply: bytes, error: type[Exception], said: str) -> None:
    with answering(reply) as url, Client.connect(url) as client, pytest.raises(error, match=said):
        client.list()


@pytest.mark.parametrize("token", [None, "vgy_wrong"])
def test_who_is_not_known_is_told_how_to_be(runtime: Runtime, token: str | None) -> None:
    with served(runtime) as server, Client.connect(server.url, token) as client:
        for ask in (client.list, client.subscribe):
            with pytest.raises(Unauthenticated, match=r"--token or \$VIGYC_TOKEN; `vigyc token show admin`"):
                ask()


def test_who_may_only_look(runtime: Runtime) -> None:
    with served(runtime) as server, Client.connect(server.url, server.reader) as client:
        assert [vigy.name for vigy in client.list()] == ["one"]
        for ask in (client.disable, client.delete, client.tick):
            with pytest.raises(NotAllowed, match="'rob' has the role read"):
                ask("one")
        with pytest.raises(NotAllowed):
            client.register("1", name="two")
    assert runtime.get("one").enabled


@pytest.mark.parametrize("token", ["", "two words", "line\nline", "ü"])
def test_what_cannot_be_a_token(token: str) -> None:
    with pytest.raises(Invalid, match="the token"):
        Client.connect("http://127.0.0.1:1", token)


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:38821", "ftp://a", "http://", "http://a:b", "http://a:99999", "unix:", "unix://a/b", "http://u@a"]
)  # fmt: skip
def test_what_is_no_url_of_a_server(url: str) -> None:
    with pytest.raises(Invalid, match="the server "):
        Client.connect(url)


def test_proxies_are_not_for_this_machine(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with served(runtime) as server, Client.connect(server.url, server.admin) as client:
        assert len(client.list()) == 1


def test_a_unix_socket(runtime: Runtime, tmp_path: Path) -> None:
    with served(runtime, socket=tmp_path / "s") as server, Client.connect(server.url, server.admin) as client:
        assert server.url == f"unix:{tmp_path}/s"
        with client.subscribe() as stream:
            run = client.tick("one")
            notices = [stream.get(10) for _ in range(run.seq - stream.seq)]
        assert notices[-1] is not None
        assert notices[-1].run == run


def test_tls_by_authorities_that_are_named(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    for number, blob in enumerate(made.cert_chain_pems):
        blob.write_to_path(tmp_path / "cert.pem", append=number > 0)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with served(runtime, tls=(tmp_path / "cert.pem", tmp_path / "key.pem")) as server:
        assert server.url.startswith("https://")
        with Client.connect(server.url, server.admin, ca=str(tmp_path / "ca.pem")) as client:
            assert len(client.list()) == 1
            with client.subscribe(0) as stream:
                assert stream.get(10) is not None
        with (
            Client.connect(server.url, server.admin) as client,
            pytest.raises(StoreError, match="certificate verify failed"),
        ):
            client.list()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        with vigyc.Client.connect(server.url, server.admin) as client:
            assert len(client.list()) == 1
    with pytest.raises(Invalid, match="the authorities in"):
        Client.connect("https://a.example", ca=str(tmp_path / "none.pem"))


def test_the_package_it_takes_is_named() -> None:
    code = """
import sys
sys.modules["httpx2"] = None
import vigyc
from vigyc.surfaces.cli.main import main
main(["list", "--server", "http://127.0.0.1:1"], prog_name="vigyc")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "vigyc: to ask a server takes httpx2: pip install 'vigyc[client]'\n"


def test_what_asks_no_server_loads_nothing_for_it() -> None:
    code = "import sys, vigyc; vigyc.Client; import vigyc.surfaces.cli.list; print('httpx2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
