"""Every disk operation of a script fails in turn: what was acknowledged is there, what was refused is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import apsw
import pytest

from store.faulty_disk import DELETE, LOCK, OPEN, READ, SYNC, TRUNCATE, WRITE, Faults, faults_in
from store.stores import APPLY, NOW, a_run, a_sqlite_store, a_tick, a_vigy, an_event
from vigyc.lang.errors import CommitUnknown, StoreError
from vigyc.model.lease import Fence
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import Store, TickRecord

DONE, REFUSED, UNKNOWN = "done", "refused", "unknown"


class Script:
    """What is done to a store, and what it said of each step: a run id or another mark to look for later."""

    def __init__(self, path: Path, faults: Faults) -> None:
        self.path = path
        self.faults = faults
        self.late: set[str] = set()  # what was attempted after the first fault
        self.store: Store | None = None
        self.said: dict[str, str] = {}
        self.vigies: dict[str, Vigy] = {}
        self.fence: Fence | None = None

    def said_late(self) -> set[str]:
        """What was said after the first fault of steps that write."""
        return {self.said[mark] for mark in self.late if not mark.startswith(("checkpoint", "close"))}

    def attempt(self, mark: str, step: Callable[[], Any]) -> Any:
        if self.faults.raised:
            self.late.add(mark)
        try:
            answer = step()
        except CommitUnknown:
            self.said[mark] = UNKNOWN
        except StoreError:
            self.said[mark] = REFUSED
        else:
            self.said[mark] = DONE
            return answer

    def play(self) -> None:
        self.store = store = self.attempt("open", lambda: a_sqlite_store(self.path))
        if store is None:
            return
        for name in ("old", "new"):
            self.vigies[name] = self.attempt(f"create {name}", lambda name=name: store.create(a_vigy(name)))
        self.fence = self.attempt("lease 1", lambda: store.acquire("me", store.lease(), NOW))
        if self.fence is None:
            self.fence = self.attempt("lease 2", lambda: store.acquire("me", store.lease(), NOW))
        for number in range(1, 4):
            self.tick("old", number, -1_000_000_000)
            self.tick("new", number, 0)
        if self.vigies["new"] is not None:
            self.attempt("edit", lambda: self.edit(store, self.vigies["new"]))
        self.attempt("checkpoint", lambda: store.checkpoint(idle=False))
        self.tick("new", 4, 0)
        if (fence := self.fence) is not None:
            self.attempt("prune", lambda: self.prune(store, fence))
        self.attempt("checkpoint idle", lambda: store.checkpoint(idle=True))
        self.tick("new", 5, 0)
        self.attempt("close", store.close)

    def tick(self, name: str, number: int, later: int) -> None:
        vigy, store, fence = self.vigies[name], self.store, self.fence
        if vigy is not None and store is not None and fence is not None:
            record = record_of(vigy, number, later)
            self.attempt(record.run.id, lambda: store.commit(fence, [record]))

    def edit(self, store: Store, vigy: Vigy) -> None:
        try:
            self.vigies["new"] = store.edit_kv(vigy.id, {"edited": True}, (), NOW)
        except CommitUnknown:
            self.vigies["new"] = None
            raise

    def prune(self, store: Store, fence: Fence) -> None:
        store.prune(fence, runs_per_vigy=100, events=3, older_than=NOW - 1_000_000)


def record_of(vigy: Vigy, number: int, later: int) -> TickRecord:
    start = a_run(vigy, number).started_at + later
    tick = a_tick(vigy, number, run={"started_at": start, "ended_at": start + 5, "actions": (APPLY,)}, deliver=False)
    return tick._replace(writes={"count": number, "padding": "x" * 5000}, notices=(an_event(tick.run),))


def check(script: Script) -> None:
    """The truth, read without faults, is what was said; and then the next tick is taken."""
    store = a_sqlite_store(script.path)
    try:
        check_truth(script, store)
        works_again(store)
    finally:
        store.close()
    connection = apsw.Connection(str(script.path), vfs="unix")
    try:
        assert connection.execute("PRAGMA integrity_check").get == "ok"
    finally:
        connection.close()


def check_truth(script: Script, store: Store) -> None:
    stored = {run.id for run in store.runs(limit=100)}
    for name in ("old", "new"):
        vigy = store.named(name)
        agree(script, f"create {name}", vigy is not None)
        if vigy is not None:
            numbers = [run.tick for run in store.runs(vigy.id)]
            assert store.kv(vigy.id).get("count", 0) == store.standing(vigy.id).tick_count == max(numbers, default=0)
    if (vigy := store.named("new")) is not None:
        agree(script, "edit", "edited" in store.kv(vigy.id))
    for mark in script.said:
        if mark.startswith("new-") or (mark.startswith("old-") and script.said.get("prune") is None):
            agree(script, mark, mark in stored)


def works_again(store: Store) -> None:
    fence = store.acquire("next", store.lease(), NOW)
    vigy = store.named("new") or store.create(a_vigy("new"))
    (done,) = store.commit(fence, [record_of(vigy, 9, 0)])
    assert store.run(done.run.id) == done.run
    assert done.run.seq == store.last_seq() - 1


def agree(script: Script, mark: str, there: bool) -> None:
    said = script.said.get(mark)
    assert said == UNKNOWN or there == (said == DONE), f"{mark}: said {said}, and it is {'' if there else 'not '}there"


def sweep(place: Path, kind: str, code: int, *, sticky: bool, stride: int) -> Iterator[int]:
    """Let one operation after the other fail, until the script has no more of them."""
    for at in count(step=stride):
        faults = Faults(kind, code, at=at, sticky=sticky)
        script = Script(place / str(at) / "vigyc.db", faults)
        script.path.parent.mkdir()
        with faults_in(faults):
            try:
                script.play()
            finally:
                faults.heal()
                if script.store is not None:
                    script.store.close()
            if not faults.raised:
                assert set(script.said.values()) == {DONE}
                return
            try:
                check(script)
                assert UNKNOWN not in script.said.values() or sticky
                assert DONE not in script.said_late() or not (sticky and kind == SYNC)
            except BaseException:
                print(f"operation {at} of kind {kind} failed with {code}, sticky {sticky}; said {script.said}")
                raise
        yield at


FAULTS = {
    "write": (WRITE, apsw.SQLITE_IOERR_WRITE, 1),
    "full": (WRITE, apsw.SQLITE_FULL, 3),
    "fsync": (SYNC, apsw.SQLITE_IOERR_FSYNC, 1),
    "read": (READ, apsw.SQLITE_IOERR_READ, 3),
    "truncate": (TRUNCATE, apsw.SQLITE_IOERR_TRUNCATE, 1),
    "delete": (DELETE, apsw.SQLITE_IOERR_DELETE, 1),
    "open": (OPEN, apsw.SQLITE_CANTOPEN, 1),
    "lock": (LOCK, apsw.SQLITE_IOERR_LOCK, 1),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("sticky", [False, True], ids=["once", "sticky"])
def test_what_was_said_is_true_whatever_failed(tmp_path: Path, fault: str, sticky: bool) -> None:
    kind, code, stride = FAULTS[fault]
    assert list(sweep(tmp_path, kind, code, sticky=sticky, stride=stride))
