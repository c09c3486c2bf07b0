"""The facade as an embedder meets it: opening, ticking, listening, resolving, health, its end."""

from __future__ import annotations

import threading
from pathlib import Path
from time import monotonic

import pytest

from service.conftest import Opener
from vigyc.lang.errors import Conflict, Invalid, NotFound, StoreError, VigycError
from vigyc.linking import ModuleTexts
from vigyc.model.pending import PendingAction
from vigyc.runtime.extension import Extension
from vigyc.runtime.host import Host
from vigyc.runtime.program import Program
from vigyc.runtime.reconciler import ChainReconciler
from vigyc.runtime.time_source import SystemTime, VirtualTime
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings

COUNT = '(vigy-set "n" (+ 1 (vigy-get "n" 0)))'


def test_in_memory_by_default() -> None:
    with Runtime.open() as runtime:
        runtime.register(COUNT, name="x")
        assert runtime.tick("x").result == "ok"
        assert runtime.kv("x").get("n") == 1


def test_a_file_lasts(opened: Opener) -> None:
    first = opened()
    first.register(COUNT, name="x")
    first.tick("x")
    first.close()
    assert opened().tick("x").tick == 2


def test_a_closed_runtime_says_so(tmp_path: Path) -> None:
    runtime = Runtime.open(tmp_path / "vigyc.db")
    runtime.close()
    runtime.close()
    with pytest.raises(StoreError):
        runtime.list()


def test_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Runtime.open(tmp_path)


def test_steps_tick_what_is_due(runtime: Runtime, time: VirtualTime) -> None:
    runtime.register(COUNT, name="x", every="10s")
    for _ in range(3):
        runtime.step()
        time.advance(10_000)
    assert runtime.kv("x").get("n") == 3
    assert [run.trigger for run in runtime.runs("x")] == ["schedule"] * 3


def test_started_it_ticks_by_itself_until_stopped(tmp_path: Path) -> None:
    with Runtime.open(tmp_path / "vigyc.db") as runtime:
        runtime.register(COUNT, name="x", every="1ms")
        listening = runtime.subscribe(kinds=["run"])
        runtime.start()
        assert runtime.health().status == "ok"
        assert listening.get(timeout=10) is not None
        threading.Timer(0.01, runtime.stop).start()
        assert runtime.wait(10)
        assert runtime.health().status == "stopped"
        runtime.start()
        with pytest.raises(Conflict):
            runtime.start()


def test_a_change_while_it_ticks_is_seen_at_once(tmp_path: Path) -> None:
    with Runtime.open(tmp_path / "vigyc.db") as runtime:
        runtime.start()
        listening = runtime.subscribe(kinds=["run"])
        runtime.register(COUNT, name="x", every="1h")
        notice = listening.get(timeout=10)
        assert notice is not None
        assert notice.run is not None
        assert notice.run.result == "ok"
        runtime.disable("x")
        assert runtime.tick("x", timeout=10).trigger == "request"
        runtime.delete("x")
        with pytest.raises(NotFound):
            runtime.tick("x")


def test_extensions_replace_the_standard_ones(opened: Opener) -> None:
    ours = Extension("ours")
    ours.function("answer", 0)(lambda host: 42)
    runtime = opened(extensions=[ours])
    assert [finding.id for finding in runtime.register("(answer)", name="x").findings] == []
    assert runtime.tick("x").result == "ok"
    assert [finding.id for finding in runtime.register("(vigy-noop)", name="y").findings] == ["unbound-name"]


def test_modules_of_the_runtime_are_found_at_registration(opened: Opener) -> None:
    runtime = opened(modules=ModuleTexts({"lib": "(define (f) 7) (provide f)"}))
    runtime.register('(require "lib") (vigy-set "n" (lib/f))', name="x")
    runtime.tick("x")
    assert runtime.kv("x").get("n") == 7


def test_a_reconciler_ticks_in_place_of_the_program(opened: Opener) -> None:
    class Marks:
        def tick(self, host: Host) -> Host:
            host.kv["marked"] = True
            host.dirty.add("marked")
            return host

    runtime = opened(reconciler=lambda program: ChainReconciler([program, Marks()]))
    runtime.register(COUNT, name="x")
    runtime.tick("x")
    assert runtime.kv("x").export() == {"n": 1, "marked": True}
    assert [change.key for change in runtime.dry_run("x").changes] == ["marked", "n"]


def test_equal_texts_share_one_program(opened: Opener) -> None:
    seen: list[Program] = []

    def wrapped(program: Program) -> Program:
        seen.append(program)
        return program

    runtime = opened(reconciler=wrapped)
    for name in ("a", "b", "c"):
        runtime.register(COUNT, name=name)
        runtime.tick(name)
    assert len(seen) == 3
    assert len({id(program) for program in seen}) == 1


def test_state_tells_what_ticks_want_and_saw(runtime: Runtime, time: VirtualTime) -> None:
    runtime.register(
        '(vigy-desired "a" 1) (vigy-observed "b" 2) (vigy-condition "Z" #f) (vigy-condition "A" #t) (vigy-apply 3)',
        name="x",
    )
    run = runtime.tick("x")
    state = runtime.state("x")
    assert (state.desired, state.observed, state.captured_at) == ({"a": 1}, {"b": 2}, time.wall_ms())
    assert [condition.name for condition in state.conditions] == ["A", "Z"]
    assert [(pending.run_id, pending.position, pending.action.kind) for pending in state.pending] == [
        (run.id, 0, "apply")
    ]


