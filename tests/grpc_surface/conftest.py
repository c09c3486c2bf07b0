"""A runtime, a gRPC server upon it at a port of its own, and a client of that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from grpc_surface.calling import Client, authenticate
from vigyc.service.runtime import Runtime
from vigyc.surfaces.grpc.serving import GrpcServer


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    with Runtime.open(tmp_path / "vigyc.db", cache=False) as opened:
        yield opened


@pytest.fixture
def server(runtime: Runtime) -> Iterator[GrpcServer]:
    made = GrpcServer(runtime, "127.0.0.1:0", authenticate, health_every=0.05)
    yield made
    made.stop(1)


@pytest.fixture
def address(server: GrpcServer) -> str:
    return server.start()


@pytest.fixture
def channel(address: str) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]) as opened:
        yield opened


@pytest.fixture
def client(channel: grpc.Channel) -> Client:
    return Client(channel)
