"""A tick that is not kept: it tells what a tick would do, and writes nothing anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.conftest import Opener
from vigyc.codegen.cache import Cache
from vigyc.model.action import ABSENT
from vigyc.rehearsal.dry_run import Change
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.runtime import Runtime

PROGRAM = """
(vigy-incr "n")
(vigy-del "old")
(vigy-set "same" 1)
(vigy-log "info" "hello")
(vigy-event "started" "it began")
(vigy-condition "Ready" #t "why" "all well")
(vigy-desired "replicas" 3)
(vigy-apply (hash-map :a 1))
(display 12)
"""


@pytest.fixture
def vigy(runtime: Runtime) -> str:
    runtime.register(PROGRAM, name="x")
    runtime.kv("x").replace({"n": 1, "old": [1], "same": 1, "other": 2})
    return "x"


def test_a_dry_run_tells_what_a_tick_would_do(runtime: Runtime, vigy: str) -> None:
    done = runtime.dry_run(vigy)
    assert done.changes == (Change("n", 1, 2), Change("old", [1], ABSENT), Change("same", 1, 1))
    assert (done.run.result, done.run.error, done.run.tick) == ("ok", None, 1)
    assert [(action.kind, action.payload) for action in done.run.actions] == [("apply", {":a": 1})]
    assert [line.message for line in done.run.report.logs] == ["hello"]
    assert [event.kind for event in done.run.report.events] == ["started"]
    assert done.run.report.desired == {"replicas": 3}
    assert done.run.report.output == "12"
    assert done.standing.conditions["Ready"].status == "true"


def test_a_dry_run_is_what_the_tick_then_does(runtime: Runtime, vigy: str) -> None:
    for _ in range(3):
        dry, real = runtime.dry_run(vigy), runtime.tick(vigy)
        hidden = {"id": "", "seq": 0, "duration_us": 0}
        assert dry.run._replace(**hidden) == real._replace(**hidden)
        held = runtime.kv(vigy).export()
        assert all(held.get(key, ABSENT) == after for key, _, after in dry.changes)
        assert runtime.standing(vigy)._replace(run_id=dry.standing.run_id) == dry.standing


def test_a_new_key_was_absent_before(runtime: Runtime) -> None:
    runtime.register('(vigy-set "new" nil)', name="x")
    assert runtime.dry_run("x").changes == (Change("new", ABSENT, None),)


def test_an_error_is_in_the_run_with_its_place(runtime: Runtime) -> None:
    runtime.register('(vigy-log "info" "so far")\n(vigy-set "n" 1)\n(car 1)', name="x")
    done = runtime.dry_run("x")
    assert (done.run.result, done.run.error_kind) == ("failed", "type-mismatch")
    assert "3:1" in (done.run.error or "")
    assert [line.message for line in done.run.report.logs] == ["so far"]
    assert (done.changes, done.run.actions) == ((), ())
    assert done.standing.failures == 1


def test_a_dry_run_has_a_deadline(runtime: Runtime) -> None:
    runtime.register("(define (f) (f)) (f)", name="x", deadline="20ms")
    assert runtime.dry_run("x").run.result == "timed_out"


def test_a_dry_run_leaves_no_trace(runtime: Runtime, vigy: str) -> None:
    before = runtime.get(vigy), runtime.standing(vigy), runtime.kv(vigy).export(), runtime.notices()
    runtime.dry_run(vigy)
    assert (runtime.get(vigy), runtime.standing(vigy), runtime.kv(vigy).export(), runtime.notices()) == before
    assert runtime.runs() == []


def test_a_dry_run_writes_no_file(opened: Opener, tmp_path: Path, time: VirtualTime) -> None:
    opened().register(PROGRAM, name="x")
    cache = Cache(tmp_path / "cache", key_file=tmp_path / "key")
    runtime = opened(cache=cache)
    before = _files(tmp_path)
    time.advance(1_000)
    assert runtime.dry_run("x").run.result == "ok"
    assert _files(tmp_path) == before


def _files(folder: Path) -> dict[str, bytes]:
    """Every file but the shared memory of readers, which is no part of the store."""
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.suffix != ".db-shm"}


def test_a_dry_run_beside_the_runtime_that_ticks(opened: Opener) -> None:
    owner, other = opened(), opened()
    owner.register('(vigy-incr "n")', name="x")
    assert owner.tick("x").seq > 0
    assert other.dry_run("x").changes == (Change("n", 1, 2),)
    owner.tick("x")
    assert other.dry_run("x").changes == (Change("n", 2, 3),)
    assert owner.health().owner == "this runtime"
