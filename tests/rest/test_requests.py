"""What is asked is read strictly: paths as they were sent, queries, bodies."""

from __future__ import annotations

import socket
from urllib.parse import quote

import pytest

from rest.serving import Served, served
from vigyc.service.runtime import Runtime


@pytest.mark.parametrize("key", ["a/b", "/", "a%2Fb", "ключ", "a b+c", "?x=1", "#", "é/è", "..%2F..", "a;b", "\t"])
def test_any_key_can_be_in_a_path(rest: Served, key: str) -> None:
    rest.register("a")
    path = f"/v1/vigies/a/kv/{quote(key, safe='')}"
    assert rest.ask("PUT", path, {"value": key}).json == {"key": key, "value": key}
    assert rest.get(path).json == {"key": key, "value": key}
    assert rest.runtime.kv("a").export() == {key: key}
    assert rest.ask("DELETE", path).json == {"key": key, "deleted": True}


@pytest.mark.parametrize("name", ["team/web", "größe", "日本語 ✓", "a b", "100%", "a+b", "v1/vigies"])
def test_any_name_can_be_in_a_path(rest: Served, name: str) -> None:
    rest.register(name)
    reply = rest.get(f"/v1/vigies/{quote(name, safe='')}")
    assert (reply.status, reply.json["name"]) == (200, name)
    assert rest.post(f"/v1/vigies/{quote(name, safe='')}/tick").json["result"] == "ok"
    assert [found["name"] for found in rest.get(f"/v1/vigies?search={quote(name)}").json] == [name]


def test_paths_that_lead_nowhere(rest: Served) -> None:
    rest.register("a")
    for path in (
        "/v1",
        "/v1/",
        "/v1/x",
        "/v1/vigies/",
        "/v1/vigies/a/",
        "/v1//vigies",
        "/v1/vigies//state",
        "/v1/vigies/a/kv/",
    ):
        reply = rest.get(path)
        assert (reply.status, reply.json["kind"]) == (404, "not-found"), path
        assert "location" not in reply.headers
    assert rest.get("/elsewhere").headers["content-type"] != "application/problem+json"
    assert rest.get("/v1/vigies/%ff").status == 400


def test_methods_that_are_not_there(rest: Served) -> None:
    reply = rest.ask("PUT", "/v1/vigies/a")
    assert reply.status == reply.json["status"] == 405
    assert reply.headers["allow"] == "DELETE, GET, HEAD, PATCH, OPTIONS"
    options = rest.ask("OPTIONS", "/v1/vigies")
    assert (options.status, options.body, options.headers["allow"]) == (204, b"", "GET, HEAD, POST, OPTIONS")


def test_a_head_is_a_get_without_its_body(rest: Served) -> None:
    rest.register("a")
    got, head = rest.get("/v1/vigies/a"), rest.ask("HEAD", "/v1/vigies/a")
    assert (head.status, head.body) == (200, b"")
    assert {**head.headers, "date": ""} == {**got.headers, "date": ""}
    assert rest.ask("HEAD", "/v1/vigies/nobody").status == 404


GOOD = b'{"name": "a", "program": "1", '


@pytest.mark.parametrize(
    "body",
    [
        GOOD + b'"nothing": 1}', b'{"name": 5, "program": "1"}', b'{"name": "a"}', b"[]", b"null", b'"text"', b"{",
        b'{"name": "a", "name": "b", "program": "1"}', GOOD + b'"enabled": "yes"}', GOOD + b'"labels": null, }',
        GOOD + b'"tick_interval_ms": 1.5}', GOOD + b'"tick_interval_ms": 1e3}', GOOD + b'"tick_interval_ms": true}',
        GOOD + b'"tick_interval_ms": 9223372036854775808}', GOOD + b'"id": "a"}', b"\x00", b"'",
        GOOD + b'"tick_interval_ms": ' + b"9" * 5000 + b"}", b'{"name": "\xff", "program": "1"}',
        b'{"name": "\\ud800", "program": "1"}', GOOD + b'"deadline_ms": NaN}', GOOD + b'"labels": {"a": []}}',
        GOOD + b'"schedule": {"kind": "fixed", "interval_ms": 1000, "more": 1}}', b"[" * 100_000, b'{"a":' * 100_000,
    ],
)  # fmt: skip
def test_bodies_that_are_not_as_they_must_be(rest: Served, body: bytes) -> None:
    reply = rest.ask("POST", "/v1/vigies", raw=body)
    assert (reply.status, reply.json["kind"]) == (400, "invalid"), reply.json
    assert rest.get("/v1/vigies").json == []


VALUES = [b"NaN", b"Infinity", b"1e999", b'"\\udfff"', b"[" * 5000 + b"]" * 5000, b'{"a":1,"a":2}']


