"""From the schema in the package (made of spec/vigy.openapi.yaml) to what answers with it."""

from __future__ import annotations

from functools import cache
from importlib import resources

from vigyc.surfaces.rest.answer import JSON, PRIVATE, Answer
from vigyc.surfaces.rest.request import Request


@cache
def schema_text() -> bytes:
    """The OpenAPI document, as JSON."""
    return resources.files("vigyc.surfaces.rest").joinpath("openapi.json").read_bytes()


async def openapi(request: Request) -> Answer:
    """The document, for every caller."""
    assert request.caller
    return Answer(200, (JSON, PRIVATE), schema_text())
