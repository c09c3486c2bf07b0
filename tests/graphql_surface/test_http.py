"""The rules of GraphQL over HTTP: methods, media types, statuses, malformed requests."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from graphql_surface.served import EVENTUALLY, GRAPHQL, JSON, Served

HEADERS = {"role": "read", "content-type": JSON}


def send(served: Served, body: bytes, **headers: str) -> httpx2.Response:
    return httpx2.post(
        served.url, content=body, headers={**HEADERS, **headers}, timeout=EVENTUALLY, trust_env=False
    )  # fmt: skip


def get(served: Served, path: str = "", **headers: str) -> httpx2.Response:
    return httpx2.get(served.url + path, headers={"role": "read", **headers}, timeout=EVENTUALLY, trust_env=False)


def test_media_types_and_statuses(served: Served) -> None:
    good, bad = {"query": "{ health { status } }"}, {"query": "{ nothing }"}
    for accept, kind in ((JSON, JSON), ("*/*", JSON), (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL)):
        answer = served.post(good, accept=accept)
        assert (answer.status_code, answer.headers["content-type"]) == (200, f"{kind}; charset=utf-8")
    assert served.post(bad, accept=JSON).status_code == 200
    assert served.post(bad, accept=GRAPHQL).status_code == 400
    assert "data" not in served.post(bad, accept=GRAPHQL).json()
    assert served.post(good, accept="text/csv").status_code == 406


def test_an_error_of_a_field_has_status_200(served: Served) -> None:
    answer = served.post({"query": '{ health { status } vigies(after: "x") { id } }'}, accept=GRAPHQL)
    assert answer.status_code == 200
    assert answer.json()["data"] is None


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"1", b'"{ health }"', b"[]", b'[{"query": "{ health { status } }"}]', b'{"query": 1}',
     b"{}", b'{"query": "{ health { status } }", "variables": []}',
     b'{"query": "{ health { status } }", "operationName": 1}',
     b'{"query": "{ health { status } }", "variables": {"a": NaN}}', b"\xff\xfe", b"[" * 100_000,
     b'{"query": "{ health { status } }", "extensions": 3}'],
)  # fmt: skip
def test_a_malformed_request(served: Served, body: bytes) -> None:
    for accept in (JSON, GRAPHQL):
        answer = send(served, body, accept=accept)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID"


def test_other_content_types(served: Served) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/graphql", "multipart/form-data"):
        assert send(served, b'{"query": "{ health { status } }"}', **{"content-type": kind}).status_code == 415
    assert send(served, b'{"query": "{ health { status } }"}', **{"content-type": f"{JSON}; charset=utf-8"}).is_success


def test_a_body_that_is_too_long(served: Served) -> None:
    assert send(served, b'{"query": "' + b" " * 2_000_000 + b'"}').status_code == 413


def test_queries_are_not_answered_by_get(served: Served) -> None:
    answer = get(served, "?query={health{status}}", accept=JSON)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_without_a_caller_nothing_is_answered(served: Served) -> None:
    answer = httpx2.post(served.url, json={"query": "{ health { status } }"}, trust_env=False)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_subscription_is_refused_here(served: Served) -> None:
    answer = served.post({"query": "subscription { notices { seq } }"}, accept=GRAPHQL)
    assert answer.status_code == 400
    assert "WebSocket" in answer.text


def test_of_several_operations_one_must_be_named(served: Served) -> None:
    body: dict[str, Any] = {"query": "query a { health { status } } query b { vigies { id } }"}
    assert served.post(body, accept=GRAPHQL).status_code == 400
    assert served.post({**body, "operationName": "c"}, accept=GRAPHQL).status_code == 400
    assert served.post({**body, "operationName": "b"}).json() == {"data": {"vigies": []}}


def test_the_page_and_its_files(served: Served) -> None:
    page = get(served, accept="text/html")
    assert page.status_code == 200
    assert "script-src 'self';" in page.headers["content-security-policy"]
    names = [part.partition('"')[0] for part in page.text.split("/graphql/static/")[1:]]
    assert len(names) == 6
    for name in names:
        answer = get(served, f"/static/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        again = get(served, f"/static/{name}", **{"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    for name in ("..%2Fschema.graphql", "../schema.graphql", "nothing.js", "VERSION"):
        assert get(served, f"/static/{name}").status_code == 404
