"""What asks for too much is refused before it is executed."""

from __future__ import annotations

import time

import pytest
from graphql import get_introspection_query

from graphql_surface.served import Served

DEEP = "{ recentRuns { " + "vigy { runs(limit: 1) { " * 5 + "id" + " } }" * 5 + " } }"
MANY = " ".join(f"a{number}: health {{ status }}" for number in range(16))
DOUBLING = "query { recentRuns(limit: 1) { ...f20 } } fragment f0 on VigyRun { id } " + " ".join(
    f"fragment f{n} on VigyRun {{ a{n}: vigy {{ r{n}: runs(limit: 1) {{ ...f{n - 1} }} }}"
    f" b{n}: vigy {{ s{n}: runs(limit: 1) {{ ...f{n - 1} }} }} }}"
    for n in range(1, 21)
)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (DEEP, "levels"),
        ("{ " + MANY + " }", "aliases"),
        ("{ ..." + "x } fragment x on Query { " + MANY + " }", "aliases"),
        (DOUBLING, "asks for"),
        ("{ vigies(limit: 501) { id } }", "limit"),
        ("query ($n: Int = 501) { vigies(limit: $n) { id } }", "limit"),
        ("{ vigies { runs(limit: 100) { id } } vigies { runs(limit: 100) { vigy { id } } } }", "operations and rows"),
        ("{ vigies(limit: 500) { runs(limit: 500) { id } } }", "operations and rows"),
        ("{ vigiesPage(limit: 500) { items { runs(limit: 500) { id } } } }", "operations and rows"),
        ("{ vigies(limit: 500) { python } }", "operations and rows"),
        ("{ " + "health { status } " * 21 + "}", "fields at the top"),
        ("{ health { " + "status " * 2000 + "} }", "tokens"),
        ("{ health { status } }" + "#\n" * 1000, "comments"),
        ("#" + "x" * 100_001 + "\n{ health { status } }", "code points"),
        ("{" * 1500, ""),
        ("{ vigies" + " { a" * 600 + " }" * 600 + " }", ""),
        ("{ decide(id: \"a\", effect: \"b\", resource: " + "[" * 900 + "]" * 900 + ") { rule } }", ""),
        ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", "itself"),
        ("{ notices(after: " + "9" * 50_000 + ") { seq } }", ""),
    ],
)  # fmt: skip
def test_too_much_is_refused(served: Served, query: str, says: str) -> None:
    began = time.monotonic()
    answer = served.ask(query)
    assert time.monotonic() - began < 5
    assert "data" not in answer
    error = answer["errors"][0]
    assert error["extensions"]["code"] == "INVALID", error
    assert says in error["message"], error


def test_a_limit_given_as_a_variable(served: Served) -> None:
    query = "query ($n: Int) { vigies(limit: $n) { id } }"
    assert "limit" in served.ask(query, n=501)["errors"][0]["message"]
    assert served.data(query, n=500) == {"vigies": []}
    assert served.ask(query, n=-1)["errors"][0]["extensions"]["code"] == "INVALID"
    assert served.ask(query, n="x")["errors"][0]["extensions"]["code"] == "INVALID"


def test_introspection_is_answered(served: Served) -> None:
    told = served.data(get_introspection_query())
    assert told["__schema"]["queryType"]["name"] == "Query"


def test_introspection_has_its_own_bound(served: Served) -> None:
    query = "{ __schema { types { " + "fields { type { " * 6 + "name" + " } }" * 6 + " } } }"
    assert "errors" in served.ask(query)


def test_a_huge_number_is_no_fault(served: Served) -> None:
    answer = served.ask('{ decide(id: "a", effect: "b", resource: ' + "9" * 50_000 + ") { rule } }")
    assert answer["errors"][0]["extensions"]["code"] in {"INVALID", "NOT_FOUND"}


def test_a_batch_is_refused(served: Served) -> None:
    assert served.post([{"query": "{ health { status } }"}]).status_code == 400


def test_what_people_ask_is_allowed(served: Served) -> None:
    served.data(
        "{ vigies(limit: 100) { id name phase state { conditions { name status } } standing { tickCount }"
        " runs(limit: 20) { id result actions { kind payload } report { logs { level message } } } }"
        " health { status } }"
    )
