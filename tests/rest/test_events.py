"""The stream: live, filtered, taken up again, and ended."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any, NamedTuple

import pytest

from rest.serving import Served, served
from vigyc.model.notice import KINDS
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings


class Event(NamedTuple):
    id: int
    kind: str
    data: Any


class Stream:
    """Server-sent events of an open response."""

    def __init__(self, response: HTTPResponse) -> None:
        self.response = response
        self.comments = 0

    def block(self) -> dict[str, str]:
        """The fields up to the next blank line; empty at the end of the stream."""
        fields: dict[str, str] = {}
        while line := self.response.readline().decode():
            if line == "\n":
                return fields
            if line.startswith(":"):
                self.comments += 1
                fields[""] = line
            else:
                name, _, value = line.rstrip("\n").partition(": ")
                fields[name] = value
        return {}

    def next(self) -> Event:
        while True:
            fields = self.block()
            assert fields, "the stream has ended"
            if "data" in fields:
                return Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))


@contextmanager
def listening(rest: Served, query: str = "", **headers: str) -> Iterator[Stream]:
    connection = HTTPConnection(rest.host, rest.port, timeout=30)
    connection.request("GET", f"/v1/events{query}", headers={k.replace("_", "-"): v for k, v in headers.items()})
    response = connection.getresponse()
    assert response.status == 200, response.read()
    assert response.headers["content-type"].startswith("text/event-stream")
    stream = Stream(response)
    assert stream.block() == {"retry": "2000"}
    try:
        yield stream
    finally:
        response.close()
        connection.close()


def test_what_happens_is_heard_as_it_happens(rest: Served) -> None:
    with listening(rest, "?kinds=registered&kinds=run") as stream:
        vigy = rest.register("a")
        heard = stream.next()
        assert (heard.kind, heard.data["vigy_id"], heard.data["seq"]) == ("registered", vigy["id"], heard.id)
        run = rest.post("/v1/vigies/a/tick").json
        heard = stream.next()
        assert (heard.kind, heard.data["run"]) == ("run", run)


def test_only_what_is_asked_for_is_heard(rest: Served) -> None:
    rest.register("a")
    rest.register("b")
    with listening(rest, "?vigy=b&kinds=run&kinds=disabled") as stream:
        rest.post("/v1/vigies/a/tick")
        rest.post("/v1/vigies/b/tick")
        rest.ask("PATCH", "/v1/vigies/b", {"labels": {"x": "y"}})
        rest.post("/v1/vigies/b/disable")
        heard = [stream.next(), stream.next()]
    vigy = rest.get("/v1/vigies/b").json["id"]
    assert [(event.kind, event.data["vigy_id"]) for event in heard] == [("run", vigy), ("disabled", vigy)]


def test_who_was_cut_off_goes_on(rest: Served) -> None:
    rest.register("a")
    rest.post("/v1/vigies/a/tick")
    with listening(rest) as stream:
        rest.post("/v1/vigies/a/tick")
        last = stream.next()
    for _ in range(3):
        rest.post("/v1/vigies/a/tick")
    expected = [last.id + 1, last.id + 2, last.id + 3]
    with listening(rest, "?after=0", last_event_id=str(last.id)) as stream:
        assert [stream.next().id for _ in range(3)] == expected
    with listening(rest, f"?after={last.id}") as stream:
        assert [stream.next().id for _ in range(3)] == expected
        rest.post("/v1/vigies/a/tick")
        assert stream.next().id == last.id + 4


def test_what_cannot_be_had_any_more_is_a_gap() -> None:
    with Runtime.open(settings=Settings(keep_runs=1, keep_events=1)) as runtime, served(runtime) as rest:
        rest.register("a", enabled=False)
        for _ in range(20):
            rest.post("/v1/vigies/a/tick")
        runtime.start()
        deadline = time.monotonic() + 20
        while len(rest.get("/v1/notices").json) > 10 and time.monotonic() < deadline:
            time.sleep(0.05)
        with listening(rest, "?after=0") as stream:
            gap = next(event for event in iter(stream.next, None) if event is not None and event.kind == "gap")
    assert gap.data["data"]["to"] == gap.id
    assert gap.data["data"]["from"] <= gap.id


@pytest.mark.parametrize(
    ("query", "status"),
    [("?vigy=nobody", 404), ("?kinds=x", 400), ("?after=-1", 400), ("?after=x", 400), ("?nothing=1", 400)],
)
def test_what_cannot_be_heard_is_said_at_once(rest: Served, query: str, status: int) -> None:
    reply = rest.get(f"/v1/events{query}")
    assert (reply.status, reply.json["status"]) == (status, status)


def test_a_wrong_last_event_id_is_refused(rest: Served) -> None:
    assert rest.get("/v1/events", last_event_id="x").status == 400


def test_a_head_opens_no_stream(rest: Served) -> None:
    reply = rest.ask("HEAD", "/v1/events")
    assert (reply.status, reply.body) == (200, b"")


def test_silence_has_a_heartbeat() -> None:
    with Runtime.open() as runtime, served(runtime, heartbeat=0.05) as rest, listening(rest) as stream:
        while stream.comments < 3:
            assert stream.block()
        rest.register("a")
        assert stream.next().kind == "registered"


def listeners(rest: Served, expected: int) -> int:
    """How many listen, once they are as many as expected, or after a long wait."""
    until = time.monotonic() + 20
    while (found := int(rest.get("/v1/stats").json["subscribers"])) != expected and time.monotonic() < until:
        time.sleep(0.01)
    return found


def test_a_client_that_goes_is_let_go(rest: Served) -> None:
    with listening(rest):
        assert listeners(rest, 1) == 1
    assert listeners(rest, 0) == 0


def test_a_runtime_that_closes_ends_the_stream(rest: Served) -> None:
    with listening(rest) as stream:
        rest.register("a")
        assert stream.next().kind == "registered"
        rest.runtime.close()
        assert stream.block() == {}


def test_every_kind_can_be_asked_for(rest: Served) -> None:
    with listening(rest, "?" + "&".join(f"kinds={kind}" for kind in KINDS)) as stream:
        rest.register("a")
        assert stream.next().kind == "registered"
