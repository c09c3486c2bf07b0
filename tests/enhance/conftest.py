"""The world a test of the pipeline runs in: upon each kind of store in turn, with a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from enhance.epochs import MAKERS, World
from vigyc.runtime.time_source import SystemTime


@pytest.fixture(params=MAKERS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(store=MAKERS[request.param](tmp_path))
    yield made
    made.check()
    made.store.close()


@pytest.fixture(params=MAKERS)
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The same with the time that passes."""
    made = World(store=MAKERS[request.param](tmp_path), time=SystemTime())
    yield made
    made.check()
    made.store.close()
