"""From a process that does not tick to the one that does: a tick that was asked for, and what became of it."""

from __future__ import annotations

from typing import NamedTuple


class Request(NamedTuple):
    """Somebody asked for a tick of `vigy_id` at `asked_at` (ms since 1970); answered by a run or by an error."""

    id: int
    vigy_id: str
    asked_at: int
    run_id: str | None = None
    error: str | None = None
