"""The log beside a SQLite store: moved into the file, and kept short also where there is always something to write."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import apsw

from store.stores import a_sqlite_store, a_tick, a_vigy, the_lease
from vigyc.runtime.store.store_file import SHORTEN_AT

PADDING = {"padding": "x" * 800_000}


def test_a_log_that_has_become_long_is_emptied_although_nothing_is_idle(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    log = Path(f"{path}-wal")
    with closing(a_sqlite_store(path)) as store, closing(apsw.Connection(str(path))) as reader:
        vigy = store.create(a_vigy("busy"))
        fence = the_lease(store)
        reader.execute("BEGIN; SELECT count(*) FROM kv").fetchall()  # who reads so long keeps the log from being reused
        number = 0
        while log.stat().st_size < SHORTEN_AT:
            number += 1
            tick = a_tick(vigy, number)
            store.commit(fence, [tick._replace(writes={**tick.writes, **PADDING})])
            assert store.checkpoint(idle=False) > 0
        reader.execute("COMMIT")
        assert store.checkpoint(idle=False) == 0
        assert log.stat().st_size == 0
        assert store.standing(vigy.id).tick_count == number
