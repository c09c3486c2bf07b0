"""Stores to test, and short ways to make what is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vigyc.lang.digest import digest
from vigyc.model.action import Action
from vigyc.model.lease import Fence
from vigyc.model.notice import EVENT, Notice
from vigyc.model.run import OK, Run
from vigyc.model.schedule import every
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.store.port import Committed, Store, TickRecord
from vigyc.runtime.store.sqlite import SqliteStore, open_store

NOW = 1_790_000_000_000
PROGRAM = "(vigy-incr :count)"


def a_memory_store(path: Path) -> Store:
    return MemoryStore()


def a_sqlite_store(path: Path, **options: Any) -> SqliteStore:
    return open_store(path, **options)


MAKERS = {"memory": a_memory_store, "sqlite": a_sqlite_store}


def a_vigy(name: str = "one", **fields: Any) -> Vigy:
    """Not stored yet; its id follows from its name."""
    vigy = Vigy(
        id=name.encode().hex()[:16].ljust(16, "0"),
        name=name,
        program=PROGRAM,
        digest=digest(PROGRAM),
        schedule=every(1000),
        labels={},
        enabled=True,
        version=1,
        generation=1,
        created_at=NOW,
        updated_at=NOW,
        anchored_at=NOW,
    )
    return vigy._replace(**{"digest": digest(fields.get("program", PROGRAM)), **fields})


def edited(vigy: Vigy, program: str, **fields: Any) -> Vigy:
    """`vigy` with another program."""
    return vigy._replace(program=program, digest=digest(program), **fields)


def the_lease(store: Store, holder: str = "me", at: int = NOW) -> Fence:
    fence = store.acquire(holder, store.lease(), at)
    assert fence is not None
    return fence


def a_run(vigy: Vigy, number: int, **fields: Any) -> Run:
    start = NOW + 1000 * number
    run = Run(f"{vigy.name}-{number}", vigy.id, start, start + 5, due_at=start, tick=number, duration_us=5000)
    return run._replace(**fields)


def an_open_run(vigy: Vigy, number: int) -> Run:
    """As it is stored when it begins."""
    return a_run(vigy, number, ended_at=None, duration_us=0)


def a_tick(vigy: Vigy, number: int, *, run: dict[str, Any] | None = None, **fields: Any) -> TickRecord:
    """Tick `number` of `vigy`; it counts in the kv."""
    made = a_run(vigy, number, **(run or {}))
    standing = Standing(
        tick_count=number,
        previous_tick_ms=made.started_at,
        run_id=made.id,
        started_at=made.started_at,
        ended_at=made.ended_at,
        result=made.result,
        runs=number,
    )
    record = TickRecord(made, vigy.generation, standing, writes={"count": number} if made.result == OK else {})
    return record._replace(**fields)


def ticked(store: Store, fence: Fence, vigy: Vigy, number: int, **fields: Any) -> Committed:
    (committed,) = store.commit(fence, [a_tick(vigy, number, **fields)])
    return committed


def an_event(run: Run, message: str = "seen") -> Notice:
    return Notice(0, run.started_at, EVENT, run.vigy_id, run.id, message, {"kind": "custom"})


APPLY = Action("apply", {"replicas": 3})
