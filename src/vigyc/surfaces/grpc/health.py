"""From the health of a runtime to that of the server, as grpc.health.v1 has it: it serves if all is well.

A runtime is looked at every few seconds, not when somebody asks: anybody may ask, as often as they like.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio

from vigyc.lang.errors import VigycError
from vigyc.service.health import OK, STANDBY
from vigyc.service.runtime import Runtime
from vigyc.surfaces.grpc.schema import SERVICE

EVERY: Final = 5.0
"""Seconds between two looks."""

_SERVICES: Final = ("", SERVICE)
_log = logging.getLogger("vigyc")


class RuntimeHealth:
    """Follows the health of `runtime`; `servicer` tells it."""

    def __init__(self, runtime: Runtime, every: float = EVERY) -> None:
        self.servicer: Any = aio.HealthServicer()
        self._runtime = runtime
        self._every = every

    async def look(self) -> None:
        """Tell how it is now."""
        well = await asyncio.to_thread(self._is_well)
        told = health_pb2.HealthCheckResponse
        for service in _SERVICES:
            await self.servicer.set(service, told.SERVING if well else told.NOT_SERVING)

    async def follow(self) -> None:
        """Go on telling it."""
        while True:
            await asyncio.sleep(self._every)
            await self.look()

    def _is_well(self) -> bool:
        try:
            return self._runtime.health().status in {OK, STANDBY}
        except VigycError as error:
            _log.warning("the health of the runtime cannot be told: %s", error)
            return False
