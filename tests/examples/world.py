"""A world for examples to tick in: a kv that lasts, a clock that is moved by hand, and no database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import vigyc

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class World:
    """One example with its kv; `tick` runs it once and gives what it did, as JSON data."""

    def __init__(self, name: str, start_ms: int = 1_000_000, **kv: Any) -> None:
        path = EXAMPLES / name
        self.program = vigyc.compile(path.read_text("utf-8"), filename=str(path), cache=False)
        self.kv: dict[str, Any] = {key.replace("_", "-"): value for key, value in kv.items()}
        self.now = start_ms
        self.before: int | None = None
        self.count = 0

    def tick(self, after_ms: int = 1000) -> dict[str, Any]:
        """Move the clock on and run one tick."""
        self.now += after_ms
        host = vigyc.Host(kv=self.kv, tick_start_ms=self.now, previous_tick_ms=self.before, tick_count=self.count)
        seen = self.program.tick(host).snapshot()
        self.before = self.now
        self.count += 1
        return seen


def kinds(seen: dict[str, Any]) -> list[str]:
    return [action["kind"] for action in seen["actions"]]


def condition(seen: dict[str, Any], name: str) -> tuple[str, str | None]:
    """Status and reason of the last condition called `name`."""
    found = [entry for entry in seen["conditions"] if entry["name"] == name][-1]
    return found["status"], found.get("reason")
