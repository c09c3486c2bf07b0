"""A client of the service that knows nothing of ours but the description of its messages: Google's own JSON form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf import json_format

from vigyc.surfaces.grpc.schema import METHODS, SERVICE, kind_of
from vigyc.surfaces.wire.caller import Caller, Role, Unauthenticated

CALLERS = {
    "Bearer reader": Caller("reader", Role.READ),
    "Bearer operator": Caller("operator", Role.OPERATE),
    "Bearer admin": Caller("admin", Role.ADMIN),
}


def authenticate(header: str | None) -> Caller:
    if header not in CALLERS:
        raise Unauthenticated("a token is needed")
    return CALLERS[header]


class Client:
    """Calls methods by name; requests are built from Google's JSON form of a message, answers are messages."""

    def __init__(self, channel: grpc.Channel, token: str | None = "admin") -> None:
        self.channel = channel
        self.metadata = () if token is None else (("authorization", f"Bearer {token}"),)

    def as_(self, token: str | None) -> Client:
        return Client(self.channel, token)

    def call(self, method: str, request: dict[str, Any] | None = None, timeout: float = 20) -> Any:
        return self._callable(method)(message(method, request), timeout=timeout, metadata=self.metadata)

    def future(self, method: str, request: dict[str, Any] | None = None, timeout: float | None = 20) -> Any:
        return self._callable(method).future(message(method, request), timeout=timeout, metadata=self.metadata)

    def stream(self, method: str, request: dict[str, Any] | None = None, timeout: float | None = 30) -> Stream:
        found = self.channel.unary_stream(
            path(method), lambda sent: sent.SerializeToString(), kind_of(METHODS[method].output_type).FromString
        )
        return Stream(found(message(method, request), timeout=timeout, metadata=self.metadata))

    def _callable(self, method: str) -> Any:
        return self.channel.unary_unary(
            path(method), lambda sent: sent.SerializeToString(), kind_of(METHODS[method].output_type).FromString
        )


class Stream:
    """What a stream brings; it has begun once this is made."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.call.initial_metadata()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.call.cancel()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.call)

    def take(self, count: int) -> list[Any]:
        return [next(self.call) for _ in range(count)]


def path(method: str) -> str:
    return f"/{SERVICE}/{method}"


def message(method: str, request: dict[str, Any] | None) -> Any:
    return json_format.ParseDict(request or {}, kind_of(METHODS[method].input_type)())


def data_of(message: Any) -> Any:
    """A message as Google writes it, all names as in the schema."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def problem_of(error: grpc.RpcError) -> dict[str, Any]:
    found = dict(error.trailing_metadata())["vigy-problem-bin"]
    problem: dict[str, Any] = json.loads(found)
    return problem
