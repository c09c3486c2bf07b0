"""From a runtime to where things are kept: what every store does, whatever is behind it.

Reading may be done from any thread. Whatever ticks write carries a fence and is refused (Fenced) when another runtime
has taken the lease meanwhile. Changes of the registry come from any process: each raises the vigy's generation and
appends a notice in the same transaction, so the stream is also the feed by which the ticking runtime learns of them.
Every method raises StoreError when the store fails; a write that raises it changed nothing, except CommitUnknown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import Epoch
from vigyc.model.issue import Issue
from vigyc.model.label import PATCH
from vigyc.model.lease import Fence, Lease
from vigyc.model.notice import Notice
from vigyc.model.pending import PendingAction
from vigyc.model.request import Request
from vigyc.model.run import Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Version, Vigy


class TickRecord(NamedTuple):
    """What one tick leaves: all of it is stored, or, if the vigy's generation has moved, only that it was skipped.

    `standing` is where the vigy stands after it (`state_changed`: its conditions, desired or observed differ from
    before). `notices` come after the run in the stream; their `seq` is given by the store. `request` is the id of the
    request it answers. With `deliver` its actions without a result go to the outbox. `recording` is what is needed to
    run the tick again, as long as the run is kept.
    """

    run: Run
    generation: int
    standing: Standing
    state_changed: bool = True
    writes: Mapping[str, Any] = {}
    deletes: Collection[str] = ()
    notices: tuple[Notice, ...] = ()
    request: int | None = None
    deliver: bool = False
    recording: bytes | None = None


class Committed(NamedTuple):
    """A tick as it was stored: the run with its sequence number (result `skipped` if superseded), and all its notices,
    the run's own first."""

    run: Run
    notices: tuple[Notice, ...]
    superseded: bool = False


class Extent(NamedTuple):
    """How large a store is: bytes of kv (keys and values), bytes of the log beside the file, actions in the outbox."""

    kv_bytes: int
    wal_bytes: int
    outbox: int


class Edition(NamedTuple):
    """What is kept with a new version besides its text (model/vigy.py says of each what it is)."""

    author: str | None = None
    note: str | None = None
    bump: str = PATCH
    content: str | None = None
    epoch: str | None = None


class HeadMove(NamedTuple):
    """A vigy's program replaced: `before`, by its generation, becomes `after`, as a version with this `edition`."""

    before: Vigy
    after: Vigy
    edition: Edition


class QueueLimits(NamedTuple):
    """How many issues may wait, and how many one author may have submitted since `since` (ms since 1970)."""

    pending: int
    submitted: int
    since: int


class Queue(NamedTuple):
    """How many issues are in each state that has some, and since when (ms since 1970) the oldest pending one waits."""

    counts: Mapping[str, int]
    oldest: int | None


