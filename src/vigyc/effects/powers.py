"""From the policies of a runtime to the gates of its runs: everything that is shared between vigies and threads."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from threading import Lock
from time import monotonic

from vigyc.effects.budget import Meter, Pool
from vigyc.effects.files.root import Root
from vigyc.effects.gate import Gate, StandIn
from vigyc.effects.kinds import KINDS, PATH
from vigyc.effects.policy import Policy
from vigyc.effects.secrets import find_secret
from vigyc.effects.session import Session
from vigyc.runtime.host import Host

PolicyOf = Callable[[str, Mapping[str, str]], Policy]
"""The policy of a vigy, by its name and labels."""


class Powers:
    """The powers of one runtime's vigies, as `policy_of` grants them; close it when the runtime ends.

    `console` takes what programs print (default: standard error).
    """

    def __init__(self, policy_of: PolicyOf, console: Callable[[str], object] | None = None) -> None:
        self.policy_of = policy_of
        self._console = console if console is not None else _to_stderr
        self._sessions: dict[tuple[str, str], Session] = {}
        self._roots: dict[str, Root] = {}
        self._pools: dict[tuple[object, ...], Pool] = {}
        self._lock = Lock()

    def session(self, vigy: str, name: str, labels: Mapping[str, str], slot: str = "") -> Session:
        """The session of the vigy whose id is `vigy`; a new one when its policy is another than before.

        Runs of one session are one after the other: whoever has several at once gives each a `slot` of its own. They
        draw on the same budgets all the same. Raises SettingsError when a granted folder is not there.
        """
        policy = self.policy_of(name, labels)
        with self._lock:
            found = self._sessions.get((vigy, slot))
            if found is None or found.policy != policy or found.name != name:
                if found is not None:
                    found.close()
                found = Session(
                    name, policy, self._opened(policy), lambda wanted: find_secret(policy, wanted), self._console
                )
                self._sessions[vigy, slot] = found
            return found

    def gate(self, vigy: str, session: Session, host: Host, seconds: float, stand_in: StandIn | None = None) -> Gate:
        """The gate of a run that has `seconds` left."""
        return Gate(session, host, monotonic() + seconds, self._meter(vigy, session.policy), stand_in)

    def _opened(self, policy: Policy) -> dict[str, Root]:
        for grant in policy.grants:
            if KINDS[grant.kind].scope == PATH:
                path = grant.scope.path  # type: ignore[union-attr]
                if path not in self._roots:
                    self._roots[path] = Root(path, grant.text.partition(":")[2])
        return self._roots

    def _meter(self, vigy: str, policy: Policy) -> Meter:
        pools: list[Pool] = []
        for budget in policy.budgets:
            if budget.shared_by == "run":
                pools.append(Pool(budget, _now_ms))
                continue
            owner = vigy if budget.shared_by == "vigy" else ""
            key = (owner, frozenset(budget.amounts.items()), budget.every)
            with self._lock:
                pool = self._pools.get(key)
                if pool is None:
                    pool = self._pools[key] = Pool(budget, _now_ms)
            if pool not in pools:  # said twice, it is one budget all the same
                pools.append(pool)
        return Meter(pools)

    def forget(self, vigy: str) -> None:
        """Close the sessions of a vigy that is no more, and let go of its budgets."""
        with self._lock, ExitStack() as stack:
            for slot in [key for key in self._sessions if key[0] == vigy]:
                stack.callback(self._sessions.pop(slot).close)
            for key in [key for key in self._pools if key[0] == vigy]:
                del self._pools[key]

    def close(self) -> None:
        """Close every session and every folder, whatever one of them raises."""
        with self._lock, ExitStack() as stack:
            while self._roots:
                stack.callback(self._roots.popitem()[1].close)
            while self._sessions:
                stack.callback(self._sessions.popitem()[1].close)


def _to_stderr(text: str) -> object:
    return sys.stderr.write(text)


def _now_ms() -> int:
    return int(monotonic() * 1000)
