"""From a store to the one thing embedders and surfaces call: a runtime, and everything that can be asked of it.

A method says what is meant and leaves the work to the use case it belongs to. All of them may be called from any
thread. A vigy is named by its id, its name, or the unique beginning of its id (`ref`). Times are ms since 1970.

    with Runtime.open("vigyc.db") as runtime:
        runtime.register('(vigy-incr "ticks")', name="counter", every="10s")
        runtime.start()
        runtime.wait()

Until `start` a runtime does nothing by itself: it registers, reads, and ticks what it is asked to.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from inspect import iscoroutinefunction
from types import TracebackType

from vigyc.codegen.cache import Cache
from vigyc.effects.policy import Policy
from vigyc.effects.policy_book import PolicyBook
from vigyc.effects.powers import Powers
from vigyc.lang.errors import Conflict, Invalid, StoreError
from vigyc.linking import Modules
from vigyc.model.action import ABSENT, STATUSES, Absent
from vigyc.model.argument import checked_text
from vigyc.model.notice import ISSUE, checked_kinds
from vigyc.model.run import Run
from vigyc.model.schedule import Schedule, When
from vigyc.model.vigy import Vigy
from vigyc.programs import Programs
from vigyc.rehearsal.dry_run import DryRun, dry_run
from vigyc.rehearsal.replay import Replayed, replay
from vigyc.runtime.bus import Bus
from vigyc.runtime.delivery import Delivery, Handler
from vigyc.runtime.engine import Engine
from vigyc.runtime.extension import Extension
from vigyc.runtime.housekeeper import Retention
from vigyc.runtime.limits import EngineLimits
from vigyc.runtime.program import Program
from vigyc.runtime.reconciler import Reconciler
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.store.port import Store
from vigyc.runtime.store.quota import Quota
from vigyc.runtime.store.sqlite import open_store
from vigyc.runtime.subscription import Subscription
from vigyc.runtime.time_source import SystemTime, TimeSource
from vigyc.service.edit import Edit
from vigyc.service.enhancement import Enhancement
from vigyc.service.looking import Looking
from vigyc.service.lookup import find_run
from vigyc.service.policies import policy_book
from vigyc.service.polling import Polling
from vigyc.service.registry import Registration, Registry
from vigyc.service.settings import Settings, checked_settings
from vigyc.service.stats import Statistics, Stats
from vigyc.service.versions import find_version


class Runtime(Looking):
    """Everything that can be done with the vigies of one store; open it with `Runtime.open`, close it or use `with`.

    Whatever the caller did wrong raises NotFound, Conflict or Invalid; a program that does not compile CompileError; a
    store that fails StoreError.
    """

    def __init__(
        self, store: Store, programs: Programs, settings: Settings, time: TimeSource, handler: Handler | None = None
    ) -> None:
        self.settings = settings
        self._bus = Bus(store)
        limits = EngineLimits(deadline=settings.deadline_ms / 1000, lease_ttl=settings.lease_ttl_ms / 1000)
        keep = Retention(settings.keep_runs, settings.keep_events, settings.keep_days)
        engine = Engine(store, self._bus, programs.load, time, limits, keep, deliver=handler is not None)
        super().__init__(store, engine, programs, time, settings.lease_ttl_ms, engine.refresh)
        self._delivery = None
        if handler is not None:
            self._delivery = Delivery(store, self._bus, lambda: engine.tenure.fence, handler, time)
            engine.committer.on_commit = self._delivery.notify
        self._polling = Polling(self._bus.poll)
        self._statistics = Statistics(store, engine, self._bus, time, self._overviews, programs.cache)
        self._registry = Registry(store, programs, time, settings.min_interval_ms, engine.refresh)
        self.enhance = Enhancement(
            store, programs, time, threads=settings.enhance_workers, changed=engine.refresh, poll=self._bus.poll,
            subscribe=lambda vigy_id: self.subscribe(vigy=vigy_id, kinds=[ISSUE]),
        )  # fmt: skip
        self._ended = threading.Event()
        self._closed = False

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] = ":memory:",
        *,
        settings: Settings | None = None,
        extensions: Iterable[Extension] | None = None,
        modules: Mapping[str, str] | Modules | None = None,
        reconciler: Callable[[Program], Reconciler] | None = None,
        handler: Handler | None = None,
        policy: PolicyBook | Policy | str | os.PathLike[str] | None = None,
        time: TimeSource | None = None,
        cache: Cache | bool | None = None,
    ) -> Runtime:
        """A runtime on the store at `path`, made if there is none; `:memory:` is one that ends with the runtime.

        `extensions` are what programs can call (default: the six standard ones), `modules` what they can require,
        `cache` where compiled code is kept. `reconciler` makes of each program what ticks in its place; `handler`
        carries actions out. `policy` says which effects are allowed (default: the settings' policy file, else none): a
        policy, several in a book, or the path of a file. Raises Invalid, SettingsError, StoreError.
        """
        settings = Settings() if settings is None else checked_settings(settings)
        if handler is not None:
            _check_handler(handler)
        powers = Powers(policy_book(settings.policy if policy is None else policy).policy_of)
        programs = Programs(
            extensions, cache, modules, reconciler, powers, settings.deadline_ms / 1000,
            record_all=settings.record == "all",
        )  # fmt: skip
        store = _opened(path, settings)
        try:
            return cls(store, programs, settings, time if time is not None else SystemTime(), handler)
        except BaseException:
            store.close()
            raise

    def __enter__(self) -> Runtime:
        self._check_open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop ticking and close the store; again is nothing."""
        self.stop()
        self._polling.end()
        self._bus.close()
        self._store.close()
        self._programs.powers.close()
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise Conflict("this runtime is closed; open another")

    # -- the registry

    def register(
        self,
        program: str,
        *,
        name: str,
        every: int | str | None = None,
        schedule: Schedule | When | None = None,
        labels: Mapping[str, str] | None = None,
        enabled: bool | None = None,
        deadline: int | str | Absent | None = ABSENT,
        filename: str | os.PathLike[str] = "<program>",
        modules: Mapping[str, str] | Modules | None = None,
        author: str | None = None,
        note: str | None = None,
    ) -> Registration:
        """Register `program` under `name`, by default enabled and every second; registered so already, that is all.

        Of a vigy that is registered with this program only what is given changes. `filename` is where the text is
        from, for what it requires; `author` and `note` are kept with the version.
        """
        edit = Edit(None, every, schedule, labels, enabled, deadline)
        return self._registry.register(
            program, name, edit, filename=filename, modules=modules, author=author, note=note
        )  # fmt: skip

    def update(
        self,
        ref: str,
        *,
        program: str | None = None,
        filename: str | os.PathLike[str] = "<program>",
        modules: Mapping[str, str] | Modules | None = None,
        name: str | None = None,
        every: int | str | None = None,
        schedule: Schedule | When | None = None,
        labels: Mapping[str, str] | None = None,
        enabled: bool | None = None,
        deadline: int | str | Absent | None = ABSENT,
        author: str | None = None,
        note: str | None = None,
        generation: int | None = None,
    ) -> Vigy:
        """Change what is given; a vigy keeps its id, its kv and its history through all of it.

        With `generation` only if it is still of that one. Raises Stale if not.
        """
        edit = Edit(name, every, schedule, labels, enabled, deadline)
        return self._registry.update(
            ref, edit, program=program, filename=filename, modules=modules, author=author, note=note,
            generation=generation,
        )  # fmt: skip

    def enable(self, ref: str) -> Vigy:
        """Let it tick from now on."""
        return self._registry.enable(ref)

    def disable(self, ref: str) -> Vigy:
        """Let it tick only when asked to."""
        return self._registry.disable(ref)

    def delete(self, ref: str, *, keep_data: bool = False) -> Vigy:
        """Delete it; `keep_data` leaves kv, state and runs for one that is registered under the same id again."""
        deleted = self._registry.delete(ref, keep_data=keep_data)
        self._programs.powers.forget(deleted.id)
        return deleted

    def rollback(self, ref: str, number: int, *, author: str | None = None, note: str | None = None) -> Vigy:
        """Make the program of an earlier version the newest version."""
        return self._registry.rollback(ref, number, author, note)

    # -- hearing

    def subscribe(
        self,
        after: int | None = None,
        *,
        vigy: str | None = None,
        kinds: Collection[str] | None = None,
        capacity: int = 1024,
        refill: bool = False,
    ) -> Subscription:
        """What happens from now on, or after sequence number `after`: of all or one vigy, of all or some kinds."""
        vigy_id = None if vigy is None else self.get(vigy).id
        wanted = None if kinds is None else checked_kinds(kinds)
        self._check_open()
        self._polling.begin()
        return self._bus.subscribe(after, vigy_id, wanted, capacity, refill)

    def stats(self) -> Stats:
        """The figures: what was counted since the first look or the start, the last ten minutes, the sizes."""
        self._check_open()
        self._polling.begin()
        return self._statistics.now()

    # -- ticking

    def tick(self, ref: str, timeout: float | None = None) -> Run:
        """Tick it now, here or in the process that ticks this store; its run, once stored.

        `timeout` is in seconds; by default it leaves time for a tick under way, this one, and a little more.
        """
        vigy = self.get(ref)
        if timeout is None:
            timeout = 2 * max(self.settings.deadline_ms, vigy.deadline_ms or 0) / 1000 + 5
        return self._engine.tick(vigy.id, timeout)

    def dry_run(self, ref: str) -> DryRun:
        """What a tick would do now; nothing of it is kept."""
        return dry_run(self.get(ref), self._store, self._programs, self._time, self.settings.deadline_ms / 1000)

    def replay(self, run: str) -> Replayed:
        """Tick a run once more from its record, no effect being performed; what differs."""
        found = find_run(self._store, run)
        vigy = self.get(found.vigy_id)
        version = find_version(self._store, vigy, found.version)
        deadline = self.settings.deadline_ms if vigy.deadline_ms is None else vigy.deadline_ms
        return replay(found, version, self._store, self._programs, deadline / 1000)

    def resolve(self, run: str, index: int, status: str, message: str | None = None) -> Run:
        """Report what came of action `index` (from 0) of a run: `ok`, `failed` or `skipped`."""
        if status not in STATUSES:
            raise Invalid(f"the result of an action is {', '.join(STATUSES)}; not {status!r}")
        if message is not None:
            checked_text("message", message)
        resolved = self._store.resolve(find_run(self._store, run).id, index, status, message, self._time.wall_ms())
        self._bus.poll()
        if self._delivery is not None:
            self._delivery.notify()
        return resolved

    def start(self) -> None:
        """Tick by itself from now on, unless another runtime ticks this store; then stand by for it.

        Issues of the enhance pipeline are worked off too, by as many threads as the settings say.
        """
        self._check_open()
        self._ended.clear()
        self._statistics.begin()
        self._engine.start()
        self.enhance.start()
        if self._delivery is not None:
            self._delivery.start()

    def stop(self, grace: float = 5.0) -> None:
        """End: no tick begins any more, and those under way have `grace` seconds to end."""
        self.enhance.stop(grace)
        if self._delivery is not None:
            self._delivery.stop(grace)
        self._engine.stop(grace)
        self._ended.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the runtime is stopped, for at most `timeout` seconds; whether it was."""
        return self._ended.wait(timeout)

    def step(self) -> float:
        """Do what is due, in this thread; the seconds until something is. For a runtime that is not started."""
        self._check_open()
        wait = self._engine.step()
        delivery = None if self._delivery is None else self._delivery.deliver_due()
        return wait if delivery is None else min(wait, delivery)

    def pause(self) -> None:
        """Hold scheduled ticks back."""
        self._engine.pause()

    def resume(self) -> None:
        """Go on with them."""
        self._engine.resume()

    def drain(self, timeout: float) -> bool:
        """Pause, and wait until no tick is under way; whether that was reached in `timeout` seconds."""
        return self._engine.drain(timeout)


def _opened(path: str | os.PathLike[str], settings: Settings) -> Store:
    if path == ":memory:":
        return MemoryStore()
    quota = Quota(settings.kv_keys, settings.kv_bytes, settings.kv_value_bytes)
    if not os.fspath(path) or "\0" in os.fsdecode(path):
        raise StoreError(f"cannot open {os.fspath(path)!r}: it is not the path of a file")
    return open_store(path, durability=settings.durability, patience=settings.patience, quota=quota)


def _check_handler(handler: object) -> None:
    if not callable(handler):
        raise Invalid(f"handler: it must be a function of a pending action, not {type(handler).__name__}")
    if iscoroutinefunction(handler):
        raise Invalid("handler: it must not be a coroutine function, unless the runtime is an AsyncRuntime")
