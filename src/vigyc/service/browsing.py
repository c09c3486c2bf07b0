"""From all the vigies of a store to one page of them: those that match, in an order, from where the last page ended.

Only what is on the page is told in full. A cursor goes on after the last of its page, whatever was registered or
deleted since.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from heapq import nsmallest
from typing import Any, Final, NamedTuple, TypeAlias

from vigyc.lang.errors import Invalid
from vigyc.model.selector import Selector
from vigyc.service.overview import BACKING_OFF, DISABLED, LATE, PAUSED, STANDBY, Glance, Overview, Overviews

REGISTERED: Final = "registered"
NAME: Final = "name"
ATTENTION: Final = "attention"
SORTS: Final = (REGISTERED, NAME, ATTENTION)

_Key: TypeAlias = "int | str"

_URGENCY: Final = {BACKING_OFF: 0, LATE: 1, STANDBY: 3, PAUSED: 4, DISABLED: 6}
_FAILING: Final = 2
_CALM: Final = 5


class Page(NamedTuple):
    """Some of the vigies: `next` is the cursor of those that follow (None: there are none), `total` how many match."""

    items: list[Overview]
    next: str | None
    total: int


class Browsing:
    """Pages through vigies."""

    def __init__(self, overviews: Overviews) -> None:
        self._overviews = overviews

    def page(
        self,
        selector: Selector,
        search: str,
        phase: str | None,
        failing: bool | None,
        sort: str,
        limit: int,
        cursor: str | None,
    ) -> Page:
        """The vigies that match.

        Raises Invalid for an order or a cursor that does not exist.
        """
        if sort not in SORTS:
            raise Invalid(f"sort: it must be one of {', '.join(SORTS)}, not {sort!r}")
        after = None if cursor is None else _read_cursor(cursor, sort)
        situation = self._overviews.situation()
        total = 0

        def wanted() -> Iterator[tuple[_Key, str, Glance]]:
            nonlocal total
            for glance in self._overviews.glances(situation):
                if _matches(glance, selector, search.lower(), phase, failing):
                    total += 1
                    key = _key(sort, glance)
                    if after is None or (key, glance.vigy.id) > after:
                        yield key, glance.vigy.id, glance

        found = nsmallest(limit + 1, wanted())
        shown = found[:limit]
        more = _cursor(sort, *shown[-1][:2]) if shown and len(found) > limit else None
        return Page([self._overviews.told(glance, situation) for _, _, glance in shown], more, total)


def _matches(glance: Glance, selector: Selector, search: str, phase: str | None, failing: bool | None) -> bool:
    vigy, standing = glance.vigy, glance.standing
    if phase is not None and glance.phase != phase:
        return False
    if search and search not in vigy.name.lower() and not vigy.id.startswith(search):
        return False
    if failing is not None and (standing.failures > 0) != failing:
        return False
    return selector.matches(vigy.labels)


def _key(sort: str, glance: Glance) -> _Key:
    """What the vigies are sorted by, before their ids."""
    if sort == REGISTERED:
        return glance.vigy.created_at
    if sort == NAME:
        return glance.vigy.name.casefold()
    calm = _FAILING if glance.standing.failures or glance.standing.denied else _CALM
    return f"{_URGENCY.get(glance.phase, calm)} {glance.vigy.name.casefold()}"


def _cursor(sort: str, key: _Key, vigy_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, key, vigy_id]).encode()).decode().rstrip("=")


def _read_cursor(text: str, sort: str) -> tuple[Any, str]:
    try:
        made_for, key, vigy_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Invalid(f"cursor {text!r:.80}: it is not one that a page gave") from None
    if made_for != sort:
        raise Invalid(f"cursor {text!r:.80}: it goes on a list sorted by {made_for!r:.20}, not {sort!r}")
    if key.__class__ is not (int if sort == REGISTERED else str) or vigy_id.__class__ is not str:
        raise Invalid(f"cursor {text!r:.80}: it is not one that a page gave")
    return key, vigy_id
