"""JSON data in messages: no number changed, nothing left out, and what cannot be held is beside it as text."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from grpc_surface.calling import Client
from vigyc.lang.errors import Invalid
from vigyc.service.runtime import Runtime
from vigyc.surfaces.grpc.json_data import DEEPEST, fill_value, fits, read_value, reads_same
from vigyc.surfaces.grpc.schema import POOL, kind_of
from vigyc.surfaces.grpc.translation import parts, read, written

ACTION = kind_of(POOL.FindMessageTypeByName("pleme.vigy.v1.ReconcileAction"))

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels else []


@given(ANY)
def test_what_goes_in_comes_out(payload: Any) -> None:
    action = written(ACTION(), {"kind": "push", "payload": payload})
    sent = ACTION.FromString(action.SerializeToString())
    assert json.dumps(read(sent)["payload"], sort_keys=True) == json.dumps(payload, sort_keys=True)


@given(ANY)
def test_a_value_is_as_google_writes_it(data: Any) -> None:
    value = struct_pb2.Value()
    if fits(data):
        fill_value(value, data)
        assert json_format.MessageToDict(value) == data
        if reads_same(data):
            assert json.dumps(read_value(value, "it"), sort_keys=True) == json.dumps(data, sort_keys=True)


@pytest.mark.parametrize(
    ("payload", "struct", "value", "text"),
    [
        ({"a": 1}, {"a": 1}, {"a": 1}, ""),
        ({}, {}, {}, ""),
        (None, None, None, ""),
        ([1, "x"], None, [1, "x"], ""),
        (3, None, 3, ""),
        (3.0, None, 3, "3.0"),
        (2**53, None, 2**53, ""),
        (2**53 + 1, None, ..., "9007199254740993"),
        ({"id": -(2**63)}, ..., ..., '{"id":-9223372036854775808}'),
        (nested(DEEPEST - 1), None, nested(DEEPEST - 1), ""),
    ],
)
def test_forms_of_a_payload(payload: Any, struct: Any, value: Any, text: str) -> None:
    """`...` is a form that is absent since it cannot hold the payload, None of a struct that it is no object."""
    action = written(ACTION(), {"kind": "push", "payload": payload})
    assert action.HasField("payload") == (struct is not None and struct is not ...)
    assert action.HasField("payload_value") == (value is not ...)
    if value is not ...:
        assert json_format.MessageToDict(action.payload_value) == value
    assert action.payload_json == text


def test_no_payload_has_no_form() -> None:
    action = written(ACTION(), {"kind": "noop"})
    assert not action.HasField("payload")
    assert not action.HasField("payload_value")
    assert read(action) == {"kind": "noop"}


def test_data_too_deep_for_a_message_is_text() -> None:
    payload = nested(DEEPEST)
    action = written(ACTION(), {"kind": "push", "payload": payload})
    assert not action.HasField("payload_value")
    assert json.loads(action.payload_json) == payload


@pytest.mark.parametrize(
    ("number", "what"), [(2.0**53 + 2, "beyond 2.53"), (float("nan"), "not a number"), (float("inf"), "not a number")]
)
def test_a_number_nobody_knows_is_refused(number: float, what: str) -> None:
    with pytest.raises(Invalid, match=what):
        read_value(struct_pb2.Value(number_value=number), "it")


def test_a_value_of_no_kind_is_refused() -> None:
    with pytest.raises(Invalid, match="no kind"):
        read_value(struct_pb2.Value(), "it")


def test_all_json_data_can_be_text() -> None:
    messages = POOL.FindFileByName("vigy.proto").message_types_by_name.values()
    free = {"google.protobuf.Struct", "google.protobuf.Value"}
    for message in (*messages, *(inner for outer in messages for inner in outer.nested_types)):
        for name, field in message.fields_by_name.items():
            if field.message_type is not None and field.message_type.full_name in free and not name.endswith("_value"):
                assert f"{name}_json" in message.fields_by_name, f"{message.full_name}.{name}"
        if not message.GetOptions().map_entry:
            assert parts(message) or not message.fields


def test_large_integers_in_kv(client: Client, runtime: Runtime) -> None:
    client.call("Register", {"name": "a", "program": "(vigy-noop)"})
    held = client.call("SetKv", {"id": "a", "key": "n", "value_json": "9007199254740993"})
    assert (held.value_json, held.HasField("value")) == ("9007199254740993", False)
    assert runtime.kv("a").get("n") == 9007199254740993
    (entry,) = client.call("ListKv", {"id": "a"}).entries
    assert entry.value_json == "9007199254740993"
    client.call("ReplaceKv", {"id": "a", "entries_json": '{"m": 9007199254740995}'})
    assert client.call("GetKv", {"id": "a", "key": "m"}).value_json == "9007199254740995"


@pytest.mark.parametrize(
    "request_", [{"value": 2.0**60}, {"value_json": "{"}, {"value_json": "NaN"}, {}, {"value_json": "[" * 100_000}]
)
def test_values_that_are_none_are_refused(client: Client, request_: dict[str, Any]) -> None:
    client.call("Register", {"name": "a", "program": "(vigy-noop)"})
    with pytest.raises(grpc.RpcError) as refused:
        client.call("SetKv", {"id": "a", "key": "n", **request_})
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "value" in refused.value.details()


def test_null_is_a_value(client: Client, runtime: Runtime) -> None:
    client.call("Register", {"name": "a", "program": "(vigy-noop)"})
    client.call("SetKv", {"id": "a", "key": "n", "value": None})
    assert runtime.kv("a").export() == {"n": None}
    assert client.call("GetKv", {"id": "a", "key": "n"}).value.WhichOneof("kind") == "null_value"


@pytest.mark.parametrize(
    ("printed", "payload"), [("7", 7), ('"t"', "t"), ("(list 1 2)", [1, 2]), ("#t", True), ("1.5", 1.5)]
)
def test_payloads_that_are_no_objects(client: Client, printed: str, payload: Any) -> None:
    client.call("Register", {"name": "a", "program": f"(vigy-push {printed})"})
    (action,) = client.call("Tick", {"id": "a"}).actions
    assert json_format.MessageToDict(action.payload_value) == payload


def test_what_runs_very_deep_can_be_told(client: Client) -> None:
    client.call("Register", {"name": "a", "program": "(vigy-push (foldl (lambda (a _) (list a)) 1 (range 0 300)))"})
    run = client.call("Tick", {"id": "a"})
    assert run.error == ""
    assert run.actions[0].payload_json == "[" * 300 + "1" + "]" * 300


def test_a_metric_that_is_no_number(client: Client) -> None:
    client.call("Register", {"name": "a", "program": '(vigy-metric "m" (/ 0.0 0.0))'})
    run = client.call("Tick", {"id": "a"})
    assert run.error or run.metrics["m"] != run.metrics["m"]


def test_parts_of_a_ms_are_refused(client: Client) -> None:
    with pytest.raises(grpc.RpcError, match="whole number of ms"):
        client.call("Register", {"name": "a", "program": "(vigy-noop)", "tick_interval": "1.0005s"})
