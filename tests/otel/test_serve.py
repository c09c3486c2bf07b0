"""`vigyc serve --otel`: the ticks of a served store arrive at a collector."""

from __future__ import annotations

from pathlib import Path

from cli.serving import register
from cli.shell import vigyc
from otel.collector import collecting


def test_a_served_tick_is_traced(tmp_path: Path) -> None:
    db = tmp_path / "vigyc.db"
    register(db)
    with collecting() as collector:
        done = vigyc("serve", "--no-http", "--ticks", "1", "--otel", collector.url, "--db", db)
        path, request = collector.requests.get(timeout=20)
    assert done.exit_code == 0, done.stderr
    assert path == "/v1/traces"
    spans = [span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]
    assert {span.name for span in spans} == {"tick counter"}
