"""From the enhance pipeline of a runtime to the same for asyncio: what blocks is awaited.

Who waits for the end of an issue waits in the event loop: no thread does, and whoever gives up leaves nothing behind.
"""

from __future__ import annotations

import asyncio

from vigyc.model.issue import ENDED, Issue
from vigyc.service.async_subscription import AsyncSubscription
from vigyc.service.awaited import Awaited, awaited
from vigyc.service.enhancement import LOOK_AGAIN, Enhancement
from vigyc.service.patience import Patience


class AsyncEnhancement(Awaited[Enhancement]):
    """`Enhancement` for asyncio. The methods are awaited, and raise what those of `Enhancement` raise."""

    submit = awaited(Enhancement.submit)
    issue = awaited(Enhancement.issue)
    issues = awaited(Enhancement.issues)
    cancel = awaited(Enhancement.cancel)
    retry = awaited(Enhancement.retry)
    approve = awaited(Enhancement.approve)
    log = awaited(Enhancement.log)
    epoch = awaited(Enhancement.epoch)
    settings = awaited(Enhancement.settings)
    setting = awaited(Enhancement.setting)
    put_setting = awaited(Enhancement.put_setting)
    remove_setting = awaited(Enhancement.remove_setting)
    pause = awaited(Enhancement.pause)
    resume = awaited(Enhancement.resume)
    verify = awaited(Enhancement.verify)
    status = awaited(Enhancement.status)
    drain = awaited(Enhancement.drain)

    async def wait(self, ref: str, timeout: float | None = None) -> Issue:
        """The issue once it has ended, or as it is after `timeout` seconds."""
        patience = Patience(timeout, LOOK_AGAIN)
        issue = await self.issue(ref)
        async with AsyncSubscription(await asyncio.to_thread(self._blocking._subscribe, issue.vigy_id)) as heard:
            while (issue := await self.issue(issue.id)).state not in ENDED and (left := patience.left()) > 0:
                await heard.get(left)
        return issue
