"""The two streams: live, resumed, many at once, with readers that do not read or are gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from grpc_surface.calling import Client, authenticate, problem_of
from vigyc.runtime.subscription import Subscription
from vigyc.service.runtime import Runtime
from vigyc.surfaces.grpc.serving import GrpcServer
from vigyc.surfaces.wire.caller import Caller, Unauthenticated

NOOP = {"name": "a", "program": "(vigy-noop)", "enabled": False}


def eventually(reached: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_runs_as_they_are_stored(client: Client) -> None:
    client.call("Register", NOOP)
    with client.as_("reader").stream("StreamEvents") as stream:
        ticked = [client.call("Tick", {"id": "a"}) for _ in range(3)]
        assert stream.take(3) == ticked


def test_runs_of_one_vigy_alone(client: Client) -> None:
    client.call("Register", NOOP)
    client.call("Register", {**NOOP, "name": "b"})
    with client.stream("StreamEvents", {"vigy_id": "b"}) as stream:
        client.call("Tick", {"id": "a"})
        ticked = client.call("Tick", {"id": "b"})
        assert stream.take(1) == [ticked]


def test_a_stream_of_runs_goes_on_where_one_ended(client: Client) -> None:
    client.call("Register", NOOP)
    runs = [client.call("Tick", {"id": "a"}) for _ in range(4)]
    with client.stream("StreamEvents", {"after": str(runs[1].seq)}) as stream:
        live = client.call("Tick", {"id": "a"})
        assert stream.take(3) == [*runs[2:], live]


def test_a_stream_of_runs_has_no_word_for_what_is_not_kept_any_more(client: Client) -> None:
    client.call("Register", NOOP)
    client.call("Tick", {"id": "a"})
    client.call("Delete", {"id": "a"})
    client.call("Register", {**NOOP, "name": "b"})
    ticked = client.call("Tick", {"id": "b"})
    with client.stream("StreamEvents", {"after": "0"}) as stream:
        assert stream.take(1) == [ticked]


def test_whatever_happens_and_from_the_beginning(client: Client) -> None:
    with client.stream("Watch") as live:
        client.call("Register", NOOP)
        client.call("Enable", {"id": "a"})
        run = client.call("Tick", {"id": "a"})
        client.call("SetKv", {"id": "a", "key": "k", "value": 1})
        client.call("Delete", {"id": "a"})
        heard = live.take(6)
    kinds = [notice.kind for notice in heard]
    assert [kind for kind in kinds if kind != "owner"] == ["registered", "enabled", "run", "kv-edited", "deleted"]
    assert heard[kinds.index("run")].run == run
    assert [notice.seq for notice in heard] == list(range(1, 7))


def test_some_kinds_and_resume(client: Client) -> None:
    client.call("Register", NOOP)
    for _ in range(3):
        client.call("Tick", {"id": "a"})
        client.call("Enable", {"id": "a"})
        client.call("Disable", {"id": "a"})
    with client.stream("Watch", {"after": "0", "kinds": ["enabled", "registered"]}) as stream:
        assert [notice.kind for notice in stream.take(4)] == ["registered", "enabled", "enabled", "enabled"]


def test_a_reader_that_does_not_read_keeps_nobody_waiting(client: Client, address: str) -> None:
    client.call("Register", {"name": "a", "program": '(vigy-log :info (string-repeat "x" 50000))', "enabled": False})
    with grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]) as other:
        slow, quick = Client(other).stream("Watch", {"kinds": ["run"]}), client.stream("Watch", {"kinds": ["run"]})
        with slow, quick:
            runs = [client.call("Tick", {"id": "a"}) for _ in range(60)]
            assert len(runs[0].logs[0].message) == 50_000
            assert [notice.run.id for notice in quick.take(60)] == [run.id for run in runs]
            assert [notice.run.id for notice in slow.take(60)] == [run.id for run in runs]


def test_a_hundred_streams_and_calls_are_still_answered(client: Client) -> None:
    client.call("Register", NOOP)
    streams = [client.stream("StreamEvents") for _ in range(100)]
    began = time.monotonic()
    ticked = [client.call("Tick", {"id": "a"}) for _ in range(5)]
    assert time.monotonic() - began < 5
    for stream in streams:
        assert [run.id for run in stream.take(5)] == [run.id for run in ticked]
        stream.call.cancel()


def test_a_stream_that_is_cancelled_is_closed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Any] = []
    close = Subscription.close
    monkeypatch.setattr(Subscription, "close", lambda self: (closed.append(self), close(self)))
    with client.stream("Watch"):
        assert not closed
    eventually(lambda: bool(closed))


def test_a_stream_past_its_deadline(client: Client) -> None:
    stream = client.stream("Watch", timeout=0.3)
    with pytest.raises(grpc.RpcError) as ended:
        next(stream.call)
    assert ended.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_stopping_ends_open_streams_at_once_and_says_where_they_are(server: GrpcServer, client: Client) -> None:
    client.call("Register", NOOP)
    stream = client.stream("Watch", {"after": "0"})
    assert stream.take(1)[0].seq == 1
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 3
    with pytest.raises(grpc.RpcError) as ended:
        next(stream.call)
    assert ended.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "after 1" in problem_of(ended.value)["detail"]


def test_stopping_does_not_wait_for_a_reader_that_is_stuck(
    server: GrpcServer, client: Client, runtime: Runtime
) -> None:
    client.call("Register", {"name": "a", "program": '(vigy-log :info (string-repeat "x" 50000))', "enabled": False})
    client.stream("Watch")
    for _ in range(100):
        runtime.tick("a")
    began = time.monotonic()
    server.stop(1)
    assert time.monotonic() - began < 5


def test_a_runtime_that_is_closed_ends_its_streams(client: Client, runtime: Runtime) -> None:
    stream = client.stream("Watch")
    runtime.close()
    with pytest.raises(grpc.RpcError) as ended:
        next(stream.call)
    assert ended.value.code() is grpc.StatusCode.UNAVAILABLE


def test_a_stream_ends_with_the_token_that_opened_it(runtime: Runtime) -> None:
    gone: set[str | None] = set()

    def known(shown: str | None) -> Caller:
        if shown in gone:
            raise Unauthenticated("it was removed")
        return authenticate(shown)

    server = GrpcServer(runtime, "127.0.0.1:0", known)
    with grpc.insecure_channel(server.start(), [("grpc.use_local_subchannel_pool", 1)]) as channel:
        client = Client(channel)
        client.call("Register", NOOP)
        with client.as_("reader").stream("StreamEvents") as stream:
            gone.add("Bearer reader")

            def on() -> None:
                while True:
                    client.call("Tick", {"id": "a"})
                    next(stream.call)

            with pytest.raises(grpc.RpcError) as caught:
                on()
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    server.stop(1)
