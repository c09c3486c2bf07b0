"""The store a test runs against: each of them in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.stores import MAKERS, the_lease
from vigyc.model.lease import Fence
from vigyc.runtime.store.port import Store


@pytest.fixture(params=MAKERS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = MAKERS[request.param](tmp_path / "vigyc.db")
    yield made
    made.close()


@pytest.fixture
def fence(store: Store) -> Fence:
    return the_lease(store)