def test_resolving_an_action(runtime: Runtime) -> None:
    runtime.register("(vigy-apply 3)", name="x")
    run = runtime.tick("x")
    with pytest.raises(Invalid, match="ok, failed, skipped; not 'done'"):
        runtime.resolve(run.id, 0, "done")
    assert runtime.resolve(run.id, 0, "ok", "all right").actions[0][2:] == ("ok", "all right")
    assert runtime.state("x").pending == ()
    with pytest.raises(Conflict):
        runtime.resolve(run.id, 0, "failed")
    with pytest.raises(NotFound):
        runtime.resolve(run.id, 1, "ok")


def test_runs_newest_first_a_page_at_a_time(runtime: Runtime) -> None:
    for name in ("x", "y"):
        runtime.register("1", name=name)
    made = [runtime.tick(name) for name in ("x", "y", "x", "y", "x")]
    assert runtime.runs() == made[::-1]
    assert runtime.runs("x") == [made[4], made[2], made[0]]
    assert runtime.runs("x", limit=1) == [made[4]]
    assert runtime.runs("x", before=made[4].seq, limit=1) == [made[2]]


def test_listening_from_the_beginning(runtime: Runtime) -> None:
    runtime.register("1", name="x")
    runtime.register("1", name="y")
    run = runtime.tick("x")
    heard = runtime.subscribe(after=0, vigy="x")
    assert [heard.get(timeout=1).kind for _ in range(2)] == ["registered", "run"]
    assert runtime.notices(after=run.seq - 1)[0].run == run


def test_listening_to_what_another_runtime_does(tmp_path: Path) -> None:
    with Runtime.open(tmp_path / "vigyc.db") as owner, Runtime.open(tmp_path / "vigyc.db") as other:
        heard = other.subscribe()
        owner.register("1", name="x")
        owner.start()
        kinds = [heard.get(timeout=10).kind for _ in range(3)]
        assert kinds == ["registered", "owner", "run"]


def test_a_tick_in_the_process_that_ticks(tmp_path: Path) -> None:
    with Runtime.open(tmp_path / "vigyc.db") as owner, Runtime.open(tmp_path / "vigyc.db") as other:
        owner.start()
        other.register(COUNT, name="x", enabled=False)
        run = other.tick("x", timeout=10)
        assert (run.trigger, run.result) == ("request", "ok")
        assert other.kv("x").get("n") == 1
        assert (owner.health().owner, owner.runs("x")) == ("this runtime", [run])


def test_actions_are_carried_out_by_the_handler(opened: Opener) -> None:
    done = threading.Event()
    seen = []

    def handler(action: PendingAction) -> tuple[str, str]:
        seen.append(action.action.payload)
        done.set()
        return "ok", "done"

    runtime = opened(handler=handler, time=SystemTime())
    told = runtime.subscribe(kinds=["resolved"])
    runtime.register("(vigy-apply 3)", name="x", every="1h")
    runtime.start()
    assert done.wait(10)
    notice = told.get(timeout=10)
    assert notice is not None
    assert runtime.run(notice.run_id).actions[0][1:] == (3, "ok", "done")
    assert seen == [3]


def test_health_of_one_that_does_not_tick(runtime: Runtime, time: VirtualTime) -> None:
    health = runtime.health()
    assert (health.status, health.owner, health.last_commit_at, health.vigies) == ("stopped", None, None, {})
    runtime.register("(car 1)", name="x")
    runtime.register("1", name="y", enabled=False)
    runtime.tick("x")
    runtime.step()
    health = runtime.health()
    assert (health.owner, health.failing, health.last_commit_at) == ("this runtime", 1, time.wall_ms())
    assert health.vigies == {"backing-off": 1, "disabled": 1}
    time.advance(60_000)
    assert runtime.health().reasons == ("1 of 2 vigies are late",)


def test_health_beside_another_runtime(tmp_path: Path) -> None:
    with Runtime.open(tmp_path / "vigyc.db") as owner, Runtime.open(tmp_path / "vigyc.db") as other:
        owner.start()
        other.start()
        assert (owner.health().status, other.health().status) == ("ok", "standby")


class Forgetful:
    """A reconciler whose `tick` forgets to return the host."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def tick(self, host: Host) -> None:
        self.program.tick(host)


@pytest.mark.parametrize(
    ("reconciler", "error"),
    [
        (Forgetful, "TypeError: a reconciler's `tick` must return a host, not NoneType"),
        (lambda program: 5, "AttributeError: 'int' object has no attribute 'tick'"),
    ],
)
def test_a_wrong_reconciler_fails_its_ticks(reconciler: object, error: str) -> None:
    with Runtime.open(reconciler=reconciler, cache=False) as runtime:
        runtime.register(COUNT, name="x")
        run = runtime.tick("x")
        assert (run.result, run.error) == ("failed", error)
        assert runtime.kv("x").export() == {}


def test_what_another_thread_ticks_is_cut_at_the_end_of_a_runtime_that_was_not_started() -> None:
    with Runtime.open(cache=False, settings=Settings(deadline_ms=60_000)) as runtime:
        runtime.register("(define (f n) (f (+ n 1))) (f 0)", name="endless", every="1h")
        ended: list[BaseException | str] = []

        def tick() -> None:
            try:
                ended.append(runtime.tick("endless", 30).result)
            except VigycError as error:
                ended.append(error)

        ticking = threading.Thread(target=tick)
        ticking.start()
        while runtime.overview()[0].phase != "running":
            pass
        began = monotonic()
        runtime.stop(grace=0.1)
        ticking.join(20)
        assert ended
        assert monotonic() - began < 10
