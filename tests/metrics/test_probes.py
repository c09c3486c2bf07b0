"""`/livez`, `/readyz`, `/healthz`: who watches learns whether to restart, to wait, or to wake somebody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from metrics.serving import Served, served
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.runtime import Runtime


@pytest.fixture
def server(runtime: Runtime) -> Iterator[Served]:
    with served(runtime) as opened:
        yield opened


def test_a_process_that_answers_lives(server: Served) -> None:
    reply = server.get("/livez", nobody=True)
    assert (reply.status, reply.json) == (200, {"status": "alive"})


def test_a_runtime_that_does_not_tick_is_not_ready(server: Served) -> None:
    reply = server.get("/readyz", nobody=True)
    assert (reply.status, reply.kind) == (503, "application/problem+json")
    assert reply.json["detail"] == "the runtime does not tick"


def test_a_runtime_that_ticks_is_ready(tmp_path: Path) -> None:
    with Runtime.open(tmp_path / "vigyc.db", cache=False) as runtime, served(runtime) as server:
        runtime.start()
        reply = server.get("/readyz", nobody=True)
        whole = server.get("/healthz")
        runtime.stop()
    assert (reply.status, reply.json) == (200, {"status": "ready"})
    assert (whole.status, whole.json["status"]) == (200, "ok")


def test_one_that_stands_by_is_ready_and_well(tmp_path: Path) -> None:
    with (
        Runtime.open(tmp_path / "vigyc.db", cache=False) as first,
        Runtime.open(tmp_path / "vigyc.db", cache=False) as second,
        served(second) as server,
    ):
        first.start()
        second.start()
        ready, whole = server.get("/readyz", nobody=True), server.get("/healthz")
        second.stop()
        first.stop()
    assert (ready.status, whole.status, whole.json["status"]) == (200, 200, "standby")


def test_a_store_that_cannot_be_read_is_not_ready(runtime: Runtime, server: Served, tmp_path: Path) -> None:
    runtime.close()
    reply = server.get("/readyz", nobody=True)
    assert (reply.status, reply.json["detail"]) == (503, "the store cannot be read")
    assert str(tmp_path) not in reply.text


def test_a_runtime_that_was_stopped_is_not_well(server: Served) -> None:
    reply = server.get("/healthz")
    assert (reply.status, reply.json["health"]) == (503, "stopped")


def test_the_dead_man_s_switch(runtime: Runtime, server: Served, time: VirtualTime) -> None:
    runtime.register("1", name="backup", enabled=False)
    assert server.get("/healthz?vigy=backup&max_age=5m").json["detail"] == "it has never succeeded"
    assert runtime.tick("backup").result == "ok"
    time.advance(299_999)
    reply = server.get("/healthz?vigy=backup&max_age=5m")
    assert (reply.status, reply.json["status"], reply.json["age_ms"]) == (200, "ok", 299_999)
    time.advance(1)
    reply = server.get("/healthz?vigy=backup&max_age=5m")
    assert (reply.status, reply.json["detail"]) == (503, "its last success was 5m ago, and 5m are allowed")
    assert server.get("/healthz?vigy=backup").status == 503
    assert server.get("/healthz?vigy=backup&max_age=6m").status == 200


def test_a_tick_that_fails_is_no_success(runtime: Runtime, server: Served, time: VirtualTime) -> None:
    runtime.register("(if (> (vigy-tick-count) 0) (car 1) 1)", name="x", enabled=False)
    assert runtime.tick("x").result == "ok"
    time.advance(60_000)
    assert runtime.tick("x").result == "failed"
    assert server.get("/healthz?vigy=x&max_age=30s").status == 503


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("vigy=nobody", 404, "not-found"),
        ("vigy=x&max_age=soon", 400, "invalid"),
        ("vigy=x&max_age=0", 400, "invalid"),
        ("vigy=x&max_age=-5", 400, "invalid"),
        ("vigy=x&age=5m", 400, "invalid"),
        ("vigy=x&vigy=y", 400, "invalid"),
        ("max_age=5m", 400, "invalid"),
    ],
)
def test_what_is_asked_wrongly(runtime: Runtime, server: Served, query: str, status: int, kind: str) -> None:
    runtime.register("1", name="x", enabled=False)
    reply = server.get(f"/healthz?{query}")
    assert (reply.status, reply.json["kind"]) == (status, kind)


def test_health_takes_a_caller(server: Served) -> None:
    assert server.get("/healthz", nobody=True).status == 401
