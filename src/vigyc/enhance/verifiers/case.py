"""From a candidate and the vigy it is for to all that a verifier may look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar, cast

from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.vigy import Version, Vigy
from vigyc.programs import Programs
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Case:
    """A candidate before its verifiers: `program` is the very text to be committed.

    `vigy` is the target as it is registered, its program that of version `base`. `modules` is what the candidate may
    require: what the base did. `approved` says that an operator allowed it to need more than the base.
    """

    vigy: Vigy
    base: Version
    program: str
    modules: Mapping[str, Any] | None
    setting: EnhanceSetting
    approved: bool
    programs: Programs
    store: Store
    time: TimeSource
    _made: dict[object, Any] = field(default_factory=dict, init=False, repr=False)
    _locks: dict[object, Lock] = field(default_factory=dict, init=False, repr=False)

    @property
    def candidate(self) -> Vigy:
        """The target with the candidate as its program."""
        return self.vigy._replace(program=self.program, modules=self.modules)

    @property
    def incumbent(self) -> Vigy:
        """The target with the base as its program."""
        return self.vigy._replace(program=self.base.program, modules=self.base.modules)

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What `make` gives, made for the first verifier that asks under this `key`, whatever its thread.

        Where `make` raises nothing is kept, and the next one to ask tries again.
        """
        with self._locks.setdefault(key, Lock()):
            if key not in self._made:
                self._made[key] = make()
            return cast(T, self._made[key])

    def kept(self, key: object) -> object:
        """What `once` made under this `key`; None if nothing yet."""
        return self._made.get(key)


class Denied(Exception):
    """What a verifier raises against a candidate; the text is the reason, and tells the author what to do."""
