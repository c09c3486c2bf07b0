"""A desk in an event loop: what is at hand is answered there."""

from __future__ import annotations

import asyncio
import time

import pytest

from vigyc.lang.errors import Invalid
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.caller import LOCAL
from vigyc.surfaces.wire.desk import Desk

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
