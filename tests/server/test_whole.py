"""The whole app: no route of any operation can be reached by who may not, and a newcomer finds what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from server.site import Site, site
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.door import WATCH, WATCH_ROUTE
from vigyc.surfaces.wire.table import OPERATIONS


@pytest.fixture(scope="module")
def whole() -> Iterator[Site]:
    with site(ServerSettings(mcp=True), whole=True) as found:
        yield found


ROUTES = {**{name: each.route for name, each in OPERATIONS.items()}, WATCH: WATCH_ROUTE}
LIMITED = [name for name, each in OPERATIONS.items() if each.role > Role.READ]


def asked(whole: Site, name: str, authorization: str | None) -> tuple[int, str | None]:
    """What is answered to a call of the operation, and the kind of the error."""
    method, path = ROUTES[name]
    path = re.sub(r"\{[^}]*\}", "1", path)
    body = b"{}" if method not in {"GET", "DELETE"} else b""
    found = whole.ask(method, path, body=body, Authorization=authorization)
    return found.status, json.loads(found.body).get("kind")


@pytest.mark.parametrize("name", ROUTES)
def test_without_a_token_nothing_is_done(whole: Site, name: str) -> None:
    assert asked(whole, name, None) == (401, "unauthenticated")
    status, kind = asked(whole, name, "Bearer vgy_wrong")
    assert (status, kind) in {(401, "unauthenticated"), (429, "unauthenticated")}


@pytest.mark.parametrize("name", LIMITED)
def test_who_may_do_less_is_refused(whole: Site, name: str) -> None:
    least = OPERATIONS[name].role
    for role in Role:
        status, kind = asked(whole, name, whole.bearer(role))
        if role < least:
            assert (status, kind) == (403, "not-allowed"), role
        else:
            assert status not in {401, 403}, role
            assert status < 500


@pytest.mark.parametrize("path", ["/openapi.json", "/metrics", "/healthz", "/graphql", "/mcp", "/session"])
def test_the_rest_is_closed_too(whole: Site, path: str) -> None:
    for method in ("GET", "POST"):
        assert whole.ask(method, path, Authorization=None).status == 401
    assert whole.ask(path=path, Accept="application/json, text/event-stream, text/html").status != 404


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/swagger"])
def test_what_is_open_holds_no_data(whole: Site, path: str) -> None:
    found = whole.ask(path=path, Authorization=None)
    assert found.status == (503 if path == "/readyz" else 200)  # this runtime does not tick
    assert b"vigy_" not in found.body


AROUND = (
    "/static/../v1/vigies", "/static/%2e%2e/v1/vigies", "/static/..%2fv1/vigies", "//v1/vigies",
    "/swagger/../v1/vigies", "/swagger/..%2f..%2fopenapi.json", "/static/%2e%2e%2f%2e%2e%2fetc/passwd",
    "/static//etc/passwd",
)  # fmt: skip


@pytest.mark.parametrize("path", AROUND)
def test_no_way_around(whole: Site, path: str) -> None:
    assert whole.ask(path=path, Authorization=None).status in {401, 404}


def test_the_stream_goes_on_until_the_end_of_the_server(whole: Site) -> None:
    with site(whole=True) as other, other.connect() as reader:
        reader.sendall(other.request(path="/v1/events"))
        assert reader.recv(65536).startswith(b"HTTP/1.1 200")
        other.server.stop(5)
        while reader.recv(65536):
            pass


def test_whoever_listens_is_told_the_end_of_the_server() -> None:
    with site(whole=True) as found, found.connect() as listening:
        listening.sendall(found.request(path="/v1/events"))
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += listening.recv(4096)
        found.server.stop()
        while more := listening.recv(4096):
            heard += more
        assert heard.endswith(b"0\r\n\r\n")  # the last chunk: nothing was cut
