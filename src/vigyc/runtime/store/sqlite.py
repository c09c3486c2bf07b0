"""From the port of a store to one SQLite file: each method is one transaction, or one snapshot, on it.

What a method does in it lies in the module of its concern; store_file.py says when a transaction is done.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from vigyc.lang.errors import StoreError
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import Epoch
from vigyc.model.issue import Issue
from vigyc.model.lease import Fence, Lease
from vigyc.model.notice import Notice
from vigyc.model.pending import PendingAction
from vigyc.model.request import Request
from vigyc.model.run import Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Version, Vigy
from vigyc.runtime.store import (
    enhance_settings,
    epochs,
    issues,
    lease,
    reading,
    registry,
    requests,
    settling,
    stream,
    ticks,
)
from vigyc.runtime.store.generations import Generations
from vigyc.runtime.store.port import Committed, Edition, Extent, HeadMove, Queue, QueueLimits, TickRecord
from vigyc.runtime.store.quota import Quota, Usage
from vigyc.runtime.store.retention import Retention
from vigyc.runtime.store.store_file import StoreFile

_Listed = TypeVar("_Listed")


class SqliteStore:
    """A store in a file; port.py says what its methods do. Made by `open_store`."""

    def __init__(self, file: StoreFile, quota: Quota) -> None:
        self._file = file
        self._usage = Usage(quota)
        self._generations = Generations()
        self._retention = Retention(file)
        self._damage: dict[object, list[str]] = {}  # by what was listed

    @property
    def path(self) -> str:
        """Where the file is."""
        return self._file.path

    # -- reading

    def vigies(self) -> list[Vigy]:
        """All, by `created_at`, then id."""
        with self._file.reading() as sql:
            return self._well("vigies", reading.vigies(sql))

    def vigy(self, vigy_id: str) -> Vigy | None:
        """One, by its whole id."""
        with self._file.reading() as sql:
            return reading.vigy(sql, "id", vigy_id)

    def named(self, name: str) -> Vigy | None:
        """One, by its name."""
        with self._file.reading() as sql:
            return reading.vigy(sql, "name", name)

    def meant(self, refs: Collection[str]) -> list[Vigy]:
        """Those whose id or name is one of `refs`."""
        with self._file.reading() as sql:
            return reading.meant(sql, refs)

    def versions(self, vigy_id: str) -> list[Version]:
        """The editions of a vigy's program, newest first."""
        with self._file.reading() as sql:
            return self._well(("versions", vigy_id), registry.versions(sql, vigy_id))

    def version(self, vigy_id: str, number: int) -> Version | None:
        """One edition of a vigy's program."""
        with self._file.reading() as sql:
            return registry.version(sql, vigy_id, number)

    def standing(self, vigy_id: str) -> Standing:
        """Where a vigy stands."""
        with self._file.reading() as sql:
            return reading.standing(sql, vigy_id)

    def standings(self) -> dict[str, Standing]:
        """Where all vigies stand, by id."""
        with self._file.reading() as sql:
            return self._well("standings", reading.standings(sql))

    def standings_of(self, vigy_ids: Collection[str]) -> dict[str, Standing]:
        """Where these vigies stand, by id."""
        with self._file.reading() as sql:
            return reading.standings_of(sql, vigy_ids)

    def kv(self, vigy_id: str) -> dict[str, Any]:
        """A vigy's kv, as a new dict."""
        with self._file.reading() as sql:
            return reading.kv(sql, vigy_id)

    def run(self, run_id: str) -> Run | None:
        """One run, whole."""
        with self._file.reading() as sql:
            return reading.run(sql, run_id)

    def recording(self, run_id: str) -> bytes | None:
        """What is needed to run a run's tick again; None if nothing was kept."""
        with self._file.reading() as sql:
            return reading.recording(sql, run_id)

    def runs(
        self,
        vigy_id: str | None = None,
        *,
        before: int | None = None,
        limit: int = 20,
        results: Collection[str] = (),
    ) -> list[Run]:
        """Runs, newest first."""
        with self._file.reading() as sql:
            return reading.runs(sql, vigy_id, before, limit, results)

    def runs_of(
        self, vigy_ids: Collection[str], *, before: int | None = None, limit: int = 20, results: Collection[str] = ()
    ) -> dict[str, list[Run]]:
        """The runs of each of these vigies, newest first."""
        with self._file.reading() as sql:
            return reading.runs_of(sql, vigy_ids, before, limit, results)

    def open_runs(self) -> list[Run]:
        """Runs that began and have not ended."""
        with self._file.reading() as sql:
            return ticks.open_runs(sql)

    def notices(self, after: int, *, limit: int = 1000, vigy_id: str | None = None) -> list[Notice]:
        """The stream from `after` (exclusive) on."""
        with self._file.reading() as sql:
            return stream.notices(sql, after, limit, vigy_id)

    def newest(
        self, kind: str, vigy_id: str | None = None, *, before: int | None = None, limit: int = 20
    ) -> list[Notice]:
        """The notices of `kind`, newest first."""
        with self._file.reading() as sql:
            return stream.newest(sql, kind, vigy_id, before, limit)

    def changes(self, after: int) -> list[Notice]:
        """The notices of the registry's kinds after sequence number `after`."""
        with self._file.reading() as sql:
            return stream.changes(sql, after)

    def first_seq(self) -> int:
        """The oldest sequence number that is still kept."""
        with self._file.reading() as sql:
            return stream.first_seq(sql)

    def last_seq(self) -> int:
        """The newest sequence number."""
        with self._file.reading() as sql:
            return stream.last_seq(sql)

    def pending(self, vigy_id: str) -> list[PendingAction]:
        """The actions of a vigy's last successful run that have no result yet."""
        with self._file.reading() as sql:
            return requests.pending(sql, vigy_id)

    def pending_of(self, vigy_ids: Collection[str]) -> dict[str, list[PendingAction]]:
        """What is pending of each of these vigies, by id."""
        with self._file.reading() as sql:
            return requests.pending_of(sql, vigy_ids)

    def damage(self) -> list[str]:
        """What was left out of lists when they were read the last time, a line each."""
        return list(dict.fromkeys(line for lines in [*self._damage.values()] for line in lines))

    def extent(self) -> Extent:
        """How large it is."""
        with self._file.reading() as sql:
            kv_bytes, outbox = reading.extent(sql)
        return Extent(kv_bytes, self._file.log_size(), outbox)

    # -- the registry

    def create(self, vigy: Vigy, edition: Edition = Edition()) -> Vigy:  # noqa: B008 - immutable
        """Store a new vigy and its version 1. Raises Conflict."""
        with self._file.writing() as transaction:
            return registry.create(transaction, vigy, edition)

    def change(self, before: Vigy, after: Vigy, kind: str, edition: Edition = Edition()) -> Vigy:  # noqa: B008 - as above
        """Replace `before` by `after`. Raises Conflict, NotFound."""
        with self._file.writing() as transaction:
            return registry.change(transaction, before, after, kind, edition)

    def remove(self, vigy: Vigy, at: int, *, keep_data: bool = False) -> None:
        """Delete a vigy. Raises NotFound."""
        with self._file.writing() as transaction:
            registry.remove(transaction, vigy, at, keep_data=keep_data)

    def edit_kv(self, vigy_id: str, writes: Mapping[str, Any], deletes: Collection[str], at: int) -> Vigy:
        """Change a vigy's kv from outside. Raises NotFound, Invalid."""
        with self._file.writing() as transaction:
            return registry.edit_kv(transaction, vigy_id, writes, deletes, at, self._usage)

    def ask(self, vigy_id: str, at: int) -> int:
        """Ask whoever ticks for a tick. Raises NotFound."""
        with self._file.writing() as transaction:
            return requests.ask(transaction, vigy_id, at)

    def answer(self, request: int) -> Request | None:
        """What became of a request."""
        with self._file.reading() as sql:
            return requests.answer(sql, request)

    def resolve(self, run_id: str, index: int, status: str, message: str | None, at: int) -> Run:
        """Report the result of an action. Raises NotFound, Conflict."""
        with self._file.writing() as transaction:
            return requests.resolve(transaction, run_id, index, status, message, at)

    # -- issues

    def submit(self, issue: Issue, limits: QueueLimits) -> tuple[Issue, bool]:
        """Store a new issue, or find the one of the same author and key. Raises NotFound, Conflict, TooMany."""
        with self._file.writing() as transaction:
            return issues.submit(transaction, issue, limits)

    def issue(self, issue_id: str) -> Issue | None:
        """One issue."""
        with self._file.reading() as sql:
            return issues.find(sql, issue_id)

    def issues(
        self,
        *,
        states: Collection[str] = (),
        vigy_id: str | None = None,
        before: str | None = None,
        limit: int = 20,
    ) -> list[Issue]:
        """Issues, the newest first."""
        with self._file.reading() as sql:
            what = "issues", frozenset(states), vigy_id
            return self._well(what, issues.issues(sql, states, vigy_id, before, limit))

    def take_issue(self, owner: str, epoch: str, at: int, until: int) -> Issue | None:
        """Lease the oldest issue whose turn it is."""
        with self._file.reading() as sql:
            if self._well("turn", issues.turn(sql, at)) is None:
                return None
        with self._file.writing() as transaction:
            return issues.take(transaction, owner, epoch, at, until)

    def keep_issue(self, issue_id: str, epoch: str, until: int) -> bool:
        """Lengthen a lease; False if it is no longer leased for `epoch`."""
        with self._file.writing() as transaction:
            return issues.keep(transaction, issue_id, epoch, until)

    def settle(
        self, before: Issue, after: Issue, at: int, entry: Epoch | None = None, head: HeadMove | None = None
    ) -> tuple[Issue, Epoch | None, Vigy | None]:
        """Store what became of an issue, and what came of it. Raises NotFound, Conflict."""
        with self._file.writing() as transaction:
            return settling.settle(transaction, before, after, at, entry, head)

    def expired_issues(self, at: int) -> list[Issue]:
        """The leased issues whose lease ended before `at`."""
        with self._file.reading() as sql:
            return self._well("expired", issues.expired(sql, at))

    def queue(self) -> Queue:
        """How many issues there are, by state."""
        with self._file.reading() as sql:
            return issues.queue(sql)

    def epochs(
        self,
        *,
        issue_id: str | None = None,
        vigy_id: str | None = None,
        before: int | None = None,
        limit: int = 20,
    ) -> list[Epoch]:
        """The entries of the log, newest first."""
        with self._file.reading() as sql:
            return self._well(("epochs", issue_id, vigy_id), epochs.epochs(sql, issue_id, vigy_id, before, limit))

    def epoch(self, epoch_id: str) -> Epoch | None:
        """The entry of one epoch."""
        with self._file.reading() as sql:
            return epochs.epoch(sql, epoch_id)

    def enhance_settings(self) -> list[EnhanceSetting]:
        """The stored settings of the pipeline, by name."""
        with self._file.reading() as sql:
            return enhance_settings.settings(sql)

    def enhance_setting(self, name: str) -> EnhanceSetting | None:
        """One of them."""
        with self._file.reading() as sql:
            return enhance_settings.setting(sql, name)

    def put_enhance_setting(self, setting: EnhanceSetting, at: int, *, seen: int | None = None) -> EnhanceSetting:
        """Store a setting. Raises Conflict."""
        with self._file.writing() as transaction:
            return enhance_settings.put(transaction, setting, at, seen)

    def remove_enhance_setting(self, name: str, at: int) -> None:
        """Delete a setting. Raises NotFound."""
        with self._file.writing() as transaction:
            enhance_settings.remove(transaction, name, at)

    # -- the lease

    def lease(self) -> Lease | None:
        """The lease; None if it was never taken."""
        with self._file.reading() as sql:
            return lease.read(sql)

    def acquire(self, holder: str, seen: Lease | None, at: int) -> Fence | None:
        """Take the lease if it still is as `seen`."""
        with self._file.writing() as transaction:
            return lease.acquire(transaction, holder, seen, at)

    def renew(self, fence: Fence, at: int) -> bool:
        """Show that the holder lives; False if it is not the holder any more."""
        with self._file.writing() as transaction:
            return lease.renew(transaction, fence, at)

    def release(self, fence: Fence) -> None:
        """Give the lease back, if it is still held."""
        with self._file.writing() as transaction:
            lease.release(transaction, fence)

    # -- ticking

    def begin_run(self, fence: Fence, run: Run) -> None:
        """Store that a tick began. Raises Fenced."""
        with self._file.writing() as transaction:
            ticks.begin_run(transaction, fence, run)

    def commit(self, fence: Fence, records: Sequence[TickRecord]) -> list[Committed]:
        """Store ticks in one transaction. Raises Fenced, CommitUnknown."""
        encoded = [ticks.encode(record, self._usage.quota) for record in records]
        try:
            with self._file.writing() as transaction:
                return ticks.commit(transaction, fence, encoded, self._usage, self._generations)
        except StoreError:
            self._usage.forget()
            raise

    def post(self, fence: Fence, notices: Sequence[Notice]) -> list[Notice]:
        """Append notices of the runtime itself. Raises Fenced."""
        with self._file.writing() as transaction:
            lease.check(transaction.sql, fence)
            return stream.append(transaction, notices)

    def abort_open_runs(self, fence: Fence, at: int) -> list[Committed]:
        """End the runs that an earlier holder left open. Raises Fenced."""
        with self._file.writing() as transaction:
            return ticks.abort_open(transaction, fence, at)

    def requests(self) -> list[Request]:
        """The requests nobody has answered, oldest first."""
        with self._file.reading() as sql:
            return requests.unanswered(sql)

    def refuse(self, fence: Fence, request: int, error: str) -> None:
        """Answer a request by an error. Raises Fenced."""
        with self._file.writing() as transaction:
            requests.refuse(transaction, fence, request, error)

    def outbox(self, limit: int = 1000) -> list[PendingAction]:
        """Actions to be delivered, oldest first."""
        with self._file.reading() as sql:
            return requests.outbox(sql, limit)

    def attempted(self, fence: Fence, action: PendingAction) -> None:
        """Count one more attempt to deliver an action. Raises Fenced."""
        with self._file.writing() as transaction:
            requests.attempted(transaction, fence, action)

    # -- keeping house

    def prune(self, fence: Fence, *, runs_per_vigy: int, events: int, older_than: int) -> int:
        """Delete some of what is beyond these counts or too old. Raises Fenced."""
        return self._retention.prune(fence, runs_per_vigy, events, older_than)

    def checkpoint(self, *, idle: bool) -> int:
        """Move the log into the file; the pages still in it."""
        return self._file.checkpoint(idle=idle)

    def close(self) -> None:
        """Close; again is nothing."""
        self._file.close()

    def _well(self, what: object, listed: tuple[_Listed, list[str]]) -> _Listed:
        """What was `listed` and can be read; the rest is damage until the same is listed again."""
        found, damage = listed
        if damage:
            self._damage[what] = damage
        else:
            self._damage.pop(what, None)
        return found


def open_store(
    path: str | os.PathLike[str],
    *,
    durability: str = "full",
    patience: float = 5.0,
    quota: Quota = Quota(),  # noqa: B008 - immutable
) -> SqliteStore:
    """Open the store at `path`, made with its directories if there is none.

    `durability` is `full` (every commit is on disk) or `normal` (a power cut may cost the last commits, faster);
    `patience` is how long to wait, in seconds, for another process that is writing. Raises StoreError.
    """
    if os.fspath(path) == ":memory:":
        raise StoreError("`:memory:` is not a file; a store in memory is a MemoryStore")
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot open {os.fspath(path)}: its directory cannot be made ({error.strerror})") from error
    return SqliteStore(StoreFile(path, durability, patience), quota)
