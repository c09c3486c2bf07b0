"""From a runtime to where things are kept: what every store does, whatever is behind it.

Reading may be done from any thread. Whatever ticks write carries a fence and is refused (Fenced) when another runtime
has taken the lease meanwhile. Changes of the registry come from any process: each raises the vigy's generation and
appends a notice in the same transaction, so the stream is also the feed by which the ticking runtime learns of them.
Every method raises StoreError when the store fails; a write that raises it changed nothing, except CommitUnknown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

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
        """The editions of a vigy's program, newest first."""

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
        """What could not be read by the latest `vigies` or `standings`, a line each."""

    def extent(self) -> Extent:
        """How large it is. The kv is measured whole, which takes its time."""

    # -- the registry

    def create(self, vigy: Vigy, *, author: str | None = None, note: str | None = None) -> Vigy:
        """Store a new vigy and its version 1. Raises Conflict if its id or name is taken."""

    def change(
        self, before: Vigy, after: Vigy, kind: str, *, author: str | None = None, note: str | None = None
    ) -> Vigy:
        """Replace `before` by `after`, as it was stored: generation raised, and a new version if the program or its
        modules differ. `kind` is the notice's. Raises Conflict if it is no longer `before` (by generation), NotFound.
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
