"""From the OpenAPI document in the package to schemas that answers are checked against."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from jsonschema import Draft202012Validator

from vigyc.surfaces.rest.openapi import schema_text

DOCUMENT: Any = json.loads(schema_text())
OPERATIONS: dict[str, tuple[str, str, Any]] = {
    told["operationId"]: (method.upper(), path, told)
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
}


def resolved(part: Any) -> Any:
    """`part`, or what its `$ref` points at."""
    while isinstance(part, dict) and "$ref" in part:
        found: Any = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def _closed(schema: Any) -> Any:
    """`schema` with nothing allowed that it does not name: what is answered must be told."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _closed(value) for key, value in schema.items()}
    if isinstance(told.get("properties"), dict) and "type" in told:
        told.setdefault("additionalProperties", False)
    return told


_SCHEMAS = _closed(deepcopy(DOCUMENT["components"]["schemas"]))


def faults(schema: Any, data: object) -> list[str]:
    """What in `data` is not as `schema` says."""
    whole = {"components": {"schemas": _SCHEMAS}, "allOf": [_closed(deepcopy(schema))]}
    return [f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(whole).iter_errors(data)]


def answer_faults(operation: str, status: int, body: bytes) -> list[str]:
    """What in an answer of `operation` is not as the document says."""
    responses = OPERATIONS[operation][2]["responses"]
    told = resolved(responses.get(str(status), responses["default"] if status >= 400 else None))
    if told is None:
        return [f"{operation} answers {status}, which is not told of"]
    content = told.get("content")
    if content is None:
        return ["it has a body"] if body else []
    (kind,) = content.values()
    return faults(kind["schema"], json.loads(body))
