"""A runtime in an event loop: awaited, listened to without threads, ended by leaving or by cancelling."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import vigyc
from vigyc.lang.errors import Conflict, Invalid, NotFound
from vigyc.model.notice import GAP, REGISTERED, RESOLVED, RUN
from vigyc.model.pending import PendingAction
from vigyc.runtime.host import Host
from vigyc.runtime.time_source import VirtualTime
from vigyc.service import async_runtime
from vigyc.service.async_kv import AsyncKv
from vigyc.service.async_runtime import AsyncRuntime
from vigyc.service.kv import Kv
from vigyc.service.runtime import Runtime

COUNTER = '(vigy-incr "n")'


def public(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, callable) if not name.startswith("_")}


def helper_threads() -> list[str]:
    """The threads of runtimes that are there now; the one that watches deadlines is the process's own, and servers that
    other tests share have theirs."""
    named = {thread.name for thread in threading.enumerate() if thread.name.startswith("vigyc")}
    return sorted(
        name for name in named if not name.startswith(("vigyc-deadlines", "vigyc-http", "vigyc-look", "vigyc-wait"))
    )


async def within(seconds: float, done: Callable[[], bool]) -> None:
    """Wait until something has happened in another thread."""
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.002)


def test_the_face_is_that_of_runtime() -> None:
    assert public(AsyncRuntime) == public(Runtime)
    assert public(AsyncKv) == public(Kv)
    for kind in (AsyncRuntime, AsyncKv):
        for name in public(kind) - {"open"}:
            assert inspect.iscoroutinefunction(getattr(kind, name)), name


def test_what_blocks_is_awaited(tmp_path: Path) -> None:
    async def body() -> None:
        async with vigyc.AsyncRuntime.open(tmp_path / "vigyc.db", cache=False) as runtime:
            made = await runtime.register(COUNTER, name="counter", every="10s", labels={"a": "b"})
            assert made.created
            run = await runtime.tick("counter")
            assert run.result == "ok"
            assert await runtime.run(run.id) == run
            assert [vigy.name for vigy in await runtime.list("a=b")] == ["counter"]
            assert (await runtime.standing("counter")).runs == 1
            kv = await runtime.kv("counter")
            assert await kv.get("n") == 1
            await kv.set("n", 41)
            assert kv.vigy.generation > made.vigy.generation
            await runtime.tick("counter")
            assert await kv.export() == {"n": 42}
            with pytest.raises(NotFound):
                await runtime.get("nobody")
            assert (await runtime.delete("counter")).name == "counter"

    asyncio.run(body())


@pytest.mark.parametrize("drive", ["thread", "loop"])
def test_it_ticks_by_itself(drive: Any) -> None:
    async def body() -> None:
        async with AsyncRuntime.open(drive=drive, cache=False) as runtime:
            await runtime.register(COUNTER, name="counter", every=5)
            async with await runtime.subscribe(kinds=[RUN]) as stream:
                await runtime.start()
                runs = [await stream.get(30) for _ in range(3)]
                ticks = [notice.run.tick for notice in runs if notice and notice.run]
                assert ticks == [ticks[0], ticks[0] + 1, ticks[0] + 2]
            assert not await runtime.wait(0.001)
            asked = await runtime.tick("counter")
            assert asked.tick > ticks[-1]
            waiting = asyncio.create_task(runtime.wait())
            await runtime.stop()
            assert await waiting
            count = (await runtime.standing("counter")).runs
            await asyncio.sleep(0.02)
            assert (await runtime.standing("counter")).runs == count
        assert not helper_threads()

    asyncio.run(body())


class Where:
    """Ticks by noting its thread."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    def tick(self, host: Host) -> Host:
        self.threads.append(threading.get_ident())
        return host


