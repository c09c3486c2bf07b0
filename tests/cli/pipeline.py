"""A store with a vigy to be made better, and the command line upon it."""

from __future__ import annotations

import json
from typing import Any, Final

from cli.counter import Counter
from cli.shell import objects

STEADY: Final = """; holds a service at its size
(define wanted 3) ; as many as the contract says
(if (= (vigy-get "running" 0) wanted)
    (vigy-noop)
    (vigy-set "running" wanted))
"""
MORE: Final = {
    "edits": [{"op": "replace", "path": [0, 2], "old": "3", "new": "4"}], "bump": "minor", "rationale": "one more",
}  # fmt: skip
REACHES: Final = '(http-get "http://b.example/")\n'
QUICK: Final = ["reads", "canonical", "noop", "compiles", "capabilities"]
"""Axes that look at the text only, so that no test waits for ticks or measures time."""


class Pipeline(Counter):
    """Where issues are handed in."""

    def patch(self, patch: object, name: str = "patch.json") -> str:
        """A file that holds `patch` as JSON."""
        return str(self.file(json.dumps(patch), name))

    def submit(self, *more: str, vigy: str = "steady", intent: str = "one more of it", code: int = 0) -> Any:
        """The issue that is submitted."""
        done = self("issue", "submit", vigy, intent, *more, "-o", "json")
        assert done.exit_code == code, done.output
        return objects(done.stdout)[0]

    def worked(self) -> list[str]:
        """What is told while all that is due is worked off."""
        done = self("enhance", "run", "--drain", "-o", "table")
        assert done.exit_code == 0, done.output
        return done.stdout.splitlines()
