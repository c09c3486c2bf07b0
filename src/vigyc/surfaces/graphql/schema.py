"""From the text of the schema to one that can be executed: built once, every field bound by the table of resolvers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)  # fmt: skip

from vigyc.model import action, epoch, issue, log_line, notice, run
from vigyc.model.effect import OUTCOMES
from vigyc.model.enhance_setting import CONFLICTS, SELECTORS
from vigyc.model.label import BUMPS
from vigyc.service.browsing import SORTS
from vigyc.service.overview import PHASES
from vigyc.surfaces.graphql.resolvers import (
    LACKING,
    PLACES,
    STREAMS,
    itself,
    lacking,
    part,
    resolver,
    subscribe,
    told_run,
)  # fmt: skip

SDL: Final = Path(__file__).with_name("schema.graphql")
"""A copy of spec/vigy.graphql, which the package has with it."""

ENUMS: Final[Mapping[str, Sequence[str]]] = {
    "ReconcileKind": action.KINDS,
    "ResultStatus": action.STATUSES,
    "RunResult": run.RESULTS,
    "Trigger": run.TRIGGERS,
    "Phase": PHASES,
    "Sort": SORTS,
    "ConditionStatus": ("true", "false", "unknown"),
    "LogLevel": log_line.LEVELS,
    "EffectOutcome": OUTCOMES,
    "NoticeKind": notice.KINDS,
    "IssueState": issue.STATES,
    "EpochOutcome": epoch.OUTCOMES,
    "VerdictStatus": (epoch.PASS, epoch.DENY),
    "Bump": BUMPS,
    "OnConflict": CONFLICTS,
    "SelectorKind": SELECTORS,
}
"""The words that each enum stands for: in capitals, with _ for -."""

_ITSELF: Final = frozenset({"VigyRun.report", "DryRun.report", "Registration.vigy", "Submitted.issue"})
_NOTHING: Final[Mapping[str, Any]] = {"JSON": {}, "Long": 0}
_LEAST, _MOST = -(2**63), 2**63 - 1


@cache
def schema() -> GraphQLSchema:
    """The schema, bound."""
    found = build_schema(SDL.read_text("utf-8"))
    for kind in found.type_map.values():
        if isinstance(kind, GraphQLEnumType) and not kind.name.startswith("__"):
            _bind_enum(kind, ENUMS[kind.name])
        elif isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                _bind(kind.name, name, field)
    long = found.type_map["Long"]
    assert isinstance(long, GraphQLScalarType)
    long.coerce_input_value = _long
    long.parse_value = _long  # type: ignore[method-assign]
    return found


def _bind_enum(kind: GraphQLEnumType, words: Sequence[str]) -> None:
    by_name = {word.upper().replace("-", "_"): word for word in words}
    assert kind.values.keys() == by_name.keys(), kind.name
    for name, value in kind.values.items():
        value.value = by_name[name]


def _bind(parent: str, name: str, field: GraphQLField) -> None:
    place = PLACES.get(f"{parent}.{name}")
    if place is not None:
        field.resolve = resolver(place, changes=parent == "Mutation")
    elif parent == "Subscription":
        field.subscribe = subscribe
        field.resolve = told_run if "run" in STREAMS[name].get("kinds", ()) else _whole
    elif parent == "Vigy" and name in LACKING:
        field.resolve = lacking(name)
    elif f"{parent}.{name}" in _ITSELF:
        field.resolve = itself
    else:
        field.resolve = part(name, _nothing(field))


def _whole(source: Any, info: Any, **given: Any) -> Any:
    return source


def _nothing(field: GraphQLField) -> Any:
    """What a field is that an answer leaves out because there is nothing."""
    if not isinstance(field.type, GraphQLNonNull):
        return None
    if isinstance(field.type.of_type, GraphQLList):
        return []
    return _NOTHING.get(get_named_type(field.type).name)


def _long(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not _LEAST <= value <= _MOST:
        raise GraphQLError(f"Long cannot represent what is not a whole number of 64 bits: {value!r:.40}")
    return value
