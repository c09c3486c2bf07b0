"""From issues, entries of their log and settings to plain dicts: the enhance pipeline's part of a store in memory.

Used under its store's lock. What is refused, and what is told, is said by issue_steps.py, as for the lasting store;
of an issue and an entry what is kept is what that would read back, so nobody can change it from outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from heapq import nlargest
from itertools import islice

from vigyc.lang.errors import Conflict, NotFound
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import Epoch
from vigyc.model.issue import BUSY, ENDED, LEASED, PENDING, Issue
from vigyc.runtime.store.enhance_settings import renewed, setting_row
from vigyc.runtime.store.issue_rows import epoch_of, epoch_row, issue_of, issue_row
from vigyc.runtime.store.issue_steps import (
    SET_BACK_MS,
    check_next,
    check_room,
    check_same_wish,
    orphaned,
    span,
    taken,
    told,
    told_setting,
)
from vigyc.runtime.store.memory_stream import MemoryStream
from vigyc.runtime.store.port import Queue, QueueLimits


class MemoryQueue:
    """The issues, the log and the settings of a store in memory; what happens to them is told in `stream`."""

    def __init__(self, stream: MemoryStream) -> None:
        self._stream = stream
        self.known: dict[str, Issue] = {}
        self.log: dict[str, Epoch] = {}  # by epoch, oldest first
        self.settings: dict[str, EnhanceSetting] = {}

    def submit(self, issue: Issue, limits: QueueLimits) -> tuple[Issue, bool]:
        """Store a new issue, or find the one of the same author and key. Raises Conflict, TooMany, Invalid."""
        if issue.id in self.known:
            raise Conflict(f"issue {issue.id} is there already")
        waiting = sum(other.state == PENDING for other in self.known.values())
        first, last = span(issue, limits)
        submitted = sum(
            other.author == issue.author and first <= other.submitted_at <= last for other in self.known.values()
        )
        check_room(issue, limits, waiting, submitted)
        return self.put(issue, None), True

    def same(self, issue: Issue) -> Issue | None:
        """What its author submitted with the key of `issue` before. Raises Conflict if it is another wish."""
        if issue.key is None:
            return None
        for other in self.known.values():
            if (other.key, other.author) == (issue.key, issue.author):
                check_same_wish(other, issue)
                return other
        return None

    def issues(self, states: Collection[str], vigy_id: str | None, before: str | None, limit: int) -> list[Issue]:
        """Issues, the newest first."""
        found = (
            issue
            for issue in self.known.values()
            if (not states or issue.state in states)
            and (vigy_id is None or issue.vigy_id == vigy_id)
            and (before is None or issue.id < before)
        )
        return nlargest(limit, found, key=lambda issue: issue.id)

    def take(self, owner: str, epoch: str, at: int, until: int) -> Issue | None:
        """Lease the oldest issue whose turn it is."""
        served = {issue.vigy_id for issue in self.known.values() if issue.state in BUSY}
        waiting = [issue for issue in self.known.values() if issue.state == PENDING and not issue.held]
        for issue in sorted(waiting, key=lambda issue: (issue.submitted_at, issue.id)):
            if issue.vigy_id in served:
                continue
            if (issue.due_at <= at or issue.updated_at > at + SET_BACK_MS) and not self._paused(issue):
                return self.put(taken(issue, owner, epoch, at, until), issue)
            served.add(issue.vigy_id)
        return None

    def keep(self, issue_id: str, epoch: str, until: int) -> bool:
        """Lengthen a lease, never shorten it."""
        issue = self.known.get(issue_id)
        if issue is None or (issue.state, issue.epoch) != (LEASED, epoch):
            return False
        self.known[issue_id] = issue._replace(leased_until=max(until, issue.leased_until or until))
        return True

    def check(self, before: Issue, after: Issue, entry: Epoch | None) -> Issue:
        """The issue as it is now, if `after` may follow with `entry`. Raises NotFound, Conflict, Invalid."""
        known = self.known.get(before.id)
        if known is None:
            raise NotFound(f"there is no issue {before.id}")
        check_next(known, before, after)
        issue_row(after)
        if entry is not None:
            epoch_row(entry)
            if entry.id in self.log:
                raise Conflict(f"epoch {entry.id} has its entry in the log already")
        return known

    def put(self, issue: Issue, was: Issue | None, label: str | None = None) -> Issue:
        """Store an issue as it is from now on, and tell. Raises Invalid."""
        kept = issue_of(issue_row(issue))
        entry = self._stream.add(told(issue, was, label))
        stored = self.known[issue.id] = kept._replace(revision=entry.seq)
        return stored

    def add(self, entry: Epoch, issue: Issue) -> Epoch:
        """Store the entry of the epoch by whose end `issue` became what it is."""
        stored = self.log[entry.id] = epoch_of(epoch_row(entry))._replace(seq=issue.revision)
        return stored

    def cancel_open(self, vigy_id: str, at: int) -> None:
        """End what is open of a vigy that is deleted."""
        for _, issue in sorted(self.known.items()):
            if issue.vigy_id == vigy_id and issue.state not in ENDED:
                after, entry = orphaned(issue, at)
                stored = self.put(after, issue)
                if entry is not None and entry.id not in self.log:
                    self.add(entry, stored)

    def expired(self, at: int) -> list[Issue]:
        """The leased issues whose lease ended before `at`."""
        leased = [issue for issue in self.known.values() if issue.state == LEASED]
        found = [issue for issue in leased if issue.leased_until is not None and issue.leased_until < at]
        return sorted(found, key=lambda issue: issue.id)

    def told(self) -> Queue:
        """How many issues there are, by state."""
        waiting = [issue.submitted_at for issue in self.known.values() if issue.state == PENDING]
        return Queue(dict(Counter(issue.state for issue in self.known.values())), min(waiting, default=None))

    def entries(self, issue_id: str | None, vigy_id: str | None, before: int | None, limit: int) -> list[Epoch]:
        """The entries of the log, newest first."""
        found = (
            entry
            for entry in reversed(self.log.values())
            if (issue_id is None or entry.issue_id == issue_id)
            and (vigy_id is None or entry.vigy_id == vigy_id)
            and (before is None or entry.seq < before)
        )
        return list(islice(found, limit))

    def put_setting(self, setting: EnhanceSetting, at: int, seen: int | None) -> EnhanceSetting:
        """Store a setting, and tell. Raises Invalid, Conflict."""
        known = self.settings.get(setting.name)
        stored = renewed(setting, at, 0 if known is None else known.updated_at, seen)
        setting_row(stored)
        self.settings[setting.name] = stored
        self._stream.add(told_setting(stored.name, stored.paused, at))
        return stored

    def remove_setting(self, name: str, at: int) -> None:
        """Delete a setting, and tell. Raises NotFound."""
        if self.settings.pop(name, None) is None:
            raise NotFound(f"there is no setting {name!r:.80}")
        self._stream.add(told_setting(name, None, at, removed=True))

    def _paused(self, issue: Issue) -> bool:
        setting = self.settings.get(issue.setting)
        return setting is not None and setting.paused is not None
