"""From the name in a grant to the names it covers: `HOME`, `APP_*`, `*`."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_NAME: Final = re.compile(r"[\w.:/@+-]*\*?")


class NameScope(NamedTuple):
    """One name, all that begin alike (`APP_*`), or any (`*`)."""

    text: str

    @classmethod
    def parse(cls, text: str, base: str | None) -> NameScope:
        """The scope `text` is. Raises ValueError."""
        if not text or not _NAME.fullmatch(text):
            raise ValueError("it must be a name, the beginning of names with * at its end, or * for any")
        return cls(text)

    def covers(self, resource: str) -> bool:
        """Whether `resource` is such a name."""
        return resource.startswith(self.text[:-1]) if self.text.endswith("*") else resource == self.text

    def includes(self, other: NameScope) -> bool:
        """Whether it covers all that `other` does."""
        if self.text.endswith("*"):
            return other.text.startswith(self.text[:-1])
        return self.text == other.text


def resource(value: object, base: str | None) -> tuple[str, str]:
    """What is asked for, and as text. Raises ValueError."""
    if value.__class__ is not str or not value or "\0" in value:
        raise ValueError("it is not a name")
    return value, value
