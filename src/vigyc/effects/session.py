"""From a policy to what the runs of one vigy share: decisions made before, opened roots, secrets, budgets.

A session belongs to one vigy of one runtime, and its runs are one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

from vigyc.effects.files.root import Root
from vigyc.effects.kinds import KINDS, PATH
from vigyc.effects.masking import Masking
from vigyc.effects.place import Place
from vigyc.effects.policy import Judged, Policy
from vigyc.effects.scopes.path import LONGEST
from vigyc.runtime.secret import Secret, open_secret

_REMEMBERED: Final = 1024


class Session:
    """What the runs of vigy `name` share. `roots` are the opened folders of its grants, by their path; `console`
    takes what they print.

    `judged` are decisions that were made before, by kind and value. `kept` is what packs keep from run to run (clients,
    connections) under names of their own; each has a `close`.
    """

    def __init__(
        self,
        name: str,
        policy: Policy,
        roots: dict[str, Root],
        secrets: Callable[[str], Secret],
        console: Callable[[str], object],
    ) -> None:
        self.name = name
        self.policy = policy
        self.console = console
        self.kept: dict[str, Any] = {}
        self._roots = roots
        self._find_secret = secrets
        self.judged: dict[tuple[str, object], Judged] = {}
        self._masking = Masking()

    def judge(self, kind: str, value: Any) -> Judged:
        """The policy's decision; an allowed path comes as a `Place`."""
        if value.__class__ is list:  # a command line: what it means may change from call to call
            return self.policy.judge(kind, value)
        key = kind, value
        found = self.judged.get(key)
        if found is None:
            found = self.policy.judge(kind, value)
            if KINDS[kind].scope == PATH and found.grant is not None and found.grant.scope is not None:
                found = found._replace(resource=self._place(found.grant.scope.path, found.resource))  # type: ignore[attr-defined]
            if value.__class__ is not str or len(value) <= LONGEST:
                if len(self.judged) >= _REMEMBERED:
                    self.judged.clear()
                self.judged[key] = found
        return found

    def _place(self, root: str, resource: Any) -> Place:
        return Place(self._roots[root], resource.path[len(root) :].lstrip("/"), resource.text)

    def secret(self, name: str) -> Secret:
        """The secret called `name`. Raises EffectFailed if it cannot be had."""
        found = self._find_secret(name)
        self._masking.add(open_secret(found))
        return found

    def masked(self, value: Any) -> Any:
        """`value` with every secret of this vigy that shows up in its texts replaced by `***`."""
        return self._masking.masked(value)

    def close(self) -> None:
        """Close what packs keep; what one of them raises does not keep the others open."""
        with ExitStack() as stack:
            while self.kept:
                stack.callback(self.kept.popitem()[1].close)
