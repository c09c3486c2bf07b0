"""From a door to the enhance pipeline behind it: what `service.enhancement.Enhancement` is for one in this process."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from vigyc.model.argument import checked_count
from vigyc.model.codec import from_json
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import Epoch, Verdict
from vigyc.model.issue import ENDED, Issue
from vigyc.model.run_codec import given
from vigyc.service.enhancement import EnhanceStatus, Submitted, checked_states
from vigyc.service.patience import Patience
from vigyc.surfaces.wire import enhanced
from vigyc.surfaces.wire.argument import MOST
from vigyc.surfaces.wire.door import Door

_AT_A_TIME: Final = 20.0  # seconds that one request waits
_SOMEBODY: Final = "operator"  # who approves, unless it is said; a server knows better, by the token


class RemoteEnhancement:
    """The pipeline behind `door`: issues are submitted, looked at and decided on; who works them off is there."""

    def __init__(self, door: Door) -> None:
        self._door = door

    # -- issues

    def submit(
        self,
        ref: str,
        intent: str,
        *,
        constraints: Mapping[str, Any] | None = None,
        proposal: Mapping[str, Any] | None = None,
        setting: str = "default",
        author: str | None = None,
        key: str | None = None,
    ) -> Submitted:
        """Enqueue the wish to change the program of vigy `ref`: `intent` in words, and maybe a patch (`proposal`).

        `constraints` are for proposers that understand them. Submitting again with the same `key` gives the issue of
        before. Raises TooMany where the queue is full.
        """
        fields = given(constraints=constraints, proposal=proposal, author=author, key=key)
        return enhanced.submitted_of(self._ask("submit_issue", vigy=ref, intent=intent, setting=setting, **fields))

    def issue(self, ref: str) -> Issue:
        """One issue."""
        return from_json(Issue, self._ask("get_issue", issue=ref))

    def issues(
        self, ref: str | None = None, *, states: Collection[str] = (), before: str | None = None, limit: int = 20
    ) -> list[Issue]:
        """Issues, newest first, of one vigy or of all, in these states; `before` is the id to go on from, or how it
        begins."""
        fields = given(vigy=ref, states=list(checked_states(states)) or None)
        found: list[Issue] = []
        while (left := checked_count("limit", limit) - len(found)) > 0:
            on = given(before=found[-1].id if found else before)
            page = self._ask("list_issues", **fields, **on, limit=min(left, MOST))
            found += [from_json(Issue, each) for each in page]
            if len(page) < MOST:
                break
        return found

    def wait(self, ref: str, timeout: float | None = None) -> Issue:
        """The issue once it has ended, or as it is after `timeout` seconds."""
        patience = Patience(timeout, _AT_A_TIME)
        while True:
            ms = max(round(patience.left() * 1000), 1)
            issue = from_json(Issue, self._ask("wait_issue", issue=ref, timeout_ms=ms))
            if issue.state in ENDED or patience.left() <= 0:
                return issue

    def cancel(self, ref: str, *, author: str | None = None, note: str | None = None) -> Issue:
        """End an issue that has not ended; what works it off is stopped."""
        return from_json(Issue, self._ask("cancel_issue", issue=ref, **given(author=author, note=note)))

    def retry(self, ref: str) -> Issue:
        """Have an issue that ended without a new version worked off once more."""
        return from_json(Issue, self._ask("retry_issue", issue=ref))

    def approve(self, ref: str, *, author: str = _SOMEBODY) -> Issue:
        """Let an issue change what is protected, and need more than its program may do now."""
        return from_json(Issue, self._ask("approve_issue", issue=ref, **_said(author)))

    # -- the log

    def log(
        self, ref: str | None = None, *, issue: str | None = None, before: int | None = None, limit: int = 20
    ) -> list[Epoch]:
        """The epochs, newest first, of one vigy, of one issue or of all; `before` is the number to go on from."""
        fields = given(vigy=ref, issue=issue)
        found: list[Epoch] = []
        while (left := checked_count("limit", limit) - len(found)) > 0:
            on = given(before=found[-1].seq if found else before)
            page = self._ask("list_epochs", **fields, **on, limit=min(left, MOST))
            found += [from_json(Epoch, each) for each in page]
            if len(page) < MOST:
                break
        return found

    def epoch(self, ref: str) -> Epoch:
        """One epoch."""
        return from_json(Epoch, self._ask("get_epoch", epoch=ref))

    # -- settings

    def settings(self) -> list[EnhanceSetting]:
        """The settings, by name."""
        return [from_json(EnhanceSetting, each) for each in self._ask("list_enhance_settings")]

    def setting(self, name: str = "default") -> EnhanceSetting:
        """One of them."""
        return from_json(EnhanceSetting, self._ask("get_enhance_setting", setting=name))

    def put_setting(self, name: str, fields: Mapping[str, Any]) -> EnhanceSetting:
        """Change these fields of a setting (JSON; null is the default again), or make it; it holds from the next epoch.

        Nothing is stored that could not be used: raises Invalid for an axis, a flow or a version that is not there.
        """
        return from_json(EnhanceSetting, self._ask("put_enhance_setting", setting=name, fields=fields))

    def remove_setting(self, name: str) -> None:
        """Delete a setting; `default` is as it was made again. One that open issues go by stays (conflict)."""
        self._ask("delete_enhance_setting", setting=name)

    def pause(self, name: str = "default", reason: str = "paused by an operator") -> EnhanceSetting:
        """Have the issues of a setting wait."""
        return from_json(EnhanceSetting, self._ask("pause_enhance", setting=name, reason=reason))

    def resume(self, name: str = "default") -> EnhanceSetting:
        """Go on with them."""
        return from_json(EnhanceSetting, self._ask("resume_enhance", setting=name))

    # -- working

    def verify(self, ref: str, program: str, setting: str = "default") -> tuple[Verdict, ...]:
        """What the verifiers say of `program` as the next one of vigy `ref`; nothing is kept."""
        told = self._ask("verify_candidate", id=ref, program=program, setting=setting)
        return enhanced.verified_of(told)

    def status(self) -> EnhanceStatus:
        """How it goes with the queue."""
        return enhanced.status_of(self._ask("get_enhance"))

    def _ask(self, operation: str, /, **arguments: Any) -> Any:
        return self._door.perform(operation, arguments)


def _said(author: str) -> dict[str, str]:
    """Who approves; left to the server if nobody said it."""
    return {} if author == _SOMEBODY else {"author": author}
