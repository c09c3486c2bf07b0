"""From an issue and what became of it to one transaction: its state, its epoch's entry, and its vigy's new version.

All of it is there or none: the log never tells of a version that is not, and no version is without its entry.
"""

from __future__ import annotations

from vigyc.lang.errors import NotFound
from vigyc.model.epoch import Epoch
from vigyc.model.issue import Issue
from vigyc.model.notice import UPDATED
from vigyc.model.vigy import Vigy
from vigyc.runtime.store import epochs, issues, registry
from vigyc.runtime.store.issue_steps import check_next
from vigyc.runtime.store.port import HeadMove
from vigyc.runtime.store.store_file import Transaction


def settle(
    transaction: Transaction, before: Issue, after: Issue, at: int, entry: Epoch | None, head: HeadMove | None
) -> tuple[Issue, Epoch | None, Vigy | None]:
    """Store what became of an issue, and what came of it; raises NotFound, Conflict, Invalid."""
    sql = transaction.sql
    known = issues.find(sql, before.id)
    if known is None:
        raise NotFound(f"there is no issue {before.id}")
    check_next(known, before, after)
    after, vigy, label = after._replace(updated_at=at), None, None
    if head is not None:
        vigy = registry.change(transaction, head.before, head.after, UPDATED, head.edition)
        label = registry.label(sql, vigy)
        after = after._replace(version=vigy.version)
    stored = issues.put(transaction, after, known, label)
    if entry is not None:
        if vigy is not None:
            entry = entry._replace(version=vigy.version, label=label)
        entry = epochs.add(sql, entry._replace(seq=stored.revision))
    return stored, entry, vigy
