"""Kill a runtime again and again and see what is left: `python kills.py DB KILLS SEED`; what is wrong goes to stdout.

A process of its own, and one without threads: it forks the runtimes it kills, so that each begins in a few
milliseconds, on the file that the one before left.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import NoReturn

from vigyc.codegen.cache import Cache
from vigyc.model.notice import EVENT, RUN
from vigyc.model.run import ABORTED, OK
from vigyc.runtime.extension import Extension
from vigyc.runtime.intrinsics.standard import standard_extensions
from vigyc.runtime.store.sqlite import open_store
from vigyc.service.database import verify
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings

COUNT = '(vigy-incr "n") (vigy-set "tick" (vigy-tick-count)) (vigy-event "Counted" "once") (vigy-noop)'
VIGIES = {"five": (COUNT, 5), "seven": (COUNT, 7), "twenty": (COUNT, 20), "slow": (f"(nap) {COUNT}", 10)}
NAP = 0.12  # seconds: long enough to be stored as begun
PATIENCE = 15.0  # seconds until the first tick

sleeping = Extension("sleeping")


@sleeping.function("nap", 0)
def nap(_: object) -> None:
    time.sleep(NAP)


def runtime(db: str, cache: Cache) -> Runtime:
    settings = Settings(keep_runs=10**6, keep_events=10**6)
    return Runtime.open(db, settings=settings, extensions=[*standard_extensions(), sleeping], cache=cache)


def live(db: str, cache: Cache, acks: int) -> NoReturn:
    """Tick until killed; every run that was published is written to `acks`."""
    try:
        here = runtime(db, cache)
        with here.subscribe(kinds=[RUN], refill=True) as stream:
            here.start()
            for notice in stream:
                run = notice.run
                assert run is not None
                os.write(acks, json.dumps([run.seq, run.id, run.vigy_id, run.tick, run.result]).encode() + b"\n")
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def kill(db: str, cache: Cache, chance: random.Random) -> list[list[object]]:
    """Let a runtime tick for a moment and kill it; what it acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        live(db, cache, writing)
    os.close(writing)
    heard = bytearray()
    end = time.monotonic() + PATIENCE
    while (left := end - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
        data = os.read(reading, 65536)
        if not data:
            break
        if not heard:
            end = time.monotonic() + chance.uniform(0.03, 0.1)
        heard += data
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while data := os.read(reading, 65536):
        heard += data
    os.close(reading)
    return [json.loads(line) for line in bytes(heard).split(b"\n")[:-1]]


@dataclass
class Ledger:
    """What must be so, counted from the stream as far as it was read."""

    seq: int = 0
    ticks: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    opened: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def check(self, db: str, acked: list[list[object]]) -> None:
        store = open_store(db)
        try:
            stored = self._read(store)
            self.expect(bool(acked), "nothing was acknowledged")
            for ack in acked:
                self.expect(ack in stored, f"acknowledged and not stored: {ack}")
            for vigy in store.vigies():
                kv, standing = store.kv(vigy.id), store.standing(vigy.id)
                counts = (kv.get("n", 0), standing.tick_count, self.ticks[vigy.id], self.events[vigy.id])
                self.expect(len(set(counts)) == 1, f"{vigy.name}: kv, counter, runs, events are {counts}")
                self.expect(kv.get("tick", -1) == counts[0] - 1, f"{vigy.name}: half a tick: {kv}")
            self.opened = {run.id for run in store.open_runs()}
        finally:
            store.close()

    def _read(self, store: object) -> list[list[object]]:
        stored = []
        aborted = set()
        while page := store.notices(self.seq):
            for notice in page:
                self.expect(notice.seq == self.seq + 1, f"number {notice.seq} follows {self.seq}")
                self.seq = notice.seq
                run = notice.run
                if notice.kind == EVENT:
                    self.events[notice.vigy_id] += 1
                elif run is not None:
                    stored.append([run.seq, run.id, run.vigy_id, run.tick, run.result])
                    self.results[run.result] += 1
                    if run.result == OK:
                        self.ticks[run.vigy_id] += 1
                        self.expect(run.tick == self.ticks[run.vigy_id], f"tick {run.tick} is out of its turn")
                    elif run.result == ABORTED:
                        aborted.add(run.id)
        self.expect(self.seq == store.last_seq(), f"{self.seq} is not the last number: {store.last_seq()}")
        self.expect(aborted == self.opened, f"left open: {self.opened}; aborted at the next boot: {aborted}")
        return stored

    def expect(self, so: bool, text: str) -> None:
        if not so:
            self.problems.append(text)


def main(db: str, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    cache = Cache()
    with runtime(db, cache) as first:
        for name, (program, interval) in VIGIES.items():
            first.register(program, name=name, every=interval)
    ledger = Ledger()
    for number in range(kills):
        ledger.check(db, kill(db, cache, chance))
        if ledger.problems:
            print(f"after kill {number + 1}:", *ledger.problems, sep="\n  ")
            sys.exit(1)
    print(*verify(db), sep="\n")
    print(json.dumps({"results": ledger.results, "seq": ledger.seq, "vigies": len(ledger.ticks)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
