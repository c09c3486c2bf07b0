"""From a method that blocks to one that is awaited: the call is made in another thread, and the event loop goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


class Awaited(Generic[T]):
    """Something whose methods are those of `blocking`, awaited."""

    def __init__(self, blocking: T) -> None:
        self._blocking = blocking


def awaited(method: Callable[Concatenate[T, P], R]) -> Callable[Concatenate[Awaited[T], P], Coroutine[Any, Any, R]]:
    """`method`, awaited. One that is cancelled still ends, unheard."""

    @wraps(method)
    async def call(self: Awaited[T], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.to_thread(method, self._blocking, *args, **kwargs)

    return call
