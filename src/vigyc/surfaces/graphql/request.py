"""From a request in JSON data to its execution: parsed, validated and measured, whatever it came over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    subscribe,
    validate,
)  # fmt: skip

from vigyc.lang.errors import Invalid, StoreError
from vigyc.model.reading import Fields, mapping, text
from vigyc.surfaces.graphql.limits import COMMENTS, TEXT, TOKENS, check_limits
from vigyc.surfaces.graphql.loading import Loading
from vigyc.surfaces.graphql.refusal import refusals
from vigyc.surfaces.graphql.schema import schema
from vigyc.surfaces.wire.caller import Caller
from vigyc.surfaces.wire.desk import Desk

QUERY_S: Final = 10.0
"""The time for a query, in seconds; what changes something has the time that its operations take."""


class Refused(Exception):
    """A request that is not executed, with the errors that say why."""

    def __init__(self, errors: list[Exception]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.errors = errors


class Request(NamedTuple):
    """What can be executed: one operation of a document that was found good."""

    document: DocumentNode
    operation: OperationDefinitionNode
    variables: dict[str, Any]

    @property
    def subscribes(self) -> bool:
        """Whether it has many answers."""
        return self.operation.operation is OperationType.SUBSCRIPTION

    async def answer(self, desk: Desk, caller: Caller) -> dict[str, Any]:
        """Its one answer, as JSON data."""
        limit = QUERY_S if self.operation.operation is OperationType.QUERY else None
        try:
            async with asyncio.timeout(limit):
                result = execute(**self._asked(desk, caller))
                return answer_json(result if isinstance(result, ExecutionResult) else await result)
        except TimeoutError:
            return {"errors": refusals([StoreError(f"the query was not answered in {QUERY_S:g} s")])}

    async def answers(self, desk: Desk, caller: Caller) -> AsyncGenerator[ExecutionResult, None]:
        """Its many answers. Raises Refused if it cannot begin."""
        result = subscribe(**self._asked(desk, caller))
        found = await result if isinstance(result, Awaitable) else result
        if isinstance(found, ExecutionResult):
            raise Refused(list(found.errors or ()))
        assert isinstance(found, AsyncGenerator)
        return found

    def _asked(self, desk: Desk, caller: Caller) -> dict[str, Any]:
        return {
            "schema": schema(),
            "document": self.document,
            "variable_values": self.variables,
            "operation_name": None if self.operation.name is None else self.operation.name.value,
            "context_value": Loading(desk, caller),
        }


def read_request(data: object) -> Request:
    """The request that JSON `data` is. Raises Refused."""
    try:
        fields = Fields(data, "request")
        query = fields.need("query", text)
        variables = dict(fields.may("variables", mapping, {}))
        fields.may("extensions", mapping, {})
        name = fields.may("operationName", text, None)
        return _found_good(query, variables, name)
    except (Invalid, GraphQLError) as error:
        raise Refused([error]) from None
    except RecursionError:
        raise Refused([Invalid("the document is nested too deeply")]) from None


def answer_json(result: ExecutionResult) -> dict[str, Any]:
    """An answer as JSON data; without `data` if nothing was executed."""
    errors = {"errors": refusals(result.errors)} if result.errors else {}
    begun = result.data is not None or any(error.path for error in result.errors or ())
    return {**errors, **({"data": result.data} if begun else {})}


def _found_good(query: str, variables: Mapping[str, Any], name: str | None) -> Request:
    document = parse(query, max_lexical_tokens=TOKENS, max_comments=COMMENTS, max_source_length=TEXT)
    wrong = validate(schema(), document, max_errors=20)
    if wrong:
        raise Refused(list(wrong))
    operation = get_operation_ast(document, name)
    if operation is None:
        named = "operationName: say which one" if name is None else f"there is no operation {name!r:.60}"
        raise Invalid(f"the document has no operation, or several; {named}")
    check_limits(schema(), document, operation, variables)
    return Request(document, operation, dict(variables))
