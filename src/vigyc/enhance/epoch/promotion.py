"""From a verified candidate to the head of its vigy: one transaction, upon the vigy as it is in that moment.

What was verified was verified for one version and one policy. If the version moved, the candidate is stale; if anything
else of the vigy did (its kv, its labels, its name), it is looked at again, and the commit made upon that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from vigyc.effects.policy import Policy
from vigyc.enhance.epoch.draft import Draft, bounded
from vigyc.enhance.epoch.fault import PERMANENT, RETRYABLE, Fault
from vigyc.enhance.epoch.settlement import moved, settle
from vigyc.enhance.queue import protection
from vigyc.lang.errors import Conflict, NotFound, NotGranted
from vigyc.model.epoch import APPLIED
from vigyc.model.issue import APPLIED as DONE
from vigyc.model.issue import Issue
from vigyc.model.vigy import Vigy
from vigyc.programs import Programs
from vigyc.runtime.store.port import Edition, HeadMove, Store
from vigyc.runtime.time_source import TimeSource

AUTHOR: Final = "enhance"
_TRIES: Final = 20
_LONGEST_NOTE: Final = 1_000


class Candidate(NamedTuple):
    """A verified text, for vigy `vigy_id` at version `base` with the digest `base_digest`, and what names it.

    `flow` is the id of its flow's vigy. `policy` is the target's when the epoch began, before anything was verified
    under it; None where that is not known any more.
    """

    vigy_id: str
    base: int
    base_digest: str
    program: str
    modules: Mapping[str, Any] | None
    digest: str
    content: str
    bump: str
    flow: str
    policy: Policy | None = None


class Refused(Exception):
    """There will be no commit: `reasons` say why, and what to do."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class HeadMoved(Exception):
    """The target has another version than the epoch began from: `now` is the target."""

    def __init__(self, base: int, now: Vigy) -> None:
        found = f"it is {now.version}" if now.version != base else "that is another text: the vigy was made anew"
        super().__init__(f"version {base} was the newest when the epoch began, and now {found}")


class Promotion:
    """Commits candidates to `store`."""

    def __init__(self, store: Store, programs: Programs, time: TimeSource) -> None:
        self._store = store
        self._programs = programs
        self._time = time

    def commit(
        self,
        issue: Issue,
        candidate: Candidate,
        draft: Draft,
        check: Callable[[], None],
        watch: Mapping[str, Any] | None = None,
    ) -> Issue:
        """The issue, applied. `check` is called before each try; `watch` is what watching the new version takes.

        Raises HeadMoved, Refused, Fault, Withdrawn, StoreError, and what `check` raises; then nothing was written.
        """
        for _ in range(_TRIES):
            check()
            fresh = self._target(issue, candidate)
            now = self._time.wall_ms()
            after = moved(issue, DONE, now, trial=watch)
            head = self._head(fresh, candidate, draft, now)
            try:
                return settle(self._store, issue, after, now, draft.entry(APPLIED, now), head)[0]
            except Conflict:
                continue  # the vigy was changed since it was read
            except NotFound:
                continue  # it was deleted, and is looked for again
        raise Fault(RETRYABLE, f"the vigy was changed {_TRIES} times while its new version was to be committed")

    def _target(self, issue: Issue, candidate: Candidate) -> Vigy:
        fresh = self._store.vigy(candidate.vigy_id)
        if fresh is None:
            raise gone(candidate.vigy_id)
        check_head(fresh, candidate.base, candidate.base_digest)
        check_approved(self._store, issue, fresh, candidate.flow)
        policy = self._programs.powers.policy_of(fresh.name, fresh.labels)
        if policy != candidate.policy:
            try:
                self._programs.examine_bundled(candidate.program, candidate.modules).check_granted(policy)
            except NotGranted as error:
                raise Refused(f"the policy of {fresh.name} was changed meanwhile: {error}") from error
        return fresh

    @staticmethod
    def _head(fresh: Vigy, candidate: Candidate, draft: Draft, now: int) -> HeadMove:
        after = fresh._replace(
            program=candidate.program, digest=candidate.digest, modules=candidate.modules, updated_at=now
        )
        note = bounded(draft.rationale or draft.issue.intent, _LONGEST_NOTE)
        return HeadMove(fresh, after, Edition(AUTHOR, note, candidate.bump, candidate.content, draft.issue.epoch))


def check_head(vigy: Vigy, base: int, base_digest: str) -> None:
    """Raises HeadMoved unless `vigy` is at version `base`, with that digest."""
    if (vigy.version, vigy.digest) != (base, base_digest):
        raise HeadMoved(base, vigy)


def check_approved(store: Store, issue: Issue, vigy: Vigy, flow: str) -> None:
    """Raises Refused where `vigy` is protected and nobody approved the issue."""
    if issue.approved_by is not None:
        return
    reason = f"{vigy.name} is the flow that this epoch ran" if vigy.id == flow else protection(store, vigy)
    if reason is not None:
        raise Refused(
            f"{reason}: what decides on changes is protected; `vigyc issue approve {issue.id}` allows it, and "
            f"`vigyc issue retry {issue.id}` has it worked off then"
        )


def gone(vigy_id: str) -> Fault:
    """What an epoch is told whose target is not there."""
    return Fault(PERMANENT, f"there is no vigy {vigy_id} any more: it was deleted")
