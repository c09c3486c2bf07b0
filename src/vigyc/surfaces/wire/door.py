"""From the name of an operation and JSON data to JSON data: the one way in, whatever the transport.

Whoever is at the door is known (the caller); what they may not do is refused here, and so is what is not as it must be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, NamedTuple, ParamSpec, Protocol, TypeVar

from vigyc.lang.errors import CompileError, NotGranted, StoreError
from vigyc.model.notice import Notice
from vigyc.runtime.subscription import Subscription
from vigyc.service.async_subscription import Heard
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.argument import Argument, checked_arguments
from vigyc.surfaces.wire.caller import LOCAL, Caller, Role, check_role
from vigyc.surfaces.wire.operation import Operation
from vigyc.surfaces.wire.operations import arguments as a
from vigyc.surfaces.wire.table import operation_named

T = TypeVar("T")
P = ParamSpec("P")
WATCH: Final = "stream_events"
WATCH_ROUTE: Final = ("GET", "/v1/events")
WATCH_ARGUMENTS: Final[tuple[Argument, ...]] = (
    a.AFTER._replace(required=False), a.VIGY._replace(required=False), a.KINDS_._replace(required=False),
)  # fmt: skip
"""The one operation with many answers: notices as they happen, after a number or from now on."""


class Door(Protocol):
    """A runtime as its callers see it, here or behind a network."""

    def perform(self, name: str, data: object = None) -> Any:
        """The answer of operation `name`, both as JSON data. Raises what the operation raises, NotAllowed, Invalid."""

    def watch(self, data: object = None) -> Watched:
        """What happens, as it happens. Raises the same."""

    def close(self) -> None:
        """Ask nothing any more; the runtime goes on."""


class Watched(Heard, Protocol):
    """Notices as they come; to be closed. `seq` is the number of the last, after which another can go on."""

    def get(self, timeout: float | None = None) -> Notice | None:
        """The next notice, waiting for it up to `timeout` seconds; None if there is none."""

    def __enter__(self) -> Watched:
        """It, to be closed at the end."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""

    def __iter__(self) -> Iterator[Notice]:
        """All that come, until it is closed."""


class LocalDoor(NamedTuple):
    """The door of `runtime` for `caller`."""

    runtime: Runtime
    caller: Caller = LOCAL

    def perform(self, name: str, data: object = None) -> Any:
        """The answer of operation `name`."""
        found = operation_named(name)
        return self._work(found, self._given(found, data))

    def at_hand(self, name: str, data: object = None) -> Any:
        """The same where nothing must be waited for, not even a disk; None where something must."""
        found = operation_named(name)
        return None if found.at_hand is None else found.at_hand(self.runtime, **self._given(found, data))

    async def awaited(self, name: str, data: object = None) -> Any:
        """The same of one that only waits, in an event loop; no thread waits, and who gives up leaves nothing."""
        found = operation_named(name)
        assert found.awaited is not None
        return await found.awaited(self.runtime, **self._given(found, data))

    def perform_each(self, name: str, data: Sequence[object]) -> list[Any]:
        """The answers of operation `name` to each of `data`; where it failed, its error."""
        found = operation_named(name)
        given = [_tried(self._given, found, each) for each in data]
        good = [each for each in given if not isinstance(each, Exception)]
        if found.work_each is not None:
            with suppress(StoreError):  # one that cannot be read is not to hide the others
                answers = iter(found.work_each(self.runtime, good))
                return [each if isinstance(each, Exception) else next(answers) for each in given]
        return [each if isinstance(each, Exception) else _tried(self._work, found, each) for each in given]

    def _given(self, found: Operation, data: object) -> dict[str, Any]:
        """The arguments, checked, of one who may."""
        check_role(self.caller, found.role, found.name)
        given = checked_arguments(found.name, found.arguments, data)
        if "author" in (argument.name for argument in found.arguments):
            given.setdefault("author", self.caller.name)
        return given

    def _work(self, found: Operation, given: Mapping[str, Any]) -> Any:
        try:
            return found.work(self.runtime, **given)
        except (CompileError, NotGranted) as error:
            if error.text is None:
                error.text = given.get("program")
            raise

    def watch(self, data: object = None) -> Subscription:
        """What happens, as it happens."""
        check_role(self.caller, Role.READ, WATCH)
        given = checked_arguments(WATCH, WATCH_ARGUMENTS, data)
        return self.runtime.subscribe(
            given.get("after"), vigy=given.get("vigy"), kinds=given.get("kinds"), refill=True
        )  # fmt: skip

    def close(self) -> None:
        """Nothing: whoever opened the runtime closes it."""


def _tried(do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Exception:
    try:
        return do(*args, **kwargs)
    except Exception as error:
        return error
