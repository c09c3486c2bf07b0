"""From the enhance pipeline of a runtime to the same for asyncio: what blocks is awaited."""

from __future__ import annotations

from vigyc.service.awaited import Awaited, awaited
from vigyc.service.enhancement import Enhancement


class AsyncEnhancement(Awaited[Enhancement]):
    """`Enhancement` for asyncio. The methods are awaited, and raise what those of `Enhancement` raise."""

    submit = awaited(Enhancement.submit)
    issue = awaited(Enhancement.issue)
    issues = awaited(Enhancement.issues)
    wait = awaited(Enhancement.wait)
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
