"""`vigyc serve` over HTTP and gRPC: where it listens, what it says, and what it does when it cannot."""

from __future__ import annotations

import re
import signal
import socket
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.serving import Running, register, serve, until
from cli.shell import vigyc
from vigyc.surfaces.cli import listeners

LINK = re.compile(r"vigyc: (http://\S+:(\d+)/) ; to log in(?:, once: (http://\S+/login\?code=\S+)|: .*)\n")


def said(server: Running) -> re.Match[str]:
    """The line that says where it is."""
    assert server.says("to log in"), server.err
    (found,) = (match for line in server.err if (match := LINK.fullmatch(line)))
    return found


def test_it_says_where_it_is_and_how_to_log_in(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    register(db)
    with serve(db, "--http", "127.0.0.1:0", "--login-link") as server:
        url, _, link = said(server).groups()
        assert link.startswith(url)
        token = vigyc("token", "show", "admin", "--db", db).stdout.strip()
        request = urllib.request.Request(f"{url}v1/vigies", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=15) as answer:
            assert b"counter" in answer.read()
        server.process.terminate()
        assert server.ends() == 0
    assert server.out == []


def test_it_ends_soon_with_clients_that_hang_on(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    register(db)
    with serve(db, "--addr", "127.0.0.1:0") as server:
        port = int(said(server)[2])
        token = vigyc("token", "show", "admin", "--db", db).stdout.strip()
        with socket.create_connection(("127.0.0.1", port)) as half, socket.create_connection(("127.0.0.1", port)) as on:
            half.sendall(b"GET / HTTP/1.1\r\nHos")
            on.sendall(f"GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
            assert on.recv(15) == b"HTTP/1.1 200 OK"
            server.process.send_signal(signal.SIGTERM)
            assert server.ends(10) == 0


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for args, environment in ((("--http", address), {}), ((), {"VIGYC_HTTP": address})):
            with Running("serve", "--db", tmp_path / "vigy.db", *args, environment=environment) as server:
                assert server.ends() == 2
            line = f"vigyc: cannot listen at {address}: address already in use; name another address with --http"
            assert server.err[-1].startswith(line)
            assert "--no-http" in server.err[-1]


def test_by_default_it_is_the_port_of_the_settings(tmp_path: Path) -> None:
    with Running("serve", "--db", tmp_path / "vigy.db", environment={"VIGYC_HTTP": "localhost:0"}) as server:
        assert said(server)[1].startswith("http://localhost:")
    with Running(
        "serve", "--db", tmp_path / "vigy.db", "--no-http", environment={"VIGYC_HTTP": "localhost:0"}
    ) as server:
        assert server.says("vigyc: ticking")
        assert not any("http" in line for line in server.err)
    assert vigyc("serve", "--db", tmp_path / "vigy.db", "--http", "off", "--ticks", "1", "--for", "1ms").exit_code == 0


def test_what_does_not_go_together(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    for args in (("--no-http", "--http", "a:1"), ("--no-http", "--open"), ("--no-http", "--mcp"), ("--http", "x")):
        done = vigyc("serve", "--db", db, "--for", "1ms", *args)
        assert done.exit_code == 2, args


def test_from_elsewhere_without_tls_is_warned_of(tmp_path: Path) -> None:
    with serve(tmp_path / "vigy.db", "--http", "0.0.0.0:0") as server:
        assert server.says("vigyc: warning: 0.0.0.0:")
        assert said(server)[1].startswith("http://127.0.0.1:")


def test_a_unix_socket_and_grpc(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with serve(tmp_path / "vigy.db", "--no-http", "--socket", str(path), "--grpc", "127.0.0.1:0") as server:
        assert server.says(f"vigyc: unix socket {path}")
        assert server.says("vigyc: gRPC at 127.0.0.1:")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.1 200"
        server.process.terminate()
        assert server.ends() == 0
    assert not path.exists()


def test_a_browser_is_opened_where_it_is_wanted(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n', encoding="ascii")
    browser.chmod(0o755)
    with Running(
        "serve", "--db", tmp_path / "vigy.db", "--http", "127.0.0.1:0", "--open", environment={"BROWSER": str(browser)}
    ) as server:
        assert said(server)[3] is None
        opened = tmp_path / "opened"
        assert until(lambda: opened.exists() and opened.read_text("ascii").endswith("\n"))
        page = Path(urlsplit(opened.read_text("ascii").strip()).path)
        assert (page.stat().st_mode & 0o777, page.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        (link,) = set(re.findall(r"http://[^\"]+", page.read_text("utf-8")))
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        assert opener.open(link, timeout=15).status == 200
        server.process.terminate()
        assert server.ends() == 0
    assert not page.parent.exists()


def test_a_log_is_told_no_link(tmp_path: Path) -> None:
    with serve(tmp_path / "vigy.db", "--http", "127.0.0.1:0") as server:
        assert said(server)[3] is None
        assert not any("code=" in line for line in server.err)


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "HTTP_NEEDS", ("there_is_no_such_package",))
    monkeypatch.setattr(listeners, "GRPC_NEEDS", ("there_is_no_such_package",))
    done = vigyc("serve", "--db", tmp_path / "vigy.db", "--for", "1ms")
    assert done.exit_code == 0
    assert [line for line in done.stderr.splitlines() if "pip install 'vigyc[server]'" in line] != []
    for args, extra in (
        (("--http", "localhost:0"), "server"),
        (("--no-http", "--grpc"), "grpc"),
        (("--mcp",), "server"),
    ):
        done = vigyc("serve", "--db", tmp_path / "vigy.db", "--for", "1ms", *args)
        assert (done.exit_code, f"pip install 'vigyc[{extra}]'" in done.stderr) == (2, True), args
