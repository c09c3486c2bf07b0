"""From what happens in a store to word of it for the clients that asked: this resource changed, that list did.

One task reads the stream, from the first wish to hear of it on. Clients of the protocol of 2026 keep a request open for
it; older ones subscribe and are told in their session, the `MOST` latest of them.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from typing import Any, Final

import anyio
from anyio.abc import TaskGroup
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.subscriptions import ResourcesListChanged, ResourceUpdated
from mcp.types import SubscriptionsListenRequestParams, SubscriptionsListenResult

from vigyc.lang.errors import Invalid, VigycError
from vigyc.model.notice import DELETED, REGISTERED, UPDATED, Notice
from vigyc.surfaces.mcp.calls import protocol_error
from vigyc.surfaces.mcp.performer import Notices, Performer
from vigyc.surfaces.mcp.resources import addresses, vigy_in
from vigyc.surfaces.wire.caller import Caller, Role

MOST: Final = 256
LONGEST: Final = 1000  # characters of an address
PATIENCE: Final = 1.0  # seconds to the next look at a store that is in trouble
OURSELVES: Final = Caller("mcp", Role.READ)

_log = logging.getLogger("vigyc")


class Changes:
    """Tells the clients of one server what changes."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self._bus = InMemorySubscriptionBus()
        self._listening = ListenHandler(self._bus, max_subscriptions=MOST)
        self._tasks: TaskGroup | None = None
        self._begun = False
        self._refs: dict[str, str] = {}  # what clients call a vigy, to its id
        self._sessions: dict[str | None, tuple[ServerSession, set[str]]] = {}

    @asynccontextmanager
    async def running(self, _: object = None) -> AsyncIterator[dict[str, Any]]:
        """While the server serves."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            try:
                yield {}
            finally:
                self._listening.close()
                tasks.cancel_scope.cancel()

    async def listen(
        self, ctx: ServerRequestContext[Any, Any], params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        """Tell of what is asked for, until the client has heard enough."""
        await self._begin(params.notifications.resource_subscriptions or ())
        return await self._listening(ctx, params)

    async def subscribe(self, key: str | None, session: ServerSession, uri: str) -> None:
        """Tell `session`, called `key`, of changes of `uri` from now on."""
        _, uris = self._sessions.get(key, (session, set()))
        if len(uris) >= MOST or len(uri) > LONGEST:
            raise protocol_error(Invalid(f"a session hears of {MOST} resources at most, of {LONGEST} characters each"))
        await self._begin([uri])
        _, uris = self._sessions.pop(key, (session, set()))
        self._sessions[key] = (session, uris | {uri})
        while len(self._sessions) > MOST:
            del self._sessions[next(iter(self._sessions))]

    def unsubscribe(self, key: str | None, uri: str) -> None:
        """No more of that."""
        if key in self._sessions:
            session, uris = self._sessions.pop(key)
            if uris - {uri}:
                self._sessions[key] = (session, uris - {uri})

    async def _begin(self, uris: Any) -> None:
        """Hear what happens from now on, also of vigies that are called by their names."""
        for ref in filter(None, map(vigy_in, list(uris)[:MOST])):
            with suppress(VigycError):
                found = await self._performer.perform(OURSELVES, "get_vigy", {"id": ref})
                self._refs[ref] = found["id"]
        while len(self._refs) > 4 * MOST:
            del self._refs[next(iter(self._refs))]
        if not self._begun and self._tasks is not None:
            self._begun = True
            self._tasks.start_soon(self._tell, await self._performer.watch(OURSELVES))

    async def _tell(self, notices: Notices) -> None:
        while True:
            try:
                with closing(notices):
                    while (notice := await notices.get()) is not None:
                        await self._publish(notice)
                return  # nothing more will happen here
            except VigycError as error:
                _log.warning("mcp: what happens cannot be read: %s", error)
            await anyio.sleep(PATIENCE)
            with suppress(VigycError):
                notices = await self._performer.watch(OURSELVES, {"after": notices.seq})

    async def _publish(self, notice: Notice) -> None:
        changed = set(self._uris(notice))
        for uri in sorted(changed):
            await self._bus.publish(ResourceUpdated(uri))
        if notice.kind in {REGISTERED, UPDATED, DELETED}:
            await self._bus.publish(ResourcesListChanged())
        for key, (session, uris) in list(self._sessions.items()):
            for uri in sorted(changed & uris):
                await self._send(key, session, uri)

    def _uris(self, notice: Notice) -> list[str]:
        if notice.vigy_id is None:
            return []
        refs = [ref for ref, vigy_id in self._refs.items() if vigy_id == notice.vigy_id]
        return ["vigy://vigies", *(uri for ref in {notice.vigy_id, *refs} for uri in addresses(ref))]

    async def _send(self, key: str | None, session: ServerSession, uri: str) -> None:
        try:
            await session.send_resource_updated(uri)
        except Exception as error:  # the session has ended, each transport saying so in its own way
            _log.debug("mcp: a session is gone: %s", error)
            self._sessions.pop(key, None)
