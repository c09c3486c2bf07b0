"""From what the grants of a kind speak of to how they are read and what they cover."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

from vigyc.effects import kinds
from vigyc.effects.scopes import host, name, path, port, program


class Scope(Protocol):
    """What a grant covers."""

    @property
    def text(self) -> str:
        """As the grant has it."""

    def covers(self, resource: Any, /) -> bool:
        """Whether it covers `resource`."""

    def includes(self, other: Any, /) -> bool:
        """Whether it covers all that `other`, of the same family, does."""


class Family(NamedTuple):
    """`parse` reads the scope of a grant, `resource` what an effect is asked for (and how to show it).

    Both are given the policy's base folder and raise ValueError for what is malformed.
    """

    parse: Callable[[str, str | None], Scope]
    resource: Callable[[object, str | None], tuple[Any, str]]


FAMILIES: Final = {
    kinds.PATH: Family(path.PathScope.parse, path.resource),
    kinds.HOST: Family(host.HostScope.parse, host.resource),
    kinds.PROGRAM: Family(program.ProgramScope.parse, program.resource),
    kinds.NAME: Family(name.NameScope.parse, name.resource),
    kinds.PORT: Family(port.PortScope.parse, port.resource),
}
