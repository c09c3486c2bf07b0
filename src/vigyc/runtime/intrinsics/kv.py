"""From keys to what a vigy remembers from tick to tick.

A key is marked as changed before it is changed: a tick stopped in between is undone whole.
"""

from __future__ import annotations

from typing import Final

from vigyc.runtime.extension import Extension
from vigyc.runtime.faults import integer_overflow, type_mismatch
from vigyc.runtime.host import Host
from vigyc.runtime.intrinsics.names import name_of, own_key
from vigyc.runtime.json_value import to_json
from vigyc.runtime.values import INT_MAX, INT_MIN

KV: Final = Extension("kv", standard=True)


@KV.function("vigy-get", 1, 2, trusted=True)
def vigy_get(host: Host, key: object, default: object = None, /) -> object:
    """What is stored under `key`; `default`, or nil, when nothing is."""
    return host.kv.get(key if key.__class__ is str else name_of(key), default)


@KV.function("vigy-set", 2, trusted=True)
def vigy_set(host: Host, key: object, value: object, /) -> None:
    """Store `value` under `key`."""
    if key.__class__ is not str or key[:2] == "__":
        key = own_key("vigy-set", key)
    data = to_json(value)
    host.dirty.add(key)
    if host.deleted:
        host.deleted.discard(key)
    host.kv[key] = data


@KV.function("vigy-incr", 1, None, trusted=True)
def vigy_incr(host: Host, key: object, delta: object = 1, /, *_surplus: object) -> int:
    """Add `delta` to the integer under `key`, which counts as 0 when there is none; the new value.

    Surplus arguments are ignored, as the language has it.
    """
    if key.__class__ is not str or key[:2] == "__":
        key = own_key("vigy-incr", key)
    before = host.kv.get(key, 0)
    if delta.__class__ is not int:
        raise type_mismatch("int", delta)
    if before.__class__ is not int:
        raise type_mismatch("int", before)
    after: int = before + delta
    if not INT_MIN <= after <= INT_MAX:
        raise integer_overflow("vigy-incr")
    host.dirty.add(key)
    if host.deleted:
        host.deleted.discard(key)
    host.kv[key] = after
    return after


@KV.function("vigy-has?", 1, trusted=True)
def vigy_has(host: Host, key: object, /) -> bool:
    """Whether anything is stored under `key`."""
    return (key if key.__class__ is str else name_of(key)) in host.kv


@KV.function("vigy-del", 1, trusted=True)
def vigy_del(host: Host, key: object, /) -> bool:
    """Forget `key`; whether there was anything."""
    if key.__class__ is not str or key[:2] == "__":
        key = own_key("vigy-del", key)
    host.deleted.add(key)
    host.dirty.discard(key)
    if key not in host.kv:
        return False
    del host.kv[key]
    return True


def changed(host: Host, key: str) -> None:
    """Mark `key`, about to be stored, as changed by this tick; a deletion before is overtaken (decision D32)."""
    host.dirty.add(key)
    if host.deleted:
        host.deleted.discard(key)
