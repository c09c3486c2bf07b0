"""What is asked over GraphQL is answered: queries, changes, errors, roles."""

from __future__ import annotations

import pytest

from graphql_surface.programs import FAILING, TALKATIVE
from graphql_surface.served import Served

REGISTER = "mutation ($input: RegisterVigyInput!) { registerVigy(input: $input) { id name enabled labels version } }"


def code(answer: dict[str, object]) -> object:
    return answer["errors"][0]["extensions"]["code"]  # type: ignore[index]


def test_a_life(served: Served) -> None:
    given = {"name": "talk", "program": TALKATIVE, "tickIntervalMs": 3_600_000, "labels": {"team": "a"}}
    made = served.data(REGISTER, input=given)["registerVigy"]
    assert (made["name"], made["enabled"], made["labels"], made["version"]) == ("talk", True, {"team": "a"}, 1)
    ref = made["id"]
    run = served.data(
        "mutation ($id: ID!) { tickVigy(id: $id) { id result trigger actions { kind payload result } report {"
        " logs { level message } events { kind message } desired metrics } vigy { name } } }", id=ref,
    )["tickVigy"]  # fmt: skip
    assert (run["result"], run["trigger"], run["vigy"]) == ("OK", "REQUEST", {"name": "talk"})
    assert run["actions"] == [
        {"kind": "APPLY", "payload": "it", "result": None}, {"kind": "NOOP", "payload": None, "result": "OK"},
    ]  # fmt: skip
    assert run["report"] == {
        "logs": [{"level": "INFO", "message": "hello"}],
        "events": [{"kind": "greeted", "message": "a greeting"}],
        "desired": {"size": 3},
        "metrics": {"load": 0.5},
    }
    state = served.data(
        "query ($id: ID!) { vigy(id: $id) { phase lastResult failures kv(prefix: \"n\") { key value } state {"
        " desired observed conditions { name status reason } pending { kind runId position } } } }", id=ref,
    )["vigy"]  # fmt: skip
    assert state == {
        "phase": "WAITING",
        "lastResult": "OK",
        "failures": 0,
        "kv": [{"key": "n", "value": 1}],
        "state": {
            "desired": {"size": 3},
            "observed": {"size": 2},
            "conditions": [{"name": "Ready", "status": "TRUE", "reason": "Done"}],
            "pending": [{"kind": "APPLY", "runId": run["id"], "position": 0}],
        },
    }
    resolved = served.data(
        "mutation ($r: ID!) { resolveAction(run: $r, index: 0, status: FAILED) { actions { result } } }", r=run["id"]
    )
    assert resolved["resolveAction"]["actions"][0] == {"result": "FAILED"}
    updated = served.data(
        'mutation ($id: ID!) { updateVigy(id: $id, input: {name: "talker", program: "(vigy-noop)", deadlineMs: null})'
        " { id name version deadlineMs } }", id=ref,
    )["updateVigy"]  # fmt: skip
    assert updated == {"id": ref, "name": "talker", "version": 2, "deadlineMs": None}
    back = served.data(
        'mutation { rollbackVigy(id: "talker", number: 1, note: "back") { version versions {number note} } }'
    )
    assert back["rollbackVigy"] == {
        "version": 3,
        "versions": [{"number": 3, "note": "back"}, {"number": 2, "note": None}, {"number": 1, "note": None}],
    }
    assert served.data('mutation { disableVigy(id: "talker") { enabled phase } }')["disableVigy"] == {
        "enabled": False, "phase": "DISABLED",
    }  # fmt: skip
    assert served.data('mutation { deleteVigy(id: "talker") }')["deleteVigy"] is True
    assert served.data('mutation { deleteVigy(id: "talker") }')["deleteVigy"] is False
    assert served.data('{ vigy(id: "talker") { id } run(id: "nothing") { id } }') == {"vigy": None, "run": None}


def test_changes_are_made_one_after_the_other(served: Served) -> None:
    served.runtime.register("(vigy-noop)", name="a", every="1h")
    told = served.data(
        'mutation { one: setKv(id: "a", key: "k", value: 1) { value } two:'
        ' setKv(id: "a", key: "k", value: {x: [2.5, null]})'
        ' { value } three: deleteKv(id: "a", key: "k") four: setKv(id: "a", key: "k", value: null) { key value }'
        ' five: replaceKv(id: "a", entries: {l: 9}) six: enableVigy(id: "a") { kv { key value } } }'
    )
    assert told["two"] == {"value": {"x": [2.5, None]}}
    assert told["three"] is True
    assert told["four"] == {"key": "k", "value": None}
    assert told["six"] == {"kv": [{"key": "l", "value": 9}]}


