"""From a runtime to a gRPC server beside it: one thread with an event loop of its own, until it is stopped.

The server is grpc.aio and not the one with a thread pool, where every open stream would hold a thread and a few hundred
readers would keep all other calls out. Here a stream is a task, operations are performed at a Desk (whose threads for
what is slow are not those for what is quick), and a call that is cancelled or past its deadline is not waited for.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import Any, Final, TypeAlias

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from vigyc.lang.errors import Conflict, SettingsError
from vigyc.service.runtime import Runtime
from vigyc.surfaces.grpc.guard import Authenticate, Guard
from vigyc.surfaces.grpc.health import EVERY, RuntimeHealth
from vigyc.surfaces.grpc.schema import POOL, SERVICE
from vigyc.surfaces.grpc.servicer import MOST_STREAMS, VigyService
from vigyc.surfaces.wire.desk import Desk

HEALTH: Final = "grpc.health.v1.Health"
GRACE: Final = 5.0
MOST_BYTES: Final = 4 * 2**20
"""The size of a request."""
MOST_CALLS: Final = MOST_STREAMS + 1_000
"""At once; more are refused with RESOURCE_EXHAUSTED."""

_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MOST_BYTES),
    ("grpc.max_send_message_length", -1),  # what readers take is up to them
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.max_concurrent_streams", 512),  # of one connection
    ("grpc.max_allowed_incoming_connections", 512),  # whoever they are: each is a file of this process
    ("grpc.so_reuseport", 0),  # a port that somebody has is not shared with them
    ("grpc.server_handshake_timeout_ms", 10_000),  # who connects must get to the point
    ("grpc.max_connection_idle_ms", 600_000),  # a connection without calls is closed; clients open it again
    ("grpc.keepalive_time_ms", 60_000),  # who does not answer a ping is gone
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),  # who pings more often is cut off
    ("grpc.http2.max_ping_strikes", 2),
)

Files: TypeAlias = tuple[str | os.PathLike[str], str | os.PathLike[str]]


class GrpcServer:
    """Serves `runtime` at `address` (`host:port`, port 0 for any; `unix:path`); `tls` is a certificate and its key.

    `authenticate` gets the value of the metadata `authorization`, and says who that is or raises Unauthenticated.
    """

    def __init__(
        self,
        runtime: Runtime,
        address: str,
        authenticate: Authenticate,
        tls: Files | None = None,
        health_every: float = EVERY,
    ) -> None:
        self._runtime = runtime
        self._address = address
        self._guard = Guard(authenticate)
        self._tls = tls
        self._health_every = health_every
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._grace = GRACE

    def start(self) -> str:
        """Serve from now on; the address, with its port. Raises SettingsError where that cannot be had."""
        if self._thread is not None:
            raise Conflict("this server was started already")
        bound: Future[str] = Future()
        self._thread = Thread(target=self._run, args=(bound,), name="vigyc-grpc", daemon=True)
        self._thread.start()
        return bound.result()

    def stop(self, grace: float = GRACE) -> None:
        """End: nothing new is taken on, streams end now, calls have `grace` seconds. Again is nothing."""
        thread, loop, ending = self._thread, self._loop, self._ending
        if thread is None or loop is None or ending is None or not thread.is_alive():
            return
        self._grace = grace
        loop.call_soon_threadsafe(ending.set)
        thread.join(grace + 1)

    def _run(self, bound: Future[str]) -> None:
        try:
            asyncio.run(self._serve(bound))
        except BaseException as error:
            if bound.done():
                raise
            bound.set_exception(error)

    async def _serve(self, bound: Future[str]) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        desk = Desk(self._runtime)
        try:
            service, health = VigyService(desk), RuntimeHealth(self._runtime, self._health_every)
            await health.look()
            server = self._built(service, health)
            address = self._bind(server)
            await server.start()
            bound.set_result(address)
            following = asyncio.create_task(health.follow())
            await self._ending.wait()
            following.cancel()
            await health.servicer.enter_graceful_shutdown()
            stopping = asyncio.create_task(server.stop(self._grace))
            await asyncio.sleep(0)  # from here on nothing new is taken on
            desk.end_watching()
            await stopping
        finally:
            desk.close()

    def _built(self, service: VigyService, health: RuntimeHealth) -> Any:
        server = grpc.aio.server(interceptors=(self._guard,), options=_OPTIONS, maximum_concurrent_rpcs=MOST_CALLS)
        server.add_generic_rpc_handlers((service.handlers(),))
        health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
        for known in (health_pb2, reflection_pb2):
            POOL.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
        reflection.enable_server_reflection((SERVICE, HEALTH, reflection.SERVICE_NAME), server, pool=POOL)
        return server

    def _bind(self, server: Any) -> str:
        try:
            if self._tls is None:
                port = server.add_insecure_port(self._address)
            else:
                certificate, key = (Path(file).read_bytes() for file in self._tls)
                port = server.add_secure_port(self._address, grpc.ssl_server_credentials([(key, certificate)]))
        except OSError as error:
            raise SettingsError(f"cannot read {error.filename}: {error.strerror}") from error
        except RuntimeError:
            port = 0
        if not port:
            raise SettingsError(f"cannot listen on {self._address} for gRPC: it is taken, or no address of ours")
        return self._address if self._address.startswith("unix:") else f"{self._address.rpartition(':')[0]}:{port}"
