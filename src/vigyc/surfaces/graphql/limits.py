"""From a document to whether it may be executed: how deep it goes, how often it renames, how much it asks for at most.

What a fragment asks for counts wherever it is spread. Introspection is free of depth, which its own rule bounds. `cost`
counts operations and rows: a list counts once for each row it may have, with all that is asked of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)  # fmt: skip

from vigyc.lang.errors import Invalid
from vigyc.surfaces.graphql.resolvers import PLACES

TOKENS: Final = 2_000
TEXT: Final = 100_000  # characters
COMMENTS: Final = 500
DEPTH: Final = 10
ALIASES: Final = 15
ROOTS: Final = 20
ROWS: Final = 500  # the longest list
COST: Final = 10_000
SOME: Final = 10  # rows of a list that takes no limit


class Asked(NamedTuple):
    """What a part of a document asks for, at most: levels, aliases, and cost."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0

    def beside(self, other: Asked) -> Asked:
        """Both."""
        return Asked(max(self.depth, other.depth), self.aliases + other.aliases, self.cost + other.cost)


def check_limits(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> None:
    """Raises Invalid if `operation` of a valid document asks for too much."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        raise Invalid(f"there is no {operation.operation.value} here")
    defaults = {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in operation.variable_definitions or () if each.default_value is not None
    }  # fmt: skip
    measure = _Measure(schema, document, {**defaults, **variables})
    asked = measure.of(operation.selection_set, root)
    roots = measure.roots(operation.selection_set)
    for what, found, most in (
        ("fields at the top", roots, ROOTS), ("levels", asked.depth, DEPTH), ("aliases", asked.aliases, ALIASES),
        ("operations and rows", asked.cost, COST),
    ):  # fmt: skip
        if found > most:
            raise Invalid(f"the document asks for {_number(found)} {what}; {most} are the most")


class _Measure:
    """Measures selections of one document, with its variables; a fragment only once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._known: dict[str, Asked] = {}

    def of(self, selections: SelectionSetNode, parent: GraphQLObjectType) -> Asked:
        """What `selections` of an object ask for."""
        asked = Asked()
        for each in selections.selections:
            if isinstance(each, FieldNode):
                asked = asked.beside(self._of_field(each, parent))
            elif isinstance(each, InlineFragmentNode):
                asked = asked.beside(self.of(each.selection_set, parent))
            elif isinstance(each, FragmentSpreadNode):
                asked = asked.beside(self._of_fragment(each.name.value, parent))
        return asked

    def roots(self, selections: SelectionSetNode) -> int:
        """How many fields there are at the top."""
        count = 0
        for each in selections.selections:
            if isinstance(each, FragmentSpreadNode):
                count += self.roots(self._fragments[each.name.value].selection_set)
            else:
                count += self.roots(each.selection_set) if isinstance(each, InlineFragmentNode) else 1
            if count > ROOTS:
                break
        return count

    def _of_fragment(self, name: str, parent: GraphQLObjectType) -> Asked:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self.of(self._fragments[name].selection_set, parent)
        return known

    def _of_field(self, node: FieldNode, parent: GraphQLObjectType) -> Asked:
        name = node.name.value
        alias = node.alias is not None
        if name.startswith("__"):
            return Asked(1, alias, 0)
        field = parent.fields[name]
        place = PLACES.get(f"{parent.name}.{name}")
        inner = Asked()
        kind = get_named_type(field.type)
        if node.selection_set is not None and isinstance(kind, GraphQLObjectType):
            inner = self.of(node.selection_set, kind)
        if place is None:
            return Asked(inner.depth + 1, inner.aliases + alias, inner.cost)
        rows = self._rows(node, field)
        each = inner.cost if rows is None else rows * (inner.cost + 1)
        return Asked(inner.depth + 1, inner.aliases + alias, place.weight + each)

    def _rows(self, node: FieldNode, field: GraphQLField) -> int | None:
        """How many rows an operation may give; None if it gives no list."""
        limit = field.args.get("limit")
        if limit is None:
            bare = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
            return SOME if isinstance(bare, GraphQLList) else None
        declared = None if limit.ast_node is None else limit.ast_node.default_value
        given = next((each.value for each in node.arguments or () if each.name.value == "limit"), declared)
        rows = None if given is None else value_from_ast_untyped(given, self._variables)
        if not isinstance(rows, int):  # execution says what is wrong with it
            return ROWS
        if rows > ROWS:
            raise Invalid(f"{node.name.value}.limit: it must be from 1 to {ROWS}, not {_number(rows)}")
        return max(rows, 0)


def _number(count: int) -> str:
    return str(count) if count < 10**12 else "more than 10^12"
