"""From the compiled `spec/vigy.proto` to the kinds of messages there are, and the methods of the service.

What is shipped is protoc's description of the file, not Python made of it: it asks for no particular version of
protobuf, and its names are in a pool of their own, so that a program may have its own generated code beside it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE: Final = "pleme.vigy.v1.VigyService"


def _pool() -> Any:
    described = descriptor_pb2.FileDescriptorSet.FromString(files(__package__).joinpath("vigy.binpb").read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in described.file:
        pool.Add(file)
    return pool


POOL: Final = _pool()

METHODS: Final[dict[str, Any]] = dict(POOL.FindServiceByName(SERVICE).methods_by_name)
"""The methods by name, as descriptors."""


def kind_of(descriptor: Any) -> Any:
    """The class of the messages that `descriptor` describes."""
    return message_factory.GetMessageClass(descriptor)
