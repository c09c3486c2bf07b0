"""What every test of REST asks: a runtime in memory, served on a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rest.serving import Served, served
from vigyc.service.runtime import Runtime


@pytest.fixture
def rest() -> Iterator[Served]:
    with Runtime.open() as runtime, served(runtime) as found:
        yield found
