"""A runtime whose clock stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vigyc.runtime.time_source import VirtualTime
from vigyc.service.runtime import Runtime


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


@pytest.fixture
def runtime(tmp_path: Path, time: VirtualTime) -> Iterator[Runtime]:
    with Runtime.open(tmp_path / "vigyc.db", time=time, cache=False) as opened:
        yield opened
