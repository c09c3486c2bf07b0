"""From a new version's first runs to whether it stays: more bad ones than its parent had take it back.

The runs are counted, and compared with the parent's last ones: a larger share of failures, or of runs that were refused
something, brings the parent's text back as a new version. What the watch must know is with the issue, so that any
worker may go on with it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from vigyc.enhance.epoch.draft import bounded
from vigyc.enhance.epoch.promotion import AUTHOR, Candidate
from vigyc.enhance.epoch.settlement import moved, settle
from vigyc.lang.errors import CompileError, Conflict, NotFound, NotGranted
from vigyc.model import epoch as outcomes
from vigyc.model import issue as states
from vigyc.model.epoch import DENY, Epoch, Verdict
from vigyc.model.issue import Issue
from vigyc.model.label import PATCH
from vigyc.model.run import FAILED, OK, TIMED_OUT, Run
from vigyc.model.vigy import Version, Vigy
from vigyc.programs import Programs
from vigyc.runtime.store.port import Edition, HeadMove, Store
from vigyc.runtime.time_source import TimeSource

AXIS: Final = "canary"
KIND: Final = "watch"
BAD: Final = (FAILED, TIMED_OUT)
FIRST: Final = 8  # runs that are looked at to see what is new
PAGE: Final = 100  # runs that are looked at in one go, where there is more
_ENDED: Final = (OK, *BAD)
_PARTS: Final = 10  # in which, at least, the count of a watch is stored
_TRIES: Final = 20

_log: Final = logging.getLogger("vigyc")


class Watches:
    """The watches of a store."""

    def __init__(self, store: Store, programs: Programs, time: TimeSource) -> None:
        self._store = store
        self._programs = programs
        self._time = time
        self._looked_at: dict[str, int] = {}  # by the id of a watched issue: the newest run when it was counted

    def of(self, candidate: Candidate, wanted: int) -> Mapping[str, Any] | None:
        """What a watch of the first `wanted` runs of a new version must know; None if there are to be none."""
        if wanted <= 0:
            return None
        after = newest_run(self._store, candidate.vigy_id)
        runs = runs_of(self._store, candidate.vigy_id, candidate.base, 0, wanted)
        failed, denied = _counted(runs)
        return {
            "kind": KIND, "wanted": wanted, "digest": candidate.digest, "parent": candidate.base, "after": after,
            "parent_runs": len(runs), "parent_failed": failed, "parent_denied": denied,
            "runs": 0, "failed": 0, "denied": 0,
        }  # fmt: skip

    def advance(self, issue: Issue, epoch: str) -> Issue:
        """Go on with a watch: the issue as it is then; `epoch` is for the entry, if the version is taken back.

        Raises Withdrawn, StoreError.
        """
        watch: dict[str, Any] = dict(issue.trial or {})
        vigy = self._store.vigy(issue.vigy_id)
        if vigy is None or (vigy.version, vigy.digest) != (issue.version, watch["digest"]):
            return self._unwatched(issue)
        newest = newest_run(self._store, vigy.id)
        if self._looked_at.get(issue.id) == newest:
            return issue
        runs = runs_of(self._store, vigy.id, vigy.version, watch["after"])[::-1][: watch["wanted"] - watch["runs"]]
        failed, denied = _counted(runs)
        watch |= {
            "runs": watch["runs"] + len(runs), "failed": watch["failed"] + failed, "denied": watch["denied"] + denied,
        }  # fmt: skip
        for what in ("failed", "denied"):
            if watch[what] > _allowed(watch, what):
                return self._taken_back(issue, watch, what, epoch)
        if watch["runs"] >= watch["wanted"]:
            return self._unwatched(issue)
        if len(runs) < min(PAGE, watch["wanted"] / _PARTS):
            self._looked_at[issue.id] = newest  # they are counted again with the next ones
            return issue
        now = self._time.wall_ms()
        after = issue._replace(trial=watch | {"after": runs[-1].seq}, updated_at=now)
        return settle(self._store, issue, after, now)[0]

    def _unwatched(self, issue: Issue, reasons: tuple[str, ...] = ()) -> Issue:
        self._looked_at.pop(issue.id, None)
        now = self._time.wall_ms()
        return settle(self._store, issue, issue._replace(trial=None, updated_at=now, reasons=reasons), now)[0]

    def _taken_back(self, issue: Issue, watch: Mapping[str, Any], what: str, epoch: str) -> Issue:
        """Make the parent's text the newest version, unless somebody moved the head, or it may not tick any more."""
        how = {"failed": "failed", "denied": "were refused an effect"}[what]
        reason = (
            f"{AXIS}: {watch[what]} of the first {watch['runs']} runs of version {issue.version} {how}, and "
            f"{watch[f'parent_{what}']} of the last {watch['parent_runs']} of version {watch['parent']} did"
        )
        self._looked_at.pop(issue.id, None)
        parent = version_of(self._store, issue.vigy_id, watch["parent"])
        for _ in range(_TRIES):
            vigy = self._store.vigy(issue.vigy_id)
            if vigy is None or (vigy.version, vigy.digest) != (issue.version, watch["digest"]) or parent is None:
                return self._unwatched(issue)
            if (hindrance := self._hindrance(vigy, parent)) is not None:
                why = f"{reason}; version {parent.number} cannot come back: {hindrance}"
                _log.warning("issue %s: %s", issue.id, why)
                return self._unwatched(issue, (bounded(why),))
            now = self._time.wall_ms()
            entry = Epoch(
                epoch, issue.id, issue.vigy_id, issue.attempts, outcomes.REVERTED, now, now, base=issue.version,
                base_digest=vigy.digest, bump=PATCH, digest=parent.digest, content=parent.content,
                rationale=f"back to version {parent.number}", reasons=(reason,),
                verdicts=(Verdict(AXIS, DENY, reason),),
            )  # fmt: skip
            after = vigy._replace(program=parent.program, digest=parent.digest, modules=parent.modules, updated_at=now)
            edition = Edition(AUTHOR, f"back to version {parent.number}: {reason}", PATCH, parent.content, epoch)
            ended = moved(issue, states.REVERTED, now, (reason,), epoch=epoch)
            try:
                return settle(self._store, issue, ended, now, entry, HeadMove(vigy, after, edition))[0]
            except (Conflict, NotFound):
                continue  # the vigy was changed since it was read
        return issue

    def _hindrance(self, vigy: Vigy, parent: Version) -> str | None:
        """Why `vigy` cannot have the text of `parent` again; None if it can."""
        try:
            policy = self._programs.powers.policy_of(vigy.name, vigy.labels)
            self._programs.examine_bundled(parent.program, parent.modules).check_granted(policy)
        except (NotGranted, CompileError) as error:
            return str(error)
        return None


