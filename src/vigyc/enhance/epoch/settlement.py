"""From what an epoch came to to the store: one transaction, made once, whatever the store does meanwhile.

Who settles an issue that is another's by now (it was cancelled, or its lease ran out) is told so, and nothing of what
it did is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from vigyc.enhance.epoch.draft import bounded_all
from vigyc.lang.errors import CommitUnknown, Conflict, NotFound, StoreError
from vigyc.model.epoch import Epoch
from vigyc.model.issue import Issue
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import HeadMove, Store

_TRIES: Final = 3

Settled = tuple[Issue, Epoch | None, Vigy | None]


class Withdrawn(Exception):
    """The issue is not as this epoch had it any more: `known` is what it is; None if it is gone."""

    def __init__(self, known: Issue | None) -> None:
        super().__init__("the issue was settled by somebody else")
        self.known = known


def moved(issue: Issue, state: str, at: int, reasons: Iterable[str] = (), **fields: Any) -> Issue:
    """`issue` in another state, and nobody's any more."""
    return issue._replace(
        state=state, updated_at=at, leased_by=None, leased_until=None, reasons=bounded_all(reasons),
        **{"trial": None, **fields},
    )  # fmt: skip


def settle(
    store: Store, before: Issue, after: Issue, at: int, entry: Epoch | None = None, head: HeadMove | None = None
) -> Settled:
    """Settle an issue. Raises Withdrawn, Conflict or NotFound for the head, StoreError when it could not be done."""
    for attempt in range(_TRIES):
        try:
            return store.settle(before, after, at, entry, head)
        except (Conflict, NotFound):
            known = store.issue(before.id)
            if known is None or known.revision != before.revision:
                raise Withdrawn(known) from None
            raise
        except StoreError as error:
            known = store.issue(before.id)
            if known is not None and known.revision != before.revision:
                if isinstance(error, CommitUnknown) and _is(known, after):
                    return known, _entry(store, entry), store.vigy(known.vigy_id)
                raise Withdrawn(known) from error
            if attempt == _TRIES - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _is(known: Issue, after: Issue) -> bool:
    """Whether `known` is what was to be stored, but for what the store adds."""
    return (known.state, known.epoch, known.updated_at) == (after.state, after.epoch, after.updated_at)


def _entry(store: Store, entry: Epoch | None) -> Epoch | None:
    return None if entry is None else store.epoch(entry.id)
