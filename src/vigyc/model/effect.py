"""From a call of an effect to what is told of it with the run: what was asked, who allowed it, what came of it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

OK: Final = "ok"
FAILED: Final = "failed"  # the world refused; `detail` says how
DENIED: Final = "denied"  # the policy refused
MISUSED: Final = "misused"  # a wrong argument, or no budget left
NOT_DONE: Final = "not-done"  # a dry run: it would have been done
_OPTIONAL: Final = frozenset({"resource", "rule", "detail"})
OUTCOMES: Final = (OK, FAILED, DENIED, MISUSED, NOT_DONE)


class Effect(NamedTuple):
    """A call of the effect `name`. `resource` is what it was about, `rule` the grant that allowed it or why none did.

    `detail` is the error of a call that did not come off. `at_us` counts from the beginning of the tick, `duration_us`
    is how long it took.
    """

    name: str
    resource: str
    outcome: str
    rule: str = ""
    detail: str = ""
    at_us: int = 0
    duration_us: int = 0

    def to_json(self) -> dict[str, Any]:
        """The call as a JSON object, texts left out where there is nothing to say."""
        return {key: part for key, part in self._asdict().items() if part != "" or key not in _OPTIONAL}
