"""A store, programs and a pipeline on them, and short ways to have an issue worked off; flows that lie, as texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from vigyc.effects.policy import NOTHING, Policy
from vigyc.effects.powers import Powers
from vigyc.enhance import queue
from vigyc.enhance.epoch.handle import Handle
from vigyc.enhance.pipeline import Pipeline
from vigyc.enhance.workers.worker import Worker
from vigyc.frontend.canonical import content_of
from vigyc.lang.digest import digest
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import Epoch
from vigyc.model.issue import Issue
from vigyc.model.notice import UPDATED
from vigyc.model.run_id import RunIds
from vigyc.model.schedule import every
from vigyc.model.vigy import Vigy
from vigyc.model.vigy_id import vigy_id
from vigyc.programs import Programs
from vigyc.runtime.bus import Bus
from vigyc.runtime.engine import Engine
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.store.port import Edition, Store
from vigyc.runtime.store.sqlite import open_store
from vigyc.runtime.time_source import SystemTime, TimeSource, VirtualTime

MAKERS: dict[str, Callable[[Path], Store]] = {
    "memory": lambda path: MemoryStore(),
    "file": lambda path: open_store(path / "enhance.db"),
}

COUNTS = '(vigy-incr "n")\n(vigy-noop)\n'
COUNTS_TWICE = '(vigy-incr "n")\n(vigy-incr "m")\n(vigy-noop)\n'
BROKEN = '(vigy-incr "n")\n(no-such-function 1)\n'
FAILS = '(vigy-incr "n")\n(throw "always")\n'
FLOOR_ONLY = ("reads", "canonical", "noop", "compiles", "capabilities")

PATIENCE = 20.0  # seconds

PRELUDE = """
(define ctx (flow-context))
(define (finish commit) (flow-finish (hash-map "commit" commit)))
(define (said axes status told)
  (map (lambda (axis) (hash-map "axis" axis "status" status told "so they say")) axes))
(define (committing source verdicts version)
  (finish (hash-map "committed" #t "rationale" "as the flow says" "verdicts_summary" verdicts
                    "new_version" version "bump" "minor" "new_program" (hash-map "source" source))))
(define (version-of source)
  (get (ok-value (flow-apply source (hash-map "source" source))) "version"))
