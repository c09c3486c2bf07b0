"""Benchmarks import their neighbours by plain name, and leave the user's cache alone."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def _cache_of_our_own() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIGYC_CACHE_DIR", place)
        yield