class Store(Protocol):
    """A store."""

    # -- reading

    def vigies(self) -> list[Vigy]:
        """All, by `created_at`, then id. A row that cannot be read is left out and told by `damage`."""

    def vigy(self, vigy_id: str) -> Vigy | None:
        """One, by its whole id."""

    def named(self, name: str) -> Vigy | None:
        """One, by its name."""

    def meant(self, refs: Collection[str]) -> list[Vigy]:
        """Those whose id or name is one of `refs`. One that cannot be read raises StoreError."""

    def versions(self, vigy_id: str) -> list[Version]:
        """The editions of a vigy's program, newest first. One that cannot be read is left out and told by `damage`."""

    def version(self, vigy_id: str, number: int) -> Version | None:
        """One of them. If it cannot be read that raises StoreError."""

    def standing(self, vigy_id: str) -> Standing:
        """Where a vigy stands; the beginning for one that never ticked."""

    def standings(self) -> dict[str, Standing]:
        """Where all vigies stand, by id; those that never ticked may be missing."""

    def standings_of(self, vigy_ids: Collection[str]) -> dict[str, Standing]:
        """Where these vigies stand, by id. One that cannot be read raises StoreError."""

    def kv(self, vigy_id: str) -> dict[str, Any]:
        """A vigy's kv, as a new dict."""

    def run(self, run_id: str) -> Run | None:
        """One run, whole."""

    def runs(
        self,
        vigy_id: str | None = None,
        *,
        before: int | None = None,
        limit: int = 20,
        results: Collection[str] = (),
    ) -> list[Run]:
        """Runs, newest first: of one vigy or of all, those with a sequence number below `before`, and with `results`
        those that ended so."""

    def runs_of(
        self, vigy_ids: Collection[str], *, before: int | None = None, limit: int = 20, results: Collection[str] = ()
    ) -> dict[str, list[Run]]:
        """What `runs` says of each of these vigies, by id."""

    def recording(self, run_id: str) -> bytes | None:
        """What is needed to run a run's tick again; None if nothing was kept."""

    def open_runs(self) -> list[Run]:
        """Runs that began and have not ended (they have no sequence number yet)."""

    def notices(self, after: int, *, limit: int = 1000, vigy_id: str | None = None) -> list[Notice]:
        """The stream from `after` (exclusive) on, in order, at most `limit`."""

    def newest(
        self, kind: str, vigy_id: str | None = None, *, before: int | None = None, limit: int = 20
    ) -> list[Notice]:
        """The notices of `kind` (not `run`), newest first: of one vigy or of all, with numbers below `before`."""

    def changes(self, after: int) -> list[Notice]:
        """The notices of the registry's kinds (model.notice.REGISTRY) after sequence number `after`, in order."""

    def first_seq(self) -> int:
        """The oldest sequence number that is still kept; last_seq() + 1 if none is."""

    def last_seq(self) -> int:
        """The newest sequence number; 0 before the first."""

    def pending(self, vigy_id: str) -> list[PendingAction]:
        """The actions of a vigy's last successful run that have no result yet."""

    def pending_of(self, vigy_ids: Collection[str]) -> dict[str, list[PendingAction]]:
        """What `pending` says of each of these vigies, by id."""

    def damage(self) -> list[str]:
        """What was left out of lists when they were read the last time, a line each: why it cannot be read."""

    def extent(self) -> Extent:
        """How large it is. The kv is measured whole, which takes its time."""

    # -- the registry

    def create(self, vigy: Vigy, edition: Edition = Edition()) -> Vigy:  # noqa: B008 - immutable
        """Store a new vigy and its version 1. Raises Conflict if its id or name is taken."""

    def change(self, before: Vigy, after: Vigy, kind: str, edition: Edition = Edition()) -> Vigy:  # noqa: B008 - as above
        """Replace `before` by `after`, as it was stored: generation raised, and a new version if the program or its
        modules differ, with the next label. `kind` is the notice's. Raises Conflict if it is no longer `before` (by
        generation), NotFound.
        """

    def remove(self, vigy: Vigy, at: int, *, keep_data: bool = False) -> None:
        """Delete a vigy, with its kv, runs, versions and state unless `keep_data`. Raises NotFound."""

    def edit_kv(self, vigy_id: str, writes: Mapping[str, Any], deletes: Collection[str], at: int) -> Vigy:
        """Change a vigy's kv from outside, in one transaction; its generation is raised. Raises NotFound, Invalid."""

    def ask(self, vigy_id: str, at: int) -> int:
        """Ask whoever ticks for a tick; the number of the request. Raises NotFound."""

    def answer(self, request: int) -> Request | None:
        """What became of a request."""

    def resolve(self, run_id: str, index: int, status: str, message: str | None, at: int) -> Run:
        """Report the result of an action: it is set in the run, and leaves the outbox. Raises NotFound, Conflict."""

    # -- issues

    def submit(self, issue: Issue, limits: QueueLimits) -> tuple[Issue, bool]:
        """Store a new issue as it is, its `revision` given here; whether it is new: one of the same author and key is
        given back instead. Raises NotFound if there is no such vigy, Conflict if what has that key wants something
        else (vigy, intent, constraints, proposal, setting), TooMany beyond the limits."""

    def issue(self, issue_id: str) -> Issue | None:
        """One issue."""

    def issues(
        self,
        *,
        states: Collection[str] = (),
        vigy_id: str | None = None,
        before: str | None = None,
        limit: int = 20,
    ) -> list[Issue]:
        """Issues, the newest first: in these states, of this vigy, with ids that sort below `before`. One that cannot
        be read is left out and told by `damage`."""

    def take_issue(self, owner: str, epoch: str, at: int, until: int) -> Issue | None:
        """Lease the oldest issue whose turn it is, for `owner` until `until`, as `epoch`, one attempt more.

        That is one that is pending and due, not held, its setting not paused, with no issue of its vigy busy and none
        that was submitted before it pending (unless held). What was stored more than a minute after `at` is due: the
        clock was set back, and says nothing of how long it waited. One that cannot be read is passed over.
        """

    def keep_issue(self, issue_id: str, epoch: str, until: int) -> bool:
        """Lengthen a lease; False if it is no longer leased for `epoch`. No notice, no new revision."""

    def settle(
        self, before: Issue, after: Issue, at: int, entry: Epoch | None = None, head: HeadMove | None = None
    ) -> tuple[Issue, Epoch | None, Vigy | None]:
        """One transaction: an issue from `before` (by its revision) to `after`, the log entry of the epoch that ends
        by that, and a vigy's new version; as they were stored, the entry and the issue with the version's number.

        Raises Conflict if the issue is no longer as before, if its state may not follow, if the epoch has an entry, or
        the vigy is of another generation; NotFound.
        """

    def expired_issues(self, at: int) -> list[Issue]:
        """The leased issues whose lease ended before `at`. One that cannot be read is left out and told by `damage`."""

    def queue(self) -> Queue:
        """How many issues there are, by state."""

    def epochs(
        self,
        *,
        issue_id: str | None = None,
        vigy_id: str | None = None,
        before: int | None = None,
        limit: int = 20,
    ) -> list[Epoch]:
        """The entries of the log, newest first: of an issue, of a vigy, with a `seq` below `before`. One that cannot be
        read is left out and told by `damage`."""

    def epoch(self, epoch_id: str) -> Epoch | None:
        """The entry of one epoch."""

    def enhance_settings(self) -> list[EnhanceSetting]:
        """The stored settings of the pipeline, by name."""

    def enhance_setting(self, name: str) -> EnhanceSetting | None:
        """One of them."""

    def put_enhance_setting(self, setting: EnhanceSetting, at: int, *, seen: int | None = None) -> EnhanceSetting:
        """Store a setting, `updated_at` set to `at`, or to 1 more than it was; a notice `enhance` tells of it.

        With `seen` only if the one that is stored is of that `updated_at` (0: none is). Raises Conflict if not.
        """

    def remove_enhance_setting(self, name: str, at: int) -> None:
        """Delete a setting. Raises NotFound."""

    # -- the lease

    def lease(self) -> Lease | None:
        """The lease; None if it was never taken."""

    def acquire(self, holder: str, seen: Lease | None, at: int) -> Fence | None:
        """Take the lease if it still is as `seen`, under a new epoch; None if it is not. A notice `owner` is stored."""

    def renew(self, fence: Fence, at: int) -> bool:
        """Show that the holder lives; False if it is not the holder any more."""

    def release(self, fence: Fence) -> None:
        """Give the lease back, if it is still held."""

    # -- ticking

    def begin_run(self, fence: Fence, run: Run) -> None:
        """Store that a tick began that takes long; `commit` of the same id ends it. Raises Fenced."""

    def commit(self, fence: Fence, records: Sequence[TickRecord]) -> list[Committed]:
        """Store ticks in one transaction. Raises Fenced, or CommitUnknown if it cannot be told whether it was done."""

    def post(self, fence: Fence, notices: Sequence[Notice]) -> list[Notice]:
        """Append notices of the runtime itself; they come back with their sequence numbers. Raises Fenced."""

    def abort_open_runs(self, fence: Fence, at: int) -> list[Committed]:
        """End the runs that an earlier holder left open, with result `aborted`. Raises Fenced."""

    def requests(self) -> list[Request]:
        """The requests nobody has answered, oldest first."""

    def refuse(self, fence: Fence, request: int, error: str) -> None:
        """Answer a request by an error. Raises Fenced."""

    def outbox(self, limit: int = 1000) -> list[PendingAction]:
        """Actions to be delivered, oldest first, in order per vigy."""

    def attempted(self, fence: Fence, action: PendingAction) -> None:
        """Count one more attempt to deliver an action. Raises Fenced."""

    # -- keeping house

    def prune(self, fence: Fence, *, runs_per_vigy: int, events: int, older_than: int) -> int:
        """Delete what is beyond these counts, or from before `older_than` (ms since 1970), a limited amount at a time;
        how many rows went, 0 when there is nothing left to do. The last run of a vigy and runs in the outbox stay."""

    def checkpoint(self, *, idle: bool) -> int:
        """Move the log into the file; with `idle` also shorten it. The pages still in the log."""

    def close(self) -> None:
        """Close; again is nothing."""