@pytest.mark.parametrize("drive", ["thread", "loop"])
def test_where_ticks_run(drive: Any) -> None:
    where = Where()

    async def body() -> None:
        async with AsyncRuntime.open(drive=drive, reconciler=lambda _: where, cache=False) as runtime:
            await runtime.register(COUNTER, name="counter", every=3)
            await runtime.start()
            await within(30, lambda: len(where.threads) >= 3)
            await runtime.tick("counter")

    asyncio.run(body())
    assert {thread == threading.get_ident() for thread in where.threads} == {drive == "loop"}


@pytest.mark.parametrize("drive", ["thread", "loop"])
def test_it_can_be_stepped_under_virtual_time(drive: Any) -> None:
    async def body() -> None:
        time = VirtualTime()
        async with AsyncRuntime.open(drive=drive, time=time, cache=False) as runtime:
            await runtime.register(COUNTER, name="counter", every="10s")
            for _ in range(3):
                await runtime.step()
                time.advance(10_000)
            assert (await runtime.standing("counter")).runs == 3

    asyncio.run(body())


def test_a_started_runtime_is_not_started_again_nor_stepped() -> None:
    async def body() -> None:
        async with AsyncRuntime.open(drive="loop", cache=False) as runtime:
            await runtime.start()
            with pytest.raises(Conflict, match="started already"):
                await runtime.start()
            with pytest.raises(Conflict, match="ticks by itself"):
                await runtime.step()
            await runtime.stop()
            await runtime.start()

    asyncio.run(body())


def test_what_drives_it_is_one_of_two() -> None:
    async def body() -> None:
        async with AsyncRuntime.open(drive="car"):
            pass

    with pytest.raises(Invalid, match="'thread' or 'loop'; not 'car'"):
        asyncio.run(body())


