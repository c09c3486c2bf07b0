"""From a feed and the store's history to one reader, who hears every number once, or is told which it did not hear.

A subscription is live when it has a position in its feed. It has none yet when it wants history, and none any more when
it fell behind its feed and wants what it missed: then the reader, by its own calls, reads the store page by page until
it has heard all that went out so far, and joins its feed there. So nothing is lost and nothing told twice, and only the
reader pays for being slow.

One reader at a time. `take`, `read_on` and `when_ready` are `get` in parts, for a reader that must not block.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Event, Lock
from time import monotonic
from types import TracebackType
from typing import Protocol

from vigyc.model.notice import Notice
from vigyc.runtime.feed import Feed
from vigyc.runtime.store.port import Store
from vigyc.runtime.stretch import stretch

PAGE = 256


class Source(Protocol):
    """What a subscription sees of its bus: `last` is the newest number that went out."""

    last: int

    def position(self, feed: Feed, after: int) -> int | None:
        """Where in `feed` the notices after number `after` begin; None if something that follows went out already."""

    def drop(self, count: int) -> None:
        """A reader was told that it missed so many."""


class Subscription:
    """What a reader has not read yet. `seq` is the number last read, from which another subscription can go on."""

    def __init__(
        self, source: Source, store: Store, feed: Feed, after: int, position: int | None, refill: bool
    ) -> None:
        self.seq = after
        self._source = source
        self._store = store
        self._feed = feed
        self._refill = refill
        self._position = position
        self._after = after  # the number up to which all was read, or is in the page, while there is no position
        self._page: deque[Notice] = deque()
        self._reading = Lock()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing new will come."""
        return self._closed or self._feed.closed

    def get(self, timeout: float | None = None) -> Notice | None:
        """The next notice, waiting for it up to `timeout` seconds, or as long as it takes; None if there is none, or,
        once it is closed, will be. Raises StoreError if history cannot be read; the next call tries again."""
        until = None if timeout is None else monotonic() + timeout
        while True:
            closed = self.closed  # before looking: what went out until then is still read
            notice = self.take()
            if notice is not None or closed:
                return notice
            if self.reads_store:
                self.read_on()
                continue
            left = None if until is None else until - monotonic()
            if left is not None and left <= 0:
                return None
            arrived = Event()
            self.when_ready(arrived.set)
            arrived.wait(left)

    def take(self) -> Notice | None:
        """The next notice, if it is at hand."""
        if self._closed:
            return None
        notice = self._page.popleft() if self._page else self._heard()
        if notice is not None:
            self.seq = notice.seq
        return notice

    @property
    def reads_store(self) -> bool:
        """Whether the next notice must be looked for in the store: `read_on`."""
        return self._position is None and not self._page and not self.closed

    def read_on(self) -> None:
        """Read one page of what was missed so far, or be live if that is nothing. Raises StoreError."""
        with self._reading:
            if not self.reads_store:
                return
            self._position = self._source.position(self._feed, self._after)
            if self._position is None:
                page = stretch(self._store, self._after, self._source.last, PAGE)
                self._page.extend(self._feed.wanted(page))
                self._after = page[-1].seq

    def when_ready(self, wake: Callable[[], None]) -> None:
        """Have `wake` called when there is something to do: at once, or by whoever publishes. It is called once, or
        rarely twice; it must be short and not raise. A later call replaces it."""
        if self._position is None or self._page or not self._feed.sleep(self, self._position, wake) or self._closed:
            wake()

    def close(self) -> None:
        """End it; what waits to be read is dropped. Again is nothing."""
        self._closed = True
        self._feed.rouse(self)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __iter__(self) -> Subscription:
        return self

    def __next__(self) -> Notice:
        notice = self.get()
        if notice is None:
            raise StopIteration
        return notice

    def _heard(self) -> Notice | None:
        """The next of the feed, if there is one; or the gap, if it fell behind and does not mind."""
        if self._position is None:
            return None
        try:
            notice = self._feed.read(self._position)
        except LookupError:
            if not self._refill:
                notice, self._position = self._feed.skip(self.seq)
                self._source.drop(notice.seq - self.seq)
                return notice
            self._after, self._position = self.seq, None
            return None
        self._position += notice is not None
        return notice
