"""From bytes to the entity tag they are sent with, and from the tags of a request to whether it has them (RFC 9110)."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

ANY: Final = "*"
TAGS: Final = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)')
"""Tags one after the other: whether it is a weak one, and its name."""


def tag_of(body: bytes) -> str:
    """The tag of these bytes."""
    return f'"{sha256(body).hexdigest()[:20]}"'


def is_known(wanted: str | None, current: str) -> bool:
    """Whether `If-None-Match` names the `current` tag, strong or weak; what cannot be read names nothing."""
    if wanted is None:
        return False
    return wanted.strip() == ANY or current.strip('"') in {name for _, name in TAGS.findall(wanted)}