(define wanted (get-in ctx (list "issue" "proposal" "source")))
"""


def lying(body: str) -> str:
    """A flow that does `body`, with short ways to say what is not so."""
    return PRELUDE + body


PASSES_ALL = lying('(committing wanted (said (get ctx "verifiers") "pass" "evidence") (version-of wanted))')


_POLICIES: dict[str, Policy] = {}
PROGRAMS = Programs(powers=Powers(lambda name, labels: _POLICIES.get(name, NOTHING)), record_all=True)
"""One for all tests: to compile the flow that is shipped takes longer than most of them."""


@dataclass
class World:
    """What epochs need; `policies` are by the name of a vigy, or of the flow that is shipped (`enhance`)."""

    store: Store = field(default_factory=MemoryStore)
    time: TimeSource = field(default_factory=VirtualTime)
    changed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        _POLICIES.clear()
        self.policies = _POLICIES
        self.programs = PROGRAMS
        self.pipeline = Pipeline(self.store, self.programs, self.time)
        self.ids = RunIds()

    def register(self, name: str, program: str = COUNTS, **fields: Any) -> Vigy:
        now = self.time.wall_ms()
        modules = self.programs.examine(program, name).modules
        vigy = Vigy(
            vigy_id(name, program), name, program, digest(program), every(1000), {}, True, 1, 1, now, now, now,
            modules=modules,
        )._replace(**fields)  # fmt: skip
        return self.store.create(vigy, Edition(content=content_of(program, modules)))

    def update(self, vigy: Vigy, **fields: Any) -> Vigy:
        """As somebody from outside would."""
        before = self.store.vigy(vigy.id)
        assert before is not None
        if (program := fields.get("program")) is not None:
            fields["digest"] = digest(program)
        after = before._replace(**fields, updated_at=self.time.wall_ms())
        return self.store.change(before, after, UPDATED, Edition("somebody", content=content_of(after.program)))

    def setting(self, **fields: Any) -> EnhanceSetting:
        """The setting `default` with these fields."""
        wanted = EnhanceSetting()._replace(**{"verifiers": FLOOR_ONLY, **fields})
        return self.store.put_enhance_setting(wanted, self.time.wall_ms())

    def submit(self, vigy: Vigy, source: str | None = None, intent: str = "do better", **fields: Any) -> Issue:
        if source is not None:
            fields["proposal"] = {"source": source}
        return queue.submit(self.store, self.ids, vigy, intent, self.time.wall_ms(), **fields)[0]

    def take(self) -> Issue:
        """Lease the issue whose turn it is."""
        now = self.time.wall_ms()
        issue = self.store.take_issue("somebody", self.ids.make(now), now, now + 30_000)
        assert issue is not None, "no issue is due"
        return issue

    def work(self, handle: Handle | None = None) -> Issue:
        """Work off the issue whose turn it is."""
        issue = self.take()
        if handle is None:
            handle = Handle(issue.id, issue.epoch or "")
        return self.pipeline.run(issue, handle)

    def worked(self, vigy: Vigy, source: str | None = None, **fields: Any) -> Issue:
        """Submit an issue and work it off."""
        self.submit(vigy, source, **fields)
        return self.work()

    def worker(self, **options: Any) -> Worker:
        return Worker(
            self.pipeline, self.store, self.time, **{"name": "test", "threads": 2, "changed": self.changed.append,
            "poll": 0.02, **options},
        )  # fmt: skip

    def tick(self, vigy: Vigy, times: int = 1) -> None:
        """Tick a vigy, as the runtime does."""
        bus = Bus(self.store)
        engine = Engine(self.store, bus, self.programs.load, self.time)
        for _ in range(times):
            engine.tick(vigy.id)
        engine.stop(1.0)

    def entries(self, issue: Issue | None = None) -> list[Epoch]:
        """The log, oldest first."""
        return self.store.epochs(issue_id=None if issue is None else issue.id, limit=1000)[::-1]

    def entry(self, issue: Issue) -> Epoch:
        """The one entry of an issue."""
        (entry,) = self.entries(issue)
        return entry

    def head(self, vigy: Vigy) -> Vigy:
        found = self.store.vigy(vigy.id)
        assert found is not None
        return found

    def check(self) -> None:
        """What must be so after any epoch, however it ended: see the module of the same test."""
        check(self.store)


def check(store: Store) -> None:
    """The log, the issues and the heads agree."""
    entries = store.epochs(limit=10_000)
    ids = [entry.id for entry in entries]
    assert len(ids) == len(set(ids)), "an epoch has two entries"
    applied = {entry.version: entry for entry in entries if entry.outcome in {"applied", "reverted"}}
    for vigy in store.vigies():
        for version in store.versions(vigy.id):
            if version.epoch is not None:
                entry = store.epoch(version.epoch)
                assert entry is not None, "a version without its entry"
                assert (entry.version, entry.digest) == (version.number, version.digest)
                assert entry.content == version.content == content_of(version.program, version.modules)
    for entry in applied.values():
        numbers = {version.number: version for version in store.versions(entry.vigy_id)}
        assert numbers[entry.version or 0].epoch == entry.id, "an entry without its version"


def system_world(path: Path, **fields: Any) -> World:
    """A world on a file, with the time that passes."""
    return World(store=open_store(path), time=SystemTime(), **fields)


def until(so: Callable[[], object], what: str = "") -> None:
    """Wait until it is so."""
    end = monotonic() + PATIENCE
    while not so():
        assert monotonic() < end, what or "it took too long"
        sleep(0.005)


def state(world: World, issue: Issue) -> str:
    known = world.store.issue(issue.id)
    assert known is not None
    return known.state
