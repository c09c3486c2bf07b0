"""How large a store is: the kv, the log, the outbox; in memory and in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vigyc.lang.errors import StoreError
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.runtime import Runtime


@pytest.fixture(params=["memory", "file"])
def runtime(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Runtime]:
    path = ":memory:" if request.param == "memory" else tmp_path / "vigyc.db"
    with Runtime.open(path, time=VirtualTime(), cache=False, handler=lambda action: None) as opened:
        yield opened


def test_what_is_remembered_counts(runtime: Runtime) -> None:
    store = runtime._store
    assert store.extent()[0::2] == (0, 0)
    runtime.register('(vigy-set "text" "0123456789")', name="x", enabled=False)
    runtime.tick("x")
    assert 14 <= store.extent().kv_bytes <= 20
    runtime.kv("x").delete("text")
    assert store.extent().kv_bytes == 0


def test_actions_that_wait_count(runtime: Runtime) -> None:
    runtime.register('(vigy-update (hash-map "to" 2))', name="x", enabled=False)
    assert len(runtime.tick("x").actions) == 1
    assert runtime._store.extent().outbox == 1


def test_the_log_of_a_file_counts(tmp_path: Path) -> None:
    with Runtime.open(tmp_path / "vigyc.db", time=VirtualTime(), cache=False) as runtime:
        runtime.register("1", name="x", enabled=False)
        assert runtime._store.extent().wal_bytes == (tmp_path / "vigyc.db-wal").stat().st_size > 0


def test_a_closed_store_has_none(runtime: Runtime) -> None:
    runtime.close()
    with pytest.raises(StoreError):
        runtime._store.extent()
