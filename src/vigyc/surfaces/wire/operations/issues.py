"""From a wish to change a vigy's program to an issue: submitted, looked at, waited for, cancelled, tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigyc.model.issue import Issue
from vigyc.model.run_codec import given
from vigyc.service.async_enhancement import AsyncEnhancement
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.enhanced import named_json, names_of, submitted_json
from vigyc.surfaces.wire.operation import operation
from vigyc.surfaces.wire.operations import arguments as a

MOST_MS: Final = 30_000
"""The longest that one request waits."""


@operation(
    "POST /v1/issues", Role.OPERATE, a.TARGET, a.INTENT, a.CONSTRAINTS, a.PROPOSAL, a.SETTING, a.BY, a.ONCE
)  # fmt: skip
def submit_issue(
    runtime: Runtime,
    vigy: str,
    intent: str,
    constraints: Mapping[str, Any] | None = None,
    proposal: Mapping[str, Any] | None = None,
    setting: str = "default",
    author: str | None = None,
    key: str | None = None,
) -> Any:
    """Ask for a better version of a vigy's program: the issue, which waits its turn.

    Whatever is proposed, the runtime verifies it before it becomes the vigy's next version; nothing is changed if
    anything speaks against it, and the issue says what.
    """
    done = runtime.enhance.submit(
        vigy, intent, constraints=constraints, proposal=proposal, setting=setting, author=author, key=key
    )  # fmt: skip
    return submitted_json(done, names_of(runtime, [done.issue]))


@operation("GET /v1/issues", Role.READ, a.VIGY, a.STATES_, a.BEFORE_ISSUE, a.LIMIT)
def list_issues(
    runtime: Runtime,
    vigy: str | None = None,
    states: Sequence[str] = (),
    before: str | None = None,
    limit: int = 20,
) -> Any:
    """Issues, the newest first, of one vigy or of all; go on `before` the id of the last one."""
    found = runtime.enhance.issues(vigy, states=states, before=before, limit=limit)
    names = names_of(runtime, found)
    return [named_json(issue, names) for issue in found]


@operation("GET /v1/issues/{issue}", Role.READ, a.ISSUE)
def get_issue(runtime: Runtime, issue: str) -> Any:
    """One issue: what is wanted, how far it has come, and why it ended as it did."""
    return _told(runtime, runtime.enhance.issue(issue))


async def _awaited(runtime: Runtime, issue: str, timeout_ms: int = MOST_MS) -> Any:
    found = await AsyncEnhancement(runtime.enhance).wait(issue, min(timeout_ms, MOST_MS) / 1000)
    return await asyncio.to_thread(_told, runtime, found)


@operation("GET /v1/issues/{issue}/wait", Role.READ, a.ISSUE, a.PATIENCE, slow=True, awaited=_awaited)
def wait_issue(runtime: Runtime, issue: str, timeout_ms: int = MOST_MS) -> Any:
    """Wait for the end of an issue: the issue, ended or as it is when the time is up."""
    return _told(runtime, runtime.enhance.wait(issue, min(timeout_ms, MOST_MS) / 1000))


@operation("POST /v1/issues/{issue}/cancel", Role.OPERATE, a.ISSUE, a.BY, a.WHY)
def cancel_issue(runtime: Runtime, issue: str, author: str | None = None, note: str | None = None) -> Any:
    """End an issue that has not ended; an attempt under way is stopped, and nothing of it is kept."""
    return _told(runtime, runtime.enhance.cancel(issue, author=author, note=note))


@operation("POST /v1/issues/{issue}/retry", Role.OPERATE, a.ISSUE)
def retry_issue(runtime: Runtime, issue: str) -> Any:
    """Let an issue that ended without a version wait its turn once more."""
    return _told(runtime, runtime.enhance.retry(issue))


@operation("POST /v1/issues/{issue}/approve", Role.ADMIN, a.ISSUE, a.BY)
def approve_issue(runtime: Runtime, issue: str, author: str | None = None) -> Any:
    """Let an issue change what decides on changes, for which it is held, and let its program need more effects than it
    may have now; one that was rejected for that can be tried again then."""
    return _told(runtime, runtime.enhance.approve(issue, **given(author=author)))


def _told(runtime: Runtime, issue: Issue) -> Any:
    return named_json(issue, names_of(runtime, [issue]))
