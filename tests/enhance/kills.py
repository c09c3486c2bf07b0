"""Kill a worker at every step of an epoch and see what is left: `python kills.py FOLDER`; what is wrong goes to stdout.

A process of its own, and one without threads: whatever works on a store is forked from it. Each course of an epoch is
first run to its end, counting the places at which it could be killed (each step of its handle, before and after each
write); then it is run anew once for each of them, killed there, taken up by another worker, and looked at.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from enhance.epochs import BROKEN, COUNTS_TWICE, PROGRAMS, World, check
from vigyc.effects.policy import Policy
from vigyc.enhance import queue
from vigyc.enhance.epoch.handle import Handle
from vigyc.enhance.flow.running import compiled, shipped_flow
from vigyc.enhance.workers.recovery import Recovery
from vigyc.model.enhance_setting import REJECT, Canary
from vigyc.model.issue import APPLIED, ENDED, PENDING, TRIAL
from vigyc.runtime.holder import own_name
from vigyc.runtime.store.sqlite import open_store
from vigyc.runtime.time_source import SystemTime
from vigyc.service.database import verify

WRITES = {"take_issue", "settle", "put_enhance_setting", "submit", "keep_issue"}
FAILS_LATER = '(if (= (vigy-incr "n") 2) (throw "two") (vigy-noop))\n'


class Trip:
    """Counts places, and kills this process at the one with number `at`."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.places: list[str] = []

    def __call__(self, place: str) -> None:
        if len(self.places) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.places.append(place)


class Tripping:
    """A store before and after whose writes there is a place."""

    def __init__(self, store: Any, trip: Trip) -> None:
        self._store = store
        self._trip = trip

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in WRITES:
            return found

        def called(*args: Any, **options: Any) -> Any:
            self._trip(f"before {name}")
            answer = found(*args, **options)
            self._trip(f"after {name}")
            return answer

        return called


class Stepping(Handle):
    """A handle whose steps are places."""

    def __init__(self, issue_id: str, epoch: str, trip: Trip) -> None:
        super().__init__(issue_id, epoch)
        self._trip = trip

    def reach(self, step: str) -> None:
        self._trip(step)
        super().reach(step)


def world(db: Path, trip: Trip) -> World:
    store: Any = Tripping(open_store(db), trip)
    here = World(store=store, time=SystemTime())
    here.policies["enhance"] = Policy.of("proc:/bin/false")
    return here


def work(here: World, trip: Trip) -> None:
    now = here.time.wall_ms()
    issue = here.store.take_issue(own_name(), here.ids.make(now), now, now + 3_600_000)
    if issue is not None:
        here.pipeline.run(issue, Stepping(issue.id, issue.epoch or "", trip))


# -- courses: what is there before, and what is done that may be killed


def applied(here: World) -> None:
    here.submit(here.register("one"), COUNTS_TWICE)


def rejected(here: World) -> None:
    here.submit(here.register("one"), BROKEN)


def paused(here: World) -> None:
    applied(here)
    here.setting(flow="no-such-flow", backoff_ms=1, backoff_max_ms=1)


def retried(here: World) -> None:
    here.setting(proposer={"kind": "command", "command": ["/bin/false"]}, backoff_ms=1, backoff_max_ms=1, attempts=2)
    here.submit(here.register("one"))


def stale(here: World) -> None:
    applied(here)
    here.setting(on_conflict=REJECT, backoff_ms=1, backoff_max_ms=1)


def in_trial(here: World) -> None:
    here.setting(canary=Canary(2, 0), backoff_ms=1, backoff_max_ms=1)
    applied(here)


def tried(here: World) -> None:
    in_trial(here)
    work(here, Trip(None))
    here.tick(here.store.vigies()[0])
    here.worker()._attend()
    here.tick(here.store.vigies()[0])


def watched(here: World) -> None:
    here.setting(canary=Canary(0, 5), backoff_ms=1, backoff_max_ms=1)
    target = here.register("one")
    here.submit(target, FAILS_LATER)
    here.tick(target)
    work(here, Trip(None))
    here.tick(target)


def lost(here: World) -> None:
    applied(here)
    now = here.time.wall_ms()
    here.store.take_issue("nobody", here.ids.make(now), now, now - 1)


def attend(here: World, trip: Trip) -> None:
    here.worker()._attend()


def move_and_work(here: World, trip: Trip) -> None:
    class Moving(Stepping):
        def reach(self, step: str) -> None:
            if step == "verified":
                here.update(here.store.vigies()[0], program="(vigy-noop)\n; by hand\n")
            super().reach(step)

    now = here.time.wall_ms()
    issue = here.store.take_issue(own_name(), here.ids.make(now), now, now + 3_600_000)
    assert issue is not None
    here.pipeline.run(issue, Moving(issue.id, issue.epoch or "", trip))


