"""From issues whose worker was never heard of again to the queue: each with the entry of its epoch, in one settling.

Of a worker whose process has certainly ended an issue is taken at once. Otherwise the lease must have run out; and
whoever can wait looks whether it is lengthened after all, since a clock that was set ahead, or a machine that slept,
makes every lease seem to have run out, and a worker that lives shows so within a third of its time.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from vigyc.enhance.epoch.backoff import delay_ms
from vigyc.enhance.epoch.settlement import Withdrawn, moved, settle
from vigyc.enhance.settings import setting_named
from vigyc.lang.errors import NotFound
from vigyc.model import issue as states
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import LOST, Epoch
from vigyc.model.issue import Issue
from vigyc.runtime.holder import is_dead
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource

_EVER: Final = 2**53


class Recovery:
    """Takes back what nobody works off any more in `store`; one look at a time. `lease` is in seconds."""

    def __init__(self, store: Store, time: TimeSource, lease: float) -> None:
        self._store = store
        self._time = time
        self._patience = lease / 2
        self._silent: dict[tuple[str | None, int | None], float] = {}

    def recover(self, here: Collection[str], *, at_once: bool) -> list[Issue]:
        """What was taken back; `here` are the epochs under way in this process. Raises StoreError.

        With `at_once` every lease that ran out is over, else those that were seen to have, and are not lengthened.
        """
        at, now, found = self._time.wall_ms(), self._time.monotonic(), []
        was, self._silent = self._silent, {}
        for issue in self._store.expired_issues(_EVER):
            if issue.epoch in here:
                continue
            if not (issue.leased_by is not None and is_dead(issue.leased_by)):
                if (issue.leased_until or 0) >= at:
                    continue
                lease = (issue.epoch, issue.leased_until)
                since = self._silent[lease] = was.get(lease, now)
                if not at_once and now - since < self._patience:
                    continue
            try:
                found.append(_taken_back(self._store, issue, at))
            except Withdrawn:
                continue  # it was settled, or somebody else took it back
        return found


def _taken_back(store: Store, issue: Issue, at: int) -> Issue:
    assert issue.epoch is not None
    try:
        setting = setting_named(store, issue.setting)
    except NotFound:
        setting = EnhanceSetting(issue.setting)
    reason = f"its worker was never heard of again ({issue.leased_by})"
    if issue.attempts >= setting.attempts:
        after = moved(issue, states.DEAD, at, (reason, f"that was attempt {issue.attempts} of {setting.attempts}"))
    else:
        due = at + delay_ms(setting, issue.id, issue.attempts)
        after = moved(issue, states.PENDING, at, (reason,), due_at=due)
    entry = Epoch(
        issue.epoch, issue.id, issue.vigy_id, issue.attempts, LOST, issue.updated_at, at, reasons=after.reasons
    )
    return settle(store, issue, after, at, entry)[0]