@pytest.mark.parametrize("value", VALUES)
def test_values_that_are_not_json(rest: Served, value: bytes) -> None:
    rest.register("a")
    reply = rest.ask("PUT", "/v1/vigies/a/kv/k", raw=b'{"value": ' + value + b"}")
    assert (reply.status, reply.json["kind"]) == (400, "invalid"), reply.json
    assert rest.get("/v1/vigies/a/kv").json == []


def test_what_is_wrong_is_named(rest: Served) -> None:
    problem = rest.post("/v1/vigies", {"name": "a", "program": "1", "labels": {"team": 5}}).json
    assert "labels.team" in problem["detail"]
    assert "did you mean 'program'" in rest.post("/v1/vigies", {"progam": "1"}).json["detail"]


def test_queries_that_are_not_as_they_must_be(rest: Served) -> None:
    rest.register("a")
    for path in (
        "/v1/vigies?nothing=1", "/v1/vigies?limit=1&limit=2", "/v1/vigies?failing=maybe", "/v1/vigies?sort=up",
        "/v1/vigies?limit=0", "/v1/vigies?limit=1001", "/v1/vigies?limit=", "/v1/vigies?search=%ff",
        "/v1/vigies/a?id=b", "/v1/vigies?cursor=x", "/v1/vigies/a/versions/x", "/v1/vigies/a/versions/-1",
        "/v1/vigies/a/diff?old=1", "/v1/vigies/a/versions/99999999999999999999999", "/v1/runs?results=good",
    ):  # fmt: skip
        reply = rest.get(path)
        assert (reply.status, reply.json["kind"]) == (400, "invalid"), path
    assert rest.post("/v1/vigies/a/tick?timeout_ms=5").status == 400


def test_a_list_is_a_field_several_times(rest: Served) -> None:
    rest.register("good", "1")
    rest.register("bad", "(undefined)")
    for name in ("good", "bad"):
        rest.post(f"/v1/vigies/{name}/tick")
    both = rest.get("/v1/runs?results=ok&results=failed").json
    assert {run["result"] for run in both} == {"ok", "failed"}
    assert [run["result"] for run in rest.get("/v1/runs?results=failed").json] == ["failed"]


def test_a_body_where_there_is_none_to_read(rest: Served) -> None:
    rest.register("a")
    assert rest.ask("DELETE", "/v1/vigies/a", {"keep_data": True}).status == 400
    assert rest.ask("GET", "/v1/vigies", {"limit": 1}).status == 400
    assert rest.get("/v1/vigies/a").status == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/jsonp"]
)
def test_a_body_that_is_not_said_to_be_json(rest: Served, kind: str) -> None:
    reply = rest.ask("POST", "/v1/vigies", raw=b'{"name": "a", "program": "1"}', content_type=kind)
    assert (reply.status, reply.json["status"]) == (415, 415)
    assert rest.get("/v1/vigies").json == []


def test_nothing_is_an_empty_body(rest: Served) -> None:
    rest.register("a")
    assert rest.ask("POST", "/v1/vigies/a/tick").status == 200
    assert (
        rest.ask("POST", "/v1/vigies/a/tick", raw=b"{}", content_type="application/json; charset=utf-8").status == 200
    )


def test_a_body_in_pieces(rest: Served) -> None:
    body = b'{"name": "a", "program": "1"}'
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    with socket.create_connection((rest.host, rest.port), timeout=30) as peer:
        head = b"POST /v1/vigies HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        peer.sendall(head + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + pieces)
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 201")


def test_a_role_is_needed(rest: Served) -> None:
    rest.register("a")
    for role, expected in (("read", (200, 403, 403)), ("operate", (200, 200, 403)), ("admin", (200, 200, 204))):
        got = rest.get("/v1/vigies/a", x_role=role).status
        ticked = rest.post("/v1/vigies/a/tick", x_role=role).status
        deleted = rest.ask("DELETE", "/v1/vigies/a", x_role=role).status
        assert (got, ticked, deleted) == expected


def test_nobody_is_let_in_by_mistake() -> None:
    with Runtime.open() as runtime, served(runtime, caller=None) as rest:
        for path in ("/v1/vigies", "/v1/events", "/openapi.json", "/v1/health"):
            reply = rest.get(path)
            assert (reply.status, reply.json["kind"]) == (401, "unauthenticated"), path
            assert reply.headers["www-authenticate"].startswith("Bearer")
        assert rest.get("/swagger").status == 200


def test_a_fault_of_ours_says_nothing_of_its_insides(
    rest: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the secret is 42")

    monkeypatch.setattr(rest.runtime, "get", broken)
    reply = rest.get("/v1/vigies/a")
    assert (reply.status, reply.json["kind"]) == (500, "internal")
    assert b"secret" not in reply.body
    assert b"Traceback" not in reply.body
    assert "the secret is 42" in caplog.text
