"""From `vigy-log` to a line somebody reads."""

from __future__ import annotations

from typing import Final, NamedTuple

LEVELS: Final = ("trace", "debug", "info", "warn", "error")


class LogLine(NamedTuple):
    """A message at one of `LEVELS`."""

    level: str
    message: str

    def to_json(self) -> dict[str, str]:
        """The line as a JSON object."""
        return {"level": self.level, "message": self.message}
