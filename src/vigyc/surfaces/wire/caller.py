"""From whoever is at the door to what they may do: read, operate, administer."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from vigyc.lang.errors import NotAllowed


class Role(IntEnum):
    """What a caller may do; each role may do what the ones before it may.

    READ looks; OPERATE ticks, enables, disables, rolls back, edits kv, resolves actions and submits issues; ADMIN
    registers, updates and deletes programs, approves issues and changes how they are worked off.
    """

    READ = 1
    OPERATE = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The role as it is written."""
        return self.name.lower()


class Caller(NamedTuple):
    """Somebody whose identity was established: `name` is kept with what they change."""

    name: str
    role: Role


LOCAL: Final = Caller("local", Role.ADMIN)
"""Who has the store's file at hand."""


SCOPE: Final = "vigyc.caller"
"""Where the scope of an HTTP request (ASGI) has its caller, once the guard has let it in."""


class Unauthenticated(NotAllowed):
    """Nobody knows who asks: there is no token, or not one that is known."""


def check_role(caller: Caller, least: Role, what: str) -> None:
    """Raises NotAllowed if `caller` may not do `what`."""
    if caller.role < least:
        raise NotAllowed(f"{what} takes the role {least.word}, and {caller.name!r} has the role {caller.role.word}")
