"""From a leased issue to a verified candidate: the course of one epoch, up to where anything would be written.

    setting -> flow -> target -> run the flow -> read its claim -> verify the very text

All that becomes known on the way is in the draft of its entry, whatever ends it.
"""

from __future__ import annotations

from time import monotonic

from vigyc.enhance.epoch.decision import denials, differences
from vigyc.enhance.epoch.draft import Draft
from vigyc.enhance.epoch.fault import CONFIGURATION, PERMANENT, Fault
from vigyc.enhance.epoch.handle import CLAIMED, FLOW, ORCHESTRATED, SETTING, TARGET, VERIFIED, Handle
from vigyc.enhance.epoch.judging import Judging, axes_of
from vigyc.enhance.epoch.promotion import Candidate, Refused, check_approved, gone
from vigyc.enhance.flow.briefing import briefing
from vigyc.enhance.flow.calls import Calls
from vigyc.enhance.flow.commit_shape import Claim, CommitShape, check_version, read_commit
from vigyc.enhance.flow.running import FlowProgram, run_flow
from vigyc.enhance.flow.selection import chosen
from vigyc.enhance.flow.steps import EpochSteps, oversize
from vigyc.enhance.settings import setting_named
from vigyc.enhance.verifiers.case import Case
from vigyc.lang.digest import digest
from vigyc.lang.errors import Invalid, NotFound
from vigyc.model.argument import checked_text
from vigyc.model.enhance_codec import read_setting, setting_json
from vigyc.model.enhance_setting import AXES, EnhanceSetting
from vigyc.model.issue import Issue
from vigyc.model.label import BUMPS
from vigyc.model.vigy import Version, Vigy
from vigyc.programs import Programs
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource


