"""`/metrics`: what Prometheus reads of a runtime, whatever vigies and programs are called."""

from __future__ import annotations

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from metrics.serving import served
from vigyc.effects.policy import Policy
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.runtime import Runtime

NASTY = 'a"} 1\nvigyc_evil{x="'


def test_ticks_are_counted_by_result(runtime: Runtime, time: VirtualTime) -> None:
    runtime.stats()
    runtime.register("1", name="good", enabled=False)
    runtime.register("(car 1)", name="bad", enabled=False)
    for name in ("good", "good", "good", "bad"):
        runtime.tick(name)
    time.advance(15_000)  # what was looked at before is looked at again
    with served(runtime) as server:
        found = server.samples()
    results = {labels["result"]: value for labels, value in found["vigyc_ticks_total"]}
    assert results == {"ok": 3, "failed": 1, "timed_out": 0, "aborted": 0, "skipped": 0}
    assert found["vigyc_tick_seconds_count"] == [({}, 4)]
    assert found["vigyc_tick_seconds_bucket"][-1] == ({"le": "+Inf"}, 4)
    assert found["vigyc_failing"] == [({}, 1)]
    assert ({"phase": "disabled"}, 2) in found["vigyc_vigies"]
    assert ({"vigy": "good"}, 3) in found["vigyc_vigy_ticks_total"]
    assert ({"vigy": "bad"}, 1) in found["vigyc_vigy_failures"]
    assert found["vigyc_store_commit_seconds_count"] == [({}, 4)]
    assert found["vigyc_wal_bytes"][0][1] > 0


def test_how_late_ticks_began(runtime: Runtime, time: VirtualTime) -> None:
    runtime.stats()
    runtime.register("1", name="x", every="1s")
    runtime.step()
    time.advance(4_030)
    runtime.step()
    with served(runtime) as server:
        found = server.samples()
    buckets = {labels["le"]: value for labels, value in found["vigyc_lateness_seconds_bucket"]}
    assert (buckets["0.001"], buckets["2.5"], buckets["5.0"], buckets["+Inf"]) == (1, 1, 2, 2)
    assert found["vigyc_lateness_seconds_sum"] == [({}, pytest.approx(3.03, abs=0.001))]
    assert found["vigyc_missed_total"] == [({}, 3)]


def test_effects_are_counted_by_outcome(time: VirtualTime) -> None:
    with Runtime.open(time=time, cache=False, policy=Policy.of("env:HOME")) as runtime:
        runtime.stats()
        runtime.register('(env-get "HOME") (env-get (string-append "PA" "TH"))', name="x", enabled=False)
        runtime.tick("x")
        with served(runtime) as server:
            found = server.samples()
    told = {(labels["effect"], labels["outcome"]): value for labels, value in found["vigyc_effects_total"]}
    assert told == {("env-get", "ok"): 1, ("env-get", "denied"): 1}
    assert found["vigyc_denied_total"] == [({}, 1)]


def test_numbers_of_programs_are_labels_and_nothing_else(runtime: Runtime) -> None:
    runtime.stats()
    escaped = NASTY.replace('"', '\\"').replace("\n", "\\n")
    runtime.register(f'(vigy-metric "{escaped}" 2.5)', name='x" {y="z', enabled=False)
    runtime.tick('x" {y="z')
    with served(runtime) as server:
        found = server.samples()
    assert found["vigyc_program_metric"] == [({"vigy": 'x" {y="z', "name": NASTY}, 2.5)]
    assert "vigyc_evil" not in found


def test_too_many_vigies_have_no_series_of_their_own(runtime: Runtime) -> None:
    for number in range(3):
        runtime.register("1", name=f"v{number}", enabled=False)
    with served(runtime, vigies=2) as server:
        found = server.samples()
    assert "vigyc_vigy_ticks_total" not in found
    assert found["vigyc_vigy_labels_dropped"] == [({}, 1)]
    with served(runtime, vigies=3) as server:
        found = server.samples()
    assert len(found["vigyc_vigy_ticks_total"]) == 3
    assert found["vigyc_vigy_labels_dropped"] == [({}, 0)]


def test_it_speaks_openmetrics_to_who_asks(runtime: Runtime) -> None:
    with served(runtime) as server:
        reply = server.get("/metrics", accept="application/openmetrics-text; version=1.0.0,text/plain;q=0.5")
        plain = server.get("/metrics")
    assert reply.kind.startswith("application/openmetrics-text")
    assert reply.text.endswith("# EOF\n")
    assert {"vigyc_tick_seconds", "vigyc_build"} <= {each.name for each in text_string_to_metric_families(reply.text)}
    assert plain.kind.startswith("text/plain; version=0.0.4")


def test_the_process_is_told_of_too(runtime: Runtime) -> None:
    with served(runtime) as server:
        found = server.samples()
    assert found["process_resident_memory_bytes"][0][1] > 0
    assert "python_gc_collections_total" in found


def test_metrics_take_a_caller(runtime: Runtime) -> None:
    with served(runtime) as server:
        reply = server.get("/metrics", nobody=True)
    assert (reply.status, reply.json["kind"], reply.kind) == (401, "unauthenticated", "application/problem+json")


def test_a_store_that_cannot_be_read_is_a_problem(runtime: Runtime) -> None:
    with served(runtime) as server:
        runtime.close()
        reply = server.get("/metrics")
    assert reply.status in {409, 503}
    assert reply.kind == "application/problem+json"
