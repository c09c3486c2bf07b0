"""Whatever is generated from the schema is answered, and never by a fault of the server."""

from __future__ import annotations

from typing import Any

from graphql import parse_value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema

from graphql_surface.served import GRAPHQL, Served, serving
from vigyc.service.runtime import Runtime
from vigyc.surfaces.graphql.schema import SDL

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
LITERALS = st.sampled_from(['"a"', "1", "null", "{a: [1, true]}", '"2026-05-20T12:00:00Z"'])


def literal(text: str) -> Any:
    return parse_value(text)


def test_no_fault_of_the_server() -> None:
    scalars: dict[str, Any] = {name: LITERALS.map(literal) for name in ("JSON", "Long", "DateTime")}
    documents = from_schema(SDL.read_text("utf-8"), custom_scalars=scalars)
    with Runtime.open() as runtime, serving(runtime) as served:
        runtime.register("(vigy-noop)", name="a", every="1h")
        played(served, documents)


def played(served: Served, documents: st.SearchStrategy[str]) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(documents, st.dictionaries(st.sampled_from(["id", "n"]), ANYTHING))
    def play(document: str, variables: dict[str, Any]) -> None:
        answer = served.post({"query": document, "variables": variables}, accept=GRAPHQL)
        assert answer.status_code < 500, answer.text
        codes = [each["extensions"]["code"] for each in answer.json().get("errors", [])]
        assert "INTERNAL" not in codes, answer.text

    play()
