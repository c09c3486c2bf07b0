"""From issues whose worker was never heard of again to the queue: each with the entry of its epoch, in one settling.

A lease that ran out is taken from whoever has it; of a worker whose process has certainly ended it is taken at once.
"""

from __future__ import annotations

from collections.abc import Collection

from vigyc.enhance.backoff import delay_ms
from vigyc.enhance.settings import setting_named
from vigyc.enhance.settlement import Withdrawn, moved, settle
from vigyc.lang.errors import NotFound
from vigyc.model import issue as states
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import LOST, Epoch
from vigyc.model.issue import Issue
from vigyc.runtime.holder import is_dead
from vigyc.runtime.store.port import Store

_EVER = 2**53


def recover(store: Store, at: int, here: Collection[str]) -> list[Issue]:
    """Take back what nobody works off any more; `here` are the epochs under way in this process. Raises StoreError."""
    found = []
    for issue in store.expired_issues(_EVER):
        if issue.epoch in here:
            continue
        if (issue.leased_until or 0) < at or (issue.leased_by is not None and is_dead(issue.leased_by)):
            try:
                found.append(_taken_back(store, issue, at))
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
