"""From the token in a call's metadata to its caller: whoever is not known does not get in, whatever the method.

Only whether the server is well may be asked by anybody, as what starts and stops servers must.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextvars import ContextVar
from functools import partial
from typing import Any, Final, TypeAlias

import grpc
import grpc.aio

from vigyc.surfaces.grpc.refusal import refuse
from vigyc.surfaces.wire.caller import Caller, Unauthenticated

Authenticate: TypeAlias = Callable[[str | None], Caller]
"""From the value of an Authorization header to who it is; raises Unauthenticated."""

CALLER: Final[ContextVar[Caller]] = ContextVar("vigyc.grpc.caller")
"""Whose call it is that is being answered."""

STILL: Final[ContextVar[Callable[[], bool]]] = ContextVar("vigyc.grpc.still")
"""Whether they would be let in still."""

PUBLIC: Final = frozenset({"/grpc.health.v1.Health/Check"})


class Guard(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Lets those in whom `authenticate` knows."""

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], details: Any) -> Any:
        """What handles the call: its own handler, or one that refuses it."""
        if details.method not in PUBLIC:
            try:
                shown = authorization(details.invocation_metadata)
                caller = self._authenticate(shown)
                CALLER.set(caller)
                STILL.set(partial(self._is_still, shown, caller))
            except Exception as error:
                return _refusal(error)
        return await continuation(details)

    def _is_still(self, shown: str | None, caller: Caller) -> bool:
        try:
            return self._authenticate(shown) == caller
        except Unauthenticated:
            return False


def authorization(metadata: Iterable[tuple[str, Any]]) -> str | None:
    """The one value of `authorization`; None if there is none, or more than one."""
    found = [value for key, value in metadata if key == "authorization"]
    return str(found[0]) if len(found) == 1 else None


def _refusal(error: Exception) -> Any:
    """A handler for calls of any shape, streams or not: it reads nothing."""

    async def refused(_requests: AsyncIterator[bytes], context: Any) -> None:
        await refuse(context, error)

    return grpc.stream_stream_rpc_method_handler(refused)
