"""From a server's stream of events to a subscription that outlives the connection.

A thread reads; what it read waits here until it is taken, up to a limit, and then the server waits too. When the
connection ends or falls silent the thread connects again, after the number it read last: nothing is lost, nothing told
twice. Only when the server stays away for long, or refuses, does the reader hear of it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from threading import Condition, Thread
from time import monotonic
from types import TracebackType
from typing import Final, Protocol

from vigyc.lang.errors import StoreError, VigycError
from vigyc.model.codec import from_json
from vigyc.model.notice import Notice
from vigyc.surfaces.client.server_events import ServerEvent, server_events
from vigyc.surfaces.wire.failure import error_of

CAPACITY: Final = 1024
PATIENCE: Final = 60.0
"""The seconds that a server may be away before the reader hears of it."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0


class Connection(Protocol):
    """A stream of a server that was opened."""

    def parts(self) -> Iterator[bytes]:
        """The bytes, as they come. Raises StoreError when there is trouble on the way."""

    def cut(self) -> None:
        """End it, from any thread."""


Connect = Callable[[int], AbstractContextManager[Connection]]


class Stream:
    """What a server tells after number `after`; `connect` opens it, after a number. `seq` is the number last read.

    Raises what connecting raises.
    """

    def __init__(self, connect: Connect, after: int, patience: float = PATIENCE) -> None:
        self.seq = after
        self._connect = connect
        self._patience = patience
        self._heard = after  # the number that arrived last
        self._waiting: deque[Notice] = deque()
        self._news = Condition()
        self._wake: Callable[[], None] | None = None
        self._error: VigycError | None = None
        self._ended = False
        self._closed = False
        self._connection: Connection | None = None
        opened = ExitStack()
        self._connection = opened.enter_context(connect(after))
        self._thread = Thread(target=self._read, args=(opened,), name="vigyc-stream", daemon=True)
        self._thread.start()

    @property
    def closed(self) -> bool:
        """Whether nothing new will come."""
        return self._closed or self._ended

    @property
    def reads_store(self) -> bool:
        """Never: what was missed comes by itself."""
        return False

    def read_on(self) -> None:
        """Nothing, see `reads_store`."""

    def get(self, timeout: float | None = None) -> Notice | None:
        """The next notice, waiting for it up to `timeout` seconds, or as long as it takes; None if there is none, or,
        once it is closed, will be. Raises StoreError when the server stays away, and what it refuses with."""
        until = None if timeout is None else monotonic() + timeout
        with self._news:
            while not (self._waiting or self.closed):
                left = None if until is None else until - monotonic()
                if left is not None and left <= 0:
                    return None
                self._news.wait(left)
        return self.take()

    def take(self) -> Notice | None:
        """The next notice, if it is at hand. Raises the same."""
        with self._news:
            if self._closed:
                return None
            if self._waiting:
                notice = self._waiting.popleft()
                self.seq = notice.seq
                self._news.notify_all()
                return notice
            error, self._error = self._error, None
        if error is not None:
            raise error
        return None

    def when_ready(self, wake: Callable[[], None]) -> None:
        """Have `wake` called when there is something to do: at once, or by the thread that reads."""
        with self._news:
            if not (self._waiting or self.closed):
                self._wake = wake
                return
        wake()

    def close(self) -> None:
        """End it; what waits to be read is dropped. Again is nothing."""
        with self._news:
            self._closed = True
            self._waiting.clear()
            connection = self._connection
            self._tell()
        if connection is not None:
            connection.cut()

    def join(self, timeout: float) -> None:
        """Wait up to `timeout` seconds for the thread of one that is closed."""
        self._thread.join(timeout)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __iter__(self) -> Iterator[Notice]:
        while (notice := self.get()) is not None:
            yield notice

    # -- the thread

    def _read(self, opened: ExitStack) -> None:
        """Read until it is closed, or nothing can be read any more."""
        with opened:
            trouble = self._hear()
        pause, since = _FIRST_PAUSE, monotonic()
        while trouble is None or _passes(trouble):
            if trouble is not None and monotonic() - since > self._patience:
                break
            with self._news:
                if self._news.wait_for(lambda: self._closed, pause):
                    return
            before = self._heard
            trouble = self._again()
            if trouble is None or self._heard != before:
                pause, since = _FIRST_PAUSE, monotonic()
            else:
                pause = min(2 * pause, _LONGEST_PAUSE)
        with self._news:
            self._error, self._ended = trouble, True
            self._tell()

    def _again(self) -> VigycError | None:
        """Connect once more, and read as long as that lasts; the trouble that ended it."""
        try:
            with self._connect(self._heard) as connection:
                with self._news:
                    self._connection = connection
                    if self._closed:
                        return None
                return self._hear()
        except VigycError as error:
            return error

    def _hear(self) -> VigycError | None:
        connection = self._connection
        if connection is None:
            return None
        try:
            for event in server_events(connection.parts()):
                if event.kind == "problem":
                    return error_of(json.loads(event.data))
                if not self._put(event):
                    return None
        except VigycError as error:
            return error
        except ValueError as error:
            return StoreError(f"the server's events cannot be read: {error}")
        finally:
            self._connection = None
        return None

    def _put(self, event: ServerEvent) -> bool:
        """Keep what `event` tells, when there is room; False if it is closed."""
        notice = from_json(Notice, json.loads(event.data))
        with self._news:
            self._news.wait_for(lambda: self._closed or len(self._waiting) < CAPACITY)
            if self._closed:
                return False
            self._waiting.append(notice)
            self._heard = notice.seq
            self._tell()
        return True

    def _tell(self) -> None:
        """Wake whoever waits; the lock is held."""
        self._news.notify_all()
        wake, self._wake = self._wake, None
        if wake is not None:
            wake()


def _passes(trouble: VigycError) -> bool:
    """Whether it may be over when one tries again."""
    return isinstance(trouble, StoreError)
