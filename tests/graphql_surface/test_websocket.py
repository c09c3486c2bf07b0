"""Subscriptions, and the rules of graphql-transport-ws."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from graphql_surface.served import EVENTUALLY, Served, serving
from graphql_surface.talking import PROTOCOL, talking
from vigyc.service.runtime import Runtime
from vigyc.surfaces.graphql import websocket

RUNS = "subscription ($v: ID, $after: Long) { reconcileEvents(vigyId: $v, after: $after) { seq result vigy { name } } }"
NOTICES = (
    "subscription ($k: [NoticeKind!], $after: Long) { notices(kinds: $k, after: $after)"
    " { seq kind vigyId vigy { name enabled } run { result } } }"
)


def test_runs_as_they_end(served: Served) -> None:
    served.runtime.register("(vigy-noop)", name="a", every="1h")
    with talking(served, "read") as talk:
        talk.subscribe("1", RUNS)
        talk.subscribe("sync", "{ health { status } }")  # answered after 1 is listened to, or hardly before
        heard = {talk.hear()["type"], talk.hear()["type"]}
        assert heard == {"next", "complete"}
        served.runtime.tick("a")
        assert talk.next("1")["reconcileEvents"] == {
            "seq": served.runtime.runs()[0].seq,
            "result": "OK",
            "vigy": {"name": "a"},
        }


def test_going_on_after_a_number(served: Served) -> None:
    served.runtime.register("(vigy-noop)", name="a", every="1h")
    seqs = [served.runtime.tick("a").seq for _ in range(3)]
    with talking(served) as talk:
        talk.subscribe("1", RUNS, v="a", after=seqs[0])
        assert [talk.next("1")["reconcileEvents"]["seq"] for _ in range(2)] == seqs[1:]
        served.runtime.tick("a")
        assert talk.next("1")["reconcileEvents"]["seq"] > seqs[2]


def test_a_stream_of_runs_has_no_word_for_what_is_not_kept_any_more(served: Served) -> None:
    for name in ("gone", "kept"):
        served.runtime.register("(vigy-noop)", name=name, every="1h")
        served.runtime.tick(name)
    served.runtime.delete("gone")
    with talking(served) as talk:
        talk.subscribe("1", RUNS, after=0)
        assert talk.next("1")["reconcileEvents"]["vigy"] == {"name": "kept"}


def test_notices_of_some_kinds_are_looked_at_afresh(served: Served) -> None:
    served.runtime.register("(vigy-noop)", name="a", every="1h")
    with talking(served) as talk:
        talk.subscribe("1", NOTICES, k=["DISABLED", "ENABLED"], after=0)
        served.runtime.disable("a")
        assert talk.next("1")["notices"]["vigy"] == {"name": "a", "enabled": False}
        served.runtime.tick("a")
        served.runtime.enable("a")
        told = talk.next("1")["notices"]
        assert (told["kind"], told["run"], told["vigy"]["enabled"]) == ("ENABLED", None, True)


def test_a_query_and_a_change_are_answered_once(served: Served) -> None:
    served.runtime.register("(vigy-noop)", name="a", every="1h")
    with talking(served) as talk:
        for query, data in (
            ("{ vigies { name } }", {"vigies": [{"name": "a"}]}),
            ('mutation { disableVigy(id: "a") { enabled } }', {"disableVigy": {"enabled": False}}),
        ):
            talk.subscribe("1", query)
            assert talk.next("1") == data
            assert talk.hear() == {"type": "complete", "id": "1"}


def test_the_client_completes(served: Served) -> None:
    served.runtime.register("(vigy-noop)", name="a", every="1h")
    with talking(served) as talk:
        talk.subscribe("1", RUNS, after=0)
        first = served.runtime.tick("a").seq
        assert talk.next("1")["reconcileEvents"]["seq"] == first
        talk.say(type="complete", id="1")
        served.runtime.tick("a")
        talk.subscribe("1", RUNS, after=0)  # the id is free again, and what was completed says nothing any more
        assert talk.next("1")["reconcileEvents"]["seq"] == first
        talk.say(type="complete", id="unknown")
        talk.say(type="pong")
        talk.say(type="ping", payload={"a": 1})


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { nothing }", "INVALID"),
        ("subscription { notices { ", "INVALID"),
        ('subscription { reconcileEvents(vigyId: "nobody") { id } }', "NOT_FOUND"),
        ("subscription { notices { seq } reconcileEvents { id } }", "INVALID"),
        ("{ vigies(limit: 501) { id } }", "INVALID"),
        ("subscription { notices(after: -1) { seq } }", "INVALID"),
    ],
)
def test_an_error_ends_the_request_only(served: Served, query: str, code: str) -> None:
    with talking(served) as talk:
        talk.subscribe("1", query)
        heard = talk.hear()
        assert (heard["type"], heard["id"]) == ("error", "1")
        assert heard["payload"][0]["extensions"]["code"] == code
        talk.say(type="ping")
        assert talk.hear() == {"type": "pong"}


def test_an_error_of_a_field_is_in_the_answer(served: Served) -> None:
    with talking(served, "read") as talk:
        talk.subscribe("1", "mutation { pause { paused } }")
        heard = talk.hear()
        assert heard["type"] == "next"
        assert heard["payload"]["data"] is None
        assert heard["payload"]["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
        assert talk.hear()["type"] == "complete"


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "subscribe", "id": "1", "payload": {"query": "{ health { status } }"}}], 4401),
        ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
        ([{"type": "connection_init"}, {"type": "nothing"}], 4400),
        ([{"type": "connection_init"}, {"type": "connection_ack"}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "payload": {"query": "{ a }"}}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "id": "1"}], 4400),
        ([{"type": "connection_init"}, {"type": "subscribe", "id": 1, "payload": {"query": "{ a }"}}], 4400),
        ([[1]], 4400),
        ([{"no": "type"}], 4400),
        ([{"type": ["x"]}], 4400),
        ([{"type": "connection_init"}, *[{"type": "subscribe", "id": "1", "payload": {"query": RUNS}}] * 2], 4409),
    ],
)
def test_who_does_not_keep_to_the_protocol_is_let_go(served: Served, messages: list[Any], code: int) -> None:
    with talking(served, init=False) as talk:
        for message in messages:
            talk.socket.send(json.dumps(message))
        assert talk.end() == code


@pytest.mark.parametrize("raw", ["", "{", "NaN", b"\x00\x01", "[" * 50_000, '"' + "x" * 300_000 + '"'])
def test_what_is_no_message(served: Served, raw: str | bytes) -> None:
    with talking(served, init=False) as talk:
        talk.socket.send(raw)
        assert talk.end() == 4400


def test_another_protocol(served: Served) -> None:
    with connect(served.ws, additional_headers={"role": "read"}, proxy=None) as bare, pytest.raises(Exception) as ended:
        bare.recv(timeout=EVENTUALLY)
    assert ended.value.rcvd.code == 4406  # type: ignore[attr-defined]


def test_without_a_caller_there_is_no_connection(served: Served) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(served.ws, subprotocols=[PROTOCOL], proxy=None):  # type: ignore[list-item]
        pass
    assert refused.value.response.status_code == 403


def test_who_says_nothing_is_let_go(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket.Sockets.__init__, "__defaults__", (0.2, 0.2))
    with Runtime.open() as runtime, serving(runtime) as quick, talking(quick, init=False) as talk:
        talk.say(type="ping")
        assert talk.hear() == {"type": "pong"}
        assert talk.end() == 4408


def test_no_more_than_so_many_at_once(served: Served) -> None:
    with talking(served) as talk:
        for number in range(websocket.MOST):
            talk.subscribe(str(number), "subscription { notices { seq } }")
        talk.subscribe("one more", "subscription { notices { seq } }")
        heard = talk.hear()
        assert (heard["type"], heard["id"]) == ("error", "one more")


def test_who_does_not_read_is_dropped_and_nobody_waits_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket.Sockets.__init__, "__defaults__", (5.0, 0.3))
    ended = threading.Event()
    serve = websocket.Sockets.serve

    async def watched(self: websocket.Sockets, connection: Any) -> None:
        try:
            await serve(self, connection)
        finally:
            ended.set()

    monkeypatch.setattr(websocket.Sockets, "serve", watched)
    with Runtime.open() as runtime, serving(runtime) as served:
        runtime.register('(vigy-log "info" "' + "x" * 20_000 + '")', name="a", every="1h")
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", served.port))
        with connect(
            served.ws, sock=deaf, subprotocols=[PROTOCOL], additional_headers={"role": "read"},  # type: ignore[list-item]
            max_queue=1, proxy=None, compression=None,
            close_timeout=0.1,
        ) as client:  # fmt: skip
            client.send(json.dumps({"type": "connection_init"}))
            query = "subscription { reconcileEvents(after: 0) { report { logs { message } } } }"
            for number in range(websocket.MOST - 1):
                client.send(json.dumps({"type": "subscribe", "id": str(number), "payload": {"query": query}}))
            for _ in range(100):
                runtime.tick("a")
            assert ended.wait(EVENTUALLY)
        assert served.data("{ health { status } }")["health"]
