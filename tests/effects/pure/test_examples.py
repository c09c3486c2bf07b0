"""Every example of a pure pack is a program, and what it says the program gives is what it gives."""

from __future__ import annotations

import pytest

import vigyc
from vigyc.effects import catalog

PURE = ("str", "json", "toml", "yaml", "csv", "regex", "bytes", "math", "datetime", "url", "template")
OPERATIONS = [operation for name in PURE for operation in catalog.pack(name).operations.values()]
OPENING_SECRETS = {"Text", "Blob", "list[Text]", "dict[str, Text]", "Target"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_example_gives_what_it_says(operation: catalog.Operation) -> None:
    program, _, expected = operation.example.rpartition(" => ")
    assert vigyc.display(vigyc.compile(program).eval()) == expected


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_it_is_pure_documented_and_opens_no_secret(operation: catalog.Operation) -> None:
    assert operation.name.startswith(operation.pack + "-")
    assert not operation.is_effect
    assert operation.doc
    assert operation.needs == ()
    readers = {parameter.reader for parameter in operation.parameters} | {
        kind for kind, _ in operation.options.values()
    }
    assert not readers & OPENING_SECRETS