def cancel(here: World, trip: Trip) -> None:
    now = here.time.wall_ms()
    issue = here.store.take_issue(own_name(), here.ids.make(now), now, now + 3_600_000)
    assert issue is not None
    queue.cancel(here.store, issue, now)


def take_back(here: World, trip: Trip) -> None:
    Recovery(here.store, here.time, 30.0).recover((), at_once=True)


Course = tuple[Callable[[World], None], Callable[[World, Trip], None], set[str]]
COURSES: dict[str, Course] = {
    "applied": (applied, work, {APPLIED}),
    "rejected": (rejected, work, {"rejected"}),
    "paused": (paused, work, {PENDING}),
    "retried": (retried, work, {"dead"}),
    "conflict": (applied, move_and_work, {APPLIED}),
    "stale": (stale, move_and_work, {"rejected", APPLIED}),
    "trial": (in_trial, work, {TRIAL}),
    "tried": (tried, attend, {APPLIED}),
    "taken back": (watched, attend, {"reverted"}),
    "lost": (lost, take_back, {APPLIED}),
    "cancelled": (applied, cancel, {"cancelled", APPLIED}),
}


def prepare(db: Path, name: str) -> None:
    here = world(db, Trip(None))
    here.setting(backoff_ms=1, backoff_max_ms=1)
    COURSES[name][0](here)
    here.store.close()


def run(db: Path, name: str, at: int | None) -> None:
    trip = Trip(at)
    here = world(db, trip)
    COURSES[name][1](here, trip)
    here.store.close()
    db.with_suffix(".places").write_text(json.dumps(trip.places))


def look(db: Path, name: str, place: str) -> None:
    """Take up what is left, as the next worker does, and say what is wrong with it."""
    here = world(db, Trip(None))
    worker = here.worker()
    end = time.monotonic() + 10
    while True:
        worker.drain()
        (issue,) = here.store.issues()
        if issue.state in ENDED | {TRIAL} or _is_paused(here) or time.monotonic() > end:
            break
        time.sleep(0.002)
    problems = []
    if issue.state not in COURSES[name][2]:
        problems.append(f"the issue is {issue.state}: {issue.reasons}")
    entries = here.entries(issue)
    if sum(entry.outcome == "applied" for entry in entries) != (issue.state in {APPLIED, "reverted"}):
        problems.append(f"applied as often as {[entry.outcome for entry in entries]}")
    if len(entries) - sum(entry.outcome == "reverted" for entry in entries) > issue.attempts + 1:
        problems.append(f"{len(entries)} entries of {issue.attempts} attempts")
    (vigy,) = here.store.vigies()
    made = [version for version in here.store.versions(vigy.id) if version.author == "enhance"]
    if len(made) != sum(entry.outcome in {"applied", "reverted"} for entry in entries):
        problems.append(f"{len(made)} versions and {[entry.outcome for entry in entries]}")
    try:
        check(here.store)
    except AssertionError as error:
        problems.append(f"{error}")
    here.store.close()
    problems += list(verify(db))
    for problem in problems:
        print(f"{name}, killed {place}: {problem}")


def _is_paused(here: World) -> bool:
    setting = here.store.enhance_setting("default")
    return setting is not None and setting.paused is not None


def forked(work: Callable[[], None]) -> int:
    """Do it in a child of its own; how it ended."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            work()
            sys.stdout.flush()
            os._exit(0)
        except BaseException:
            traceback.print_exc(file=sys.stdout)
            sys.stdout.flush()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path) -> None:
    compiled(shipped_flow(), PROGRAMS)  # once for all
    places = {}
    for name in COURSES:
        before = folder / f"{name.replace(' ', '-')}.db"
        assert forked(lambda: prepare(before, name)) == 0  # noqa: B023
        whole = folder / "whole.db"
        _copy(before, whole)
        assert forked(lambda: run(whole, name, None)) == 0  # noqa: B023
        found = json.loads(whole.with_suffix(".places").read_text())
        places[name] = found
        for at, place in enumerate(found):
            db = folder / "killed.db"
            _copy(before, db)
            ended = forked(lambda: run(db, name, at))  # noqa: B023
            assert ended == -signal.SIGKILL, f"{name} {place}: {ended}"
            assert forked(lambda: look(db, name, f"{at} {place}")) == 0  # noqa: B023
    print(json.dumps(places))


def _copy(source: Path, target: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        Path(f"{target}{ending}").unlink(missing_ok=True)
        if Path(f"{source}{ending}").exists():
            shutil.copy(f"{source}{ending}", f"{target}{ending}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
