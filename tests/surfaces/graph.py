"""From an operation to a GraphQL document that asks for everything in its answer, and from that to the answer."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)  # fmt: skip

from vigyc.surfaces.graphql.resolvers import LACKING, PLACES, snake
from vigyc.surfaces.graphql.schema import ENUMS, schema

PREFERRED = {"list_vigies": "Query.vigiesPage", "register_vigy": "Mutation.register"}
PLACE_OF = {place.operation: name for name, place in reversed(PLACES.items())} | PREFERRED
FLAT = {"Registration.vigy", "VigyRun.report", "DryRun.report", "Submitted.issue"}
LEFT_OUT = {"FlowVersion.value"}
"""What is not there where it is null; of a kv a null is a value."""


class Asked(NamedTuple):
    """A document and its variables."""

    text: str
    variables: dict[str, Any]


def document(name: str, data: dict[str, Any]) -> Asked:
    """What asks for operation `name`."""
    parent, field_name = PLACE_OF[name].split(".")
    found = _kind(parent).fields[field_name]
    given = dict(data)
    variables: dict[str, Any] = {}
    declared, passed = [], []
    if parent == "Vigy":
        vigy = given.pop("id" if "id" in PLACES[PLACE_OF[name]].parent else "vigy")
        declared, variables = ["$vigy: ID!"], {"vigy": vigy}
    names = {ours: theirs for theirs, ours in PLACES[PLACE_OF[name]].names.items()}
    for argument_name, argument in found.args.items():
        kind = get_named_type(argument.type)
        if isinstance(kind, GraphQLInputObjectType):
            ours = {snake(each): each for each in kind.fields}
            value: Any = {
                ours[key]: _input(kind.fields[ours[key]].type, given.pop(key)) for key in set(given) & set(ours)
            }
        else:
            key = next((ours for ours, theirs in names.items() if theirs == argument_name), snake(argument_name))
            if key not in given:
                continue
            value = _input(argument.type, given.pop(key))
        variables[argument_name] = value
        declared.append(f"${argument_name}: {argument.type}")
        passed.append(f"{argument_name}: ${argument_name}")
    assert not given, f"{PLACE_OF[name]} takes no {', '.join(given)}"
    call = field_name + (f"({', '.join(passed)})" if passed else "") + _selection(found.type, name == "list_vigies")
    body = f"vigy(id: $vigy) {{ {call} }}" if parent == "Vigy" else call
    head = f"({', '.join(declared)})" if declared else ""
    return Asked(f"{'mutation' if parent == 'Mutation' else 'query'}{head} {{ {body} }}", variables)


def answer(name: str, data: dict[str, Any], told: Any) -> Any:
    """The operation's answer, of what was told."""
    parent, field_name = PLACE_OF[name].split(".")
    if parent == "Vigy":
        told = told["vigy"]
    found = None if told is None else told[field_name]
    if found is None or (name == "delete_vigy" and not found):
        raise Nothing
    kind = _kind(parent).fields[field_name].type
    if name == "delete_enhance_setting":
        return {"setting": data["setting"], "deleted": found}
    if name in {"delete_vigy", "delete_kv"}:
        return {"deleted": found, **({"key": data["key"]} if "key" in data else {})}
    if name in {"replace_kv", "get_python"}:
        return {"keys" if name == "replace_kv" else "python": found}
    return _output(kind, found) | {"dry_run": True} if name == "dry_run_vigy" else _output(kind, found)


def notice_field() -> Any:
    """The type of what the stream tells."""
    return _kind("Subscription").fields["notices"].type


def selection_of(kind: Any) -> str:
    """All parts of an answer of that type."""
    return _selection(kind, whole=False)


def output_of(kind: Any, told: Any) -> Any:
    """What was told of that type, in the form that an operation gives it."""
    return _output(kind, told)


class Nothing(Exception):
    """The answer is null, or for a deletion false: there is no such thing."""


def _kind(name: str) -> GraphQLObjectType:
    found = schema().type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def _selection(kind: Any, whole: bool) -> str:
    """All parts of an answer; of a vigy what is part of it, and with `whole` how it goes with it."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    parts = [
        name + _selection(each.type, whole)
        for name, each in named.fields.items()
        if f"{named.name}.{name}" not in PLACES and (whole or named.name != "Vigy" or name not in LACKING)
    ]
    return f" {{ {' '.join(parts)} }}"


def _input(kind: Any, value: Any) -> Any:
    named = get_named_type(kind)
    if isinstance(named, GraphQLEnumType):
        return [_input(kind, each) for each in value] if isinstance(value, list) else value.upper().replace("-", "_")
    return value


def _output(kind: Any, told: Any) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _output(kind.of_type, told)
    if told is None:
        return None
    if isinstance(kind, GraphQLList):
        return [_output(kind.of_type, each) for each in told]
    if isinstance(kind, GraphQLEnumType):
        return {word.upper().replace("-", "_"): word for word in ENUMS[kind.name]}[told]
    if not isinstance(kind, GraphQLObjectType):
        return told
    found: dict[str, Any] = {}
    for name, value in told.items():
        if value is None and f"{kind.name}.{name}" in LEFT_OUT:
            continue
        read = _output(kind.fields[name].type, value)
        found |= read if f"{kind.name}.{name}" in FLAT else {snake(name): read}
    return found
