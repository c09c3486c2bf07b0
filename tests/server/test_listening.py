"""Addresses, unix sockets and certificates, and what is said of wrong ones."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
import trustme

from server.site import everything, site
from vigyc.lang.errors import Conflict, SettingsError
from vigyc.service.runtime import Runtime
from vigyc.surfaces.server.limits import Limits
from vigyc.surfaces.server.listening import Address, address_of, forget_unix, listen, listen_unix, tls_of
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.server.serving import HttpServer


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:80", Address("127.0.0.1", 80)),
        ("localhost:0", Address("localhost", 0)),
        ("[::1]:38821", Address("::1", 38821)),
        ("a.example:65535", Address("a.example", 65535)),
        (":80", Address("", 80)),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert address_of(text) == address
    assert str(address) == text


NO_ADDRESSES = (
    "",
    "80",
    "localhost",
    "localhost:",
    "localhost:x",
    "a:65536",
    "::1:80",
    "a b:80",
    "http://a:80",
    "a@b:1",
)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(SettingsError, match="is not an address such as"):
        address_of(text)


def test_a_port_that_is_taken_is_named() -> None:
    (taken,) = listen(Address("127.0.0.1", 0))
    with taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"cannot listen at 127.0.0.1:{port}: address already in use"):
            listen(Address("127.0.0.1", port))
        with Runtime.open() as runtime:
            server = HttpServer(runtime, ServerSettings(http=f"127.0.0.1:{port}"))
            with pytest.raises(SettingsError, match="already in use"):
                server.start()
            server.stop()


def test_a_host_there_is_none_of() -> None:
    with pytest.raises(SettingsError, match=r"cannot listen at no\.such\.host\.invalid:80: "):
        listen(Address("no.such.host.invalid", 80))
    with pytest.raises(SettingsError, match=r"cannot listen at 192\.0\.2\.1:80: "):
        listen(Address("192.0.2.1", 80))


def test_all_ways_a_name_is_meant_have_the_same_port() -> None:
    sockets = listen(Address("localhost", 0))
    assert len({each.getsockname()[1] for each in sockets}) == 1
    for each in sockets:
        each.close()


def test_the_newer_protocol() -> None:
    with Runtime.open() as runtime:
        server = HttpServer(runtime, ServerSettings(http="[::1]:0"))
        bound = server.start()
        assert bound.url is not None
        assert bound.url.startswith("http://[::1]:")
        with socket.create_connection(("::1", bound.address.port if bound.address else 0)) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: [::1]:1\r\nConnection: close\r\n\r\n")
            assert everything(connection).startswith(b"HTTP/1.1 200")
        server.stop()
        server.stop()


def test_a_server_starts_once() -> None:
    with Runtime.open() as runtime:
        server = HttpServer(runtime, ServerSettings(http="127.0.0.1:0"))
        server.start()
        with pytest.raises(Conflict):
            server.start()
        server.stop()
        assert server._thread is not None
        assert not server._thread.is_alive()


def test_it_needs_somewhere_to_listen() -> None:
    with Runtime.open() as runtime, pytest.raises(SettingsError, match="address or a socket"):
        HttpServer(runtime, ServerSettings(http=None)).start()


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "vigyc.sock")


def test_a_socket_left_behind_is_replaced(path: str) -> None:
    listen_unix(path).close()
    made = listen_unix(path)
    forget_unix(made, Path(path).stat().st_ino)
    assert not Path(path).exists()


def test_a_socket_somebody_listens_at_is_not(path: str) -> None:
    with listen_unix(path):
        with pytest.raises(SettingsError, match=f"cannot listen at {path}: another process listens there"):
            listen_unix(path)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)


def test_what_is_no_socket_is_never_replaced(path: str, tmp_path: Path) -> None:
    Path(path).write_text("precious", encoding="ascii")
    with pytest.raises(SettingsError, match="no socket"):
        listen_unix(path)
    assert Path(path).read_text("ascii") == "precious"
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(SettingsError, match="no socket"):
        listen_unix(str(link))
    with pytest.raises(SettingsError, match="cannot listen at"):
        listen_unix(str(tmp_path / "no" / "folder"))
    with pytest.raises(SettingsError, match="too long"):
        listen_unix(str(tmp_path / ("a" * 200)))


def test_the_socket_of_a_successor_is_left_alone(path: str) -> None:
    first = listen_unix(path)
    inode = Path(path).stat().st_ino
    Path(path).unlink()
    with listen_unix(path):
        forget_unix(first, inode + 1 if Path(path).stat().st_ino == inode else inode)
        assert Path(path).exists()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def certificate(authority: trustme.CA, tmp_path: Path) -> tuple[str, str]:
    issued = authority.issue_cert("localhost", "127.0.0.1")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    return str(cert), str(key)


def test_over_tls(authority: trustme.CA, certificate: tuple[str, str]) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with site(ServerSettings(tls_cert=certificate[0], tls_key=certificate[1])) as here:
        assert here.bound.url == f"https://127.0.0.1:{here.port}/"
        with trust.wrap_socket(here.connect(), server_hostname="localhost") as secure:
            secure.sendall(
                here.request(path=(here.server.login_link() or "")[len(here.bound.url) - 1 :], Connection="close")
            )
            assert b"; Secure\r\n" in everything(secure)
        plain = here.raw(here.request())
        assert plain.status == 0
        with trust.wrap_socket(here.connect(), server_hostname="localhost") as secure:
            cross = here.request("POST", body=b"{}", Origin=f"http://{here.host}", Connection="close")
            secure.sendall(cross)
            assert b" 403 " in everything(secure)  # a page that came unencrypted is another origin


def test_who_only_pretends_to_speak_tls_is_hung_up_on(certificate: tuple[str, str]) -> None:
    settings = ServerSettings(tls_cert=certificate[0], tls_key=certificate[1])
    with site(settings, limits=Limits(headers=0.3)) as here, here.connect() as half:
        half.sendall(b"\x16\x03\x01")
        assert everything(half) == b""


def test_files_that_are_no_certificate(certificate: tuple[str, str], tmp_path: Path) -> None:
    cert, key = certificate
    other = tmp_path / "other.pem"
    other.write_text("nothing", encoding="ascii")
    assert tls_of(None, None) is None
    with pytest.raises(SettingsError, match="tls_cert"):
        tls_of(None, key)
    with pytest.raises(SettingsError, match=r"missing\.pem"):
        tls_of(str(tmp_path / "missing.pem"), key)
    with pytest.raises(SettingsError, match="no certificate with its key"):
        tls_of(cert, str(other))
    with pytest.raises(SettingsError, match="no certificate with its key"):
        tls_of(cert, None)
