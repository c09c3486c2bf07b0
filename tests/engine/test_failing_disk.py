"""A started runtime on a disk that fails for a while: it says so, and goes on by itself when the disk does."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from engine.test_threads import until
from store.faulty_disk import SYNC, WRITE, Faults, faults_in
from vigyc.codegen.cache import Cache
from vigyc.lang.errors import StoreError
from vigyc.model.notice import RUN
from vigyc.model.run import OK
from vigyc.service.runtime import Runtime

COUNT = '(vigy-incr "n") (vigy-noop)'
FAULTS = {
    "full": (WRITE, apsw.SQLITE_FULL),
    "cannot write": (WRITE, apsw.SQLITE_IOERR_WRITE),
    "cannot sync": (SYNC, apsw.SQLITE_IOERR_FSYNC),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_ticking_goes_on_when_the_disk_does(tmp_path: Path, fault: str) -> None:
    faults = Faults(*FAULTS[fault], sticky=True)
    with (
        faults_in(faults),
        Runtime.open(tmp_path / "store.db", cache=Cache()) as here,
        here.subscribe(kinds=[RUN], capacity=100_000) as heard,
    ):
        for name in ("a", "b"):
            here.register(COUNT, name=name, every=20)
        here.start()
        until(lambda: here.standing("a").tick_count > 5)
        faults.at = 0
        until(lambda: here.health().status == "degraded")
        with pytest.raises(StoreError):
            here.tick("a")
        faults.heal()
        until(lambda: here.health().status == "ok")
        ticked = here.standing("b").tick_count
        until(lambda: here.standing("b").tick_count > ticked + 5)
        here.stop()
        acknowledged = []
        while (notice := heard.get(timeout=0)) is not None:
            acknowledged.append(notice.run)
        for name in ("a", "b"):
            runs = [run for run in reversed(here.runs(name, limit=100_000)) if run.result == OK]
            assert [run.tick for run in runs] == list(range(1, len(runs) + 1))
            assert here.kv(name).get("n") == len(runs)
            assert [run for run in acknowledged if run.vigy_id == runs[0].vigy_id] == runs
        assert here.health().reasons == ()
