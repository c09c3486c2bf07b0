"""From what went wrong in a request to the errors of its answer, by the one table of failures.

Each has the kind of the failure in capitals as its code, and beside that the whole problem that REST would answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError

from vigyc.lang.errors import Invalid
from vigyc.surfaces.wire.failure import problem_of


def refusal(error: Exception) -> dict[str, Any]:
    """An error of an answer, as JSON data."""
    if not isinstance(error, GraphQLError):
        return _told(error, {})
    told: dict[str, Any] = dict(error.formatted)
    told.pop("extensions", None)
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):  # it was asked wrongly
        cause = Invalid(error.message)
    return _told(cause, told)


def refusals(errors: Iterable[Exception]) -> list[dict[str, Any]]:
    """The errors of an answer, as JSON data."""
    return [refusal(error) for error in errors]


def _told(error: Exception, place: dict[str, Any]) -> dict[str, Any]:
    problem = problem_of(error)
    code = problem["kind"].upper().replace("-", "_")
    return {**place, "message": problem["detail"], "extensions": {"code": code, **problem}}
