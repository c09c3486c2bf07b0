"""The table of operations: named, routed, and declared as the functions behind it are."""

from __future__ import annotations

import re
from inspect import signature

import pytest

from vigyc.lang.errors import NotFound
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.door import WATCH, WATCH_ROUTE
from vigyc.surfaces.wire.operation import Operation
from vigyc.surfaces.wire.table import OPERATIONS, operation_named

ALL = list(OPERATIONS.values())
by_name = pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)


def test_every_route_is_of_one_operation() -> None:
    routes = [operation.route for operation in ALL] + [WATCH_ROUTE]
    assert len(set(routes)) == len(routes)
    assert WATCH not in OPERATIONS


@by_name
def test_what_is_in_the_path_is_a_required_argument(operation: Operation) -> None:
    required = {argument.name for argument in operation.arguments if argument.required}
    assert set(re.findall(r"{(\w+)}", operation.route[1])) <= required


@by_name
def test_arguments_are_the_parameters_of_the_function(operation: Operation) -> None:
    parameters = list(signature(operation.work).parameters.values())[1:]
    assert [argument.name for argument in operation.arguments] == [parameter.name for parameter in parameters]
    assert [argument.required for argument in operation.arguments] == [
        parameter.default is parameter.empty for parameter in parameters
    ]


@by_name
def test_who_only_looks_may_change_nothing(operation: Operation) -> None:
    method = operation.route[0]
    looks = operation.role is Role.READ
    assert looks == (method == "GET" or operation.name in {"check_program", "decide_policy"})
    assert not (looks and operation.changes)


@by_name
def test_every_operation_says_what_it_does(operation: Operation) -> None:
    assert operation.doc.rstrip().endswith(".")
    assert all(argument.doc for argument in operation.arguments)


def test_what_takes_which_role() -> None:
    admin = {operation.name for operation in ALL if operation.role is Role.ADMIN}
    assert admin == {
        "register_vigy", "update_vigy", "delete_vigy", "approve_issue", "put_enhance_setting", "delete_enhance_setting",
    }  # fmt: skip


def test_an_operation_nobody_knows() -> None:
    with pytest.raises(NotFound, match="there is no operation 'register'"):
        operation_named("register")
