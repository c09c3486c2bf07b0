"""From a path that leads out of its root to the refusal it is."""

from __future__ import annotations


class Outside(Exception):
    """What was allowed by its name lies elsewhere; `rule` says why, for the decision that refuses it."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


BY_LINK = "a link on the way leads out of what is granted"
BY_MAGIC = "a link on the way is one that the kernel makes up (/proc)"
