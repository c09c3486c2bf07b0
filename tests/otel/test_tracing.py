"""Runs as traces: a span for the tick, one for each effect, with the times and the ids of the run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from otel.collector import collecting
from vigyc.effects.policy import Policy
from vigyc.service.runtime import Runtime
from vigyc.surfaces.otel.tracing import start_tracing


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    policy = Policy.of("env:HOME")
    with Runtime.open(tmp_path / "vigyc.db", cache=False, policy=policy) as opened:
        yield opened


def traced(runtime: Runtime, *refs: str) -> tuple[ReadableSpan, ...]:
    exporter = InMemorySpanExporter()
    tracing = start_tracing(runtime, exporter=exporter)
    for ref in refs:
        runtime.tick(ref)
    tracing.stop()
    return exporter.get_finished_spans()


def test_a_tick_is_a_span_with_the_id_and_the_times_of_its_run(runtime: Runtime) -> None:
    runtime.register('(vigy-log "warn" "low")', name="tank", enabled=False)
    (span,) = traced(runtime, "tank")
    run = runtime.runs("tank")[0]
    assert span.name == "tick tank"
    assert span.context is not None
    assert span.context.trace_id == uuid.UUID(run.id).int
    assert (span.start_time, span.end_time) == (
        run.started_at * 1_000_000, run.started_at * 1_000_000 + run.duration_us * 1_000
    )  # fmt: skip
    attributes = dict(span.attributes or {})
    assert attributes["vigyc.vigy.id"] == run.vigy_id
    assert attributes["vigyc.run.id"] == run.id
    assert (attributes["vigyc.run.result"], attributes["vigyc.run.trigger"]) == ("ok", "request")
    assert [dict(event.attributes or {}) for event in span.events] == [{"log.severity": "warn", "log.message": "low"}]
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.resource.attributes)["service.name"] == "vigyc"


def test_a_tick_that_fails_is_an_error(runtime: Runtime) -> None:
    runtime.register("(car 1)", name="x", enabled=False)
    (span,) = traced(runtime, "x")
    run = runtime.runs("x")[0]
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, run.error)
    assert dict(span.attributes or {})["error.type"] == run.error_kind


def test_effects_are_spans_below(runtime: Runtime) -> None:
    program = '(env-get "HOME") (env-get (string-append "PA" "TH"))'
    runtime.register(program, name="x", enabled=False)
    done, denied, tick = traced(runtime, "x")
    told = [dict(span.attributes or {}) for span in (done, denied)]
    assert [attributes["vigyc.effect.outcome"] for attributes in told] == ["ok", "denied"]
    assert {done.name, denied.name} == {"env-get"}
    assert told[0]["vigyc.effect.resource"] == "HOME"
    assert denied.status.status_code is StatusCode.ERROR
    for span in (done, denied):
        assert span.parent is not None
        assert span.context is not None
        assert tick.context is not None
        assert (span.parent.span_id, span.context.trace_id) == (tick.context.span_id, tick.context.trace_id)
        assert (tick.start_time or 0) <= (span.start_time or 0) <= (span.end_time or 0) <= (tick.end_time or 0)


def test_a_vigy_is_called_as_it_is_called_now(runtime: Runtime) -> None:
    runtime.register("1", name="old", enabled=False)
    exporter = InMemorySpanExporter()
    tracing = start_tracing(runtime, exporter=exporter)
    runtime.tick("old")
    runtime.update("old", name="new")
    runtime.tick("new")
    tracing.stop()
    assert exporter.get_finished_spans()[-1].name == "tick new"


def test_of_very_many_only_those_that_fail_are_all_told(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigyc.surfaces.otel.tracing.PER_SECOND", 0)
    runtime.register("1", name="good", enabled=False)
    runtime.register("(car 1)", name="bad", enabled=False)
    assert [span.name for span in traced(runtime, "good", "bad", "good", "bad")] == ["tick bad", "tick bad"]


def test_nothing_is_told_after_the_end(runtime: Runtime) -> None:
    runtime.register("1", name="x", enabled=False)
    exporter = InMemorySpanExporter()
    tracing = start_tracing(runtime, exporter=exporter)
    tracing.stop()
    tracing.stop()
    runtime.tick("x")
    assert exporter.get_finished_spans() == ()


def test_a_collector_hears_of_it_over_http(runtime: Runtime) -> None:
    runtime.register("1", name="x", enabled=False)
    with collecting() as collector:
        tracing = start_tracing(runtime, collector.url)
        runtime.tick("x")
        tracing.stop()
        path, request = collector.requests.get(timeout=20)
    (resource,) = request.resource_spans
    (scope,) = resource.scope_spans
    (span,) = scope.spans
    assert path == "/v1/traces"
    assert span.trace_id == uuid.UUID(runtime.runs("x")[0].id).bytes
    assert span.name == "tick x"


def test_a_collector_that_is_gone_hinders_nothing(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    runtime.register("1", name="x", enabled=False)
    tracing = start_tracing(runtime, "http://127.0.0.1:9")
    assert runtime.tick("x").result == "ok"
    tracing.stop()
