"""From a store to the issues that are to be looked after: those in trial, and those whose new version is watched.

Who began a trial, or applied something, may be another process, or one that is no more: so the store is asked, for
trials each time, for watches now and then. Of what was applied only the newest issues are looked through.
"""

from __future__ import annotations

from typing import Final

from vigyc.model.issue import APPLIED, TRIAL, Issue
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource

PAGE: Final = 100
MOST: Final = 1_000  # issues that are looked through for watches
EVERY: Final = 60.0  # seconds


class Lookout:
    """What is to be looked after in `store`. It belongs to one thread; `follow` may be called from any."""

    def __init__(self, store: Store, time: TimeSource) -> None:
        self._store = store
        self._time = time
        self._watched: dict[str, None] = {}
        self._looked_at: float | None = None

    def follow(self, issue: Issue) -> None:
        """An issue was applied here: it is watched, if it is to be."""
        if issue.state == APPLIED and issue.trial is not None:
            self._watched[issue.id] = None

    def trials(self) -> list[Issue]:
        """The issues in trial, oldest first. Raises StoreError."""
        return [issue for issue in reversed(self._store.issues(states=(TRIAL,), limit=MOST)) if issue.trial is not None]

    def watched(self) -> list[Issue]:
        """The issues that are watched. Raises StoreError."""
        now = self._time.monotonic()
        if self._looked_at is None or now - self._looked_at >= EVERY:
            self._look_through()
            self._looked_at = now
        found = []
        for issue_id in sorted(self._watched):
            issue = self._store.issue(issue_id)
            if issue is not None and issue.state == APPLIED and issue.trial is not None:
                found.append(issue)
            else:
                self._watched.pop(issue_id, None)
        return found

    def _look_through(self) -> None:
        before, seen = None, 0
        while seen < MOST:
            page = self._store.issues(states=(APPLIED,), before=before, limit=PAGE)
            for issue in page:
                self.follow(issue)
            if len(page) < PAGE:
                return
            before, seen = page[-1].id, seen + PAGE
