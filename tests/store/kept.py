"""A store with a past in a file, and ways to harm it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import apsw

from store.stores import NOW, a_tick, a_vigy, an_event, the_lease
from store.wishes import a_full_entry, a_head, submitted, taken
from vigyc.lang.digest import digest
from vigyc.model.action import Action
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.issue import APPLIED
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.schema import KV
from vigyc.runtime.store.scope import COUNTERS
from vigyc.runtime.store.sqlite import SqliteStore, open_store

PROGRAM = '(vigy-set "greeting" "good morning")'


def a_whole_vigy(name: str = "one") -> Vigy:
    return a_vigy(name, program=PROGRAM, digest=digest(PROGRAM), labels={"team": "blue"})


def filled(path: Path, runs: int = 3) -> SqliteStore:
    """A store with two vigies, runs, events, an action to deliver, kv of all kinds, and issues; its filler has gone."""
    store = open_store(path)
    one = store.create(a_whole_vigy())
    two = store.create(a_whole_vigy("two"))
    fence = the_lease(store)
    for number in range(1, runs + 1):
        tick = a_tick(one, number, run={"actions": (Action("apply", {"replicas": number}),)}, deliver=number == runs)
        store.commit(fence, [tick._replace(notices=(an_event(tick.run),))])
    store.edit_kv(one.id, {"text": "plain", "whole": 7, "part": 2.5, "list": [1, {"deep": None}]}, (), 1)
    store.ask(one.id, 1)
    store.release(fence)
    for number in (1, 2, 3):
        submitted(store, two, number, constraints={"most": number})
    leased = taken(store)
    store.settle(leased, leased._replace(state=APPLIED), NOW, a_full_entry(leased), a_head(two, epoch=leased.epoch))
    taken(store, "e2")
    store.put_enhance_setting(EnhanceSetting(), NOW)
    return store


def closed(path: Path, **fields: Any) -> Path:
    """The same, closed."""
    filled(path, **fields).close()
    return path


def execute(path: Path, *statements: str) -> None:
    """Change the file behind the store's back."""
    connection = apsw.Connection(str(path))
    try:
        for statement in statements:
            connection.execute(statement).fetchall()
    finally:
        connection.close()


def flip(path: Path, near: bytes, *, at: int = 0, mask: int = 1) -> None:
    """Flip bits of the byte `at` of the first occurrence of `near` in the file."""
    data = bytearray(path.read_bytes())
    found = data.find(near)
    assert found >= 0
    data[found + at] ^= mask
    path.write_bytes(data)


def fingerprints(folder: Path) -> dict[str, str]:
    """Every file of a folder with a hash of what is in it."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}


def old_store(path: Path) -> None:
    """A file as version 1 made it."""
    connection = apsw.Connection(str(path))
    connection.execute(KV).fetchall()
    connection.execute("PRAGMA user_version = 1")
    connection.execute("INSERT INTO kv VALUES ('counter', 'n', 3), ('counter', ?, x'9203c0')", (COUNTERS,))
    connection.close()
