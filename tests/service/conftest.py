"""The stores a use case runs upon: one in memory, one in a file; and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vigyc.runtime.time_source import VirtualTime
from vigyc.service.runtime import Runtime

Opener = Callable[..., Runtime]


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


@pytest.fixture(params=["memory", "file"])
def runtime(request: pytest.FixtureRequest, tmp_path: Path, time: VirtualTime) -> Iterator[Runtime]:
    path = ":memory:" if request.param == "memory" else tmp_path / "vigyc.db"
    with Runtime.open(path, time=time, cache=False) as opened:
        yield opened


@pytest.fixture
def opened(tmp_path: Path, time: VirtualTime) -> Iterator[Opener]:
    """Opens any number of runtimes on one file, with the settings of `Runtime.open`."""
    made: list[Runtime] = []

    def open_one(**given: object) -> Runtime:
        made.append(Runtime.open(tmp_path / "vigyc.db", **{"time": time, "cache": False, **given}))
        return made[-1]

    yield open_one
    for runtime in reversed(made):
        runtime.close()
