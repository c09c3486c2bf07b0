"""The server: requests and events over real sockets, the server on one core, who asks on another."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import httpx2
import pytest

import vigyc
from measure import record
from vigyc.model.timestamp import parse_rfc3339
from vigyc.surfaces.grpc.schema import METHODS, SERVICE, kind_of

HERE = Path(__file__).parent
CONNECTIONS = 50
SECONDS = 5.0
MANY = 10_000
EVENTS = 100  # vigies that tick ten times a second


class Served(NamedTuple):
    """A server that was started: where, and its token."""

    http: str
    grpc: str
    token: str

    def load(self, path: str, connections: int = CONNECTIONS, seconds: float = SECONDS) -> dict[str, float]:
        """What benchmarks/load.py measures."""
        host, port = self.http.split(":")
        words = [sys.executable, HERE / "load.py", host, port, path, self.token, str(connections), str(seconds)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        found: dict[str, float] = json.loads(done.stdout)
        return found

    def client(self) -> vigyc.Client:
        """A client of it."""
        return vigyc.Client.connect(f"http://{self.http}", token=self.token)


@contextmanager
def served(tmp_path: Path, vigies: int, every: str) -> Iterator[Served]:
    words = [sys.executable, HERE / "serving.py", tmp_path / "vigyc.db", str(vigies), every, "0"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Served(**json.loads(process.stdout.readline()))
        process.communicate(timeout=30)


def test_get_one_vigy(benchmark: Any, tmp_path: Path) -> None:
    with served(tmp_path, 100, "60s") as server:
        found = server.load("/v1/vigies/vigy-00050")
        value = f"{found['rate']:,.0f}/s, p99 {found['p99']:.1f} ms"
        what = f"GET one vigy over {CONNECTIONS} connections, the server on one core"
        with server.client() as client:
            record(
                benchmark, "surfaces", what, ">= 2,500/s, p99 <= 20 ms", lambda: client.get("vigy-00050"), value=value
            )


def test_list_ten_thousand(benchmark: Any, tmp_path: Path) -> None:
    with served(tmp_path, MANY, "60s") as server:
        with server.client() as client:
            while client.stats()["counters"]["ticks"].get("ok", 0) < MANY:  # all tick once, at the beginning
                time.sleep(0.2)
        found = {sort: server.load(f"/v1/vigies?limit=100&sort={sort}", 1, 3) for sort in ("registered", "attention")}
        value = " / ".join(f"{each['p50']:.0f} ms" for each in found.values())
        what = f"a page of 100 of {MANY:,} vigies, as registered / by who needs attention"
        with server.client() as client:
            record(benchmark, "surfaces", what, "<= 30 ms", lambda: client.browse(limit=100), value=value)


def lateness(notices: Iterator[tuple[int, float]]) -> str:
    """p50 and p99 of how long ago (ms) what is heard happened, over five seconds after the first."""
    next(notices)
    until = time.time() + SECONDS
    took = []
    for at, heard in notices:
        took.append(heard * 1000 - at)
        if heard > until:
            break
    took.sort()
    return f"p50 {took[len(took) // 2]:.0f} ms, p99 {took[len(took) * 99 // 100]:.0f} ms ({len(took) / SECONDS:,.0f}/s)"


def sse(server: Served) -> Iterator[tuple[int, float]]:
    headers = {"Authorization": f"Bearer {server.token}"}
    with httpx2.stream("GET", f"http://{server.http}/v1/events?kinds=run", headers=headers) as answer:
        for line in answer.iter_lines():
            if line.startswith("data:"):
                yield parse_rfc3339(json.loads(line[5:])["at"]), time.time()


def watched(server: Served) -> Iterator[tuple[int, float]]:
    method = METHODS["Watch"]
    with grpc.insecure_channel(server.grpc) as channel:
        watch = channel.unary_stream(
            f"/{SERVICE}/Watch",
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=kind_of(method.output_type).FromString,
        )
        request = kind_of(method.input_type)(kinds=["run"])
        for notice in watch(request, metadata=[("authorization", f"Bearer {server.token}")]):
            yield notice.at.ToMilliseconds(), time.time()


@pytest.mark.parametrize("stream", [sse, watched], ids=["SSE", "gRPC"])
def test_events(benchmark: Any, tmp_path: Path, stream: Any, request: pytest.FixtureRequest) -> None:
    with served(tmp_path, EVENTS, "100ms") as server:
        time.sleep(2)
        value = lateness(stream(server))
        what = f"from the end of a tick to its event at a subscriber, 1,000 a second: {request.node.callspec.id}"
        record(benchmark, "surfaces", what, "p99 <= 50 ms", lambda: None, value=value)


def test_ticks_under_load(benchmark: Any, tmp_path: Path) -> None:
    with served(tmp_path, EVENTS, "100ms") as server, server.client() as client:
        time.sleep(2)

        def ticks() -> int:
            return int(client.stats()["counters"]["ticks"]["ok"])

        def rate(work: Any) -> tuple[float, Any]:
            began, before = time.monotonic(), ticks()
            done = work()
            return (ticks() - before) / (time.monotonic() - began), done

        alone, _ = rate(lambda: time.sleep(SECONDS))
        loaded, found = rate(lambda: server.load("/v1/vigies/vigy-00050"))
        lost = max(1 - loaded / alone, 0)
        value = f"{lost:.0%} ({loaded:,.0f} of {alone:,.0f}/s, while {found['rate']:,.0f} requests/s)"
        what = f"ticks lost while {CONNECTIONS} connections ask without pause, all on one core"
        record(benchmark, "surfaces", what, "<= 10 %", lambda: None, value=value)