class Course:
    """One epoch of `issue`. `setting` is the one it goes by: until that was read, the one that is there anyway."""

    def __init__(
        self, issue: Issue, handle: Handle, store: Store, programs: Programs, time: TimeSource, slot: int = 0
    ) -> None:
        self.issue = issue
        self.setting = EnhanceSetting(issue.setting)
        self.draft = Draft(issue, time.wall_ms())
        self._handle = handle
        self._store = store
        self._programs = programs
        self._time = time
        self._slot = slot
        self._began = monotonic()

    def candidate(self) -> Candidate:
        """What is to be committed. Raises Refused, Fault, Stopped, StoreError."""
        self._read_setting()
        self._handle.reach(SETTING)
        flow = self._flow()
        self._handle.reach(FLOW)
        vigy, base = self._target()
        check_approved(self._store, self.issue, vigy, flow.vigy)
        self._handle.reach(TARGET)
        policy = self._programs.powers.policy_of(vigy.name, vigy.labels)  # before anything is verified under it
        case = Case(
            vigy, base, base.program, base.modules, self.setting, self.issue.approved_by is not None,
            self._programs, self._store, self._time,
        )  # fmt: skip
        judging = Judging(case, self._handle, self._began + self.setting.ttl_ms / 1000)
        claim = self._claim(flow, case, judging)
        self._handle.reach(CLAIMED)
        program, content = self._verified(claim, judging)
        self._handle.reach(VERIFIED)
        return Candidate(
            vigy.id, base.number, base.digest, program, base.modules, digest(program), content, claim.bump, flow.vigy,
            policy,
        )  # fmt: skip

    def go_by_trial(self) -> None:
        """The epoch is in trial: it goes on by the setting as it was when it began."""
        assert self.issue.trial is not None
        self.setting = read_setting(self.issue.trial["entry"]["setting"], "trial.setting")
        self.draft.setting = setting_json(self.setting)

    # -- what it goes by

    def _read_setting(self) -> None:
        try:
            self.setting = setting = setting_named(self._store, self.issue.setting)
        except NotFound as error:
            raise Fault(CONFIGURATION, str(error)) from error
        self.draft.setting = setting_json(setting)
        where = f"the setting {setting.name!r}"
        if setting.ttl_ms <= 0:
            raise Fault(CONFIGURATION, f"{where} has a ttl_ms of {setting.ttl_ms}: an epoch would have no time")
        if not setting.verifiers:
            raise Fault(CONFIGURATION, f"{where} names no verifiers: nothing unverified becomes a version")
        if unknown := [axis for axis in setting.verifiers if axis not in AXES]:
            raise Fault(CONFIGURATION, f"{where} names the axis {unknown[0]!r:.60}; there are {', '.join(AXES)}")

    def _flow(self) -> FlowProgram:
        try:
            flow = chosen(self.setting, self._store)
        except (NotFound, Invalid) as error:
            raise Fault(CONFIGURATION, f"the flow of the setting {self.setting.name!r}: {error}") from error
        self.draft.flow = flow.told
        return flow.program

    def _target(self) -> tuple[Vigy, Version]:
        vigy = self._store.vigy(self.issue.vigy_id)
        if vigy is None:
            raise gone(self.issue.vigy_id)
        versions = self._store.versions(vigy.id)
        base = next((version for version in versions if version.number == vigy.version), None)
        if base is None or digest(base.program) != base.digest:
            raise Fault(PERMANENT, f"version {vigy.version} of {vigy.name} is damaged: `vigyc db verify` says more")
        self.draft.base, self.draft.base_digest = base.number, base.digest
        return vigy, base

    # -- what comes of it

    def _claim(self, flow: FlowProgram, case: Case, judging: Judging) -> Claim:
        vigy, base = case.vigy, case.base
        findings = self._programs.check_whole(case.incumbent).findings
        axes = axes_of(self.setting)
        context = briefing(self.issue, vigy, base, self._store.standing(vigy.id), findings, self.setting, axes)
        steps, calls, draft = EpochSteps(context, case, axes, judging), Calls(), self.draft
        try:
            run = run_flow(
                flow, steps, self._programs, slot=str(self._slot), seconds=judging.left(), ttl_ms=self.setting.ttl_ms,
                at_ms=self._time.wall_ms(), handle=self._handle, calls=calls,
            )  # fmt: skip
        finally:
            draft.patch, draft.calls, draft.tokens, draft.cost = steps.patch, calls.told(), calls.tokens, calls.cost
        self._handle.reach(ORCHESTRATED)
        try:
            return read_commit(run.context)
        except CommitShape as error:
            raise Fault(PERMANENT, str(error)) from error

    def _verified(self, claim: Claim, judging: Judging) -> tuple[str, str]:
        """The text that may be committed, and its name. Raises Refused, Fault."""
        draft, axes = self.draft, axes_of(self.setting)
        draft.rationale = claim.rationale
        if not claim.committed:
            draft.program = judging.last
            draft.verdicts = () if judging.last is None else judging.known(judging.last)
            draft.claims += differences(claim, draft.verdicts, axes)
            raise Refused(*claim.reasons)
        program = self._checked(claim)
        draft.program, draft.digest, draft.content = program, digest(program), judging.content(program)
        if not judging.known(program):
            draft.claims.append("the text that the flow commits is none that it had verified")
        draft.verdicts = judging.verdicts(program, axes)
        draft.claims += differences(claim, draft.verdicts, axes)
        if reasons := denials(draft.verdicts):
            raise Refused(*reasons)
        try:
            check_version(claim, draft.content or "")
        except CommitShape as error:
            raise Fault(PERMANENT, str(error)) from error
        assert draft.content is not None  # it reads
        return program, draft.content

    def _checked(self, claim: Claim) -> str:
        """The text of `claim`, if a version could be it. Raises Refused."""
        if claim.bump not in BUMPS:
            raise Refused(f"bump: it must be one of {', '.join(BUMPS)}, not {claim.bump!r:.60}")
        if (why := oversize(claim.program, self.setting.max_program_bytes)) is not None:
            raise Refused(why)
        self.draft.bump = claim.bump
        try:
            return checked_text("the program", claim.program)
        except Invalid as error:
            raise Refused(str(error)) from error
