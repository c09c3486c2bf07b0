"""Several real processes on one file: one of them ticks, whatever happens to whom."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import apsw

from engine.lives import runtime
from engine.test_threads import until
from vigyc.model.notice import OWNER
from vigyc.model.run import OK, REQUEST
from vigyc.service.runtime import Runtime

SCRIPT = Path(__file__).with_name("lives.py")
COUNT = '(vigy-incr "n") (vigy-noop)'
STOPPED = 6.0  # seconds
HANDOVER_MS = 5000


class Life:
    """A process that runs `lives.py`."""

    def __init__(self, db: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._one = threading.Lock()

    def ask(self, *command: str) -> str:
        with self._one:
            print(*command, file=self.process.stdin, flush=True)
            return self.process.stdout.readline().strip()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self, db: Path) -> None:
        """Stop it, but not while it writes: SQLite lets nobody else write then."""
        self.send(signal.SIGSTOP)
        while not can_write(db):
            self.send(signal.SIGCONT)
            time.sleep(0.005)
            self.send(signal.SIGSTOP)

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def can_write(db: Path) -> bool:
    time.sleep(0.02)  # a signal takes its time, and who else writes is done soon
    connection = apsw.Connection(str(db), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(100)
        connection.execute("BEGIN IMMEDIATE; ROLLBACK")
    except apsw.BusyError:
        return False
    finally:
        connection.close()
    return True


@contextmanager
def lives(db: Path, count: int) -> Iterator[list[Life]]:
    found: list[Life] = []
    try:
        for _ in range(count):
            found.append(Life(db))
            found[-1].ask("health")  # it is up: the first of them holds the lease
        yield found
    finally:
        for life in found:
            life.process.kill()
            life.end()


def owners(look: Runtime) -> list[tuple[int, int]]:
    """When the lease was taken, and by which process."""
    told = [notice for notice in look.notices(0, 100_000) if notice.kind == OWNER]
    return [(notice.at, int(notice.data["holder"].split()[2])) for notice in told]


def check(look: Runtime) -> None:
    """Each vigy's ticks are 1 to n in their order, and its kv is that of n ticks."""
    for vigy in look.list():
        ticks = [run.tick for run in reversed(look.runs(vigy.name, limit=100_000)) if run.result == OK]
        assert ticks == list(range(1, len(ticks) + 1)), vigy.name
        assert look.kv(vigy.name).get("n") == len(ticks)
        assert len(ticks) > 2


def test_a_process_that_was_stopped_is_succeeded_and_stands_by_when_it_goes_on(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    with runtime(str(db)) as look:
        look.register(COUNT, name="quick", every=50)
        look.register(f"(nap) {COUNT}", name="slow", every=100)
        with lives(db, 2) as (first, second):
            until(lambda: look.standing("quick").tick_count > 10 and look.standing("slow").tick_count > 1)
            assert owners(look)[-1][1] == first.process.pid
            first.stop(db)
            stopped, last = time.monotonic(), look.standing("quick").started_at
            until(lambda: owners(look)[-1][1] == second.process.pid)
            assert owners(look)[-1][0] - last < HANDOVER_MS
            ticked = look.standing("quick").tick_count
            until(lambda: look.standing("quick").tick_count > ticked + 5)
            time.sleep(max(0.0, stopped + STOPPED - time.monotonic()))
            first.send(signal.SIGCONT)
            until(lambda: first.ask("health") == "standby")
            assert first.ask("tick", "quick").startswith("ok request")
            assert len(owners(look)) == 2
            assert second.ask("health") == "ok"
            second.send(signal.SIGKILL)
            until(lambda: owners(look)[-1][1] == first.process.pid, patience=5)
            ticked = look.standing("slow").tick_count
            until(lambda: look.standing("slow").tick_count > ticked + 1)
            assert first.ask("health") == "ok"
            first.end()
        check(look)


def test_what_many_processes_ask_for_is_ticked_once_each(tmp_path: Path) -> None:
    db = tmp_path / "store.db"
    with runtime(str(db)) as look, lives(db, 3) as processes:
        look.register(COUNT, name="asked", enabled=False)
        with ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(life.ask, "tick", "asked") for _ in range(10) for life in processes]
            answers = [each.result(30) for each in asked]
        assert sorted(int(answer.split()[2]) for answer in answers) == list(range(1, 31))
        assert [run.trigger for run in look.runs("asked", limit=100)] == [REQUEST] * 30
        check(look)
