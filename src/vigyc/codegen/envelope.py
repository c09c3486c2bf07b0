"""From an artifact to the bytes of a cache file, and back only if they are ours, whole and unchanged.

A file is msgpack: `[FORMAT, key, toolchain, mac, payload]`. The MAC (keyed BLAKE3) covers everything else and is
verified before the payload is looked at: one flipped bit in a marshalled code object can crash Python, and a forged one
can run anything. Whatever is wrong with the bytes, `open_envelope` gives None; it never raises.

The payload is a list of records, one a text, those required before those requiring; the last is the program. A module
that several others require is there once.
"""

from __future__ import annotations

import marshal
from hmac import compare_digest
from types import CodeType
from typing import NamedTuple

import msgpack
from blake3 import blake3

from vigyc.lang.artifact import Artifact

FORMAT = "vigyc-cache-1"
KEY_BYTES = 32
MAX_BYTES = 2**28  # a larger file is not one of ours

_DAMAGE = (ValueError, TypeError, EOFError, KeyError, IndexError, RecursionError, MemoryError, OverflowError)


class Header(NamedTuple):
    """What a cache file says of itself: whose entry it is and what wrote it."""

    key: str
    toolchain: str


def seal(artifact: Artifact, header: Header, secret: bytes) -> bytes:
    """The file for `artifact`. Raises ValueError for what cannot be packed."""
    try:
        records = [_record(each, places) for each, places in _in_order(artifact)]
        payload = msgpack.packb(records, unicode_errors="surrogatepass")
    except (OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error
    sealed: bytes = msgpack.packb([FORMAT, header.key, header.toolchain, _mac(header, payload, secret), payload])
    return sealed


def open_envelope(data: bytes, header: Header, secret: bytes) -> Artifact | None:
    """The artifact in `data`, if it was sealed with `secret` under exactly this header."""
    fields = _authentic(data, secret)
    if fields is None or fields[0] != header:
        return None
    try:
        artifacts: list[Artifact] = []
        records = msgpack.unpackb(fields[1], use_list=False, unicode_errors="surrogatepass")
        for digest, marshalled, functions, variables, deep, modules, *rest in records:
            code = marshal.loads(marshalled)
            if not isinstance(code, CodeType):
                return None
            required = {path: artifacts[place] for path, place in modules.items()}
            artifacts.append(Artifact(digest, code, functions, variables, deep, required, *rest))
        return artifacts[-1]
    except _DAMAGE:
        return None


def read_header(data: bytes, secret: bytes) -> Header | None:
    """Whose entry `data` is, if it is whole and was sealed with `secret`."""
    fields = _authentic(data, secret)
    return None if fields is None else fields[0]


def _authentic(data: bytes, secret: bytes) -> tuple[Header, bytes] | None:
    try:
        fields = msgpack.unpackb(data)
        mark, key, toolchain, mac, payload = fields
    except _DAMAGE:
        return None
    kinds = (key.__class__, toolchain.__class__, mac.__class__, payload.__class__)
    if mark != FORMAT or kinds != (str, str, bytes, bytes):
        return None
    header = Header(key, toolchain)
    return (header, payload) if compare_digest(mac, _mac(header, payload, secret)) else None


def _mac(header: Header, payload: bytes, secret: bytes) -> bytes:
    hasher = blake3(key=secret)
    for part in (FORMAT.encode(), header.key.encode(), header.toolchain.encode()):
        hasher.update(len(part).to_bytes(8, "little") + part)
    hasher.update(payload)
    return hasher.digest()


def _record(artifact: Artifact, places: dict[str, int]) -> tuple[object, ...]:
    return (
        artifact.digest,
        marshal.dumps(artifact.code),
        artifact.functions,
        artifact.variables,
        artifact.deep,
        places,
        artifact.intrinsics,
        artifact.text,
        artifact.requires,
    )


def _in_order(artifact: Artifact) -> list[tuple[Artifact, dict[str, int]]]:
    """Every artifact once, modules before what requires them, each with the places of its modules in this list."""
    ordered: list[tuple[Artifact, dict[str, int]]] = []
    places: dict[int, int] = {}
    waiting: list[Artifact] = [artifact]
    while waiting:
        current = waiting[-1]
        missing = [each for each in current.modules.values() if id(each) not in places]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        if id(current) not in places:
            places[id(current)] = len(ordered)
            ordered.append((current, {path: places[id(each)] for path, each in current.modules.items()}))
    return ordered
