"""From what was stored to whoever listens: one cursor over the store's stream, and the subscriptions it feeds.

What went out is always the whole stream up to `last`, in order: notices come from any thread in any order, those up to
`last` are ignored, and a hole is read from the store, which had every number before anybody could publish it. So
nothing is lost when publishing or reading fails: whoever comes next catches up.

Readers with the same filter share a feed of the newest notices, so publishing costs the same whether they read or not;
who wants history, or fell behind, reads the store (subscription.py). The lock is held while a hole is read; nobody is
called under it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from threading import Lock
from weakref import WeakSet, WeakValueDictionary

from vigyc.lang.errors import Invalid, StoreError
from vigyc.model.notice import REGISTRY, Notice
from vigyc.runtime.feed import Feed
from vigyc.runtime.store.port import Store
from vigyc.runtime.stretch import stretch
from vigyc.runtime.subscription import Subscription

PAGE = 1000


class Bus:
    """The stream of a store as it goes out in this process. `last` is the newest number that went out, `last_change`
    that of the newest notice of the registry's kinds; `dropped` counts what readers were told that they missed."""

    def __init__(self, store: Store) -> None:
        self.last = self.last_change = store.last_seq()
        self.dropped = 0
        self._store = store
        self._closed = False
        self._feeds: WeakValueDictionary[object, Feed] = WeakValueDictionary()  # they live as long as their readers
        self._readers: WeakSet[Subscription] = WeakSet()
        self._tap: Callable[[Sequence[Notice]], None] | None = None
        self._lock = Lock()

    def publish(self, notices: Sequence[Notice]) -> None:
        """Send out what was stored, with the numbers the store gave, in order; from any thread. It does not wait for
        readers, and does not raise: what cannot be read now is caught up with later."""
        with self._lock:
            fresh = [notice for notice in notices if notice.seq > self.last]
            if fresh and fresh[-1].seq - self.last == len(fresh):
                woken = self._send(fresh)
            else:
                woken = self._catch_up(fresh[-1].seq) if fresh else []
        for wake in woken:
            wake()

    def poll(self) -> None:
        """Send out all that is new in the store, whichever process put it there. Does not raise either."""
        with self._lock:
            woken = self._catch_up(None)
        for wake in woken:
            wake()

    def subscribe(
        self,
        after: int | None = None,
        vigy_id: str | None = None,
        kinds: Collection[str] | None = None,
        capacity: int = 1024,
        refill: bool = False,
    ) -> Subscription:
        """Hear what goes out from now on; with `after`, all that follows that number, the store's history first.

        Only what is about `vigy_id` and of `kinds`, if given, and gaps. Who falls more than `capacity` notices behind
        is told so by one gap, and goes on with the newest, or with `refill` reads what it missed from the store. Raises
        Invalid.
        """
        if capacity < 1 or (after is not None and after < 0):
            raise Invalid("a subscription needs a capacity of at least 1, and starts after a number of at least 0")
        if after is not None and after > self.last:
            self.poll()
        with self._lock:
            feed = self._feed(vigy_id, None if kinds is None else frozenset(kinds), capacity)
            start = self.last if after is None else min(after, self.last)
            position = feed.count if start == self.last else None
            reader = Subscription(self, self._store, feed, start, position, refill)
            self._readers.add(reader)
            return reader

    def tap(self, hear: Callable[[Sequence[Notice]], None]) -> None:
        """Have `hear` called with all that goes out from now on, in order, by whoever publishes, who waits for it: it
        must be short and not raise. A later call replaces it."""
        self._tap = hear

    @property
    def subscribers(self) -> int:
        """How many listen."""
        with self._lock:
            return sum(not reader.closed for reader in self._readers)

    def drop(self, count: int) -> None:
        """A reader was told that it missed so many."""
        with self._lock:
            self.dropped += count

    def position(self, feed: Feed, after: int) -> int | None:
        """Where in `feed` the notices after number `after` begin; None if something that follows went out already."""
        with self._lock:
            return feed.count if after == self.last else None

    def close(self) -> None:
        """End all subscriptions: what went out can still be read, unless from the store. Again is nothing."""
        with self._lock:
            self._closed = True
            woken = [wake for feed in self._feeds.values() for wake in feed.close()]
        for wake in woken:
            wake()

    # -- the steps, under the lock

    def _feed(self, vigy_id: str | None, kinds: frozenset[str] | None, capacity: int) -> Feed:
        key = vigy_id, kinds, capacity
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = Feed(*key)
            feed.closed = self._closed
        return feed

    def _send(self, notices: Sequence[Notice]) -> list[Callable[[], None]]:
        """Hand on what follows `last` without a hole; whom to wake."""
        self.last = notices[-1].seq
        for notice in notices:
            if notice.kind in REGISTRY:
                self.last_change = notice.seq
        if self._tap is not None:
            self._tap(notices)
        feeds = list(self._feeds.values())
        about = {notice.vigy_id for notice in notices} if feeds else set()
        everybody = None in about  # a gap is for all
        return [
            wake
            for feed in feeds
            if everybody or feed.vigy_id is None or feed.vigy_id in about
            for wake in feed.add(notices)
        ]

    def _catch_up(self, upto: int | None) -> list[Callable[[], None]]:
        """Read what follows `last` from the store, up to number `upto`, or all there is."""
        woken: list[Callable[[], None]] = []
        try:
            end = self._store.last_seq() if upto is None else upto
            while self.last < end:
                woken += self._send(stretch(self._store, self.last, end, PAGE))
        except StoreError:
            pass  # `last` stays
        return woken
