"""The schema, the table of operations and the answers agree, or a test fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_leaf_type,
    validate_schema,
)  # fmt: skip

from graphql_surface.programs import TALKATIVE
from graphql_surface.served import Served
from vigyc.surfaces.graphql.resolvers import PLACES, STREAMS, snake
from vigyc.surfaces.graphql.schema import SDL, schema
from vigyc.surfaces.wire.caller import LOCAL
from vigyc.surfaces.wire.door import WATCH_ARGUMENTS, LocalDoor
from vigyc.surfaces.wire.table import OPERATIONS

ROOT = Path(__file__).parents[2]


def field(place: str) -> GraphQLField:
    parent, _, name = place.partition(".")
    kind = schema().type_map[parent]
    assert isinstance(kind, GraphQLObjectType)
    return kind.fields[name]


def arguments(place: str) -> dict[str, GraphQLArgument | GraphQLInputField]:
    """The arguments of the operation that the field takes, those of an input each by itself."""
    found: dict[str, GraphQLArgument | GraphQLInputField] = {}
    for name, argument in field(place).args.items():
        kind = get_named_type(argument.type)
        if isinstance(kind, GraphQLInputObjectType):
            found |= kind.fields
        else:
            found[name] = argument
    return {PLACES[place].names.get(name, snake(name)): each for name, each in found.items()}


def test_the_shipped_copy_is_the_specified_schema() -> None:
    assert SDL.read_bytes() == (ROOT / "spec/vigy.graphql").read_bytes()
    script = (ROOT / "spec/generate.py").read_text("utf-8")
    assert "spec/vigy.graphql" in script


def test_the_schema_is_valid() -> None:
    assert validate_schema(schema()) == []


def test_every_operation_is_reached() -> None:
    assert {place.operation for place in PLACES.values()} == set(OPERATIONS)


@pytest.mark.parametrize("name", sorted(PLACES))
def test_a_field_takes_the_arguments_of_its_operation(name: str) -> None:
    place = PLACES[name]
    taken = arguments(name)
    wanted = {argument.name: argument for argument in OPERATIONS[place.operation].arguments}
    assert not place.parent.keys() - wanted.keys()
    if not place.parent:
        assert taken.keys() == wanted.keys()
    else:  # a field of a vigy takes what makes sense there, and always what is required
        assert taken.keys() <= wanted.keys() - place.parent.keys()
    for key, argument in wanted.items():
        if argument.required and not argument.nullable:
            assert key in place.parent or isinstance(taken[key].type, GraphQLNonNull), key
        elif key in taken:
            assert not isinstance(taken[key].type, GraphQLNonNull), key


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_argument_of_an_operation_can_be_given_somewhere(name: str) -> None:
    reached: set[str] = set()
    for key, place in PLACES.items():
        if place.operation == name:
            reached |= arguments(key).keys() | place.parent.keys()
    assert reached == {argument.name for argument in OPERATIONS[name].arguments}


def test_what_changes_something_is_a_mutation_and_only_that() -> None:
    mutations = {place.operation for name, place in PLACES.items() if name.startswith("Mutation.")}
    assert mutations == {name for name, operation in OPERATIONS.items() if operation.changes or operation.preview}


def test_every_root_field_is_bound() -> None:
    for parent in ("Query", "Mutation"):
        kind = schema().type_map[parent]
        assert isinstance(kind, GraphQLObjectType)
        assert {f"{parent}.{name}" for name in kind.fields} <= PLACES.keys()


def test_subscriptions_take_the_arguments_of_the_stream() -> None:
    kind = schema().subscription_type
    assert kind is not None
    assert kind.fields.keys() == STREAMS.keys()
    assert {"vigy" if name == "vigyId" else name for name in kind.fields["notices"].args} == {
        argument.name for argument in WATCH_ARGUMENTS
    }


def test_the_schema_of_the_original_is_in_it() -> None:
    """The operations, types and enum values that the original specifies (vigy.md, section 7)."""
    types = schema().type_map
    for place in (
        "Query.vigy", "Query.vigies", "Query.recentRuns", "Mutation.registerVigy", "Mutation.updateVigy",
        "Mutation.tickVigy", "Mutation.enableVigy", "Mutation.disableVigy", "Mutation.deleteVigy",
        "Subscription.reconcileEvents", "Vigy.tickIntervalMs", "Vigy.labels", "Vigy.state", "Vigy.runs",
        "VigyState.pending", "VigyRun.actions",
    ):  # fmt: skip
        assert field(place)
    assert str(field("Query.vigies").type) == "[Vigy!]!"
    assert str(field("Query.vigy").type) == "Vigy"
    assert str(field("Vigy.labels").type) == "JSON!"
    assert len(types["ReconcileKind"].values) == 10  # type: ignore[attr-defined]
    assert list(types["ResultStatus"].values) == ["OK", "FAILED", "SKIPPED"]  # type: ignore[attr-defined]


def selection(kind: GraphQLObjectType, without: frozenset[str] = frozenset()) -> str:
    """All parts of an answer; not what would be another operation."""
    parts = []
    for name, each in kind.fields.items():
        if f"{kind.name}.{name}" in PLACES or name in without:
            continue
        inner = get_named_type(each.type)
        parts.append(name if is_leaf_type(inner) else f"{name} {selection(inner)}")  # type: ignore[arg-type]
    return "{" + " ".join(parts) + "}"


def same(told: Any, truth: Any, kind: GraphQLObjectType, where: str) -> None:
    """Every key of the JSON truth is a field of the type, and says the same."""
    names = {snake(name): name for name in kind.fields}
    flat = names.pop("report", None)
    report = schema().type_map["Report"]
    for key, value in truth.items():
        if flat is not None and key not in names:
            assert isinstance(report, GraphQLObjectType)
            same(told["report"], {key: value}, report, f"{where}.report")
            continue
        if key in {"dry_run"}:
            continue
        assert key in names, f"{where}.{key} is not in the schema"
        inner = get_named_type(kind.fields[names[key]].type)
        mine = told[names[key]]
        if isinstance(inner, GraphQLObjectType):
            pairs = zip(mine, value, strict=True) if isinstance(value, list) else [(mine, value)]
            for one, other in pairs:
                same(one, other, inner, f"{where}.{key}")
        elif isinstance(inner, GraphQLScalarType):
            assert mine == value or key in {
                "captured_at",
                "started_at",
                "ended_at",
                "duration_us",
                "at_us",
                "last_transition",
                "now",
            }, where
        else:
            assert mine == (value.upper().replace("-", "_")), where


@pytest.mark.parametrize(
    ("place", "given", "data"),
    [
        ("Query.vigiesPage", "", {}),
        ("Query.inspectVigy", '(id: "talk")', {"id": "talk"}),
        ("Query.recentRuns", "", {"limit": 50}),
        ("Query.notices", "", {}),
        ("Query.denials", "", {}),
        ("Query.nextTicks", "", {}),
        ("Query.health", "", {}),
        ("Query.stats", "", {}),
        ("Query.version", '(id: "talk", number: 1)', {"id": "talk", "number": 1}),
        ("Query.diff", '(id: "talk", old: 1, new: 2)', {"id": "talk", "old": 1, "new": 2}),
        ("Query.kv", '(id: "talk", key: "n")', {"id": "talk", "key": "n"}),
        ("Query.checkProgram", '(program: "(vigy-gte 1) (http-get 1)")', {"program": "(vigy-gte 1) (http-get 1)"}),
        ("Query.audit", "", {}),
        ("Query.decide", '(id: "talk", effect: "fs.read", resource: "/x")',
         {"id": "talk", "effect": "fs.read", "resource": "/x"}),
        ("Query.issues", '(vigyId: "talk")', {"vigy": "talk"}),
        ("Query.epochs", "", {}),
        ("Query.enhance", "", {}),
        ("Query.enhanceSettings", "", {}),
        ("Query.enhanceSetting", '(name: "mine")', {"setting": "mine"}),
        ("Mutation.verifyCandidate", '(id: "talk", program: "(car")', {"id": "talk", "program": "(car"}),
        ("Mutation.dryRunVigy", '(id: "talk")', {"id": "talk"}),
    ],
)  # fmt: skip
def test_an_answer_is_that_of_the_operation(served: Served, place: str, given: str, data: dict[str, Any]) -> None:
    served.runtime.register(TALKATIVE, name="talk", labels={"team": "a"}, every="1h")
    served.runtime.update("talk", program=TALKATIVE + '(vigy-get "n")')
    served.runtime.tick("talk")
    if "ssue" in place or "nhance" in place or place == "Query.epochs":
        served.runtime.enhance.put_setting("mine", {"canary": {"watch_ticks": 3}, "flow_version": {"kind": "latest"}})
        served.runtime.enhance.submit("talk", "no talk", proposal={"source": "(vigy-noop)", "bump": "major"}, key="k")
        served.runtime.enhance.submit("talk", "nothing at all", proposal={"source": "(car"}, constraints={"a": [1]})
        served.runtime.enhance.drain()
        served.runtime.enhance.pause("mine", "why not")
    parent, _, name = place.partition(".")
    kind = get_named_type(field(place).type)
    assert isinstance(kind, GraphQLObjectType)
    query = f"{'mutation' if parent == 'Mutation' else ''} {{ {name}{given} {selection(kind)} }}"
    told = served.data(query)[name]
    truth = LocalDoor(served.runtime, LOCAL).perform(PLACES[place].operation, data)
    if isinstance(truth, list):
        for one, other in zip(told, truth, strict=True):
            same(one, other, kind, place)
    else:
        same(told, truth, kind, place)


def test_the_script_finds_the_copies_fresh() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "spec/generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert "graphql" not in done.stderr
