"""From a dict to a persistent map: the keys of maps, and updates that share one dict.

**Keys.** 1, 1.0, "1", :1 and #t are five keys, but Python's dict takes 1, 1.0 and True for one. So a key is encoded:
nil, ints, strings, symbols and keywords stand for themselves (symbols and keywords are objects, never equal to a
string), booleans become `TRUE_KEY`/`FALSE_KEY`, floats a `FloatKey` compared by bit pattern. A host's JSON-like dict
with string keys is a map as it stands.

**Updates.** A program sees maps that never change. Small ones are plain dicts and an update copies. From `SHARE_AT`
entries on, an update makes a `SharedMap`, after Baker ("Shallow binding makes functional arrays fast"): all versions
that grew from one copy share one dict (a `_Table`), which always holds the *newest* version. Setting a key on the
newest version changes the dict in place, hands out a new newest version, and leaves in the old one the record of how
to undo it: (key, what was there). So a fold that sets n keys costs n, not n squared. Reading an old version looks
through the few records between it and the newest; when they are many, or the whole map is wanted, the old version is
rebuilt once, in a dict of its own. The trade: branching off an old version costs a copy, as it would for a plain dict.

Two more rules keep the promises. *Order*: maps iterate in insertion order, and a removed key can only be put back at
its place if places are known; so the first removal numbers the entries (`_Table.places`), and only a table that has
seen a removal pays for numbers. *Memory*: an old version that stays alive holds every record after it; a table
therefore stops sharing (by one copy) when it has seen more updates than it has entries.

Values are never shared between threads: a tick runs in one, and everything it leaves behind is converted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from vigyc.lang.datum import Keyword, Symbol
from vigyc.runtime.faults import native_fault, size_exceeded, type_mismatch
from vigyc.runtime.values import MAX_ITEMS, kind_of, register_kind

SHARE_AT = 32  # entries from which an update shares instead of copying
_NEAR = 16  # undo records a single read looks through before the old version is rebuilt

PLAIN_KEYS: Final = frozenset({str, int, Symbol, Keyword, type(None)})  # kinds that stand for themselves as keys
_NAN = struct.pack("<d", float("nan"))


class BoolKey:
    """A boolean as a map key; the only two are `TRUE_KEY` and `FALSE_KEY`."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value


class FloatKey:
    """A float as a map key: equal by bit pattern, so that NaN is itself and 0.0 is not -0.0."""

    __slots__ = ("bits", "value")

    def __init__(self, value: float) -> None:
        self.value = value
        # Processors disagree about the sign of a NaN they make; a program must not see that.
        self.bits = struct.pack("<d", value) if value == value else _NAN  # noqa: PLR0124 - false for NaN alone

    def __eq__(self, other: object) -> bool:
        return other.__class__ is FloatKey and self.bits == other.bits

    def __hash__(self) -> int:
        return hash(self.bits)


TRUE_KEY = BoolKey(True)
FALSE_KEY = BoolKey(False)
_ABSENT: Final = object()


def to_key(value: object) -> object:
    """`value` as a dict key; lists, maps, functions and other objects are refused."""
    cls = value.__class__
    if cls in PLAIN_KEYS:
        return value
    if cls is bool:
        return TRUE_KEY if value else FALSE_KEY
    if cls is float:
        return FloatKey(value)  # type: ignore[arg-type]
    raise native_fault("hash-map", f"non-hashable key kind: {kind_of(value)}")


def from_key(key: object) -> object:
    """The value that dict key `key` stands for."""
    return key.value if key.__class__ is BoolKey or key.__class__ is FloatKey else key


class _Table(dict[object, object]):
    """The dict that the versions of a map share, with what they must know of its past."""

    __slots__ = ("places", "rank", "spare")
    places: dict[object, int] | None  # the rank of every key, once a key has been removed
    rank: int  # the next rank to give
    spare: int  # updates left before sharing stops

    def __init__(self, data: dict[object, object]) -> None:
        super().__init__(data)
        self.places = None
        self.spare = len(data)

    def number(self) -> dict[object, int]:
        """The rank of every key, from now on kept up to date."""
        if self.places is None:
            self.rank = len(self)
            self.places = dict(zip(self, range(self.rank), strict=True))
        return self.places


