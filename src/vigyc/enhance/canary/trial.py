"""From a verified candidate to trust in it by and by: ticks in shadow, before the head moves.

The candidate ticks upon what is there after each new run of the version in force, which ticks upon the very same, at
the same time; nothing of either is kept. Where the candidate fails, or is refused something, and the other does not,
the trial ends; how often they ask for other actions is counted. However many runs there were between two looks, what
is there is one state, and so one tick. What the trial must know is with the issue, so that any worker may go on with
it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from vigyc.enhance.canary.watch import AXIS, BAD, Watches, newest_run, runs_of, version_of
from vigyc.enhance.epoch.draft import Draft, bounded
from vigyc.enhance.epoch.fault import PERMANENT, Fault
from vigyc.enhance.epoch.handle import Handle
from vigyc.enhance.epoch.promotion import Candidate, Promotion, Refused, check_head, gone
from vigyc.enhance.epoch.settlement import moved, settle
from vigyc.lang.errors import Halted
from vigyc.model import epoch as outcomes
from vigyc.model import issue as states
from vigyc.model.action import IDLE
from vigyc.model.enhance_codec import epoch_json, read_epoch
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import DENY, PASS, Epoch, Verdict
from vigyc.model.issue import Issue
from vigyc.model.run import Run
from vigyc.model.vigy import Version, Vigy
from vigyc.programs import Programs
from vigyc.rehearsal.simulation import Simulation
from vigyc.runtime import budget
from vigyc.runtime.json_value import dumps
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource, VirtualTime

KIND: Final = "shadow"
_LONGEST: Final = 24 * 3600.0  # seconds of a tick in shadow, beyond those it has itself
_LONGEST_TOLD: Final = 500  # characters of the actions of one tick


class Shadow(NamedTuple):
    """A tick in shadow: whether it failed, as the version in force did; the actions of both, if they differ."""

    bad: bool
    otherwise: str


class Trials:
    """The trials of a store; what comes off is committed by `promotion`, and then one of `watches`."""

    def __init__(
        self, store: Store, programs: Programs, time: TimeSource, promotion: Promotion, watches: Watches
    ) -> None:
        self._store = store
        self._programs = programs
        self._time = time
        self._promotion = promotion
        self._watches = watches

    def begin(self, issue: Issue, candidate: Candidate, draft: Draft, setting: EnhanceSetting) -> Issue:
        """The issue, in trial. Raises HeadMoved, Withdrawn, StoreError."""
        assert setting.canary is not None
        vigy = self._store.vigy(candidate.vigy_id)
        if vigy is not None:
            check_head(vigy, candidate.base, candidate.base_digest)
        now = self._time.wall_ms()
        entry = draft.entry(outcomes.APPLIED, now)  # what it will be, if it comes off; without the text, kept here
        trial = {
            "kind": KIND,
            "wanted": setting.canary.shadow_ticks,
            "watch": setting.canary.watch_ticks,
            "done": 0,
            "bad": 0,
            "otherwise": 0,
            "example": "",
            "after": newest_run(self._store, candidate.vigy_id),
            "candidate": {
                name: value for name, value in candidate._asdict().items() if name not in {"policy", "modules"}
            },
            "entry": epoch_json(entry),
        }
        return settle(self._store, issue, moved(issue, states.TRIAL, now, trial=trial), now)[0]

    def advance(self, issue: Issue, draft: Draft, setting: EnhanceSetting, handle: Handle) -> Issue:
        """Go on with a trial: the issue as it is then. `draft` becomes what its entry is made of.

        Raises Refused, HeadMoved, Fault, Withdrawn, StoreError, and Stopped where `handle` was cut.
        """
        trial: dict[str, Any] = dict(issue.trial or {})
        entry = read_epoch(trial["entry"], "trial")
        _fill(draft, entry, trial["candidate"]["program"])
        vigy, base = self._base(trial["candidate"])
        candidate = Candidate(**trial["candidate"], modules=base.modules)
        if runs := runs_of(self._store, vigy.id, candidate.base, trial["after"], 1):
            shadow = self._shadowed(vigy, candidate, runs[0], draft, trial, setting, handle)
            trial["bad"] += shadow.bad
            if shadow.otherwise:
                trial["example"] = trial["example"] or f" (as after run {runs[0].id}: {shadow.otherwise})"
                trial["otherwise"] += 1
            trial["done"] += 1
            trial["after"] = runs[0].seq
        if trial["done"] >= trial["wanted"]:
            both = f"; {trial['bad']} failed as the version in force did" if trial["bad"] else ""
            others = f"{trial['otherwise']} asked for other actions{trial['example']}" if trial["otherwise"] else ""
            asked = others or "all asked for the same actions"
            told = f"{trial['done']} ticks in shadow, none worse than those of version {candidate.base}{both}; {asked}"
            draft.verdicts += (Verdict(AXIS, PASS, told),)
            watch = self._watches.of(candidate, trial["watch"])
            return self._promotion.commit(issue, candidate, draft, handle.check, watch)
        if trial == issue.trial:
            return issue
        now = self._time.wall_ms()
        return settle(self._store, issue, issue._replace(trial=trial, updated_at=now), now)[0]

    def _base(self, candidate: Mapping[str, Any]) -> tuple[Vigy, Version]:
        vigy = self._store.vigy(candidate["vigy_id"])
        if vigy is None:
            raise gone(candidate["vigy_id"])
        check_head(vigy, candidate["base"], candidate["base_digest"])
        base = version_of(self._store, vigy.id, vigy.version)
        if base is None:
            raise Fault(PERMANENT, f"version {vigy.version} of {vigy.name} is not there")
        return vigy, base

    def _shadowed(
        self, vigy: Vigy, candidate: Candidate, run: Run, draft: Draft, trial: Mapping[str, Any],
        setting: EnhanceSetting, handle: Handle,
    ) -> Shadow:  # fmt: skip
        """Tick the candidate, and the version in force beside it, upon what is there after `run`.

        Raises Refused, Stopped.
        """
        shadow = vigy._replace(program=candidate.program, modules=candidate.modules)
        kv, standing, now = self._store.kv(vigy.id), self._store.standing(vigy.id), self._time.wall_ms()

        def ticked(which: Vigy) -> Run:
            seconds, time = setting.verifier_ms / 1000, VirtualTime(now)
            with Simulation(which, kv, standing, self._store, self._programs, time, seconds, _silent) as simulation:
                return _stoppable(handle, lambda: simulation.tick().run)

        made, real, worse = ticked(shadow), ticked(vigy), None
        if made.result in BAD and real.result not in BAD:
            worse = f"fails where version {candidate.base} does not: {made.error}"
        elif made.report.denied and not real.report.denied:
            worse = f"is refused an effect where version {candidate.base} is not"
        if worse is not None:
            reason = f"tick {trial['done'] + 1} in shadow, after run {run.id}, {worse}"
            draft.verdicts += (Verdict(AXIS, DENY, bounded(reason)),)
            raise Refused(f"{AXIS}: {reason}")
        was, now_asked = _asked(real), _asked(made)
        return Shadow(made.result in BAD, "" if was == now_asked else f"{was} -> {now_asked}")


def _asked(run: Run) -> str:
    """The actions of a tick that ask a host for something, in a line."""
    asked = [dumps(action.to_json()) for action in run.actions if action.kind not in IDLE]
    return bounded(", ".join(asked) or "nothing", _LONGEST_TOLD)


def _stoppable(handle: Handle, work: Callable[[], Run]) -> Run:
    """What `work` gives. Raises Stopped where `handle` is cut, and at once."""
    tokens: list[budget.Token] = []

    def stop() -> None:
        for token in tokens:
            budget.cut(token)

    with handle.stopping(stop):
        try:
            token = budget.arm(_LONGEST)
            try:
                tokens.append(token)
                handle.check()  # it may have been cut before there was anything to cut
                made = work()
            finally:
                budget.disarm(token)
        except Halted:
            handle.check()
            raise
        handle.check()  # a tick that was cut seems to have failed
    return made


def _fill(draft: Draft, entry: Epoch, program: str) -> None:
    """Make `draft` what it was when the trial began."""
    for name in (
        "began_at", "base", "base_digest", "bump", "digest", "content", "rationale", "verdicts", "patch", "setting",
        "flow", "calls", "tokens", "cost",
    ):  # fmt: skip
        setattr(draft, name, getattr(entry, name))
    draft.claims, draft.program = list(entry.claims), program


def _silent(text: str) -> object:
    return None
