"""From a vigy's generation to an entity tag, and from the conditions of a request to a generation (RFC 9110, 13)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigyc.lang.errors import Invalid, Stale
from vigyc.surfaces.rest.answer import Header
from vigyc.surfaces.wire.entity_tag import ANY, TAGS

_GENERATION: Final = re.compile("[0-9]{1,18}")


def tag(vigy: Mapping[str, Any]) -> str:
    """The entity tag of a vigy in JSON."""
    return f'"{vigy["generation"]}"'


def tag_header(vigy: Mapping[str, Any]) -> Header:
    """The header that says so."""
    return b"etag", tag(vigy).encode()


def generations(wanted: str) -> frozenset[int] | None:
    """The generations that `If-Match` names, None for any. A weak tag names none. Raises Invalid, Stale."""
    if wanted.strip() == ANY:
        return None
    tags = TAGS.findall(wanted)
    if not tags or TAGS.sub("", wanted).strip():
        raise Invalid(f'If-Match: give the ETag of an answer, such as "3", not {wanted!r:.60}')
    found = frozenset(int(name) for weak, name in tags if not weak and _GENERATION.fullmatch(name))
    if not found:
        raise Stale(f"If-Match: no vigy has the ETag {wanted!r:.60}; get it again")
    return found
