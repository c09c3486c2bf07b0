"""From an issue that is leased to one that is settled: an epoch, whatever happens in it.

    take -> course (nothing is written) -> commit, or a trial, or what the fault calls for

Every epoch ends in exactly one transaction with exactly one entry in the log. What a flow, a proposer, a candidate, a
verifier or a setting does wrong ends it; only a store that cannot be written leaves it open, until its lease is over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

from vigyc.enhance.canary.trial import Trials
from vigyc.enhance.canary.watch import Watches
from vigyc.enhance.epoch.backoff import delay_ms
from vigyc.enhance.epoch.course import Course
from vigyc.enhance.epoch.draft import bounded
from vigyc.enhance.epoch.fault import CONFIGURATION, PERMANENT, RETRYABLE, Fault
from vigyc.enhance.epoch.handle import SETTLED, SETTLING, Handle, Stopped
from vigyc.enhance.epoch.judging import out_of_time
from vigyc.enhance.epoch.promotion import HeadMoved, Promotion, Refused
from vigyc.enhance.epoch.settlement import Withdrawn, moved, settle
from vigyc.enhance.epoch.slots import Slots
from vigyc.enhance.flow.running import compiled
from vigyc.enhance.flow.selection import chosen
from vigyc.enhance.settings import LONGEST_REASON
from vigyc.lang.errors import Conflict, Halted, Invalid, StoreError
from vigyc.model import epoch as outcomes
from vigyc.model import issue as states
from vigyc.model.enhance_setting import REJECT, EnhanceSetting
from vigyc.model.issue import Issue
from vigyc.programs import Programs
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource

_log: Final = logging.getLogger("vigyc")


class Pipeline:
    """Works off issues of `store`. It may be used from several threads, an issue in each."""

    def __init__(self, store: Store, programs: Programs, time: TimeSource) -> None:
        self._store = store
        self._programs = programs
        self._time = time
        self._promotion = Promotion(store, programs, time)
        self._slots = Slots()
        self._watches = Watches(store, programs, time)
        self._trials = Trials(store, programs, time, self._promotion, self._watches)

    def check_flow(self, setting: EnhanceSetting) -> None:
        """Find and compile the flow of `setting`. Raises NotFound, Invalid, CompileError."""
        compiled(chosen(setting, self._store).program, self._programs)

    def run(self, issue: Issue, handle: Handle) -> Issue:
        """The issue as it is after the epoch that it is leased for: settled, or what somebody else made of it.

        Raises StoreError when it could not be settled.
        """
        with self._slots.one() as slot:
            course = Course(issue, handle, self._store, self._programs, self._time, slot)
            settled = self._ended(course, lambda: self._interruptible(course, handle))
        handle.step = SETTLED
        return settled

    def advance(self, issue: Issue, handle: Handle) -> Issue:
        """Go on with an issue in trial, unless its setting is paused: the issue as it is then. Raises StoreError.

        Where `handle` is cut the trial stays as it was.
        """
        known = self._store.enhance_setting(issue.setting)
        if known is not None and known.paused is not None:
            return issue
        course = Course(issue, handle, self._store, self._programs, self._time)
        return self._ended(course, lambda: self._tried(course, handle))

    def watch(self, issue: Issue, epoch: str) -> Issue:
        """Go on with watching an applied issue's version: the issue as it is then. Raises StoreError."""
        try:
            return self._watches.advance(issue, epoch)
        except Withdrawn as error:
            return issue if error.known is None else error.known

    def _ended(self, course: Course, work: Callable[[], Issue]) -> Issue:
        """The issue after `work`, or after the one settling that a fault of it calls for. Raises StoreError."""
        try:
            try:
                return work()
            except Refused as error:
                return self._settle(course, states.REJECTED, outcomes.REJECTED, error.reasons)
            except HeadMoved as error:
                return self._stale(course, str(error))
            except Fault as error:
                return self._faulty(course, error)
            except (Withdrawn, StoreError):
                raise
            except Exception as error:  # a fault of ours: the issue ends, and the worker goes on
                _log.exception("an epoch of issue %s ended in an error of vigyc", course.issue.id)
                return self._faulty(course, Fault(PERMANENT, f"an error of vigyc: {type(error).__name__}: {error}"))
        except Withdrawn as error:
            return course.issue if error.known is None else error.known

    def _interruptible(self, course: Course, handle: Handle) -> Issue:
        """The epoch; the issue is put back where it was cut. Raises Fault, also where the store failed."""
        try:
            return self._worked_off(course, handle)
        except Stopped as error:
            return self._put_back(course, str(error))
        except Halted:
            raise out_of_time(course.setting) from None
        except StoreError as error:
            if not course.draft.setting:  # it cannot be read, which is no issue's fault
                return self._put_back(course, f"the setting cannot be read: {error}", course.setting.backoff_max_ms)
            raise Fault(RETRYABLE, f"the store failed: {error}") from error
        except Exception:
            raise
        except BaseException:  # whoever works it off in a thread of their own is interrupted
            with suppress(Withdrawn, StoreError):
                self._put_back(course, "the worker was interrupted")
            raise

    def _worked_off(self, course: Course, handle: Handle) -> Issue:
        candidate = course.candidate()
        handle.reach(SETTLING)
        issue, canary = course.issue, course.setting.canary
        if canary is not None and canary.shadow_ticks > 0:
            return self._trials.begin(issue, candidate, course.draft, course.setting)
        watch = None if canary is None else self._watches.of(candidate, canary.watch_ticks)
        return self._promotion.commit(issue, candidate, course.draft, handle.check, watch)

    def _tried(self, course: Course, handle: Handle) -> Issue:
        course.go_by_trial()
        try:
            return self._trials.advance(course.issue, course.draft, course.setting, handle)
        except Stopped:
            return course.issue

    # -- how it ends otherwise

    def _faulty(self, course: Course, fault: Fault) -> Issue:
        if fault.kind == CONFIGURATION:
            return self._pause(course, fault.reason)
        if fault.kind == PERMANENT:
            return self._settle(course, states.FAILED, outcomes.FAILED, (fault.reason,))
        return self._again(course, outcomes.RETRY, fault.reason, delay_ms)

    def _stale(self, course: Course, reason: str) -> Issue:
        if course.setting.on_conflict == REJECT:
            return self._settle(course, states.REJECTED, outcomes.REJECTED, (f"stale: {reason}",))
        return self._again(course, outcomes.CONFLICT, reason, lambda *_: 0)

    def _again(self, course: Course, outcome: str, reason: str, delay: Any) -> Issue:
        issue, setting = course.issue, course.setting
        if issue.attempts >= setting.attempts:
            reasons = (reason, f"that was attempt {issue.attempts} of {setting.attempts}")
            return self._settle(course, states.DEAD, outcomes.DEAD, reasons)
        due = self._time.wall_ms() + delay(setting, issue.id, issue.attempts)
        return self._settle(course, states.PENDING, outcome, (reason,), due_at=due)

    def _put_back(self, course: Course, reason: str, delay: int = 0) -> Issue:
        """The epoch ends through no fault of the issue's: it is pending again, and the attempt does not count."""
        due, attempts = self._time.wall_ms() + delay, course.issue.attempts - 1
        return self._settle(course, states.PENDING, outcomes.RETRY, (reason,), due_at=due, attempts=attempts)

    def _pause(self, course: Course, reason: str) -> Issue:
        """Have all issues of the setting wait, this one too, until the setting is mended and resumed.

        The setting first: else another worker would take the issue in between, to the same end.
        """
        setting, issue = course.setting, course.issue
        now = self._time.wall_ms()
        paused = setting._replace(paused=bounded(reason, LONGEST_REASON))
        known = self._store.enhance_setting(setting.name)
        if known is None or (known.paused is None and known.updated_at == setting.updated_at):
            with suppress(Conflict):  # it was mended, or paused, meanwhile
                self._store.put_enhance_setting(paused, now, seen=0 if known is None else known.updated_at)
        return self._settle(course, states.PENDING, outcomes.PAUSED, (reason,), due_at=now, attempts=issue.attempts - 1)

    def _settle(self, course: Course, state: str, outcome: str, reasons: Iterable[str], **fields: Any) -> Issue:
        now, draft = self._time.wall_ms(), course.draft
        after = moved(course.issue, state, now, reasons, **fields)
        try:
            return settle(self._store, course.issue, after, now, draft.entry(outcome, now, reasons))[0]
        except Invalid as error:  # what the flow left is nothing that a store could hold
            entry = draft.bare().entry(outcome, now, (*reasons, f"the rest could not be logged: {error}"))
            return settle(self._store, course.issue, after, now, entry)[0]
