"""From notices as they come to the stream in memory: every entry has its number, the numbers are dense.

What is dropped leaves a hole; the numbers of the others stay.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator
from itertools import islice
from operator import attrgetter

from vigyc.model.notice import REGISTRY, RUN, Notice
from vigyc.model.run import Run

_seq = attrgetter("seq")


class MemoryStream:
    """The entries that are kept, in order; `last` is the newest number ever given. Used under its store's lock."""

    __slots__ = ("changes", "entries", "last")

    def __init__(self) -> None:
        self.entries: list[Notice] = []
        self.changes: list[Notice] = []  # those of the registry's kinds, once more
        self.last = 0

    def add_run(self, run: Run) -> tuple[Run, Notice]:
        """Append `run`, which gets the next number."""
        self.last = seq = self.last + 1
        run = run._replace(seq=seq)
        entry = Notice(seq, run.started_at if run.ended_at is None else run.ended_at, RUN, run.vigy_id, run.id, run=run)
        self.entries.append(entry)
        return run, entry

    def add(self, notice: Notice) -> Notice:
        """Append a notice that is not a run."""
        self.last = seq = self.last + 1
        entry = notice._replace(seq=seq)
        self.entries.append(entry)
        if entry.kind in REGISTRY:
            self.changes.append(entry)
        return entry

    def first(self) -> int:
        """The oldest number that is kept; one past the newest if none is."""
        return self.entries[0].seq if self.entries else self.last + 1

    def after(self, seq: int, limit: int, vigy_id: str | None) -> list[Notice]:
        """At most `limit` entries past number `seq`, of one vigy or of all."""
        start = bisect_right(self.entries, seq, key=_seq)
        if vigy_id is None:
            return self.entries[start : start + limit]
        return list(islice((e for e in islice(self.entries, start, None) if e.vigy_id == vigy_id), limit))

    def changes_after(self, seq: int) -> list[Notice]:
        """The entries of the registry's kinds past number `seq`."""
        return self.changes[bisect_right(self.changes, seq, key=_seq) :]

    def runs_before(self, seq: int) -> Iterator[Run]:
        """The runs below number `seq`, newest first."""
        for at in range(bisect_right(self.entries, seq - 1, key=_seq) - 1, -1, -1):
            run = self.entries[at].run
            if run is not None:
                yield run

    def replace_run(self, run: Run) -> None:
        """Put `run` where it stands already."""
        at = bisect_right(self.entries, run.seq, key=_seq) - 1
        self.entries[at] = self.entries[at]._replace(run=run)

    def drop_runs(self, gone: Collection[str]) -> None:
        """Drop the runs that are `gone`; what was told of them otherwise stays."""
        self.entries = [entry for entry in self.entries if entry.run is None or entry.run_id not in gone]

    def prune(self, gone: Collection[str], events: int, older_than: int) -> int:
        """Drop the runs that are `gone`, and other entries but for the newest `events` since `older_than`; how many."""
        before, spare = len(self.entries), sum(entry.run is None for entry in self.entries) - events
        kept = []
        for entry in self.entries:
            if entry.run is not None:
                doomed = entry.run_id in gone
            else:
                doomed = spare > 0 or entry.at < older_than
                spare -= 1
            if not doomed:
                kept.append(entry)
        self.entries = kept
        self.changes = [entry for entry in kept if entry.kind in REGISTRY]
        return before - len(kept)
