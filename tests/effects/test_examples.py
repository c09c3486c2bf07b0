"""The examples in the docs of the packs are programs, and each shows the operation it stands with."""

from __future__ import annotations

import pytest

from vigyc.auditing import uses_of
from vigyc.checking import analyse
from vigyc.effects import catalog
from vigyc.effects.operation import Operation
from vigyc.lang.abi import BUILTINS

OPERATIONS = [operation for name in catalog.PACKS for operation in catalog.pack(name).operations.values()]
FREE = "".join(f"(define {name} nil)\n" for name in ("p", "file", "db", "r", "message", "state"))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_example_is_a_program_with_its_operation(operation: Operation) -> None:
    example = FREE + operation.example.partition(" => ")[0]
    findings, analysed = analyse(example)
    assert not findings
    assert analysed is not None
    assert operation.name in {use.name for use in uses_of(analysed).uses}


def test_the_catalog_is_what_the_packs_have() -> None:
    assert catalog.text() == catalog.written()


def test_every_operation_is_documented() -> None:
    assert not [operation.name for operation in OPERATIONS if not operation.doc]


def test_no_operation_has_the_name_of_the_language_or_another() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert not set(names) & BUILTINS.keys()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_is_named_after_its_pack(operation: Operation) -> None:
    assert operation.pack == "result" or operation.name.startswith(operation.pack + "-")
