"""From an edit that does not fit the text it is for to what is said of it."""

from __future__ import annotations


class Unfit(Exception):
    """An edit does not fit; the text says what was expected, what is there, and what to do."""
