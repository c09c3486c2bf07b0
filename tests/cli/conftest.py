"""What the tests of the commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.counter import Counter


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)
