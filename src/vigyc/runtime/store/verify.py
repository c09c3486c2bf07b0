"""From a store to what is wrong with it: SQLite's own checks, then what the store relies on beyond them.

Nothing is changed. Texts are read as bytes, so that one broken character is told like any other damage.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any, Final

import apsw

from vigyc.lang.digest import digest
from vigyc.lang.errors import Invalid, StoreError
from vigyc.model.label import Label
from vigyc.runtime.store.connection import reason
from vigyc.runtime.store.encoding import unpack
from vigyc.runtime.store.enhance_settings import SETTING_COLUMNS, setting_of
from vigyc.runtime.store.issue_rows import EPOCH_COLUMNS, ISSUE_COLUMNS, epoch_of, issue_of
from vigyc.runtime.store.migrations import VERSION, version_of
from vigyc.runtime.store.reading import standings, vigies
from vigyc.runtime.store.run_rows import actions_of
from vigyc.runtime.store.schema import APPLICATION_ID
from vigyc.runtime.store.snapshot import has_table, snapshot
from vigyc.runtime.store.store_rules import ENHANCE_RULES, ENHANCE_TABLE, ENHANCE_TEXTS, RULES, TEXTS

MOST: Final = 100  # problems of one kind that are told


def verify(path: str | os.PathLike[str]) -> list[str]:
    """What is wrong with the store at `path`, a line each; nothing if it is sound. Raises NotFound, StoreError."""
    with snapshot(path) as connection:
        problems: list[str] = []
        try:
            problems += _identity(connection)
            problems += _by_sqlite(connection)
            for check in (_kv, _texts, _rules, _programs, _actions, _nouns, _labels, _pipeline):
                problems += _first(check(connection))
        except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError) as error:
            problems.append(f"the rest cannot be read: {reason(error)}")
        return problems


def _first(found: Iterator[str]) -> Iterator[str]:
    """The first problems of a kind; of the rest, that there are more."""
    for count, problem in enumerate(found):
        if count == MOST:
            yield "... and more of this kind"
            return
        yield problem


def _identity(connection: apsw.Connection) -> Iterator[str]:
    mark, version = connection.pragma("application_id"), version_of(connection)
    if mark != APPLICATION_ID:
        yield f"its application id is {mark:#x}, and that of a store is {APPLICATION_ID:#x}"
    if not 1 <= version <= VERSION:
        yield f"its version is {version}, and known are 1 to {VERSION}"


def _by_sqlite(connection: apsw.Connection) -> Iterator[str]:
    for (line,) in connection.execute(f"PRAGMA integrity_check({MOST})"):
        if line != "ok":
            yield str(line)
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} points at nothing in {parent}"


def _rules(connection: apsw.Connection) -> Iterator[str]:
    if has_table(connection, "vigies"):
        for rule in (*RULES, *(ENHANCE_RULES if has_table(connection, ENHANCE_TABLE) else ())):
            for (line,) in connection.execute(f"WITH found (line) AS ({rule}) SELECT CAST(line AS BLOB) FROM found"):
                yield _shown(line)


def _kv(connection: apsw.Connection) -> Iterator[str]:
    if not has_table(connection, "kv"):
        return
    for scope, key, kind, value in connection.execute(
        "SELECT CAST(scope AS BLOB), CAST(key AS BLOB), typeof(value), CASE typeof(value) WHEN 'text' THEN"
        " CAST(value AS BLOB) ELSE value END FROM kv"
    ):
        try:
            _text(scope), _text(key)
        except ValueError:
            yield f"key {_shown(key)} of {_shown(scope)} is not text"
        try:
            _check_value(kind, value)
        except (ValueError, TypeError) as error:
            yield f"the value of key {_shown(key)!r} of {_shown(scope)} cannot be read: {error}"


def _check_value(kind: str, value: Any) -> None:
    if kind == "blob":
        unpack(value)
    elif kind in {"text", "null"}:
        _text(value)


def _texts(connection: apsw.Connection) -> Iterator[str]:
    for texts in (*TEXTS, *(ENHANCE_TEXTS if has_table(connection, ENHANCE_TABLE) else ())):
        if has_table(connection, texts.table):
            columns = [*texts.plain, *texts.parsed]
            cells = ", ".join(f"CAST({column} AS BLOB)" for column in columns)
            for name, *values in connection.execute(f"SELECT CAST({texts.name} AS BLOB), {cells} FROM {texts.table}"):
                try:
                    _text(name)
                except ValueError as error:
                    yield f"the name {_shown(name)} in {texts.table} cannot be read: {error}"
                for column, value in zip(columns, values, strict=True):
                    if value is not None and (why := _unread(value, column in texts.parsed)):
                        yield f"{column} of {_shown(name)} in {texts.table} cannot be read: {why}"


def _unread(value: bytes, parsed: bool) -> Exception | None:
    """Why a text, or with `parsed` the JSON in it, cannot be read."""
    try:
        text = value.decode()
        if parsed:
            json.loads(text)
    except (ValueError, RecursionError) as error:
        return error
    return None


def _programs(connection: apsw.Connection) -> Iterator[str]:
    if has_table(connection, "programs"):
        for name, text in connection.execute("SELECT CAST(digest AS BLOB), CAST(text AS BLOB) FROM programs"):
            if digest(_shown(text)) != _shown(name):
                yield f"program {_shown(name)} is not the text it was"


def _actions(connection: apsw.Connection) -> Iterator[str]:
    if has_table(connection, "runs"):
        for seq, text in connection.execute(
            "SELECT seq, CAST(actions_json AS BLOB) FROM runs WHERE actions_json <> '[]'"
        ):
            try:
                actions_of(_shown(text))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                yield f"the actions of run number {seq} cannot be read: {error}"


def _nouns(connection: apsw.Connection) -> Iterator[str]:
    """What reading the vigies and where they stand says itself."""
    if has_table(connection, "vigies"):
        try:
            yield from vigies(connection.cursor())[1]
            yield from standings(connection.cursor())[1]
        except (UnicodeDecodeError, StoreError) as error:
            yield f"the vigies cannot be read: {error}"


def _labels(connection: apsw.Connection) -> Iterator[str]:
    """The labels of a vigy's versions grow with their numbers."""
    if has_table(connection, ENHANCE_TABLE):
        newest: tuple[bytes, Label | None] = b"", None
        for vigy_id, number, label in connection.execute(
            "SELECT CAST(vigy_id AS BLOB), number, CAST(label AS BLOB) FROM versions ORDER BY vigy_id, number"
        ):
            try:
                found = Label.parse(_text(label))
            except (Invalid, ValueError) as error:
                yield f"version {number} of vigy {_shown(vigy_id)} has no label that is one: {error}"
                continue
            of, before = newest
            if of == vigy_id and before is not None and found.precedence <= before.precedence:
                yield f"version {number} of vigy {_shown(vigy_id)} has a label that is not above the one before it"
            newest = vigy_id, found


def _pipeline(connection: apsw.Connection) -> Iterator[str]:
    """What reading the issues, the log and the settings says itself."""
    if not has_table(connection, ENHANCE_TABLE):
        return
    sql = connection.cursor()
    for columns, table, read in (
        (ISSUE_COLUMNS, "issues", issue_of), (EPOCH_COLUMNS, "epochs", epoch_of),
        (SETTING_COLUMNS, "enhance_settings", setting_of),
    ):  # fmt: skip
        try:
            for row in sql.execute(f"SELECT {columns} FROM {table}"):
                try:
                    read(row)
                except StoreError as error:
                    yield str(error)
        except UnicodeDecodeError as error:
            yield f"the {table} cannot be read: {error}"


def _text(cell: bytes | None) -> str:
    if cell is None:
        raise ValueError("it is NULL")
    return cell.decode()


def _shown(cell: bytes | None) -> str:
    return "NULL" if cell is None else cell.decode("utf-8", "backslashreplace")
