"""From a client to the same for asyncio: what blocks is awaited, what is listened to is an async iterator.

async with AsyncClient.connect("http://127.0.0.1:38821", token=token) as client:
    await client.register('(vigy-incr "ticks")', name="counter", every="10s")
    async for notice in await client.subscribe(kinds=["run"]):
        print(notice.run)
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from types import TracebackType
from typing import Final

from vigyc.model.issue import ENDED, Issue
from vigyc.model.vigy import Vigy
from vigyc.service.async_subscription import AsyncSubscription
from vigyc.service.awaited import Awaited, awaited
from vigyc.service.patience import Patience
from vigyc.surfaces.client.client import TIMEOUT, Client
from vigyc.surfaces.client.enhancement import RemoteEnhancement
from vigyc.surfaces.client.kv import RemoteKv

PAUSE: Final = 0.05  # seconds until an issue that is waited for is looked at again; doubled each time
LONGEST_PAUSE: Final = 1.0


class AsyncRemoteKv(Awaited[RemoteKv]):
    """`RemoteKv` for asyncio: the same methods, awaited."""

    get = awaited(RemoteKv.get)
    items = awaited(RemoteKv.items)
    export = awaited(RemoteKv.export)
    set = awaited(RemoteKv.set)
    delete = awaited(RemoteKv.delete)
    replace = awaited(RemoteKv.replace)

    async def vigy(self) -> Vigy:
        """The vigy, as it is since the last change made here."""
        return await asyncio.to_thread(lambda: self._blocking.vigy)


class AsyncRemoteEnhancement(Awaited[RemoteEnhancement]):
    """`RemoteEnhancement` for asyncio: the same methods, awaited.

    Who waits for the end of an issue looks at it again and again; no thread waits, and whoever gives up leaves none.
    """

    submit = awaited(RemoteEnhancement.submit)
    issue = awaited(RemoteEnhancement.issue)
    issues = awaited(RemoteEnhancement.issues)
    cancel = awaited(RemoteEnhancement.cancel)
    retry = awaited(RemoteEnhancement.retry)
    approve = awaited(RemoteEnhancement.approve)
    log = awaited(RemoteEnhancement.log)
    epoch = awaited(RemoteEnhancement.epoch)
    settings = awaited(RemoteEnhancement.settings)
    setting = awaited(RemoteEnhancement.setting)
    put_setting = awaited(RemoteEnhancement.put_setting)
    remove_setting = awaited(RemoteEnhancement.remove_setting)
    pause = awaited(RemoteEnhancement.pause)
    resume = awaited(RemoteEnhancement.resume)
    verify = awaited(RemoteEnhancement.verify)
    status = awaited(RemoteEnhancement.status)

    async def wait(self, ref: str, timeout: float | None = None) -> Issue:
        """The issue once it has ended, or as it is after `timeout` seconds."""
        patience, pause = Patience(timeout, LONGEST_PAUSE), PAUSE
        while (issue := await self.issue(ref)).state not in ENDED and (left := patience.left()) > 0:
            await asyncio.sleep(min(pause, left))
            pause *= 2
        return issue


class AsyncClient(Awaited[Client]):
    """`Client` for asyncio: the same methods, awaited, raising the same; `AsyncClient.connect` makes one."""

    register = awaited(Client.register)
    update = awaited(Client.update)
    enable = awaited(Client.enable)
    disable = awaited(Client.disable)
    delete = awaited(Client.delete)
    rollback = awaited(Client.rollback)
    get = awaited(Client.get)
    browse = awaited(Client.browse)
    overview = awaited(Client.overview)
    next = awaited(Client.next)
    explain = awaited(Client.explain)
    state = awaited(Client.state)
    standing = awaited(Client.standing)
    run = awaited(Client.run)
    runs = awaited(Client.runs)
    notices = awaited(Client.notices)
    denials = awaited(Client.denials)
    health = awaited(Client.health)
    stats = awaited(Client.stats)
    versions = awaited(Client.versions)
    version = awaited(Client.version)
    diff = awaited(Client.diff)
    check = awaited(Client.check)
    python = awaited(Client.python)
    audit = awaited(Client.audit)
    policy = awaited(Client.policy)
    decide = awaited(Client.decide)
    tick = awaited(Client.tick)
    dry_run = awaited(Client.dry_run)
    replay = awaited(Client.replay)
    resolve = awaited(Client.resolve)
    pause = awaited(Client.pause)
    resume = awaited(Client.resume)
    close = awaited(Client.close)
    list = awaited(Client.list)

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.enhance = AsyncRemoteEnhancement(client.enhance)

    @classmethod
    def connect(
        cls, url: str, token: str | None = None, *, timeout: float = TIMEOUT, ca: str | None = None
    ) -> AsyncClient:
        """A client for the server at `url`, see `Client.connect`; an async context manager that closes it."""
        return cls(Client.connect(url, token, timeout=timeout, ca=ca))

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def kv(self, ref: str) -> AsyncRemoteKv:
        """Its kv."""
        return AsyncRemoteKv(await asyncio.to_thread(self._blocking.kv, ref))

    async def subscribe(
        self,
        after: int | None = None,
        *,
        vigy: str | None = None,
        kinds: Collection[str] | None = None,
        capacity: int = 1024,
        refill: bool = False,
    ) -> AsyncSubscription:
        """What happens from now on, or after sequence number `after`: of all or one vigy, of all or some kinds."""
        heard = await asyncio.to_thread(
            self._blocking.subscribe, after, vigy=vigy, kinds=kinds, capacity=capacity, refill=refill
        )
        return AsyncSubscription(heard)
