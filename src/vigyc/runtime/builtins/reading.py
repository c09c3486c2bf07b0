"""From text to data: the reader, as a program may call it. It is the host's: the runtime has none of its own."""

from __future__ import annotations

from typing import Any

from vigyc.runtime.faults import native_fault, type_mismatch
from vigyc.runtime.host import Host
from vigyc.runtime.native import native


def _read(host: Host, name: str, text: object) -> list[Any]:
    if text.__class__ is not str:
        raise type_mismatch("string", text)
    if host.reader is None:
        raise native_fault(name, "this host reads no text")
    found: Any = host.reader(text)
    return list(found)


@native("read-string", 1, host=True)
def read_string(host: Host, text: object, /) -> object:
    """The first datum in the text, all of which must be readable."""
    data = _read(host, "read-string", text)
    if not data:
        raise native_fault("read-string", "empty source")
    return data[0]


@native("read-all", 1, host=True)
def read_all(host: Host, text: object, /) -> list[object]:
    """All data in the text."""
    return _read(host, "read-all", text)