class SharedMap:
    """One version of a large map: the newest owns the table, an older one knows how it differed from the next."""

    __slots__ = ("_key", "_newer", "_old", "_place", "_table")
    _table: _Table | None
    _newer: SharedMap
    _key: object
    _old: object  # what `_key` was in this version, _ABSENT if it was not there
    _place: int | None  # the rank of `_key` in this version, if the update removed it

    def __init__(self, table: _Table) -> None:
        self._table = table

    def get(self, key: object, default: object = None) -> object:
        """What encoded `key` maps to, else `default`."""
        table = self._table
        if table is not None:
            return table.get(key, default)
        found = self._find(key)
        return default if found is _ABSENT else found

    def __contains__(self, key: object) -> bool:
        table = self._table
        return key in table if table is not None else self._find(key) is not _ABSENT

    def __len__(self) -> int:
        version, change = self, 0
        for _ in range(_NEAR):
            if version._table is not None:
                return len(version._table) + change
            if version._old is _ABSENT:
                change -= 1
            elif version._place is not None:
                change += 1
            version = version._newer
        return len(self.entries())

    def entries(self) -> dict[object, object]:
        """This version as a dict with encoded keys, to be read at once: a later update may change it."""
        if self._table is None:
            self._table = self._restored()
            del self._newer, self._key, self._old, self._place
        return self._table

    def set(self, key: object, value: object) -> SharedMap:
        """This map with encoded `key` mapping to `value`."""
        table = self._table
        if table is None or table.spare <= 0:
            return _grown(self._restored(), key, value)
        old = table.get(key, _ABSENT)
        if old is not _ABSENT:
            table.spare -= 1
        elif len(table) >= MAX_ITEMS:
            raise size_exceeded("hash-map-set", MAX_ITEMS)
        # First the undo record, then the change: interrupted in between, this version is still what it was.
        newest = SharedMap(table)
        self._key = key
        self._old = old
        self._place = None
        self._newer = newest
        self._table = None
        table[key] = value
        if table.places is not None and old is _ABSENT:
            table.places[key] = table.rank
            table.rank += 1
        return newest

    def remove(self, key: object) -> SharedMap:
        """This map without encoded `key`."""
        if key not in self:
            return self
        table = self._table
        if table is None or table.spare <= 0:
            table = self._restored()
            del table[key]
            return SharedMap(table)
        table.spare -= 1
        places = table.number()
        newest = SharedMap(table)
        self._key = key
        self._old = table[key]
        self._place = places[key]
        self._newer = newest
        self._table = None
        del table[key], places[key]
        return newest

    def _find(self, key: object) -> object:
        version = self
        for _ in range(_NEAR):
            if version._table is not None:
                return version._table.get(key, _ABSENT)
            if version._key == key:
                return version._old
            version = version._newer
        return self.entries().get(key, _ABSENT)

    def _restored(self) -> _Table:
        """This version in a table of its own: the newest with everything undone that came after this one."""
        records, version = [], self
        while version._table is None:
            records.append(version)
            version = version._newer
        table = _Table(version._table)
        removed = False
        for record in reversed(records):
            if record._old is _ABSENT:
                table.pop(record._key, None)
            else:
                table[record._key] = record._old
                removed = removed or record._place is not None
        return table if not removed else _reordered(table, version._table, records)


def _reordered(table: _Table, newest: _Table, records: list[SharedMap]) -> _Table:
    """`table`, which is `newest` with `records` undone, with the keys that were put back at their places."""
    places = dict(newest.number())
    for record in reversed(records):
        if record._place is not None:
            places[record._key] = record._place
    return _Table({key: table[key] for key in sorted(table, key=places.__getitem__)})


def _grown(table: _Table, key: object, value: object) -> SharedMap:
    """A new map owning `table` with `key` set."""
    table[key] = value
    if len(table) > MAX_ITEMS:
        raise size_exceeded("hash-map-set", MAX_ITEMS)
    return SharedMap(table)


register_kind(SharedMap, "map")


def as_dict(m: object) -> dict[object, object]:
    """Map `m` as a dict with encoded keys, to be read at once and never changed or kept."""
    if m.__class__ is dict:
        return m
    if m.__class__ is SharedMap:
        return m.entries()
    raise type_mismatch("map", m)


def own(m: object) -> dict[object, object]:
    """A copy of map `m` for its caller to change."""
    return dict(as_dict(m))


def put(m: object, key: object, value: object) -> object:
    """Map `m` with encoded `key` mapping to `value`; a key it has keeps its place."""
    if m.__class__ is SharedMap:
        return m.set(key, value)
    data = as_dict(m)
    if len(data) < SHARE_AT:
        return {**data, key: value}
    return _grown(_Table(data), key, value)


def drop(m: object, key: object) -> object:
    """Map `m` without encoded `key`; `m` itself if it has no such key."""
    if m.__class__ is SharedMap:
        return m.remove(key)
    data = as_dict(m)
    if key not in data:
        return m
    if len(data) < SHARE_AT:
        data = dict(data)
        del data[key]
        return data
    return SharedMap(_Table(data)).remove(key)


def _decoded(keys: dict[object, object]) -> list[object]:
    """The keys of a dict as values, in order."""
    if {key.__class__ for key in keys} <= PLAIN_KEYS:
        return list(keys)
    return [from_key(key) for key in keys]


def map_keys(m: object) -> list[object]:
    """The keys of map `m`, in order."""
    return _decoded(as_dict(m))


def map_values(m: object) -> list[object]:
    """The values of map `m`, in order."""
    return list(as_dict(m).values())


def map_entries(m: object) -> list[object]:
    """The entries of map `m` as two-element lists, in order."""
    data = as_dict(m)
    return [[key, value] for key, value in zip(_decoded(data), data.values(), strict=True)]


def pairs(m: object) -> Iterable[tuple[object, object]]:
    """The keys and values of map `m`, for a loop; what the loop makes of `m` does not change them."""
    data = as_dict(m)
    if m.__class__ is dict and {key.__class__ for key in data} <= PLAIN_KEYS:
        return data.items()
    return list(zip(_decoded(data), data.values(), strict=True))


def plain_pairs(m: object) -> Iterable[tuple[object, object]]:
    """`pairs` of a map whose keys are known to stand for themselves."""
    return m.items() if m.__class__ is dict else list(as_dict(m).items())


def plain_keys(m: object) -> list[object]:
    """The keys of a map whose keys are known to stand for themselves."""
    return list(as_dict(m))
