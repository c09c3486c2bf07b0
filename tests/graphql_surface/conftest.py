"""A runtime served over GraphQL, for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graphql_surface.served import Served, serving
from vigyc.service.runtime import Runtime


@pytest.fixture
def served() -> Iterator[Served]:
    with Runtime.open() as runtime, serving(runtime) as found:
        yield found
