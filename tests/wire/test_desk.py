"""A desk in an event loop: what is at hand is answered there."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from vigyc.lang.errors import Invalid, NotFound
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.caller import LOCAL
from vigyc.surfaces.wire.desk import SLOW, Desk

PATIENCE = 20.0


def test_what_is_in_memory_needs_no_thread() -> None:
    with Runtime.open(cache=False) as runtime:
        runtime.register("(vigy-noop)", name="a", every="1h")
        desk = Desk(runtime)
        answer = asyncio.run(desk.perform(LOCAL, "get_vigy", {"id": "a"}))
        runtime.start()
        until = time.monotonic() + PATIENCE
        while runtime.at_hand.vigy("a") is None:
            assert time.monotonic() < until
            time.sleep(0.001)
        desk.close()  # no thread takes anything on any more
        assert asyncio.run(desk.perform(LOCAL, "get_vigy", {"id": "a"})) == answer
        with pytest.raises(RuntimeError):
            asyncio.run(desk.perform(LOCAL, "get_vigy", {"id": "b"}))
        with pytest.raises(Invalid, match="it must be text"):
            asyncio.run(desk.perform(LOCAL, "get_vigy", {"id": 5}))


def test_who_waits_for_an_issue_holds_nobody_else_up() -> None:
    async def story(desk: Desk, issue: str) -> None:
        given = {"issue": issue, "timeout_ms": 2_000}
        waits = [asyncio.create_task(desk.perform(LOCAL, "wait_issue", given)) for _ in range(2 * SLOW)]
        await asyncio.sleep(0)
        assert (await desk.perform(LOCAL, "check_program", {"program": "(vigy-noop)"}))["ok"]
        assert not any(wait.done() for wait in waits)
        await desk.perform(LOCAL, "cancel_issue", {"issue": issue})
        assert {found["state"] for found in await asyncio.gather(*waits)} == {"cancelled"}

    with Runtime.open(cache=False) as runtime:
        runtime.register("(vigy-noop)", name="a", every="1h")
        desk = Desk(runtime)
        asyncio.run(story(desk, runtime.enhance.submit("a", "more").issue.id))
        desk.close()


def test_hundreds_wait_without_a_thread_and_who_leaves_is_forgotten() -> None:
    async def story(desk: Desk, issue: str) -> None:
        given = {"issue": issue, "timeout_ms": 30_000}
        began = time.monotonic()
        gone = [asyncio.create_task(desk.perform(LOCAL, "wait_issue", given)) for _ in range(300)]
        await asyncio.sleep(0.2)
        assert not [each.name for each in threading.enumerate() if each.name.startswith("vigyc-wait")]
        for task in gone:
            task.cancel()
        brief = {"issue": issue, "timeout_ms": 50}
        assert (await desk.perform(LOCAL, "wait_issue", brief))["state"] == "pending"
        several = await desk.perform_each(LOCAL, "wait_issue", [{**brief, "timeout_ms": 500}] * 40 + [{"issue": "zz"}])
        assert [each["state"] for each in several[:-1]] == ["pending"] * 40
        assert isinstance(several[-1], NotFound)
        assert time.monotonic() - began < PATIENCE / 2  # at once: one after another it would be twice as long

    with Runtime.open(cache=False) as runtime:
        runtime.register("(vigy-noop)", name="a", every="1h")
        desk = Desk(runtime)
        asyncio.run(story(desk, runtime.enhance.submit("a", "more").issue.id))
        desk.close()
