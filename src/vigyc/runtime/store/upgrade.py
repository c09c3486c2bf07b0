"""From a store of an older version to today's, with the file as it was kept beside it."""

from __future__ import annotations

import os
from typing import NamedTuple

from vigyc.runtime.store.backup import Progress, backup
from vigyc.runtime.store.connection import connect
from vigyc.runtime.store.migrations import VERSION, pending, version_of
from vigyc.runtime.store.snapshot import check_store, snapshot

_PATIENCE = 5.0  # seconds


class Upgrade(NamedTuple):
    """From version `before` to `after` by the migrations `steps`; `kept` is the copy of the file as it was, if any."""

    before: int
    after: int
    steps: tuple[str, ...]
    kept: str | None = None


def planned(path: str | os.PathLike[str]) -> Upgrade:
    """What is to be done with the store at `path`; nothing is. Raises NotFound, StoreError."""
    check_store(os.fspath(path))
    with snapshot(path) as connection:
        return Upgrade(version_of(connection), VERSION, tuple(step.name for step in pending(connection)))


def upgrade(path: str | os.PathLike[str], *, keep: bool, progress: Progress | None = None) -> Upgrade:
    """Bring the store at `path` up to date, with `keep` after a copy `PATH.vN.bak`.

    Raises NotFound, Conflict if there is such a copy already, StoreError.
    """
    plan = planned(path)
    if not plan.steps:
        return plan
    kept = f"{os.fspath(path)}.v{plan.before}.bak" if keep else None
    if kept is not None:
        backup(path, kept, progress)
    connect(path, "full", _PATIENCE).close()
    return plan._replace(kept=kept)
