"""From maps and lists to maps: the library's functions on maps, nested maps, and maps made from lists.

Nested updates go down collecting maps and come back setting them, so a long path costs no Python stack.
"""

from __future__ import annotations

from collections.abc import Callable

from vigyc.runtime.builtins.maps import hash_map, hash_map_get, hash_map_remove, hash_map_set
from vigyc.runtime.builtins.predicates import is_empty
from vigyc.runtime.faults import native_fault, type_mismatch
from vigyc.runtime.lists import is_list, items
from vigyc.runtime.maps import SharedMap, to_key
from vigyc.runtime.native import native
from vigyc.runtime.values import ErrorValue


def _steps(xs: object) -> list[object]:
    """The elements of a list that is walked by `car` and `cdr`."""
    if xs is None or is_list(xs):
        return items(xs)
    raise type_mismatch("pair", xs)


@native("get", 2)
def get(m: object, key: object, /) -> object:
    """The value under the key, nil if there is none."""
    return hash_map_get(m, key)


@native("assoc", 3)
def assoc(m: object, key: object, value: object, /) -> object:
    """The map with the key at that value."""
    return hash_map_set(m, key, value)


@native("dissoc", 2)
def dissoc(m: object, key: object, /) -> object:
    """The map without the key."""
    return hash_map_remove(m, key)


@native("get-in", 2)
def get_in(m: object, path: object, /) -> object:
    """What the keys of `path` lead to, nil where nil or an empty list is in the way; `m` for an empty path."""
    if is_empty(m) and not is_empty(path):
        return None
    for key in _steps(path):
        if is_empty(m):
            return None
        m = hash_map_get(m, key)
    return m


@native("assoc-in", 3)
def assoc_in(m: object, path: object, value: object, /) -> object:
    """The map with the place that `path` leads to at that value; maps that are missing (or #f) are made."""
    passed: list[tuple[object, object]] = []
    for key in _steps(path):
        here = {} if m is None or m is False else m
        m = hash_map_get(here, key)
        passed.append((here, key))
    for here, key in reversed(passed):
        value = hash_map_set(here, key, value)
    return value


@native("update-in", 3)
def update_in(m: object, path: object, f: Callable[[object], object], /) -> object:
    """The map with `f`'s result on what `path` leads to put there."""
    return assoc_in(m, path, f(get_in(m, path)))


@native("frequencies", 1)
def frequencies(xs: object, /) -> dict[object, object]:
    """A map from each element to how often it occurs, in order of first occurrence."""
    counts: dict[object, int] = {}
    for x in items(xs):
        key = to_key(x)
        counts[key] = counts.get(key, 0) + 1
    return counts  # type: ignore[return-value]


@native("group-by-into-map", 2)
def group_by_into_map(f: Callable[[object], object], xs: object, /) -> dict[object, object]:
    """A map from `f`'s results to the lists of the elements that gave them."""
    groups: dict[object, list[object]] = {}
    for x in items(xs):
        key = to_key(f(x))
        group = groups.get(key)
        if group is None:
            groups[key] = [x]
        else:
            group.append(x)
    return groups  # type: ignore[return-value]


@native("into-hash-map", 1)
def into_hash_map(xs: object, /) -> dict[object, object]:
    """The map of a list of (key value) lists, or of a flat list of keys and values if it does not begin with one."""
    parts = _steps(xs)
    if not parts or not is_list(parts[0]) or len(items(parts[0])) != 2:
        return hash_map(*parts)
    return {to_key(key): value for key, value in [_pair(part) for part in parts]}


def _pair(part: object) -> tuple[object, object]:
    """The first two elements of a list."""
    found = _steps(part)
    if len(found) < 2:
        raise native_fault("car", "car of empty list")
    return found[0], found[1]


@native("select-keys", 2)
def select_keys(m: object, keys: object, /) -> dict[object, object]:
    """The entries of `m` whose keys are listed, in the order listed."""
    selected: dict[object, object] = {}
    for key in items(keys):
        if m.__class__ is not dict and m.__class__ is not SharedMap:
            raise type_mismatch("map", m)
        encoded = to_key(key)
        if encoded in m:
            selected[encoded] = m.get(encoded)
    return selected


@native("zipmap", 2)
def zipmap(keys: object, values: object, /) -> dict[object, object]:
    """The map from each key to the value at its position; the shorter list ends it."""
    return {to_key(key): value for key, value in zip(_steps(keys), _steps(values), strict=False)}


@native("count", 1)
def count(x: object, /) -> int | ErrorValue:
    """The size of a list, map or string, 0 for nil; of anything else an error value, which is returned."""
    cls = x.__class__
    if cls is str or cls is dict or cls is SharedMap or cls is list:
        return len(x)  # type: ignore[arg-type]
    if x is None or is_list(x):
        return len(items(x))
    return ErrorValue("count", "not countable")
