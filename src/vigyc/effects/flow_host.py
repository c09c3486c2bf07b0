"""From a tick that is an epoch of the enhance pipeline to what its effects ask: the host of a flow.

The pack `flow` reaches it through the gate. Any other program has no such host, and is refused.
"""

from __future__ import annotations

from typing import Any, Protocol

from vigyc.runtime.host import Host


class Steps(Protocol):
    """What the application does for a flow. All values are JSON data; `source` is the text of a program.

    What cannot be done raises EffectFailed, which the flow gets as a result with its tag.
    """

    def context(self) -> Any:
        """The context that the flow begins with."""

    def rewrite(self, source: str) -> Any:
        """The patch that the rule-based rewriter proposes. Fails with `no-rule`."""

    def apply(self, source: str, patch: Any) -> Any:
        """`source` with `patch` applied: `{"source", "version"}`. Fails with `edit`."""

    def verify(self, source: str, axis: str) -> Any:
        """The verdict on `source`: `{"axis", "status", "evidence"}` or `{"axis", "status", "reason"}`.

        It is called from within an effect, where a deadline is held up: whoever ticks the program lets it in.
        """

    def finish(self, context: Any) -> None:
        """Take the context that the flow ends with."""


class FlowHost(Host):
    """The host of a flow's one tick; `final` is the context it ended with, None as long as it has not."""

    __slots__ = ("final", "steps")

    def __init__(self, steps: Steps, tick_start_ms: int) -> None:
        super().__init__(tick_start_ms=tick_start_ms)
        self.steps = steps
        self.final: Any = None
