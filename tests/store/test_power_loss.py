"""Power is cut at any moment; the file is found whole, with every tick that was acknowledged."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import pytest

from store.power_loss import Cut, Disk, power_from
from store.stores import APPLY, NOW, a_sqlite_store, a_tick, a_vigy, an_event, edited, the_lease
from vigyc.model import notice as kinds
from vigyc.model.vigy import Vigy
from vigyc.runtime.store import connection
from vigyc.runtime.store.port import Store

NAMES = ("one", "two", "three")
STEPS = 40


class Found(NamedTuple):
    """What a store holds: per vigy how many ticks, edits of its kv, and versions; None before it was registered."""

    ticks: tuple[int | None, ...]
    edits: tuple[int | None, ...]
    versions: tuple[int | None, ...]


class Workload:
    """Random work on a store. `states` are what it holds after each acknowledged step, the first an empty one."""

    def __init__(self, dice: random.Random, *, prune: bool) -> None:
        self.dice = dice
        self.prune = prune
        self.vigies: list[Vigy] = []
        self.ticks, self.edits = [0] * len(NAMES), [0] * len(NAMES)
        self.states: list[Found] = [self.state()]

    def acknowledged(self) -> int:
        """Which of `states` was acknowledged last."""
        return len(self.states) - 1

    def state(self) -> Found:
        rest = (None,) * (len(NAMES) - len(self.vigies))
        known = len(self.vigies)
        versions = tuple(vigy.version for vigy in self.vigies)
        return Found((*self.ticks[:known], *rest), (*self.edits[:known], *rest), (*versions, *rest))

    def run(self, store: Store) -> None:
        for name in NAMES:
            self.vigies.append(store.create(a_vigy(name)))
            self.states.append(self.state())
        fence = the_lease(store)
        for _ in range(STEPS):
            self.step(store, fence)
            self.states.append(self.state())

    def step(self, store: Store, fence: Any) -> None:
        at = self.dice.randrange(len(NAMES))
        what = self.dice.random()
        if what < 0.1:
            self.edits[at] += 1
            self.vigies[at] = store.edit_kv(self.vigies[at].id, {"edits": self.edits[at]}, (), NOW)
        elif what < 0.2:
            text = f"({self.dice.random()})"
            after = edited(self.vigies[at], text, updated_at=NOW)
            self.vigies[at] = store.change(self.vigies[at], after, kinds.UPDATED)
        elif what < 0.3:
            store.checkpoint(idle=self.dice.random() < 0.5)
        elif what < 0.4 and self.prune:
            store.prune(fence, runs_per_vigy=3, events=10, older_than=0)
        else:
            self.commit(store, fence)

    def commit(self, store: Store, fence: Any) -> None:
        records = []
        for at in self.dice.choices(range(len(NAMES)), k=self.dice.randint(1, 6)):
            self.ticks[at] += 1
            tick = a_tick(self.vigies[at], self.ticks[at], run={"actions": (APPLY,)}, deliver=not self.prune)
            padding = {"padding": self.dice.randbytes(self.dice.choice((0, 10, 3000))).hex()}
            records.append(tick._replace(writes={**tick.writes, **padding}, notices=(an_event(tick.run),)))
        assert not any(done.superseded for done in store.commit(fence, records))


def found(store: Store, *, prune: bool) -> Found:
    """What a store that was cut holds; asserts that no tick in it is half there."""
    ticks: list[int | None] = []
    edits: list[int | None] = []
    versions: list[int | None] = []
    stream = store.notices(0, limit=10_000)
    waiting = {action.run_id for action in store.outbox(10_000)}
    for name in NAMES:
        vigy = store.named(name)
        if vigy is None:
            for column in (ticks, edits, versions):
                column.append(None)
            continue
        runs, kv = store.runs(vigy.id, limit=10_000), store.kv(vigy.id)
        count = kv.get("count", 0)
        ticks.append(count)
        edits.append(kv.get("edits", 0))
        versions.append(vigy.version)
        assert [run.tick for run in runs] == list(range(count, count - len(runs), -1))
        assert store.standing(vigy.id).tick_count == count
        assert [version.number for version in store.versions(vigy.id)] == list(range(vigy.version, 0, -1))
        if not prune:
            assert len(runs) == count
            assert waiting >= {run.id for run in runs}
            assert {n.run_id for n in stream if n.kind == kinds.EVENT and n.vigy_id == vigy.id} == {r.id for r in runs}
            assert sum(n.kind == kinds.KV_EDITED and n.vigy_id == vigy.id for n in stream) == edits[-1]
    if not prune:
        assert [notice.seq for notice in stream] == list(range(1, store.last_seq() + 1))
    return Found(tuple(ticks), tuple(edits), tuple(versions))


def check(cut: Cut, place: Path, states: list[Found], *, prune: bool) -> int:
    """How many acknowledged steps the cut cost."""
    cut.restore(place)
    path = place / "vigyc.db"
    if path.exists():
        with_sqlite = apsw.Connection(str(path), vfs="unix")
        try:
            assert with_sqlite.execute("PRAGMA integrity_check").get == "ok"
            assert with_sqlite.execute("PRAGMA foreign_key_check").get is None
        finally:
            with_sqlite.close()
    store = a_sqlite_store(path)
    try:
        holds = found(store, prune=prune)
        # Steps that leave no trace (a checkpoint, a prune) repeat a state: the newest that fits counts.
        newest = max(at for at, state in enumerate(states) if state == holds)
    finally:
        store.close()
    assert states[min(cut.witness + 1, len(states) - 1)] == holds or newest <= cut.witness, "more than was in flight"
    return max(0, cut.witness - newest)


def cuts(place: Path, seed: int, count: int, *, durability: str, lying: bool = False) -> Iterator[int]:
    """The cost of each of `count` cuts of one workload."""
    prune = seed % 2 == 1
    dry, _ = played(place / "dry", seed, frozenset(), durability=durability, lying=lying, prune=prune)
    moments = frozenset(random.Random(seed).sample(range(dry.done), min(count, dry.done)))
    disk, work = played(place / "cut", seed, moments, durability=durability, lying=lying, prune=prune)
    assert len(disk.cuts) == len(moments)
    for number, cut in enumerate(disk.cuts):
        try:
            yield check(cut, place / str(number), work.states, prune=prune)
        except BaseException:
            print(f"seed {seed}: cut before operation {cut.at} of {disk.done}, {cut.how} of the rest survived")
            raise


def played(place: Path, seed: int, moments: frozenset[int], *, durability: str, lying: bool, prune: bool) -> Any:
    place.mkdir(parents=True)
    disk = Disk(random.Random(seed), lying=lying)
    work = Workload(random.Random(seed), prune=prune)
    disk.cut_at, disk.witness = moments, work.acknowledged
    with power_from(disk):
        store = a_sqlite_store(place / "vigyc.db", durability=durability)
        try:
            work.run(store)
        finally:
            store.close()
    return disk, work


@pytest.mark.parametrize("seed", range(6))
def test_full_loses_nothing_that_was_acknowledged(tmp_path: Path, seed: int) -> None:
    costs = list(cuts(tmp_path, seed, 50, durability="full"))
    assert len(costs) == 50
    assert max(costs) == 0


@pytest.mark.parametrize("seed", range(2))
def test_normal_may_lose_the_last_ticks_and_is_never_damaged(tmp_path: Path, seed: int) -> None:
    costs = list(cuts(tmp_path, seed, 50, durability="normal"))
    assert max(costs) > 0


def test_the_harness_catches_a_store_that_does_not_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection._SYNCHRONOUS, "normal", "OFF")
    with pytest.raises((AssertionError, apsw.Error, connection.StoreError)):
        list(cuts(tmp_path, 0, 50, durability="normal"))


def test_the_harness_catches_a_disk_that_lies(tmp_path: Path) -> None:
    with pytest.raises((AssertionError, apsw.Error, connection.StoreError)):
        assert max(cuts(tmp_path, 0, 50, durability="full", lying=True)) == 0


HALVES = {
    "a run is missing": "DELETE FROM runs WHERE seq = (SELECT max(seq) FROM runs)",
    "a run before the last is missing": "DELETE FROM runs WHERE seq = (SELECT min(seq) FROM runs)",
    "the kv is that of the tick before": "UPDATE kv SET value = value - 1 WHERE key = 'count' AND value > 0",
    "an event is missing": "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events WHERE kind = 'event')",
    "an action is not to be delivered": "DELETE FROM outbox WHERE seq = (SELECT max(seq) FROM outbox)",
    "the standing is an older one": "UPDATE vigy_state SET tick_count = tick_count - 1",
    "a version is missing": "DELETE FROM versions WHERE number = 2",
}


@pytest.mark.parametrize("half", HALVES)
def test_the_harness_notices_half_a_tick(tmp_path: Path, half: str) -> None:
    _, work = played(tmp_path / "played", 4, frozenset(), durability="normal", lying=False, prune=False)
    damaged = apsw.Connection(str(tmp_path / "played" / "vigyc.db"))
    damaged.execute(HALVES[half])
    assert damaged.total_changes() > 0
    damaged.close()
    cut = Cut(0, "nothing", {"vigyc.db": (tmp_path / "played" / "vigyc.db").read_bytes()}, work.acknowledged())
    with pytest.raises(AssertionError):
        check(cut, tmp_path / "found", work.states, prune=False)
