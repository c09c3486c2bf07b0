"""The wall around the app: for whom a request is meant, where it comes from, who sends it, and with what body."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.site import Site, everything, one_reply, site
from vigyc.surfaces.server.hosts import Hosts
from vigyc.surfaces.server.listening import Address
from vigyc.surfaces.server.refusal import Refusal
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.wire.caller import Role


@pytest.fixture
def here() -> Iterator[Site]:
    with site(ServerSettings(allowed_hosts=("Vigy.Example", "other.example:8443"))) as found:
        yield found


@pytest.fixture(scope="module")
def there() -> Iterator[Site]:
    """One that no test changes."""
    with site(ServerSettings(allowed_hosts=("Vigy.Example", "other.example:8443"))) as found:
        yield found


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("localhost.", 200),
        ("127.0.0.1:9", 200),
        ("[::1]:38821", 200),
        ("vigy.example", 200),
        ("other.example", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("evil.example:38821", 421),
        ("vigy.example@evil.example", 421),
        ("0.0.0.0", 421),
        ("192.168.1.1", 421),
        ("[::1]evil.example", 421),
        ("localhost:x", 421),
        ("localhost evil", 421),
        ("", 421),
    ],
)
def test_a_name_that_is_not_ours_is_refused(there: Site, host: str, status: int) -> None:
    for path in ("/v1/echo", "/", "/livez"):
        assert there.ask(path=path, Host=host).status == status, path


def test_a_server_for_all_addresses_is_called_by_any_number_but_by_no_other_name() -> None:
    hosts = Hosts(Address("0.0.0.0", 1), [])
    hosts.check_host(b"192.168.7.9:1")
    hosts.check_host(b"[fe80::1]:1")
    with pytest.raises(Refusal):
        hosts.check_host(b"evil.example:1")
    with pytest.raises(Refusal):
        Hosts(Address("127.0.0.1", 1), []).check_host(b"192.168.7.9:1")


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://localhost:1"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "file://"},
    {"Origin": "chrome-extension://abc"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "other"},
    {"Origin": "http://evil.example", "Sec_Fetch_Site": "same-origin"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_of_another_origin_changes_nothing_even_with_a_token(
    there: Site, method: str, headers: dict[str, str]
) -> None:
    found = there.ask(method, body=b"{}", **headers)
    assert (found.status, json.loads(found.body)["kind"]) == (403, "not-allowed")
    assert there.ask("POST", "/login", body=b"{}", **headers).status == 403


def test_our_own_pages_may(there: Site) -> None:
    for headers in (
        {"Origin": f"http://{there.host}"},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "null", "Sec_Fetch_Site": "same-origin"},  # a form of ours, since pages tell no referrer
        {"Host": "vigy.example", "Origin": "https://vigy.example"},  # behind a proxy that speaks TLS
    ):
        assert there.ask("POST", body=b"{}", **headers).status == 200, headers


def test_a_link_from_elsewhere_may_be_followed(there: Site) -> None:
    assert there.ask(path="/", Authorization=None, Sec_Fetch_Site="cross-site").status == 200


def test_no_other_origin_is_told_that_it_may_read(there: Site) -> None:
    for method in ("GET", "OPTIONS"):
        found = there.ask(method, Origin="http://evil.example", Access_Control_Request_Method="POST")
        assert found.status == 403
        assert not [name for name in found.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonx", 415),
        ("text/plain, application/json", 415),
        ("application/merge-patch+json", 415),
        (None, 415),
    ],
)
def test_a_body_is_json(there: Site, kind: str | None, status: int) -> None:
    assert there.ask("POST", body=b"{}", Content_Type=kind).status == status


def test_a_patch_may_be_a_merge_patch(there: Site) -> None:
    assert there.ask("PATCH", body=b"{}", Content_Type="application/merge-patch+json").status == 200


def test_no_body_needs_no_type(there: Site) -> None:
    assert there.ask("POST", Content_Length="0").status == 200
    assert there.ask("DELETE").status == 200


def test_what_is_there_twice_counts_for_nothing(there: Site) -> None:
    twice = there.request(Connection="close")[:-2] + b"Authorization: Bearer x\r\n\r\n"
    assert there.raw(twice).status == 400


@pytest.mark.parametrize("path", ["/v1/echo", "/nowhere", "/v1/echo/", "/session", "/metrics", "//livez", "/livez/x"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE"])
def test_who_is_nobody_gets_nowhere(there: Site, path: str, method: str) -> None:
    found = there.ask(method, path, Authorization=None)
    assert found.status == 401
    assert found.headers["www-authenticate"].startswith("Bearer")
    if method != "HEAD":
        problem = json.loads(found.body)
        assert (problem["kind"], problem["status"]) == ("unauthenticated", 401)
        assert found.headers["content-type"] == "application/problem+json"


def test_what_is_open_to_all_can_only_be_looked_at(there: Site) -> None:
    assert there.ask(path="/livez", Authorization=None).status == 200
    assert there.ask(path="/livez", Authorization="Bearer wrong").status == 200
    assert there.ask("POST", "/livez", Authorization=None).status == 401


def test_every_answer_has_the_headers(there: Site) -> None:
    for found in (there.ask(), there.ask(path="/"), there.ask(Authorization=None), there.ask(Host="evil.example")):
        assert "default-src 'self'" in found.headers["content-security-policy"]
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["x-frame-options"] == "DENY"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert found.headers["cross-origin-opener-policy"] == "same-origin"
        assert found.headers["cross-origin-resource-policy"] == "same-origin"
        assert found.headers["cache-control"] == "no-store"
        assert not {"server", "access-control-allow-origin"} & set(found.headers)


def test_a_fault_of_ours_tells_nothing_of_our_insides(there: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "vigyc"):
        found = there.ask(path="/v1/broken")
    assert found.status == 500
    problem = json.loads(found.body)
    assert problem["kind"] == "internal"
    assert "secret insides" not in found.body.decode()
    assert "ZeroDivisionError" in caplog.text
    assert problem["detail"].split(" ")[2].rstrip(":") in caplog.text


def test_what_is_not_there(there: Site) -> None:
    assert json.loads(there.ask(path="/nowhere").body)["kind"] == "not-found"
    wrong = there.ask("POST", "/v1/much")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, HEAD") or wrong.headers["allow"] == "HEAD, GET"


def test_who_guesses_has_to_wait_and_locks_nobody_out(here: Site) -> None:
    tries = [here.ask(Authorization=f"Bearer vgy_{number}") for number in range(13)]
    assert [each.status for each in tries] == [401] * 10 + [429] * 3
    assert 1 <= int(tries[-1].headers["retry-after"]) <= 60
    assert here.ask().status == 200
    assert here.ask(Authorization=None).status == 401  # who shows nothing does not guess
    login = here.ask("POST", "/login", body=b'{"token": "vgy_guess"}', Authorization=None)
    assert login.status == 429


def test_no_secret_is_logged(here: Site, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    link = here.server.login_link()
    assert link is not None
    code = link.partition("=")[2]
    with caplog.at_level(logging.DEBUG):
        secrets = [here.token, code, "vgy_wrong-secret"]
        here.ask(path=f"/login?code={code}", Authorization=None)
        here.ask(path=f"/login?code={code}", Authorization=None)
        here.ask(Authorization="Bearer vgy_wrong-secret")
        here.ask(path="/v1/broken?token=vgy_wrong-secret")
        here.raw(b"GARBAGE vgy_wrong-secret\r\n\r\n")
        here.ask("POST", "/login", body=json.dumps({"token": here.token}).encode())
    out, err = capfd.readouterr()
    for secret in secrets:
        assert secret not in caplog.text + out + err


def upgrade(here: Site, **headers: str | None) -> int:
    """The status of an attempt to open a WebSocket."""
    with here.connect() as connection:
        connection.sendall(
            here.request(
                path="/v1/socket", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Version="13",
                Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==", **headers,
            )
        )  # fmt: skip
        return one_reply(connection).status


def test_a_websocket_passes_the_same_wall(there: Site) -> None:
    assert upgrade(there) == 101
    assert upgrade(there, Origin=f"http://{there.host}") == 101
    assert upgrade(there, Authorization=None) == 403
    assert upgrade(there, Authorization="Bearer wrong") == 403
    assert upgrade(there, Host="evil.example") == 403
    assert upgrade(there, Origin="http://evil.example") == 403
    assert upgrade(there, Origin="null") == 403
    assert upgrade(there, Sec_Fetch_Site="same-site") == 403


def test_a_websocket_with_a_cookie_is_for_our_own_pages(there: Site) -> None:
    session = there.server.sessions.open(there.server.tokens.all()[0].caller)
    cookie = {"Authorization": None, "Cookie": f"vigyc_session_{there.port}={session}"}
    assert upgrade(there, **cookie, Origin=f"http://{there.host}") == 101
    assert upgrade(there, **cookie) == 403
    assert upgrade(there, **cookie, Origin=f"http://127.0.0.1:{there.port + 1}") == 403


def test_roles_come_with_tokens(here: Site) -> None:
    found = here.ask(path="/session", Authorization=here.bearer(Role.OPERATE))
    assert json.loads(found.body) == {"name": "some-operate", "role": "operate"}


def test_the_socket_of_a_user_needs_no_token(tmp_path: Path) -> None:
    path = tmp_path / "vigyc.sock"
    with site(ServerSettings(socket=str(path))) as here:
        assert path.stat().st_mode & 0o777 == 0o600
        found = ask_unix(path, b"GET /session HTTP/1.1\r\nHost: anything\r\nConnection: close\r\n\r\n")
        assert b'"role":"admin"' in found
        assert b" 401 " in ask_unix(
            path, b"GET /session HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer no\r\nConnection: close\r\n\r\n"
        )
        assert here.ask().status == 200
    assert not path.exists()


def ask_unix(path: Path, data: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(data)
        return everything(connection)
