"""From a decision that was stored to the host that carries it out: an action nobody reported a result of yet."""

from __future__ import annotations

from typing import NamedTuple

from vigyc.model.action import Action


class PendingAction(NamedTuple):
    """Action number `position` (from 0) of run `run_id`; `attempts` is how often its delivery was tried."""

    vigy_id: str
    run_id: str
    position: int
    action: Action
    attempts: int = 0