def runs_of(store: Store, vigy_id: str, version: int, after: int, limit: int | None = None) -> list[Run]:
    """The runs of `version` with a number above `after` that came to an end, newest first, at most `limit`."""
    runs, before, size = list[Run](), None, min(limit or FIRST, PAGE)
    while limit is None or len(runs) < limit:
        page = store.runs(vigy_id, before=before, limit=size, results=_ENDED)
        runs += [run for run in page if run.seq > after and run.version == version]
        if len(page) < size or page[-1].seq <= after or page[-1].version < version:
            break
        before, size = page[-1].seq, PAGE
    return runs[:limit]


def newest_run(store: Store, vigy_id: str) -> int:
    """The number of a vigy's newest run; 0 for none."""
    return next((run.seq for run in store.runs(vigy_id, limit=1)), 0)


def version_of(store: Store, vigy_id: str, number: int) -> Version | None:
    """One version of a vigy; None if it is not there, or damaged."""
    return next((version for version in store.versions(vigy_id) if version.number == number), None)


def _allowed(watch: Mapping[str, Any], what: str) -> float:
    """How many runs may be bad in a watch: the parent's share of bad ones, of as many runs as are watched."""
    known: int = watch["parent_runs"]
    return watch[f"parent_{what}"] * watch["wanted"] / known if known else 0


def _counted(runs: list[Run]) -> tuple[int, int]:
    """How many of `runs` failed, and how many were refused something."""
    return sum(run.result in BAD for run in runs), sum(run.report.denied > 0 for run in runs)
