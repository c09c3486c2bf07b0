"""Short ways to make issues, the entries of their epochs, and new heads."""

from __future__ import annotations

from typing import Any

from store.stores import NOW, edited
from vigyc.model.epoch import APPLIED, Epoch, Verdict
from vigyc.model.issue import PENDING, Issue
from vigyc.model.notice import Notice
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import Edition, HeadMove, QueueLimits, Store

AMPLE = QueueLimits(1_000_000, 1_000_000, 0)
LEASE_MS = 60_000


def an_issue(vigy: Vigy, number: int, **fields: Any) -> Issue:
    """Not submitted yet; issues sort by their numbers."""
    at = NOW + number
    return Issue(f"i{number:03}", vigy.id, "mend it", PENDING, at, at)._replace(**fields)


def submitted(store: Store, vigy: Vigy, number: int, **fields: Any) -> Issue:
    issue, created = store.submit(an_issue(vigy, number, **fields), AMPLE)
    assert created
    return issue


def taken(store: Store, epoch: str = "e1", at: int = NOW + 1000) -> Issue:
    issue = store.take_issue("worker", epoch, at, at + LEASE_MS)
    assert issue is not None
    return issue


def an_entry(issue: Issue, outcome: str = APPLIED, **fields: Any) -> Epoch:
    """The entry of the epoch that `issue` is leased for."""
    assert issue.epoch is not None
    began = issue.updated_at
    return Epoch(issue.epoch, issue.id, issue.vigy_id, issue.attempts, outcome, began, began + 5)._replace(**fields)


def a_full_entry(issue: Issue) -> Epoch:
    """An entry with something in every field."""
    return an_entry(
        issue, base=1, base_digest="b3:1", version=2, label="0.2.0", bump="minor", digest="b3:2", content="c1:2",
        program="(car ü)", rationale="it flapped", reasons=("no: because", "and \ud800 more"),
        verdicts=(Verdict("reads", "pass", "3 forms", 120), Verdict("noop", "deny", "nothing changes", 7)),
        patch={"edits": [{"op": "delete", "path": [0], "old": "x"}]}, claims=("passed: reads",),
        setting={"name": "default", "repairs": 2}, flow={"name": "shipped", "digest": "b3:f"},
        calls=({"name": "http", "given": {"url": "…"}}, {"name": "log"}), tokens=12, cost=3,
    )  # fmt: skip


def a_head(vigy: Vigy, program: str = "(new)", **edition: Any) -> HeadMove:
    return HeadMove(vigy, edited(vigy, program, updated_at=NOW + 9), Edition(**edition))


def newest(store: Store) -> Notice:
    return store.notices(store.last_seq() - 1)[0]