def test_a_step_that_fails_is_not_the_last(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    failed: list[bool] = []

    class Stumbling(Runtime):
        def step(self) -> float:
            if not failed:
                failed.append(True)
                raise RuntimeError("stumbled")
            return super().step()

    async def body() -> None:
        runtime = AsyncRuntime(Stumbling.open(cache=False), "loop")
        await runtime.register(COUNTER, name="counter", every=3)
        async with await runtime.subscribe(kinds=[RUN]) as stream:
            await runtime.start()
            assert await stream.get(30) is not None
        await runtime.close()

    monkeypatch.setattr(async_runtime, "PAUSE", 0.001)
    with caplog.at_level(logging.ERROR, "vigyc"):
        asyncio.run(body())
    assert "it goes on in a second" in caplog.text


# -- listening


def test_history_then_live_in_order() -> None:
    async def body() -> None:
        async with AsyncRuntime.open(cache=False) as runtime:
            await runtime.register(COUNTER, name="counter")
            for _ in range(5):
                await runtime.tick("counter")
            async with await runtime.subscribe(after=0) as stream:
                first = [await anext(stream) for _ in range(3)]
                await runtime.tick("counter")
                rest = []
                while (notice := await stream.get(0.05)) is not None:
                    rest.append(notice)
                assert [n.seq for n in first + rest] == list(range(1, stream.seq + 1))
                assert [n.kind for n in first + rest].count(RUN) == 6
                assert first[0].kind == REGISTERED

    asyncio.run(body())


def test_a_reader_that_falls_behind_is_told() -> None:
    async def body() -> None:
        async with AsyncRuntime.open(cache=False) as runtime:
            await runtime.register(COUNTER, name="counter")
            lossy, whole = await runtime.subscribe(capacity=2), await runtime.subscribe(capacity=2, refill=True)
            for _ in range(9):
                await runtime.tick("counter")
            told = await anext(lossy)
            assert told.kind == GAP
            assert (await anext(lossy)).seq == told.seq + 1
            seqs = [(await anext(whole)).seq for _ in range(9)]
            assert seqs == list(range(seqs[0], seqs[0] + 9))

    asyncio.run(body())


def test_readers_that_wait_have_no_threads() -> None:
    async def body() -> None:
        async with AsyncRuntime.open(cache=False) as runtime:
            await runtime.register(COUNTER, name="counter")
            streams = [await runtime.subscribe(kinds=[RUN]) for _ in range(50)]
            before = threading.active_count()
            tasks = [asyncio.create_task(anext(stream)) for stream in streams]
            await asyncio.sleep(0.01)
            assert threading.active_count() == before
            run = await runtime.tick("counter")
            assert {notice.run_id for notice in await asyncio.gather(*tasks)} == {run.id}

    asyncio.run(body())


def test_cancelling_a_reader_loses_nothing() -> None:
    async def body() -> None:
        async with AsyncRuntime.open(cache=False) as runtime:
            await runtime.register(COUNTER, name="counter")
            for _ in range(20):
                await runtime.tick("counter")
            seen: list[int] = []
            async with await runtime.subscribe(after=0) as stream:

                async def read() -> None:
                    async for notice in stream:
                        seen.append(notice.seq)

                for pause in (0, 0, 0.0001, 0.001, 0.005):
                    task = asyncio.create_task(read())
                    await asyncio.sleep(pause)
                    task.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await task
                    await runtime.tick("counter")
                while (notice := await stream.get(0.05)) is not None:
                    seen.append(notice.seq)
            assert seen == list(range(1, len(seen) + 1))
            assert len(seen) >= 26

    asyncio.run(body())


def test_closing_the_runtime_ends_readers() -> None:
    async def body() -> None:
        seen = []

        async def read(stream: Any) -> None:
            async for notice in stream:
                seen.append(notice.kind)

        async with AsyncRuntime.open(cache=False) as runtime:
            task = asyncio.create_task(read(await runtime.subscribe(kinds=[RUN])))
            await runtime.register(COUNTER, name="counter")
            await runtime.tick("counter")
        await task
        assert seen == [RUN]

    asyncio.run(body())


def test_a_loop_that_is_gone_does_not_hinder_the_publisher() -> None:
    with Runtime.open(cache=False) as runtime:
        runtime.register(COUNTER, name="counter")

        async def body() -> None:
            stream = await AsyncRuntime(runtime).subscribe()
            assert await stream.get(0.001) is None
            streams.append(stream)

        streams: list[object] = []
        asyncio.run(body())
        assert runtime.tick("counter").result == "ok"


# -- handlers


def applying(what: str) -> str:
    return f'(vigy-apply "{what}")'


@pytest.mark.parametrize("drive", ["thread", "loop"])
def test_handlers_are_awaited_in_the_loop(drive: Any) -> None:
    told: list[tuple[object, int]] = []

    async def handler(action: PendingAction) -> tuple[str, str]:
        await asyncio.sleep(0)
        told.append((action.action.payload, threading.get_ident()))
        return "skipped", "not needed"

    async def body() -> None:
        async with AsyncRuntime.open(drive=drive, handler=handler, cache=False) as runtime:
            await runtime.register(applying("a"), name="one", every="1h")
            async with await runtime.subscribe(kinds=[RESOLVED]) as stream:
                await runtime.start()
                notice = await stream.get(30)
                assert notice is not None
                assert notice.data == {"index": 0, "status": "skipped", "message": "not needed"}

    asyncio.run(body())
    assert told == [("a", threading.get_ident())]


def test_a_handler_that_raises_is_awaited_again() -> None:
    time = VirtualTime()
    told: list[int] = []

    async def handler(action: PendingAction) -> None:
        told.append(action.attempts)
        if len(told) == 1:
            raise OSError("not now")

    async def body() -> None:
        async with AsyncRuntime.open(drive="loop", handler=handler, time=time, cache=False) as runtime:
            await runtime.register(applying("a"), name="one", every="1h")
            async with await runtime.subscribe(kinds=[RESOLVED]) as stream:
                await runtime.start()
                notice = None
                while notice is None:
                    time.advance(1000)
                    await runtime.tick("one")  # its commit has the outbox looked at
                    notice = await stream.get(0.01)
                assert notice.data["status"] == "ok"
        assert told[:2] == [0, 1]

    asyncio.run(body())


@pytest.mark.parametrize("drive", ["thread", "loop"])
def test_a_step_carries_out_what_it_decided(drive: Any) -> None:
    told: list[object] = []

    async def handler(action: PendingAction) -> None:
        told.append(action.action.payload)
        if len(told) == 1:
            raise OSError("not now")

    async def body() -> None:
        time = VirtualTime()
        async with AsyncRuntime.open(drive=drive, handler=handler, time=time, cache=False) as runtime:
            await runtime.register(applying("a"), name="one", every="1h")
            assert 0 < await runtime.step() <= 1
            assert (await runtime.state("one")).pending
            time.advance(1000)
            await runtime.step()
            assert not (await runtime.state("one")).pending

    asyncio.run(body())
    assert told == ["a", "a"]


def test_a_handler_may_be_a_plain_function() -> None:
    async def body() -> None:
        async with AsyncRuntime.open(handler=lambda action: "failed", cache=False) as runtime:
            await runtime.register(applying("a"), name="one", every="1h")
            async with await runtime.subscribe(kinds=[RESOLVED]) as stream:
                await runtime.start()
                notice = await stream.get(30)
                assert notice is not None
                assert notice.data["status"] == "failed"

    asyncio.run(body())


def test_leaving_waits_for_the_handler_in_hand() -> None:
    begun, ended = [], []

    async def handler(action: PendingAction) -> None:
        begun.append(action)
        await asyncio.sleep(0.02)
        ended.append(action)

    async def body() -> None:
        async with AsyncRuntime.open(handler=handler, cache=False) as runtime:
            await runtime.register(applying("a"), name="one", every="1h")
            await runtime.start()
            await within(30, lambda: bool(begun))
        assert len(ended) == 1

    asyncio.run(body())


# -- cancelling


@pytest.mark.parametrize("drive", ["thread", "loop"])
def test_cancelling_what_uses_it_closes_it(drive: Any, tmp_path: Path) -> None:
    path = tmp_path / "vigyc.db"
    began: list[bool] = []

    async def use() -> None:
        async with AsyncRuntime.open(path, drive=drive, cache=False) as runtime:
            await runtime.register(COUNTER, name="counter", every=2)
            await runtime.start()
            began.append(True)
            await runtime.wait()

    async def body() -> None:
        task = asyncio.create_task(use())
        await within(30, lambda: bool(began))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not helper_threads()

    asyncio.run(body())
    with Runtime.open(path, cache=False) as runtime:
        assert runtime.get("counter").enabled


def test_cancelling_while_it_opens_closes_it(tmp_path: Path) -> None:
    path = tmp_path / "vigyc.db"

    async def use() -> None:
        async with AsyncRuntime.open(path, cache=False) as runtime:
            await runtime.wait()

    async def body() -> None:
        task = asyncio.create_task(use())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(body())
    with Runtime.open(path, cache=False) as runtime:
        assert runtime.list() == []


@pytest.mark.parametrize("drive", ["thread", "loop"])
def test_what_is_closed_stays_closed(drive: Any) -> None:
    async def body() -> None:
        async with AsyncRuntime.open(drive=drive) as runtime:
            pass
        for call in (runtime.start, runtime.step, runtime.subscribe):
            with pytest.raises(Conflict, match="this runtime is closed; open another"):
                await call()
        await runtime.stop()
        assert await runtime.wait(0)

    asyncio.run(body())


@pytest.mark.parametrize("drive", ["thread", "loop"])
def test_health_says_who_ticks(drive: Any, tmp_path: Path) -> None:
    async def body() -> None:
        path = tmp_path / "vigyc.db"
        async with AsyncRuntime.open(path, drive=drive) as one, AsyncRuntime.open(path, drive=drive) as other:
            assert (await one.health()).status == "stopped"
            await one.start()
            async with asyncio.timeout(10):
                while (await one.health()).status != "ok":
                    await asyncio.sleep(0.01)
            await other.start()
            assert (await other.health()).status == "standby"
            await one.stop()
            assert (await one.health()).status == "stopped"

    asyncio.run(body())
