"""From a verified candidate to trust in it by and by: ticks in shadow before the head moves, a watch after it.

In a trial each run of the version in force is followed by a tick of the candidate upon what is there then, of which
nothing is kept; one that fails, or is refused something, where the real one was not, ends the trial. In a watch the
runs of a new version are counted, and more bad ones than its parent had take it back, as a new version with the
parent's text. What either must know is with the issue, so that any worker may go on with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigyc.enhance.draft import Draft, bounded
from vigyc.enhance.fault import PERMANENT, Fault
from vigyc.enhance.promotion import AUTHOR, Candidate, HeadMoved, Promotion, Refused
from vigyc.enhance.settlement import Withdrawn, moved, settle
from vigyc.lang.errors import Conflict, NotFound
from vigyc.model import epoch as outcomes
from vigyc.model import issue as states
from vigyc.model.enhance_codec import epoch_json, read_epoch
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import DENY, PASS, Epoch, Verdict
from vigyc.model.issue import Issue
from vigyc.model.label import PATCH
from vigyc.model.run import FAILED, OK, TIMED_OUT, Run
from vigyc.model.vigy import Version, Vigy
from vigyc.programs import Programs
from vigyc.rehearsal.simulation import Simulation
from vigyc.runtime.store.port import Edition, HeadMove, Store
from vigyc.runtime.time_source import TimeSource, VirtualTime

AXIS: Final = "canary"
SHADOW: Final = "shadow"
WATCH: Final = "watch"
PAGE: Final = 100  # runs that are looked at in one go
_BAD: Final = (FAILED, TIMED_OUT)
_ENDED: Final = (OK, *_BAD)
_PARTS: Final = 10  # in which the count of a watch is stored
_TRIES: Final = 20


class Canaries:
    """The trials and watches of a store."""

    def __init__(self, store: Store, programs: Programs, time: TimeSource, promotion: Promotion) -> None:
        self._store = store
        self._programs = programs
        self._time = time
        self._promotion = promotion

    # -- before the head moves

    def begin(self, issue: Issue, candidate: Candidate, draft: Draft, setting: EnhanceSetting) -> Issue:
        """The issue, in trial. Raises HeadMoved, Withdrawn, StoreError."""
        assert setting.canary is not None
        vigy = self._store.vigy(candidate.vigy_id)
        if vigy is not None and vigy.version != candidate.base:
            raise HeadMoved(candidate.base, vigy.version)
        now = self._time.wall_ms()
        entry = draft.entry(outcomes.APPLIED, now)  # what it will be, if it comes off; without the text, kept here
        trial = {
            "kind": SHADOW,
            "wanted": setting.canary.shadow_ticks,
            "watch": setting.canary.watch_ticks,
            "done": 0,
            "bad": 0,
            "after": self._newest(candidate.vigy_id),
            "candidate": {
                name: value for name, value in candidate._asdict().items() if name not in {"policy", "modules"}
            },
            "entry": epoch_json(entry),
        }
        return settle(self._store, issue, moved(issue, states.TRIAL, now, trial=trial), now)[0]

    def advance(self, issue: Issue, draft: Draft, setting: EnhanceSetting) -> Issue:
        """Go on with a trial: the issue as it is then. `draft` becomes what its entry is made of.

        Raises Refused, HeadMoved, Fault, Withdrawn, StoreError.
        """
        trial: dict[str, Any] = dict(issue.trial or {})
        entry = read_epoch(trial["entry"], "trial")
        _fill(draft, entry, trial["candidate"]["program"])
        vigy, base = self._base(trial["candidate"])
        candidate = Candidate(**trial["candidate"], modules=base.modules)
        for run in self._runs(vigy.id, trial["after"], candidate.base):
            if trial["done"] < trial["wanted"]:
                trial["bad"] += self._shadowed(vigy, candidate, run, draft, trial, setting)
                trial["done"] += 1
                trial["after"] = run.seq
        if trial["done"] >= trial["wanted"]:
            both = f"; {trial['bad']} failed as the version in force did" if trial["bad"] else ""
            told = f"{trial['done']} ticks in shadow, none worse than those of version {candidate.base}{both}"
            draft.verdicts += (Verdict(AXIS, PASS, told),)
            watch = self._watch(candidate, trial["watch"])
            return self._promotion.commit(issue, candidate, draft, _go_on, watch)
        if trial == issue.trial:
            return issue
        now = self._time.wall_ms()
        return settle(self._store, issue, issue._replace(trial=trial, updated_at=now), now)[0]

    def _base(self, candidate: Mapping[str, Any]) -> tuple[Vigy, Version]:
        vigy = self._store.vigy(candidate["vigy_id"])
        if vigy is None:
            raise Withdrawn(None)
        if vigy.version != candidate["base"]:
            raise HeadMoved(candidate["base"], vigy.version)
        base = self._version(vigy.id, vigy.version)
        if base is None:
            raise Fault(PERMANENT, f"version {vigy.version} of {vigy.name} is not there")
        return vigy, base

    def _shadowed(
        self, vigy: Vigy, candidate: Candidate, run: Run, draft: Draft, trial: Mapping[str, Any],
        setting: EnhanceSetting,
    ) -> bool:  # fmt: skip
        """Tick the candidate beside `run`; whether both failed. Raises Refused."""
        shadow = vigy._replace(program=candidate.program, modules=candidate.modules)
        time = VirtualTime(self._time.wall_ms())
        kv, standing = self._store.kv(vigy.id), self._store.standing(vigy.id)
        seconds = setting.verifier_ms / 1000
        with Simulation(shadow, kv, standing, self._store, self._programs, time, seconds, _silent) as simulation:
            made = simulation.tick().run
        worse = None
        if made.result in _BAD and run.result == OK:
            worse = f"fails where version {candidate.base} did not: {made.error}"
        elif made.report.denied and not run.report.denied:
            worse = f"is refused an effect where version {candidate.base} was not"
        if worse is not None:
            reason = f"tick {trial['done'] + 1} in shadow, beside run {run.id}, {worse}"
            draft.verdicts += (Verdict(AXIS, DENY, bounded(reason)),)
            raise Refused(f"{AXIS}: {reason}")
        return made.result in _BAD

    # -- after it

    def watch_of(self, candidate: Candidate, setting: EnhanceSetting) -> Mapping[str, Any] | None:
        """What the watch of a new version must know; None if there is to be none."""
        return None if setting.canary is None else self._watch(candidate, setting.canary.watch_ticks)

    def _watch(self, candidate: Candidate, wanted: int) -> Mapping[str, Any] | None:
        if wanted <= 0:
            return None
        runs, before = list[Run](), None
        while len(runs) < wanted:
            page = self._store.runs(candidate.vigy_id, before=before, limit=PAGE, results=_ENDED)
            runs += [run for run in page if run.version == candidate.base]
            if len(page) < PAGE:
                break
            before = page[-1].seq
        failed, denied = _counted(runs[:wanted])
        return {
            "kind": WATCH, "wanted": wanted, "parent": candidate.base, "after": self._newest(candidate.vigy_id),
            "parent_failed": failed, "parent_denied": denied, "runs": 0, "failed": 0, "denied": 0,
        }  # fmt: skip

    def watch(self, issue: Issue, epoch: str) -> Issue:
        """Go on with a watch: the issue as it is then; `epoch` is for the entry, if the version is taken back.

        Raises Withdrawn, StoreError.
        """
        watch: dict[str, Any] = dict(issue.trial or {})
        vigy = self._store.vigy(issue.vigy_id)
        if vigy is None or vigy.version != issue.version:
            return self._unwatched(issue)
        runs = [run for run in self._runs(vigy.id, watch["after"], vigy.version) if run.result in _ENDED]
        runs = runs[: watch["wanted"] - watch["runs"]]
        failed, denied = _counted(runs)
        watch |= {
            "runs": watch["runs"] + len(runs), "failed": watch["failed"] + failed, "denied": watch["denied"] + denied,
        }  # fmt: skip
        for what in ("failed", "denied"):
            if watch[what] > watch[f"parent_{what}"]:
                return self._taken_back(issue, watch, what, epoch)
        if watch["runs"] >= watch["wanted"]:
            return self._unwatched(issue)
        if len(runs) * _PARTS < watch["wanted"]:
            return issue  # they are counted again at the next look
        now = self._time.wall_ms()
        after = issue._replace(trial=watch | {"after": runs[-1].seq}, updated_at=now)
        return settle(self._store, issue, after, now)[0]

    def _unwatched(self, issue: Issue) -> Issue:
        now = self._time.wall_ms()
        return settle(self._store, issue, issue._replace(trial=None, updated_at=now), now)[0]

    def _taken_back(self, issue: Issue, watch: Mapping[str, Any], what: str, epoch: str) -> Issue:
        """Make the parent's text the newest version, unless somebody moved the head meanwhile."""
        how = {"failed": "failed", "denied": "were refused an effect"}[what]
        reason = (
            f"{AXIS}: {watch[what]} of the first {watch['runs']} runs of version {issue.version} {how}, and "
            f"{watch[f'parent_{what}']} of the last {watch['wanted']} of version {watch['parent']} did"
        )
        parent = self._version(issue.vigy_id, watch["parent"])
        for _ in range(_TRIES):
            vigy = self._store.vigy(issue.vigy_id)
            if vigy is None or vigy.version != issue.version or parent is None:
                return self._unwatched(issue)
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

    # -- what they look at

    def _runs(self, vigy_id: str, after: int, version: int) -> list[Run]:
        """The newest runs of `version` that ended after number `after`, oldest first."""
        page = self._store.runs(vigy_id, limit=PAGE, results=_ENDED)
        return [run for run in reversed(page) if run.seq > after and run.version == version]

    def _newest(self, vigy_id: str) -> int:
        return next((run.seq for run in self._store.runs(vigy_id, limit=1)), 0)

    def _version(self, vigy_id: str, number: int) -> Version | None:
        return next((version for version in self._store.versions(vigy_id) if version.number == number), None)


def _counted(runs: list[Run]) -> tuple[int, int]:
    """How many of `runs` failed, and how many were refused something."""
    return sum(run.result in _BAD for run in runs), sum(run.report.denied > 0 for run in runs)


def _fill(draft: Draft, entry: Epoch, program: str) -> None:
    """Make `draft` what it was when the trial began."""
    for name in (
        "began_at", "base", "base_digest", "bump", "digest", "content", "rationale", "verdicts", "patch", "setting",
        "flow", "calls", "tokens", "cost",
    ):  # fmt: skip
        setattr(draft, name, getattr(entry, name))
    draft.claims, draft.program = list(entry.claims), program


def _go_on() -> None:
    """Nothing cuts the end of a trial short."""


def _silent(text: str) -> object:
    return None
