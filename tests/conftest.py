"""Settings every test shares: hypothesis, and a bytecode cache no test leaves behind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", derandomize=True, print_blob=True, deadline=None, database=None)
settings.register_profile(
    "local", print_blob=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session", autouse=True)
def _cache_of_our_own() -> Iterator[None]:
    """Tests neither read nor write the user's cache."""
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIGYC_CACHE_DIR", str(Path(place) / "cache"))
        patch.setenv("VIGYC_CACHE_KEY_FILE", str(Path(place) / "cache.key"))
        yield


@contextmanager
def _nobody() -> Iterator[None]:
    if os.name != "posix" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def powerless() -> Callable[[], AbstractContextManager[None]]:
    """`with powerless():` permissions count, also for tests that root runs, who may read and write anything."""
    return _nobody
