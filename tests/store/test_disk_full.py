"""A file that may not grow: ticks are refused whole, reading goes on, and so does ticking when there is space again.

The limit is the operating system's on the size of files, so a process of its own does it.
"""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

from store.stores import a_sqlite_store, a_tick, a_vigy, the_lease
from vigyc.lang.errors import CommitUnknown, StoreError

LIMIT = 256 * 1024


def ticks_until_refused(path: Path) -> None:
    """Run in the child."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = a_sqlite_store(path)
    fence, one = the_lease(store), store.create(a_vigy())

    def tick(number: int) -> None:
        (done,) = store.commit(fence, [a_tick(one, number, writes={"count": number, "padding": f"{number}" * 5000})])
        assert store.run(done.run.id) == done.run

    def grow_to(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    grow_to(LIMIT)
    number, refused = 1, 0
    while refused < 5:
        try:
            tick(number)
        except CommitUnknown:
            raise
        except StoreError:
            refused += 1
            assert store.kv(one.id).get("count", 0) == number - 1
            assert [run.tick for run in store.runs(limit=1000)] == list(range(number - 1, 0, -1))
            assert store.standing(one.id).tick_count == number - 1
        else:
            assert refused == 0 or store.kv(one.id)["count"] == number
            number += 1
    assert number > 5
    grow_to(resource.RLIM_INFINITY)
    for more in range(number, number + 5):
        tick(more)
    assert store.last_seq() == 2 + number + 4
    assert [n.seq for n in store.notices(0, limit=10_000)] == list(range(1, store.last_seq() + 1))
    store.checkpoint(idle=True)
    store.close()
    print(number + 4)


def test_a_full_disk_refuses_ticks_whole_until_there_is_space(tmp_path: Path) -> None:
    path = tmp_path / "vigyc.db"
    code = "import sys; from store.test_disk_full import *; ticks_until_refused(Path(sys.argv[1]))"
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, path], cwd=tests, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    store = a_sqlite_store(path)
    assert store.kv(a_vigy().id)["count"] == int(done.stdout)
    store.close()
