"""Waiting in an event loop for the end of an issue on a server: who gives up leaves nothing behind that waits on."""

from __future__ import annotations

import asyncio
import time

import pytest

from client.served import served
from vigyc.lang.errors import Invalid
from vigyc.model.issue import CANCELLED, PENDING
from vigyc.service.runtime import Runtime
from vigyc.surfaces.client.async_client import AsyncClient


def test_who_gives_up_leaves_no_thread_behind_and_many_may_wait() -> None:
    async def course(url: str, token: str) -> None:
        async with AsyncClient.connect(url, token) as client:
            await client.register("(vigy-noop)", name="w", enabled=False)
            issue = (await client.enhance.submit("w", "anything")).issue
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.enhance.wait(issue.id), 0.2)
            assert (await client.enhance.wait(issue.id, 0)).state == PENDING
            waiting = [asyncio.create_task(client.enhance.wait(issue.id)) for _ in range(40)]  # more than threads
            await client.enhance.cancel(issue.id)
            assert {ended.state for ended in await asyncio.gather(*waiting)} == {CANCELLED}
            with pytest.raises(Invalid, match="timeout nan: it must be a number of seconds"):
                await client.enhance.wait(issue.id, float("nan"))

    with Runtime.open(":memory:", cache=False) as runtime, served(runtime) as server:
        began = time.monotonic()
        asyncio.run(course(server.url, server.admin))
        assert time.monotonic() - began < 15
