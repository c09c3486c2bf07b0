"""The server itself: its address, TLS, health, deadlines, calls that are cancelled, how it ends."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import grpc
import pytest
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc

from grpc_surface.calling import Client, authenticate
from vigyc.lang.errors import Conflict, SettingsError
from vigyc.service.runtime import Runtime
from vigyc.surfaces.grpc.servicer import shorten
from vigyc.surfaces.grpc.serving import GrpcServer

Code = grpc.StatusCode
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
ENDLESS = {"name": "endless", "program": "(define (go n) (go (+ n 1))) (go 0)", "enabled": False}


def test_the_address_has_its_port(address: str) -> None:
    host, _, port = address.rpartition(":")
    assert host == "127.0.0.1"
    assert int(port) > 0


def test_a_port_that_is_taken_is_said(runtime: Runtime, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = GrpcServer(runtime, f"127.0.0.1:{taken.getsockname()[1]}", authenticate)
        with pytest.raises(SettingsError, match="cannot listen"):
            server.start()
    capfd.readouterr()


def test_a_server_starts_once_and_stops_any_number_of_times(server: GrpcServer) -> None:
    server.stop()
    server.start()
    with pytest.raises(Conflict):
        server.start()
    server.stop()
    server.stop()


def test_a_unix_socket(runtime: Runtime, tmp_path: Path) -> None:
    server = GrpcServer(runtime, f"unix:{tmp_path}/grpc.sock", authenticate)
    with grpc.insecure_channel(server.start()) as channel:
        assert Client(channel).call("GetHealth").status == "stopped"
    server.stop()


@pytest.fixture
def tls(tmp_path: Path) -> tuple[Path, Path, Path]:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    certificate, key, root = (tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem"))
    certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    authority.cert_pem.write_to_path(str(root))
    return certificate, key, root


def test_tls(runtime: Runtime, tls: tuple[Path, Path, Path]) -> None:
    certificate, key, root = tls
    server = GrpcServer(runtime, "localhost:0", authenticate, (certificate, key))
    address = server.start()
    with grpc.secure_channel(address, grpc.ssl_channel_credentials(root.read_bytes())) as channel:
        assert Client(channel).call("GetHealth").status == "stopped"
    with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError) as refused:
        Client(channel).call("GetHealth")
    assert refused.value.code() is Code.UNAVAILABLE
    server.stop()


def test_files_of_tls_that_are_not_there_are_said(runtime: Runtime, tmp_path: Path) -> None:
    server = GrpcServer(runtime, "localhost:0", authenticate, (tmp_path / "none.pem", tmp_path / "none.key"))
    with pytest.raises(SettingsError, match=r"none\.pem"):
        server.start()


def test_health_follows_the_runtime(runtime: Runtime, channel: grpc.Channel) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    watched = stub.Watch(
        health_pb2.HealthCheckRequest(service="pleme.vigy.v1.VigyService"), timeout=20,
        metadata=(("authorization", "Bearer reader"),),
    )  # fmt: skip
    assert next(watched).status == NOT_SERVING
    runtime.start()
    assert next(watched).status == SERVING
    assert stub.Check(health_pb2.HealthCheckRequest(), timeout=9).status in {SERVING, NOT_SERVING}
    runtime.stop()
    assert next(watched).status == NOT_SERVING
    watched.cancel()


def test_a_deadline_is_kept_and_others_are_answered_meanwhile(client: Client) -> None:
    client.call("Register", ENDLESS | {"deadline": "2s"})
    began = time.monotonic()
    late = client.future("Tick", {"id": "endless"}, timeout=0.3)
    assert client.call("Get", {"id": "endless"}).name == "endless"
    with pytest.raises(grpc.RpcError) as ended:
        late.result()
    assert ended.value.code() is Code.DEADLINE_EXCEEDED
    assert time.monotonic() - began < 1.5


def test_a_call_that_is_cancelled_is_not_waited_for(client: Client) -> None:
    client.call("Register", ENDLESS | {"deadline": "1s"})
    given_up = client.future("Tick", {"id": "endless"})
    assert client.call("Get", {"id": "endless"}).name == "endless"
    given_up.cancel()
    assert given_up.code() is Code.CANCELLED
    assert client.call("GetHealth").status == "stopped"


@pytest.mark.parametrize(
    ("given", "remaining", "waited"),
    [(None, None, None), (None, 2.5, 2500), (9000, None, 9000), (9000, 2.5, 2500), (1000, 2.5, 1000), (5, -1.0, 1)],
)
def test_a_tick_is_waited_for_no_longer_than_its_caller_does(
    given: int | None, remaining: float | None, waited: int | None
) -> None:
    data = {} if given is None else {"timeout_ms": given}
    shorten(data, remaining)
    assert data.get("timeout_ms") == waited


def test_more_ticks_that_wait_than_threads_keep_no_look_out(client: Client) -> None:
    client.call("Register", ENDLESS | {"deadline": "0.1s"})
    waiting = [client.future("Tick", {"id": "endless"}, timeout=5) for _ in range(40)]
    began = time.monotonic()
    assert client.call("Get", {"id": "endless"}).name == "endless"
    assert time.monotonic() - began < 1
    for each in waiting:
        each.cancel()


def test_a_stop_waits_for_calls_as_long_as_it_is_told(server: GrpcServer, client: Client) -> None:
    client.call("Register", ENDLESS | {"deadline": "0.7s"})
    running = client.future("Tick", {"id": "endless"})
    assert client.call("Get", {"id": "endless"}).name == "endless"
    stopping = threading.Thread(target=server.stop, args=(4,))
    stopping.start()
    assert running.result().result == 4
    stopping.join(6)
    assert not stopping.is_alive()
    with pytest.raises(grpc.RpcError) as gone:
        client.call("GetHealth", timeout=2)
    assert gone.value.code() is Code.UNAVAILABLE