def test_a_long_is_of_64_bits(served: Served) -> None:
    served.runtime.register("(vigy-noop)", name="a", every="1h")
    big = 2**63 - 1
    update = 'mutation ($g: Long) { updateVigy(id: "a", input: {generation: $g}) { id } }'
    assert code(served.ask(update, g=big)) == "STALE"
    for wrong in (2**63, True, 1.5, "1"):
        assert code(served.ask(update, g=wrong)) == "INVALID"
    assert code(served.ask("{ notices(after: 9223372036854775808) { seq } }")) == "INVALID"


def test_pages(served: Served) -> None:
    for number in range(5):
        served.runtime.register("(vigy-noop)", name=f"v{number}", every="1h", labels={"odd": str(number % 2)})
    query = "query ($after: String) { vigiesPage(limit: 2, sort: NAME, after: $after) { total next items { name } } }"
    names, after = [], None
    while True:
        page = served.data(query, after=after)["vigiesPage"]
        assert page["total"] == 5
        names += [item["name"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert names == [f"v{number}" for number in range(5)]
    assert [
        each["name"] for each in served.data('{ vigies(labelSelector: "odd=1", sort: NAME) { name } }')["vigies"]
    ] == ["v1", "v3"]
    assert served.data('{ vigies(search: "v4", phase: STANDBY, failing: false) { name } }')["vigies"] == [
        {"name": "v4"}
    ]


def test_a_failed_tick_is_an_answer(served: Served) -> None:
    served.runtime.register(FAILING, name="bad", every="1h")
    run = served.data('mutation { tickVigy(id: "bad") { result error errorKind } }')["tickVigy"]
    assert run["result"] == "FAILED"
    assert run["error"]
    assert served.data('{ recentRuns(vigyId: "bad", results: [FAILED, TIMED_OUT]) { result } }')["recentRuns"]
    assert served.data("{ recentRuns(results: [OK]) { result } }")["recentRuns"] == []


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ('mutation { tickVigy(id: "nobody") { id } }', "NOT_FOUND"),
        ('mutation { registerVigy(input: {name: "x", program: "(vigy-noop"}) { id } }', "NOT_A_PROGRAM"),
        ('{ vigies(labelSelector: "=x") { id } }', "INVALID"),
        ('{ vigies(after: "rubbish") { id } }', "INVALID"),
        ('mutation { updateVigy(id: "a", input: {tickIntervalMs: 0}) { id } }', "INVALID"),
        ('mutation { setKv(id: "a", key: "k") { key } }', "INVALID"),
        ('{ decide(id: "a", effect: "nonsense") { allowed } }', "INVALID"),
    ],
)
def test_an_error_has_the_code_of_the_table(served: Served, query: str, wanted: str) -> None:
    served.runtime.register("(vigy-noop)", name="a", every="1h")
    answer = served.ask(query)
    assert code(answer) == wanted
    problem = answer["errors"][0]["extensions"]
    assert problem["kind"] == wanted.lower().replace("_", "-")
    assert problem["detail"] == answer["errors"][0]["message"]


def test_a_fault_of_vigyc_is_not_told(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("the password is tomato")

    monkeypatch.setattr(served.runtime, "health", broken)
    answer = served.post({"query": "{ health { status } }"})
    assert code(answer.json()) == "INTERNAL"
    assert "tomato" not in answer.text


@pytest.mark.parametrize(
    ("role", "query", "allowed"),
    [
        ("read", "{ vigies { id } }", True),
        ("read", 'mutation { tickVigy(id: "a") { id } }', False),
        ("operate", 'mutation { tickVigy(id: "a") { id } }', True),
        ("operate", 'mutation { deleteVigy(id: "a") }', False),
        ("admin", 'mutation { deleteVigy(id: "a") }', True),
    ],
)
def test_roles(served: Served, role: str, query: str, allowed: bool) -> None:
    served.runtime.register("(vigy-noop)", name="a", every="1h")
    answer = served.ask(query, role)
    assert ("errors" not in answer) == allowed
    if not allowed:
        assert code(answer) == "NOT_ALLOWED"


def test_who_changed_it_is_whose_token_it_is(served: Served) -> None:
    served.data(REGISTER, input={"name": "a", "program": "(vigy-noop)"})
    assert served.data('{ vigy(id: "a") { versions { author } } }')["vigy"]["versions"] == [{"author": "test-admin"}]
