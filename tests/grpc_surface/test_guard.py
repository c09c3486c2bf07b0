"""Who may call what: a row for every method there is, from the description of the service."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from grpc_surface.calling import Client, problem_of
from vigyc.surfaces.grpc.guard import authorization
from vigyc.surfaces.grpc.schema import METHODS
from vigyc.surfaces.grpc.servicer import OPERATION_OF
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.table import OPERATIONS

Code = grpc.StatusCode
LEAST = {name: OPERATIONS[OPERATION_OF[name]].role if name in OPERATION_OF else Role.READ for name in METHODS}
TOKEN = {Role.READ: "reader", Role.OPERATE: "operator", Role.ADMIN: "admin"}
LESS = {Role.OPERATE: "reader", Role.ADMIN: "operator"}


def failure(client: Client, method: str, request: dict[str, Any] | None = None) -> grpc.RpcError | None:
    """What becomes of a call with an empty request; None if it succeeds."""
    try:
        if METHODS[method].server_streaming:
            stream = client.stream(method, request, timeout=0.3)
            next(stream.call)
        else:
            client.call(method, request)
    except grpc.RpcError as error:
        return error
    return None


@pytest.mark.parametrize("token", [None, "", "wrong", "Admin", "admin "])
def test_nobody_gets_in_without_a_token_that_is_known(client: Client, token: str | None) -> None:
    for method in METHODS:
        error = failure(client.as_(token), method)
        assert error is not None, method
        assert error.code() is Code.UNAUTHENTICATED, method
        assert problem_of(error)["kind"] == "unauthenticated", method


def test_a_role_that_is_too_small_is_refused(client: Client) -> None:
    for method in (name for name in METHODS if LEAST[name] > Role.READ):
        error = failure(client.as_(LESS[LEAST[method]]), method)
        assert error is not None, method
        assert error.code() is Code.PERMISSION_DENIED, method
        assert problem_of(error)["kind"] == "not-allowed", method


def test_the_role_that_it_takes_gets_in(client: Client) -> None:
    refusals = {Code.UNAUTHENTICATED, Code.PERMISSION_DENIED, Code.INTERNAL, Code.UNKNOWN, Code.UNIMPLEMENTED}
    for method in METHODS:
        error = failure(client.as_(TOKEN[LEAST[method]]), method)
        assert error is None or error.code() not in refusals, method


def test_who_changes_something_is_its_author(client: Client) -> None:
    client.call("Register", {"name": "a", "program": "(vigy-noop)"})
    assert client.call("GetVersion", {"id": "a", "number": "1"}).author == "admin"


def test_an_unknown_method_is_not_told_to_strangers(client: Client) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        client.channel.unary_unary("/pleme.vigy.v1.VigyService/Forget")(b"", timeout=9)
    assert refused.value.code() is Code.UNAUTHENTICATED


def test_a_second_token_counts_for_nothing() -> None:
    assert authorization([("authorization", "Bearer a")]) == "Bearer a"
    assert authorization([("authorization", "Bearer a"), ("authorization", "Bearer b")]) is None
    assert authorization([("other", "x")]) is None


def test_reflection_needs_a_token_and_lists_the_service(client: Client) -> None:
    asked = [reflection_pb2.ServerReflectionRequest(list_services="")]
    stub = reflection_pb2_grpc.ServerReflectionStub(client.channel)
    with pytest.raises(grpc.RpcError) as refused:
        list(stub.ServerReflectionInfo(iter(asked), timeout=9))
    assert refused.value.code() is Code.UNAUTHENTICATED
    asked.append(reflection_pb2.ServerReflectionRequest(file_containing_symbol="pleme.vigy.v1.VigyService"))
    asked.append(reflection_pb2.ServerReflectionRequest(file_containing_symbol="grpc.health.v1.Health"))
    listed, ours, health = stub.ServerReflectionInfo(iter(asked), timeout=9, metadata=client.metadata)
    names = {service.name for service in listed.list_services_response.service}
    assert names == {"pleme.vigy.v1.VigyService", "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}
    assert ours.file_descriptor_response.file_descriptor_proto
    assert health.file_descriptor_response.file_descriptor_proto


def test_whether_it_is_well_anybody_may_ask_but_not_go_on_listening(client: Client) -> None:
    stub = health_pb2_grpc.HealthStub(client.channel)
    asked = health_pb2.HealthCheckRequest()
    assert stub.Check(asked, timeout=9).status == health_pb2.HealthCheckResponse.NOT_SERVING
    with pytest.raises(grpc.RpcError) as refused:
        next(stub.Watch(asked, timeout=9))
    assert refused.value.code() is Code.UNAUTHENTICATED
