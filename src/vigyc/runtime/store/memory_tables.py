"""From plain dicts to what is read of a store in memory; the dicts themselves, and how things leave them.

Every method is one step under one lock, so whoever reads sees whole transactions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from threading import Lock
from types import TracebackType
from typing import Any

from vigyc.lang.errors import StoreError
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import Epoch
from vigyc.model.issue import Issue
from vigyc.model.lease import Lease
from vigyc.model.notice import Notice
from vigyc.model.pending import PendingAction
from vigyc.model.request import Request
from vigyc.model.run import OK, Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Version, Vigy
from vigyc.runtime.store.memory_queue import MemoryQueue
from vigyc.runtime.store.memory_stream import MemoryStream
from vigyc.runtime.store.port import Extent, Queue

_NEVER = Standing()


class Closed:
    """What a closed store has in place of its lock."""

    def __enter__(self) -> None:
        raise StoreError("the store is closed")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Never reached."""


class MemoryTables:
    """What `MemoryStore` holds, and its reading half; port.py says what its methods do."""

    def __init__(self) -> None:
        self._lock: Lock | Closed = Lock()
        self._stream = MemoryStream()
        self._vigies: dict[str, Vigy] = {}
        self._ids: dict[str, str] = {}  # by name
        self._versions: dict[str, list[Version]] = {}  # by vigy, oldest first
        self._standings: dict[str, Standing] = {}
        self._kv: dict[str, dict[str, Any]] = {}
        self._runs: dict[str, Run] = {}
        self._history: dict[str, list[str]] = {}  # the ids of a vigy's runs, oldest first
        self._open: dict[str, Run] = {}
        self._recordings: dict[str, bytes] = {}
        self._outbox: dict[tuple[str, int], PendingAction] = {}
        self._requests: dict[int, Request] = {}
        self._unanswered: dict[int, Request] = {}
        self._asked = 0
        self._lease: Lease | None = None
        self._queue = MemoryQueue(self._stream)

    # -- reading

    def vigies(self) -> list[Vigy]:
        """All, by `created_at`, then id."""
        with self._lock:
            return sorted(self._vigies.values(), key=lambda vigy: (vigy.created_at, vigy.id))

    def vigy(self, vigy_id: str) -> Vigy | None:
        """One, by its whole id."""
        with self._lock:
            return self._vigies.get(vigy_id)

    def named(self, name: str) -> Vigy | None:
        """One, by its name."""
        with self._lock:
            return self._vigies.get(self._ids.get(name, ""))

    def meant(self, refs: Collection[str]) -> list[Vigy]:
        """Those whose id or name is one of `refs`."""
        with self._lock:
            ids = dict.fromkeys(found for ref in refs for found in (ref, self._ids.get(ref, "")))
            return [self._vigies[vigy_id] for vigy_id in ids if vigy_id in self._vigies]

    def versions(self, vigy_id: str) -> list[Version]:
        """The editions of a vigy's program, newest first."""
        with self._lock:
            return self._versions.get(vigy_id, [])[::-1]

    def version(self, vigy_id: str, number: int) -> Version | None:
        """One edition of a vigy's program."""
        return next((version for version in self.versions(vigy_id) if version.number == number), None)

    def standing(self, vigy_id: str) -> Standing:
        """Where a vigy stands."""
        with self._lock:
            return self._standings.get(vigy_id, _NEVER)

    def standings(self) -> dict[str, Standing]:
        """Where all vigies stand, by id."""
        with self._lock:
            return {vigy_id: at for vigy_id, at in self._standings.items() if vigy_id in self._vigies}

    def standings_of(self, vigy_ids: Collection[str]) -> dict[str, Standing]:
        """Where these vigies stand, by id."""
        return {vigy_id: self.standing(vigy_id) for vigy_id in vigy_ids}

    def kv(self, vigy_id: str) -> dict[str, Any]:
        """A vigy's kv, as a new dict."""
        with self._lock:
            return dict(self._kv.get(vigy_id, {}))

    def run(self, run_id: str) -> Run | None:
        """One run, whole."""
        with self._lock:
            return self._runs.get(run_id) or self._open.get(run_id)

    def runs(
        self,
        vigy_id: str | None = None,
        *,
        before: int | None = None,
        limit: int = 20,
        results: Collection[str] = (),
    ) -> list[Run]:
        """Runs, newest first."""
        with self._lock:
            bound = self._stream.last + 1 if before is None else before
            found: Iterable[Run] = self._stream.runs_before(bound)
            if vigy_id is not None:
                history = (self._runs[run_id] for run_id in reversed(self._history.get(vigy_id, ())))
                found = (run for run in history if run.seq < bound)
            return list(islice((run for run in found if not results or run.result in results), limit))

    def runs_of(
        self, vigy_ids: Collection[str], *, before: int | None = None, limit: int = 20, results: Collection[str] = ()
    ) -> dict[str, list[Run]]:
        """The runs of each of these vigies, newest first."""
        return {each: self.runs(each, before=before, limit=limit, results=results) for each in vigy_ids}

    def newest(
        self, kind: str, vigy_id: str | None = None, *, before: int | None = None, limit: int = 20
    ) -> list[Notice]:
        """The notices of `kind`, newest first."""
        with self._lock:
            bound = self._stream.last + 1 if before is None else before
            found = (each for each in reversed(self._stream.entries) if each.kind == kind and each.seq < bound)
            return list(islice((each for each in found if vigy_id is None or each.vigy_id == vigy_id), limit))

    def recording(self, run_id: str) -> bytes | None:
        """What is needed to run a run's tick again."""
        with self._lock:
            return self._recordings.get(run_id)

    def open_runs(self) -> list[Run]:
        """Runs that began and have not ended."""
        with self._lock:
            return list(self._open.values())

    def notices(self, after: int, *, limit: int = 1000, vigy_id: str | None = None) -> list[Notice]:
        """The stream from `after` (exclusive) on."""
        with self._lock:
            return self._stream.after(after, limit, vigy_id)

    def changes(self, after: int) -> list[Notice]:
        """The notices of the registry's kinds after sequence number `after`."""
        with self._lock:
            return self._stream.changes_after(after)

    def first_seq(self) -> int:
        """The oldest sequence number that is still kept."""
        with self._lock:
            return self._stream.first()

    def last_seq(self) -> int:
        """The newest sequence number."""
        with self._lock:
            return self._stream.last

    def pending(self, vigy_id: str) -> list[PendingAction]:
        """The actions of a vigy's last successful run that have no result yet."""
        with self._lock:
            newest = (self._runs[run_id] for run_id in reversed(self._history.get(vigy_id, ())))
            last = next((run for run in newest if run.result == OK), None)
            return [] if last is None else [self._outbox.get(a[1:3], a) for a in unresolved(last)]

    def pending_of(self, vigy_ids: Collection[str]) -> dict[str, list[PendingAction]]:
        """What is pending of each of these vigies, by id."""
        return {vigy_id: self.pending(vigy_id) for vigy_id in vigy_ids}

    def requests(self) -> list[Request]:
        """The requests nobody has answered, oldest first."""
        with self._lock:
            return list(self._unanswered.values())

    def outbox(self, limit: int = 1000) -> list[PendingAction]:
        """Actions to be delivered, oldest first."""
        with self._lock:
            return list(islice(self._outbox.values(), limit))

    def damage(self) -> list[str]:
        """Nothing: memory is not damaged."""
        return []

    def extent(self) -> Extent:
        """How large it is, about: the kv as if it were text."""
        with self._lock:
            kv_bytes = sum(len(key) + len(str(value)) for kv in self._kv.values() for key, value in kv.items())
            return Extent(kv_bytes, 0, len(self._outbox))

    # -- reading issues

    def issue(self, issue_id: str) -> Issue | None:
        """One issue."""
        with self._lock:
            return self._queue.known.get(issue_id)

    def issues(
        self,
        *,
        states: Collection[str] = (),
        vigy_id: str | None = None,
        before: str | None = None,
        limit: int = 20,
    ) -> list[Issue]:
        """Issues, the newest first."""
        with self._lock:
            return self._queue.issues(states, vigy_id, before, limit)

    def expired_issues(self, at: int) -> list[Issue]:
        """The leased issues whose lease ended before `at`."""
        with self._lock:
            return self._queue.expired(at)

    def queue(self) -> Queue:
        """How many issues there are, by state."""
        with self._lock:
            return self._queue.told()

    def epochs(
        self,
        *,
        issue_id: str | None = None,
        vigy_id: str | None = None,
        before: int | None = None,
        limit: int = 20,
    ) -> list[Epoch]:
        """The entries of the log, newest first."""
        with self._lock:
            return self._queue.entries(issue_id, vigy_id, before, limit)

    def epoch(self, epoch_id: str) -> Epoch | None:
        """The entry of one epoch."""
        with self._lock:
            return self._queue.log.get(epoch_id)

    def enhance_settings(self) -> list[EnhanceSetting]:
        """The stored settings of the pipeline, by name."""
        with self._lock:
            return [setting for _, setting in sorted(self._queue.settings.items())]

    def enhance_setting(self, name: str) -> EnhanceSetting | None:
        """One of them."""
        with self._lock:
            return self._queue.settings.get(name)

    # -- what goes, under the lock

    def _purge(self, vigy_id: str) -> None:
        for table in (self._kv, self._standings, self._versions):
            table.pop(vigy_id, None)
        for run in [run for run in self._open.values() if run.vigy_id == vigy_id]:
            del self._open[run.id]
        for request in [request for request in self._requests.values() if request.vigy_id == vigy_id]:
            self._requests.pop(request.id)
            self._unanswered.pop(request.id, None)
        gone = set(self._history.pop(vigy_id, ()))
        self._forget(gone)
        self._stream.drop_runs(gone)

    def _forget(self, gone: Collection[str]) -> None:
        for run_id in gone:
            del self._runs[run_id]
            self._recordings.pop(run_id, None)
        self._outbox = {key: action for key, action in self._outbox.items() if key[0] not in gone}

    def _forget_answers(self, before: int) -> None:
        for request in list(self._requests.values()):
            if request.asked_at < before and request.id not in self._unanswered:
                del self._requests[request.id]

    def _old_runs(self, keep: int, older_than: int) -> Iterator[str]:
        waiting = {run_id for run_id, _ in self._outbox}
        for history in self._history.values():
            spare = len(history) - keep
            for at, run_id in enumerate(history[:-1]):
                if at >= spare and self._runs[run_id].started_at >= older_than:
                    break
                if run_id not in waiting:
                    yield run_id


def unresolved(run: Run) -> list[PendingAction]:
    """The actions of `run` without a result."""
    return [
        PendingAction(run.vigy_id, run.id, position, action)
        for position, action in enumerate(run.actions)
        if action.result is None
    ]
