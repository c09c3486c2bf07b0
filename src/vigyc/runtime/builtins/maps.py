"""From maps to maps: the natives on persistent maps.

The first argument is checked to be a map before a key is looked at. How maps are shared is told in `runtime.maps`.
"""

from __future__ import annotations

from collections.abc import Callable

from vigyc.runtime.faults import native_fault, size_exceeded, type_mismatch
from vigyc.runtime.maps import (
    PLAIN_KEYS,
    SHARE_AT,
    SharedMap,
    as_dict,
    drop,
    map_entries,
    map_keys,
    map_values,
    put,
    to_key,
)
from vigyc.runtime.native import native
from vigyc.runtime.values import MAX_ITEMS

_ABSENT = object()


def _readable(m: object) -> dict[object, object] | SharedMap:
    """Map `m` as something with `get`, `in` and `len`."""
    if m.__class__ is dict or m.__class__ is SharedMap:
        return m
    raise type_mismatch("map", m)


@native("hash-map", 0, None)
def hash_map(*flat: object) -> dict[object, object]:
    """The map of keys and values in turn; of equal keys the last value counts."""
    if len(flat) % 2:
        raise native_fault("hash-map", "expected even number of args (k v k v ...)")
    if len(flat) > 2 * MAX_ITEMS:
        raise size_exceeded("hash-map", MAX_ITEMS)
    return {
        key if key.__class__ in PLAIN_KEYS else to_key(key): value
        for key, value in zip(flat[::2], flat[1::2], strict=True)
    }


@native("hash-map?", 1)
def is_hash_map(x: object, /) -> bool:
    """A map."""
    return x.__class__ is dict or x.__class__ is SharedMap


@native("hash-map-count", 1)
def hash_map_count(m: object, /) -> int:
    """The number of entries."""
    return len(_readable(m))


@native("hash-map-empty?", 1)
def hash_map_is_empty(m: object, /) -> bool:
    """Whether there are no entries."""
    return not len(_readable(m))


@native("hash-map-has?", 2)
def hash_map_has(m: object, key: object, /) -> bool:
    """Whether the key is present, be its value nil."""
    return (key if key.__class__ in PLAIN_KEYS else _key_for(m, key)) in _readable(m)


def _key_for(m: object, key: object) -> object:
    """The encoded key; but that `m` is no map is said first."""
    _readable(m)
    return to_key(key)


@native("hash-map-get", 2)
def hash_map_get(m: object, key: object, /) -> object:
    """The value under the key, nil if there is none."""
    if key.__class__ not in PLAIN_KEYS:
        key = _key_for(m, key)
    if m.__class__ is dict or m.__class__ is SharedMap:
        return m.get(key)
    raise type_mismatch("map", m)


@native("hash-map-get-or", 3)
def hash_map_get_or(m: object, key: object, default: object, /) -> object:
    """The value under the key, be it nil; `default` if there is none."""
    if key.__class__ not in PLAIN_KEYS:
        key = _key_for(m, key)
    return _readable(m).get(key, default)


@native("hash-map-set", 3)
def hash_map_set(m: object, key: object, value: object, /) -> object:
    """The map with the key at that value; a key it has keeps its place."""
    if key.__class__ not in PLAIN_KEYS:
        key = _key_for(m, key)
    if m.__class__ is dict and len(m) < SHARE_AT:
        return {**m, key: value}
    return m.set(key, value) if m.__class__ is SharedMap else put(m, key, value)


@native("hash-map-remove", 2)
def hash_map_remove(m: object, key: object, /) -> object:
    """The map without the key."""
    return drop(m, _key_for(m, key))


@native("hash-map-keys", 1)
def hash_map_keys(m: object, /) -> list[object]:
    """The keys, in order of insertion."""
    return map_keys(m)


@native("hash-map-values", 1)
def hash_map_values(m: object, /) -> list[object]:
    """The values, in order of their keys' insertion."""
    return map_values(m)


@native("hash-map-entries", 1)
def hash_map_entries(m: object, /) -> list[object]:
    """Two-element lists of key and value, in order of insertion."""
    return map_entries(m)


@native("hash-map-merge", 1, None)
def hash_map_merge(first: object, /, *others: object) -> object:
    """One map with the entries of all; of equal keys the last value counts, at the first place."""
    merged: object = first
    _readable(first)
    for other in others:
        merged = _merged(merged, as_dict(other))
    return merged


def _merged(m: object, more: dict[object, object]) -> object:
    """Map `m` with entries `more`: key by key if they are few beside it, else by one copy."""
    size = len(_readable(m))
    if size >= SHARE_AT and len(more) * 8 < size:
        for key, value in list(more.items()):
            m = put(m, key, value)
        return m
    if size + len(more) > MAX_ITEMS and len(as_dict(m).keys() | more.keys()) > MAX_ITEMS:
        raise size_exceeded("hash-map-merge", MAX_ITEMS)
    return {**as_dict(m), **more}


@native("hash-map-update", 3)
def hash_map_update(m: object, key: object, f: Callable[[object], object], /) -> object:
    """The map with `f`'s result on the value under the key (nil if there is none) put under it."""
    key = _key_for(m, key)
    return put(m, key, f(_readable(m).get(key)))
