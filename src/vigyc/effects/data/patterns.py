"""From a pattern and a text to matches, in time that grows with the text: RE2's engine, which has no backtracking.

A search takes at most (size of the compiled pattern) x (length of the text) steps, and that product is bounded, as are
a pattern's length and memory. Finding *all* matches is a search after each match, so that has a limit of time too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from time import monotonic
from typing import Any, Final

from vigyc.effects.extras import need
from vigyc.runtime.faults import native_fault

MOST_PATTERN: Final = 4096
MOST_STEPS: Final = 2**28
MOST_SECONDS: Final = 2.0
_MEMORY: Final = 2**20


def engine(op: str) -> Any:
    """The module `re2`. Raises TickError `missing-extra`."""
    return need(op, "re2", "google-re2", "data")


def compiled(op: str, pattern: str, text: str) -> Any:
    """The compiled pattern, fit for searching `text`. Raises TickError `native-fn`."""
    re2 = engine(op)
    if len(pattern) > MOST_PATTERN:
        raise native_fault(op, f"the pattern is longer than {MOST_PATTERN} characters")
    try:
        found, size = _compiled(re2, pattern)
    except re2.error as error:
        said = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        raise native_fault(op, f"bad pattern: {said}") from None
    except UnicodeEncodeError:
        raise native_fault(op, "bad pattern: half of a surrogate pair") from None
    if size * len(text) > MOST_STEPS:
        raise native_fault(op, f"the text is too long for this pattern: at most {MOST_STEPS // size} characters")
    return found


@lru_cache(maxsize=256)
def _compiled(re2: Any, pattern: str) -> tuple[Any, int]:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    found = re2.compile(pattern, options)
    return found, max(1, found.programsize)


def first(op: str, pattern: str, text: str) -> Any:
    """The first match, or None."""
    return next(matches(op, pattern, text), None)


def matches(op: str, pattern: str, text: str) -> Iterator[Any]:
    """All matches from the left, none overlapping. Raises TickError `native-fn`."""
    regex = compiled(op, pattern, text)
    until = monotonic() + MOST_SECONDS
    last = None
    try:
        for match in regex.finditer(text):
            if match.span() == last:
                continue  # the wrapper finds an empty match twice if it is not where the search began
            last = match.span()
            yield match
            if monotonic() > until:
                raise native_fault(op, f"this takes longer than {MOST_SECONDS:g} s")
    except UnicodeEncodeError:
        raise native_fault(op, "half of a surrogate pair in the text") from None
