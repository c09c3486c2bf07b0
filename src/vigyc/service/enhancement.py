"""From the store of a runtime to everything that can be asked of its enhance pipeline.

Submitting only enqueues; workers, here or in another process, work off what is due. Issues and epochs are named by
their id, or by the unique beginning of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

from vigyc.enhance import queue
from vigyc.enhance.pipeline import Pipeline
from vigyc.enhance.settings import DEFAULT, LONGEST_REASON, all_settings, checked, edited, setting_named
from vigyc.enhance.verifiers.case import Case
from vigyc.enhance.verifiers.table import judge
from vigyc.enhance.workers.worker import Worker
from vigyc.lang.errors import Conflict, Invalid
from vigyc.model.argument import checked_count, checked_seconds, checked_text
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import Epoch, Verdict
from vigyc.model.issue import ENDED, STATES, Issue
from vigyc.model.name import checked_name
from vigyc.model.run_id import RunIds, is_run_id
from vigyc.programs import Programs
from vigyc.runtime.store.port import Queue, Store
from vigyc.runtime.subscription import Subscription
from vigyc.runtime.time_source import TimeSource
from vigyc.service.lookup import find_epoch, find_issue, find_vigy
from vigyc.service.patience import Patience
from vigyc.service.versions import find_version

LOOK_AGAIN: Final = 1.0  # seconds until an issue is looked at again, should a notice be late
OPEN: Final = tuple(state for state in STATES if state not in ENDED)
MOST: Final = 100_000  # issues that are looked through
ATTEMPTS: Final = 10


class Submitted(NamedTuple):
    """An issue in the queue; `created` is False for one that was submitted before with the same key."""

    issue: Issue
    created: bool


class EnhanceStatus(NamedTuple):
    """How it goes with the queue; `workers` run in this process, `running` are their issues, `ended` their epochs."""

    queue: Queue
    workers: int
    running: tuple[str, ...]
    ended: int
    paused: tuple[EnhanceSetting, ...]


def checked_states(given: object) -> tuple[str, ...]:
    """`given` if they are states of an issue. Raises Invalid."""
    if isinstance(given, str) or not isinstance(given, Collection) or any(each not in STATES for each in given):
        raise Invalid(f"states {given!r}: they must be some of {', '.join(STATES)}")
    return tuple(given)


class Enhancement:
    """The enhance pipeline of one runtime; `subscribe` hears its notices, `changed` is told of vigies with a new head.

    Whatever the caller did wrong raises NotFound, Conflict or Invalid; a store that fails StoreError.
    """

    def __init__(
        self,
        store: Store,
        programs: Programs,
        time: TimeSource,
        *,
        threads: int,
        changed: Callable[[str], None],
        poll: Callable[[], None],
        subscribe: Callable[[str], Subscription],
    ) -> None:
        self._store = store
        self._programs = programs
        self._time = time
        self._threads = threads
        self._poll = poll
        self._subscribe = subscribe
        self._ids = RunIds()
        self._pipeline = Pipeline(store, programs, time)
        self._worker = Worker(
            self._pipeline, store, time, name="enhance", threads=max(threads, 1), changed=changed, told=poll
        )

    # -- issues

    def submit(
        self,
        ref: str,
        intent: str,
        *,
        constraints: Mapping[str, Any] | None = None,
        proposal: Mapping[str, Any] | None = None,
        setting: str = DEFAULT,
        author: str | None = None,
        key: str | None = None,
    ) -> Submitted:
        """Enqueue the wish to change the program of vigy `ref`: `intent` in words, and maybe a patch (`proposal`).

        `constraints` are for proposers that understand them. Submitting again with the same `key` gives the issue of
        before. Raises TooMany where the queue is full.
        """
        vigy = find_vigy(self._store, ref)
        issue, created = queue.submit(
            self._store, self._ids, vigy, intent, self._time.wall_ms(), constraints=constraints, proposal=proposal,
            setting=checked_text("setting", setting), author=author, key=key,
        )  # fmt: skip
        self._told()
        return Submitted(issue, created)

    def issue(self, ref: str) -> Issue:
        """One issue."""
        return find_issue(self._store, ref)

    def issues(
        self, ref: str | None = None, *, states: Collection[str] = (), before: str | None = None, limit: int = 20
    ) -> list[Issue]:
        """Issues, newest first, of one vigy or of all, in these states; `before` is the id to go on from, or how it
        begins."""
        wanted = checked_states(states)
        vigy_id = None if ref is None else find_vigy(self._store, ref).id
        checked_count("limit", limit)
        if before is not None and not is_run_id(checked_text("before", before)):
            before = self.issue(before).id
        return self._store.issues(states=wanted, vigy_id=vigy_id, before=before, limit=limit)

    def wait(self, ref: str, timeout: float | None = None) -> Issue:
        """The issue once it has ended, or as it is after `timeout` seconds."""
        patience = Patience(timeout, LOOK_AGAIN)
        issue = self.issue(ref)
        with self._subscribe(issue.vigy_id) as heard:
            while (issue := self.issue(issue.id)).state not in ENDED and (left := patience.left()) > 0:
                heard.get(left)
        return issue

    def cancel(self, ref: str, *, author: str | None = None, note: str | None = None) -> Issue:
        """End an issue that has not ended; what works it off is stopped."""
        if author is not None:
            checked_text("author", author)
        cancelled = queue.cancel(self._store, self.issue(ref), self._time.wall_ms(), author, note)
        self._worker.cancel(cancelled.id)
        self._told()
        return cancelled

    def retry(self, ref: str) -> Issue:
        """Have an issue that ended without a new version worked off once more."""
        again = queue.retry(self._store, self.issue(ref), self._time.wall_ms())
        self._told()
        return again

    def approve(self, ref: str, *, author: str = "operator") -> Issue:
        """Let an issue change what is protected, and need more than its program may do now."""
        approved = queue.approve(self._store, self.issue(ref), self._time.wall_ms(), author)
        self._told()
        return approved

    # -- the log

    def log(
        self, ref: str | None = None, *, issue: str | None = None, before: int | None = None, limit: int = 20
    ) -> list[Epoch]:
        """The epochs, newest first, of one vigy, of one issue or of all; `before` is the number to go on from."""
        checked_count("limit", limit)
        if before is not None:
            checked_count("before", before)
        vigy_id = None if ref is None else find_vigy(self._store, ref).id
        issue_id = None if issue is None else self.issue(issue).id
        return self._store.epochs(issue_id=issue_id, vigy_id=vigy_id, before=before, limit=limit)

    def epoch(self, ref: str) -> Epoch:
        """One epoch."""
        return find_epoch(self._store, ref)

    # -- settings

    def settings(self) -> list[EnhanceSetting]:
        """The settings, by name."""
        return all_settings(self._store)

    def setting(self, name: str = DEFAULT) -> EnhanceSetting:
        """One of them."""
        return setting_named(self._store, checked_text("setting", name))

    def put_setting(self, name: str, fields: Mapping[str, Any]) -> EnhanceSetting:
        """Change these fields of a setting (JSON; null is the default again), or make it; it holds from the next epoch.

        Nothing is stored that could not be used: raises Invalid for an axis, a flow or a version that is not there.
        """
        checked_name(name)
        return self._changed(
            lambda: self._store.enhance_setting(name) or EnhanceSetting(name),
            lambda known: checked(edited(known, fields), self._pipeline.check_flow),
        )

    def remove_setting(self, name: str) -> None:
        """Delete a setting; `default` is as it was made again. Raises Conflict while issues go by it."""
        checked_text("setting", name)
        waiting = [each.id for each in self._store.issues(states=OPEN, limit=MOST) if each.setting == name]
        if waiting and name != DEFAULT:
            raise Conflict(
                f"the setting {name!r} cannot be deleted: open issues go by it ({len(waiting)}, {waiting[0]} for one); "
                "cancel them, or let them end"
            )
        self._store.remove_enhance_setting(name, self._time.wall_ms())
        self._told()

    def pause(self, name: str = DEFAULT, reason: str = "paused by an operator") -> EnhanceSetting:
        """Have the issues of a setting wait; `reason` is told wherever somebody may ask why they do."""
        if not checked_text("reason", reason).strip():
            raise Invalid("reason: it must not be empty")
        if len(reason) > LONGEST_REASON:
            raise Invalid(f"reason: it has {len(reason)} characters, and at most {LONGEST_REASON} are read")
        return self._changed(lambda: self.setting(name), lambda known: known._replace(paused=reason))

    def resume(self, name: str = DEFAULT) -> EnhanceSetting:
        """Go on with them."""
        return self._changed(lambda: self.setting(name), lambda known: known._replace(paused=None))

    # -- working

    def verify(self, ref: str, program: str, setting: str = DEFAULT) -> tuple[Verdict, ...]:
        """What the verifiers say of `program` as the next one of vigy `ref`; nothing is kept."""
        vigy = find_vigy(self._store, ref)
        wanted = self.setting(setting)
        case = Case(
            vigy, find_version(self._store, vigy, vigy.version), checked_text("a program", program), vigy.modules,
            wanted, False, self._programs, self._store, self._time,
        )  # fmt: skip
        return judge(case, wanted.verifiers)

    def status(self) -> EnhanceStatus:
        """How it goes with the queue."""
        paused = tuple(each for each in self.settings() if each.paused is not None)
        worker = self._worker
        return EnhanceStatus(
            self._store.queue(), self._threads if worker.started else 0, tuple(worker.running()), worker.ended, paused
        )  # fmt: skip

    def start(self) -> None:
        """Work off what is due from now on, unless this runtime has no workers."""
        if self._threads:
            self._worker.start()

    def stop(self, grace: float) -> None:
        """Begin no epoch any more; those under way have `grace` seconds to end."""
        self._worker.stop(grace)

    def drain(self, timeout: float | None = None) -> int:
        """Work off what is due, in this thread, until nothing is or `timeout` seconds are over; how many epochs."""
        return self._worker.drain(checked_seconds("timeout", timeout))

    def _changed(
        self, find: Callable[[], EnhanceSetting], change: Callable[[EnhanceSetting], EnhanceSetting]
    ) -> EnhanceSetting:
        """Make `change` of a setting be so, whoever else changes it meanwhile."""
        for _ in range(ATTEMPTS):
            known = find()
            try:
                stored = self._store.put_enhance_setting(change(known), self._time.wall_ms(), seen=known.updated_at)
            except Conflict:
                continue
            self._told()
            return stored
        raise Conflict(f"the setting {known.name!r} is changed all the time; try again")

    def _told(self) -> None:
        """Have everybody hear of what was stored, the workers too."""
        self._poll()
        self._worker.notify()
