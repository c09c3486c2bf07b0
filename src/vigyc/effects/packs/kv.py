"""From keys to values kept in files below the granted paths: the pack `kv`.

A key/value file is an SQLite file with one table, marked as such; another SQLite file is not opened. A value comes out
as it went in, with its type.
"""

from __future__ import annotations

from typing import Any, Final

from vigyc.effects.databases.database import Database, open_database
from vigyc.effects.databases.values import held, stored
from vigyc.effects.gate import Gate
from vigyc.effects.handle import Handle
from vigyc.effects.operation import Options
from vigyc.effects.pack import Pack
from vigyc.effects.place import Place
from vigyc.effects.result import EffectFailed
from vigyc.lang.errors import TickError

PACK: Final = Pack("kv", "Key/value files below the granted paths.")

APPLICATION_ID: Final = 0x76796B76
"""What marks the file: "vykv"."""

_LAST: Final = "\U0010ffff"
_BEFORE_SURROGATES: Final = 0xD7FF
_OPENING: Final[dict[str, tuple[str, object]]] = {"create": ("bool", True), "read-only": ("bool", False)}
_OPENED: Final[Options] = {name: default for name, (_, default) in _OPENING.items()}
_MAKE: Final = (
    "PRAGMA journal_mode = WAL",
    "BEGIN IMMEDIATE",
    "CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value BLOB NOT NULL)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    "COMMIT",
)


class KvFile(Handle):
    """a key/value file; what `kv-open` gives"""

    __slots__ = ("database",)

    def __init__(self, what: str, database: Database) -> None:
        super().__init__(what)
        self.database = database

    def close(self) -> None:
        """Close the file."""
        self.database.close()


@PACK.effect("kv-open", needs="kv", result=True, changes=True, options=_OPENING, example='(kv-open "/data/seen.kv")')
def kv_open(gate: Gate, path: Place, options: Options = _OPENED) -> Handle:
    """The key/value file at `path`, which is made if there is none.

    Options: `:create` (#t) whether a missing file is made, `:read-only` (#f). Errors: `not-found`, `not-a-kv-file`
    (there is something else), `not-a-database`, `is-folder`, `busy`, `no-permission`, `io-error`. A link, or a file
    with a second name, is denied.
    """
    read_only = options["read-only"]
    database = open_database(gate, "kv", "kv-open", path, create=options["create"], read_only=read_only)
    try:
        _recognise(gate, database, path.text, read_only)
    except BaseException:
        database.close()
        raise
    return gate.open(KvFile(f"the key/value file {path.text}", database))


def _recognise(gate: Gate, database: Database, name: str, read_only: bool) -> None:
    """See that it is a key/value file, or make one of an empty one."""
    if database.own(gate, "kv-open", "PRAGMA application_id") == [(APPLICATION_ID,)]:
        return
    if read_only or database.own(gate, "kv-open", "PRAGMA schema_version") != [(0,)]:
        raise EffectFailed("not-a-kv-file", f"kv-open {name}: it is something else than a key/value file")
    for statement in _MAKE:
        database.own(gate, "kv-open", statement)


@PACK.effect("kv-close", example="(kv-close file)")
def kv_close(gate: Gate, file: KvFile) -> None:
    """Close the file; again is nothing."""
    gate.handles.close(file)


@PACK.effect("kv-get", result=True, example='(kv-get file "seen" 0)')
def kv_get(gate: Gate, file: KvFile, key: str, default: object = None) -> object:
    """The value of `key`, `default` (nil) where there is none. Errors: `too-large`, `busy`, `corrupt`, `io-error`."""
    gate.use(file)
    rows = file.database.rows(gate, "kv-get", "SELECT value FROM kv WHERE key = ?", (key,))[1]
    try:
        return held(rows[0][0]) if rows else default
    except ValueError as error:
        raise EffectFailed("corrupt", f"kv-get: the value of {key} was not written by kv-put") from error


@PACK.effect("kv-put", result=True, changes=True, example='(kv-put file "seen" (hash-map :count 3))')
def kv_put(gate: Gate, file: KvFile, key: str, value: object) -> None:
    """Keep `value` as that of `key`, on the disk when this returns.

    Data of every kind can be kept: nil, booleans, numbers, strings, bytes, keywords, symbols, lists and maps.
    Functions, handles and secrets cannot (`type-mismatch`). Errors: `too-large` (more than the limit `write_bytes`),
    `read-only`, `busy`, `no-space`, `io-error`.
    """
    gate.use(file)
    kept = stored("kv-put", value)
    size = len(key) + (len(kept) if isinstance(kept, str | bytes) else 8)
    if size > gate.limits.write_bytes:
        raise EffectFailed("too-large", f"kv-put: {size} bytes are more than the {gate.limits.write_bytes} of a call")
    gate.charge("bytes", size)
    file.database.known(gate, "kv-put", "INSERT OR REPLACE INTO kv (key, value) VALUES (?, ?)", (key, kept))


@PACK.effect("kv-delete", result=True, changes=True, example='(kv-delete file "seen")')
def kv_delete(gate: Gate, file: KvFile, key: str) -> bool:
    """Remove `key`; whether it was there. Errors as of `kv-put`."""
    gate.use(file)
    return bool(file.database.known(gate, "kv-delete", "DELETE FROM kv WHERE key = ? RETURNING 1", (key,)))


@PACK.effect("kv-contains?", example='(kv-contains? file "seen")')
def kv_contains(gate: Gate, file: KvFile, key: str) -> bool:
    """Whether there is a value of `key`. Raises an error with the tags of `kv-get` where that cannot be told."""
    gate.use(file)
    try:
        return bool(file.database.known(gate, "kv-contains?", "SELECT 1 FROM kv WHERE key = ?", (key,)))
    except EffectFailed as failure:
        raise TickError(failure.tag, failure.message) from failure


@PACK.effect("kv-list-prefix", result=True, example='(kv-list-prefix file "user/")')
def kv_list_prefix(gate: Gate, file: KvFile, prefix: str) -> list[Any]:
    """The keys that begin with `prefix`, in order of their code points; every key begins with "".

    Errors: `too-large` (more than the limit `entries`), and those of `kv-get`.
    """
    gate.use(file)
    most = gate.limits.entries
    statement = "SELECT key FROM kv WHERE key >= ? AND key < ? ORDER BY key LIMIT ?"
    bounds = (prefix, _after(prefix), most + 1)
    keys = [key for (key,) in file.database.rows(gate, "kv-list-prefix", statement, bounds)[1]]
    if len(keys) > most:
        raise EffectFailed("too-large", f"kv-list-prefix: more than {most} keys begin with {prefix!r}")
    return keys


def _after(prefix: str) -> str | bytes:
    """What comes, in SQLite's order, right after all texts that begin with `prefix`; bytes come after every text."""
    kept = prefix.rstrip(_LAST)
    if not kept:
        return b""
    last = ord(kept[-1])
    return kept[:-1] + chr(last + 1 if last != _BEFORE_SURROGATES else 0xE000)
