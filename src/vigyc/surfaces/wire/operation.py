"""From a function of a runtime to an operation: with a name, a route, a role, and arguments that are checked.

Which arguments are required, and the defaults of the others, is what the function's signature says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import Parameter, getdoc, signature
from typing import Any, Final, NamedTuple, TypeAlias

from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.argument import Argument
from vigyc.surfaces.wire.caller import Role

Work: TypeAlias = Callable[..., Any]
AwaitedWork: TypeAlias = Callable[..., Awaitable[Any]]
WorkEach: TypeAlias = Callable[[Runtime, Sequence[Mapping[str, Any]]], list[Any]]


class Operation(NamedTuple):
    """What can be asked of a runtime over every transport.

    `work` takes the runtime and the arguments by name, and gives JSON data. `route` is its method and path of REST;
    `slow` says that it may wait for a tick or run a program, `changes` that something is not as before when it is done.
    `at_hand` is `work` where nothing has to be waited for, and gives None where something has to be; `work_each` gives
    the answers, or errors, to many at once. `awaited` is `work` in an event loop, for one that does nothing but wait
    for others: no thread waits then.
    """

    name: str
    route: tuple[str, str]
    role: Role
    arguments: tuple[Argument, ...]
    work: Work
    doc: str
    slow: bool = False
    at_hand: Work | None = None
    work_each: WorkEach | None = None
    awaited: AwaitedWork | None = None

    @property
    def changes(self) -> bool:
        """Whether it changes something that lasts."""
        return self.role is not Role.READ and not self.preview

    @property
    def preview(self) -> bool:
        """Whether it runs a program and keeps nothing."""
        return self.name in PREVIEWS

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of its arguments, as an object."""
        return {
            "type": "object",
            "properties": {argument.name: argument.schema for argument in self.arguments},
            "required": [argument.name for argument in self.arguments if argument.required],
            "additionalProperties": False,
        }


PREVIEWS: Final = frozenset({"dry_run_vigy", "replay_run", "verify_candidate"})


def operation(
    route: str,
    role: Role,
    *arguments: Argument,
    slow: bool = False,
    awaited: AwaitedWork | None = None,
    at_hand: Work | None = None,
    each: WorkEach | None = None,
) -> Callable[[Work], Operation]:
    """Make a function, whose first parameter is the runtime, an operation; `route` is such as `GET /v1/vigies/{id}`."""
    method, _, path = route.partition(" ")

    def made(work: Work) -> Operation:
        parameters = list(signature(work).parameters.values())[1:]
        assert [each.name for each in parameters] == [each.name for each in arguments], work.__name__
        taken = tuple(map(_as_declared, arguments, parameters))
        return Operation(
            work.__name__, (method, path), role, taken, work, getdoc(work) or "", slow, at_hand, each, awaited
        )

    return made


def _as_declared(argument: Argument, parameter: Parameter) -> Argument:
    required = parameter.default is Parameter.empty
    return argument._replace(required=required, default=None if required else parameter.default)
