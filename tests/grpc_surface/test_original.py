"""The ten methods of the original, called by a client that was made for the original."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    message_factory,
    struct_pb2,
    timestamp_pb2,
)

from grpc_surface.calling import Client, path
from vigyc.service.runtime import Runtime

# Field numbers as in the original, name=number:type; no type is a string, b a bool, u a uint32, e an enum, * a list.
ORIGINAL = {
    "Vigy": "id=1 name=2 program=3 tick_interval=4:Duration enabled=5:b created_at=6:Timestamp updated_at=7:Timestamp",
    "ReconcileAction": "kind=1 payload=2:Struct result=3:e message=4",
    "VigyRun": "id=1 vigy_id=2 started_at=3:Timestamp ended_at=4:Timestamp result=5:e error=6 "
    "actions=7:*ReconcileAction",
    "VigyState": "vigy_id=1 desired=2:Struct observed=3:Struct pending=4:*ReconcileAction captured_at=5:Timestamp",
    "RegisterRequest": "name=1 program=2 tick_interval=3:Duration enabled=4:b",
    "UpdateRequest": "id=1 program=2 tick_interval=3:Duration",
    "IdRequest": "id=1",
    "DeleteResponse": "deleted=1:b",
    "ListRequest": "label_selector=1 limit=2:u",
    "ListResponse": "vigies=1:*Vigy",
    "StreamEventsRequest": "vigy_id=1",
}
OK = 1


def _original() -> dict[str, Any]:
    field = descriptor_pb2.FieldDescriptorProto
    scalars = {"s": field.TYPE_STRING, "b": field.TYPE_BOOL, "u": field.TYPE_UINT32, "e": field.TYPE_INT32}
    file = descriptor_pb2.FileDescriptorProto(name="original.proto", package="original", syntax="proto3")
    pool = descriptor_pool.DescriptorPool()
    for known in (duration_pb2, timestamp_pb2, struct_pb2):
        file.dependency.append(known.DESCRIPTOR.name)
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    for name, fields in ORIGINAL.items():
        made = file.message_type.add(name=name)
        for written in fields.split():
            said, _, kind = written.partition(":")
            kind = kind or "s"
            added = made.field.add(name=said.partition("=")[0], number=int(said.partition("=")[2]))
            added.label = field.LABEL_REPEATED if kind.startswith("*") else field.LABEL_OPTIONAL
            if kind in scalars:
                added.type = scalars[kind]
            else:
                kind = kind.removeprefix("*")
                added.type_name = f".original.{kind}" if kind in ORIGINAL else f".google.protobuf.{kind}"
                added.type = field.TYPE_MESSAGE
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"original.{name}")) for name in ORIGINAL}


M = _original()
WORK = """
(vigy-desired "size" 3)
(vigy-observed "size" 2)
(vigy-push (hash-map "to" "there"))
"""


class Original:
    def __init__(self, channel: grpc.Channel) -> None:
        self.channel = channel

    def __call__(self, method: str, request: Any, response: str) -> Any:
        done = self.channel.unary_unary(path(method), lambda sent: sent.SerializeToString(), M[response].FromString)
        answer = done(request, timeout=20, metadata=(("authorization", "Bearer admin"),))
        answer.DiscardUnknownFields()
        return answer


@pytest.fixture
def call(channel: grpc.Channel) -> Original:
    return Original(channel)


@pytest.fixture
def registered(call: Original) -> Any:
    request = M["RegisterRequest"](name="worker", program=WORK, enabled=True)
    request.tick_interval.FromMilliseconds(2500)
    return call("Register", request, "Vigy")


def test_register_and_get(call: Original, registered: Any, runtime: Runtime) -> None:
    vigy = runtime.get("worker")
    assert registered.id == vigy.id
    assert registered.tick_interval.ToMilliseconds() == 2500
    assert registered.created_at.ToMilliseconds() == vigy.created_at
    assert registered.enabled
    assert call("Get", M["IdRequest"](id=vigy.id), "Vigy") == registered


def test_an_interval_that_is_not_said_is_a_second_and_enabled_is_the_default(call: Original) -> None:
    made = call("Register", M["RegisterRequest"](name="a", program="(vigy-noop)"), "Vigy")
    assert made.enabled
    assert made.tick_interval.ToMilliseconds() == 1000


def test_update(call: Original, registered: Any) -> None:
    changed = call("Update", M["UpdateRequest"](id=registered.id, program="(vigy-noop)"), "Vigy")
    assert (changed.id, changed.program) == (registered.id, "(vigy-noop)")
    assert changed.tick_interval.ToMilliseconds() == 2500


def test_disable_and_enable(call: Original, registered: Any) -> None:
    assert not call("Disable", M["IdRequest"](id=registered.id), "Vigy").enabled
    assert call("Enable", M["IdRequest"](id=registered.id), "Vigy").enabled


def test_tick_and_state(call: Original, registered: Any) -> None:
    run = call("Tick", M["IdRequest"](id=registered.id), "VigyRun")
    assert (run.vigy_id, run.result, run.error) == (registered.id, OK, "")
    assert run.ended_at.ToMilliseconds() >= run.started_at.ToMilliseconds()
    assert [(action.kind, dict(action.payload)) for action in run.actions] == [("push", {"to": "there"})]
    state = call("GetState", M["IdRequest"](id=registered.id), "VigyState")
    assert (dict(state.desired), dict(state.observed)) == ({"size": 3}, {"size": 2})
    assert [action.kind for action in state.pending] == ["push"]


def test_list_and_delete(call: Original, registered: Any) -> None:
    listed = call("List", M["ListRequest"](limit=10), "ListResponse")
    assert [vigy.id for vigy in listed.vigies] == [registered.id]
    assert call("Delete", M["IdRequest"](id=registered.id), "DeleteResponse").deleted
    assert not call("List", M["ListRequest"](), "ListResponse").vigies


@pytest.mark.parametrize("asked", ["", "worker"])
def test_stream_events(channel: grpc.Channel, call: Original, registered: Any, asked: str) -> None:
    stream = channel.unary_stream(
        path("StreamEvents"), lambda sent: sent.SerializeToString(), M["VigyRun"].FromString
    )(M["StreamEventsRequest"](vigy_id=asked), timeout=20, metadata=(("authorization", "Bearer reader"),))  # fmt: skip
    stream.initial_metadata()
    run = call("Tick", M["IdRequest"](id=registered.id), "VigyRun")
    heard = next(stream)
    heard.DiscardUnknownFields()
    assert heard == run
    stream.cancel()


def test_labels_of_an_update_that_are_not_there_are_left_alone(client: Client) -> None:
    client.call("Register", {"name": "a", "program": "(vigy-noop)", "labels": {"team": "blue"}})
    assert dict(client.call("Update", {"id": "a", "program": "(vigy-defer 1)"}).labels) == {"team": "blue"}
    assert dict(client.call("Update", {"id": "a", "labels": {"team": "red"}}).labels) == {"team": "red"}
    assert dict(client.call("Update", {"id": "a", "replace_labels": {"entries": {}}}).labels) == {}
