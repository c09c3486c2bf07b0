"""From what a runtime stores to plain dicts: the store of a process that keeps nothing when it ends.

It is also the model that the lasting store is tested against: what port.py says, in as few words as Python allows.
Values are kept as they are handed in; nobody changes a value after that. A generation is the number of the notice that
told of the change, so not even a vigy that was deleted and registered again has one twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from vigyc.lang.errors import Conflict, Fenced, Invalid, NotFound
from vigyc.model import notice as kinds
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import Epoch
from vigyc.model.issue import Issue
from vigyc.model.label import bumped
from vigyc.model.lease import Fence, Lease
from vigyc.model.notice import Notice
from vigyc.model.pending import PendingAction
from vigyc.model.request import Request
from vigyc.model.run import Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Version, Vigy
from vigyc.runtime.store.encoding import pack, unstorable
from vigyc.runtime.store.memory_tables import Closed, MemoryTables, unresolved
from vigyc.runtime.store.outcomes import UNSTORABLE, aborted, refused, skipped
from vigyc.runtime.store.port import Committed, Edition, HeadMove, QueueLimits, TickRecord

ANSWER_KEPT_MS: Final = 3_600_000  # for which an answer waits for who asked

_INT_MAX: Final = 2**63 - 1


class MemoryStore(MemoryTables):
    """A store in memory; port.py says what its methods do."""

    # -- the registry

    def create(self, vigy: Vigy, edition: Edition = Edition()) -> Vigy:  # noqa: B008 - immutable
        """Store a new vigy and its version 1. Raises Conflict."""
        with self._lock:
            if vigy.id in self._vigies:
                raise Conflict(f"vigy {vigy.id} is there already")
            self._free(vigy)
            former = self._versions.get(vigy.id)  # of a life whose data was kept
            self._versions[vigy.id] = [_version(vigy, edition, former[-1].label if former else None, None)]
            return self._put(vigy, kinds.REGISTERED, vigy.created_at)

    def change(self, before: Vigy, after: Vigy, kind: str, edition: Edition = Edition()) -> Vigy:  # noqa: B008 - as above
        """Replace `before` by `after`. Raises Conflict, NotFound."""
        with self._lock:
            return self._change(before, after, kind, edition)

    def remove(self, vigy: Vigy, at: int, *, keep_data: bool = False) -> None:
        """Delete a vigy. Raises NotFound."""
        with self._lock:
            known = self._known(vigy.id)
            if not keep_data:
                self._queue.cancel_open(known.id, at)
            del self._vigies[known.id], self._ids[known.name]
            if not keep_data:
                self._purge(known.id)
            self._stream.add(Notice(0, at, kinds.DELETED, known.id, message=known.name))

    def edit_kv(self, vigy_id: str, writes: Mapping[str, Any], deletes: Collection[str], at: int) -> Vigy:
        """Change a vigy's kv from outside. Raises NotFound, Invalid."""
        with self._lock:
            vigy = self._known(vigy_id)
            if (why := _refusal(writes)) is not None:
                raise Invalid(why)
            self._write(vigy_id, writes, deletes)
            return self._put(vigy, kinds.KV_EDITED, at)

    def ask(self, vigy_id: str, at: int) -> int:
        """Ask whoever ticks for a tick. Raises NotFound."""
        with self._lock:
            self._known(vigy_id)
            self._forget_answers(at - ANSWER_KEPT_MS)
            self._asked += 1
            number = self._asked
            self._requests[number] = self._unanswered[number] = Request(number, vigy_id, at)
            return number

    def answer(self, request: int) -> Request | None:
        """What became of a request."""
        with self._lock:
            return self._requests.get(request)

    def resolve(self, run_id: str, index: int, status: str, message: str | None, at: int) -> Run:
        """Report the result of an action. Raises NotFound, Conflict."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is None or not 0 <= index < len(run.actions):
                raise NotFound(f"there is no action {index} of a run {run_id}")
            if run.actions[index].result is not None:
                raise Conflict(f"action {index} of run {run_id} has its result already: {run.actions[index].result}")
            actions = list(run.actions)
            actions[index] = actions[index]._replace(result=status, message=message)
            run = self._runs[run_id] = run._replace(actions=tuple(actions))
            self._stream.replace_run(run)
            self._outbox.pop((run_id, index), None)
            told = {"index": index, "status": status, "message": message}
            self._stream.add(Notice(0, at, kinds.RESOLVED, run.vigy_id, run_id, message, told))
            return run

    # -- issues

    def submit(self, issue: Issue, limits: QueueLimits) -> tuple[Issue, bool]:
        """Store a new issue, or find the one of the same author and key. Raises NotFound, Conflict, TooMany."""
        with self._lock:
            if (known := self._queue.same(issue)) is not None:
                return known, False
            self._known(issue.vigy_id)
            return self._queue.submit(issue, limits)

    def take_issue(self, owner: str, epoch: str, at: int, until: int) -> Issue | None:
        """Lease the oldest issue whose turn it is."""
        with self._lock:
            return self._queue.take(owner, epoch, at, until)

    def keep_issue(self, issue_id: str, epoch: str, until: int) -> bool:
        """Lengthen a lease; False if it is no longer leased for `epoch`."""
        with self._lock:
            return self._queue.keep(issue_id, epoch, until)

    def settle(
        self, before: Issue, after: Issue, at: int, entry: Epoch | None = None, head: HeadMove | None = None
    ) -> tuple[Issue, Epoch | None, Vigy | None]:
        """Store what became of an issue, and what came of it. Raises NotFound, Conflict."""
        with self._lock:
            known = self._queue.check(before, after, entry)
            after, vigy, label = after._replace(updated_at=at), None, None
            if head is not None:
                vigy = self._change(head.before, head.after, kinds.UPDATED, head.edition)
                label = self._versions[vigy.id][-1].label
                after = after._replace(version=vigy.version)
            stored = self._queue.put(after, known, label)
            if entry is None:
                return stored, None, vigy
            if vigy is not None:
                entry = entry._replace(version=vigy.version, label=label)
            return stored, self._queue.add(entry, stored), vigy

    def put_enhance_setting(self, setting: EnhanceSetting, at: int, *, seen: int | None = None) -> EnhanceSetting:
        """Store a setting. Raises Conflict."""
        with self._lock:
            return self._queue.put_setting(setting, at, seen)

    def remove_enhance_setting(self, name: str, at: int) -> None:
        """Delete a setting. Raises NotFound."""
        with self._lock:
            self._queue.remove_setting(name, at)

    # -- the lease

    def lease(self) -> Lease | None:
        """The lease; None if it was never taken."""
        with self._lock:
            return self._lease

    def acquire(self, holder: str, seen: Lease | None, at: int) -> Fence | None:
        """Take the lease if it still is as `seen`."""
        with self._lock:
            if self._lease != seen:
                return None
            epoch = 1 if seen is None else seen.epoch + 1
            self._lease = Lease(holder, epoch, 1 if seen is None else seen.beat + 1, at)
            self._stream.add(Notice(0, at, kinds.OWNER, data={"holder": holder, "epoch": epoch}))
            return Fence(holder, epoch)

    def renew(self, fence: Fence, at: int) -> bool:
        """Show that the holder lives; False if it is not the holder any more."""
        with self._lock:
            if self._lease is None or self._lease[:2] != fence:
                return False
            self._lease = self._lease._replace(beat=self._lease.beat + 1, renewed_at=at)
            return True

    def release(self, fence: Fence) -> None:
        """Give the lease back, if it is still held."""
        with self._lock:
            if self._lease is not None and self._lease[:2] == fence:
                self._lease = self._lease._replace(holder="", beat=self._lease.beat + 1)

    # -- ticking

    def begin_run(self, fence: Fence, run: Run) -> None:
        """Store that a tick began. Raises Fenced."""
        with self._lock:
            self._check(fence)
            if run.id not in self._runs:
                self._open[run.id] = run

    def commit(self, fence: Fence, records: Sequence[TickRecord]) -> list[Committed]:
        """Store ticks in one step. Raises Fenced."""
        with self._lock:
            self._check(fence)
            return [self._keep(record) for record in records]

    def post(self, fence: Fence, notices: Sequence[Notice]) -> list[Notice]:
        """Append notices of the runtime itself. Raises Fenced."""
        with self._lock:
            self._check(fence)
            return [self._stream.add(notice) for notice in notices]

    def abort_open_runs(self, fence: Fence, at: int) -> list[Committed]:
        """End the runs that an earlier holder left open. Raises Fenced."""
        with self._lock:
            self._check(fence)
            return [self._abort(run, at) for run in list(self._open.values())]

    def refuse(self, fence: Fence, request: int, error: str) -> None:
        """Answer a request by an error. Raises Fenced."""
        with self._lock:
            self._check(fence)
            self._reply(request, None, error)

    def attempted(self, fence: Fence, action: PendingAction) -> None:
        """Count one more attempt to deliver an action. Raises Fenced."""
        with self._lock:
            self._check(fence)
            key = action.run_id, action.position
            if (found := self._outbox.get(key)) is not None:
                self._outbox[key] = found._replace(attempts=found.attempts + 1)

    # -- keeping house

    def prune(self, fence: Fence, *, runs_per_vigy: int, events: int, older_than: int) -> int:
        """Delete what is beyond these counts or too old; how many rows went. Raises Fenced."""
        with self._lock:
            self._check(fence)
            gone = set(self._old_runs(runs_per_vigy, older_than))
            self._forget(gone)
            for vigy_id, history in self._history.items():
                self._history[vigy_id] = [run_id for run_id in history if run_id not in gone]
            return self._stream.prune(gone, events, older_than)

    def checkpoint(self, *, idle: bool) -> int:
        """There is no log."""
        return 0

    def close(self) -> None:
        """Close; again is nothing."""
        self._lock = Closed()

    # -- the steps, under the lock

    def _check(self, fence: Fence) -> None:
        if self._lease is None or self._lease[:2] != fence:
            raise Fenced("another runtime ticks this store now; nothing was written")

    def _known(self, vigy_id: str) -> Vigy:
        vigy = self._vigies.get(vigy_id)
        if vigy is None:
            raise NotFound(f"there is no vigy {vigy_id}")
        return vigy

    def _free(self, vigy: Vigy) -> None:
        if self._ids.get(vigy.name, vigy.id) != vigy.id:
            raise Conflict(f"the name {vigy.name!r} is taken by vigy {self._ids[vigy.name]}")

    def _change(self, before: Vigy, after: Vigy, kind: str, edition: Edition) -> Vigy:
        if self._known(before.id).generation != before.generation:
            raise Conflict(f"vigy {before.name} was changed meanwhile; look again and repeat")
        self._free(after)
        if (after.program, after.modules) != (before.program, before.modules):
            newest = self._versions[after.id][-1]
            after = after._replace(version=newest.number + 1)
            self._versions[after.id].append(_version(after, edition, newest.label, before.version))
        return self._put(after, kind, after.updated_at)

    def _put(self, vigy: Vigy, kind: str, at: int) -> Vigy:
        """Store `vigy` as it is from now on, and tell."""
        if (known := self._vigies.get(vigy.id)) is not None:
            del self._ids[known.name]
        entry = self._stream.add(Notice(0, at, kind, vigy.id, message=vigy.name))
        stored = self._vigies[vigy.id] = vigy._replace(generation=entry.seq)
        self._ids[vigy.name] = vigy.id
        return stored

    def _write(self, vigy_id: str, writes: Mapping[str, Any], deletes: Collection[str]) -> None:
        kv = self._kv.setdefault(vigy_id, {})
        kv.update(writes)
        for key in deletes:
            kv.pop(key, None)

    def _keep(self, record: TickRecord) -> Committed:
        """Store one tick, or that it was skipped."""
        run = record.run
        self._open.pop(run.id, None)
        if record.request is not None:
            self._reply(record.request, run.id, None)
        vigy = self._vigies.get(run.vigy_id)
        if vigy is None or vigy.generation != record.generation:
            return self._append(skipped(run), (), superseded=True)
        if record.writes and (why := _refusal(record.writes)) is not None:
            return self._append(self._count(refused(run, UNSTORABLE, why), 1), record.notices)
        self._standings[run.vigy_id] = record.standing
        if record.recording is not None:
            self._recordings[run.id] = record.recording
        if record.writes or record.deletes:
            self._write(run.vigy_id, record.writes, record.deletes)
        if record.deliver and run.actions:
            self._outbox.update({(run.id, action.position): action for action in unresolved(run)})
        return self._append(run, record.notices)

    def _append(self, run: Run, notices: Sequence[Notice], superseded: bool = False) -> Committed:
        run, entry = self._stream.add_run(run)
        self._runs[run.id] = run
        self._history.setdefault(run.vigy_id, []).append(run.id)
        return Committed(run, (entry, *[self._stream.add(notice) for notice in notices]), superseded)

    def _abort(self, run: Run, at: int) -> Committed:
        del self._open[run.id]
        run = aborted(run, at)
        return self._append(self._count(run, 0) if run.vigy_id in self._vigies else run, ())

    def _count(self, run: Run, failures: int) -> Run:
        """Add a run that is no success to where its vigy stands."""
        before = self._standings.get(run.vigy_id, Standing())
        self._standings[run.vigy_id] = before._replace(
            run_id=run.id,
            started_at=run.started_at,
            ended_at=run.ended_at,
            result=run.result,
            error=run.error,
            failures=before.failures + failures,
            runs=before.runs + 1,
            failed=before.failed + failures,
            missed=before.missed + run.missed * failures,
        )
        return run

    def _reply(self, request: int, run_id: str | None, error: str | None) -> None:
        if (asked := self._unanswered.pop(request, None)) is not None:
            self._requests[request] = asked._replace(run_id=run_id, error=error)


def _refusal(writes: Mapping[str, Any]) -> str | None:
    """Why no store could hold `writes`."""
    try:
        pack(writes)
    except (ValueError, OverflowError, TypeError):
        return unstorable(writes, writes)
    beyond = any(value.__class__ is int and value > _INT_MAX for value in writes.values())
    return unstorable(writes, writes) if beyond else None


def _version(vigy: Vigy, edition: Edition, label: str | None, parent: int | None) -> Version:
    """The program of `vigy` as a version made from version `parent`, under the label after `label`."""
    author, note, bump, content, epoch = edition
    return Version(
        vigy.id, vigy.version, vigy.digest, vigy.program, vigy.updated_at, author, note, vigy.modules,
        bumped(label, bump), None if label is None else bump, parent, content, epoch,
    )  # fmt: skip
