"""From one engine to its threads: one leads, the others tick what is slow or wait to follow.

**Theory.** Handing a tick to another thread costs many times what a small tick costs, so the leading thread makes the
ticks itself, one after the other. If one takes long, it is not the tick that is moved but the lead: a watcher deposes
the thread, another goes on where it was, and the deposed one ends its tick and follows. A vigy whose last tick was slow
is given to a follower from the start (the slow lane), so that its next one stops nobody. With all `limit` threads in
slow ticks the engine waits for the first to end, at the latest at its deadline."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from vigyc.runtime.entry import Entry


class Crew:
    """The threads of an engine. Its fields are used under `lock`, the engine's."""

    def __init__(
        self, lock: threading.Lock, lead: Callable[[], None], tick: Callable[[Entry], None], limit: int
    ) -> None:
        self.slow: deque[Entry] = deque()
        self._lock = lock
        self._idle = threading.Condition(lock)
        self._lead = lead
        self._tick = tick
        self._limit = limit
        self._leader: int | None = None
        self._threads: list[threading.Thread] = []
        self._waiting = 0
        self._stopping = False

    def start(self) -> None:
        """Start with a leader."""
        with self._lock:
            self._grow()

    def leads(self) -> bool:
        """Whether the calling thread is the leader still."""
        return self._leader == threading.get_ident() and not self._stopping

    def submit(self, entry: Entry) -> None:
        """Have a follower tick this entry."""
        self.slow.append(entry)
        self._call()

    def depose(self, thread: int) -> bool:
        """Give the lead from `thread` to another, if it leads and there is another; whether it was done."""
        if self._leader != thread or (not self._waiting and len(self._threads) >= self._limit):
            return False
        self._leader = None
        self._call()
        return True

    def stop(self) -> None:
        """End all threads when they have ended what they do."""
        with self._lock:
            self._stopping = True
            self._leader = None
            self._idle.notify_all()

    def join(self, timeout: float) -> bool:
        """Wait for all threads together; whether they have ended."""
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    def _call(self) -> None:
        if self._waiting:
            self._waiting -= 1
            self._idle.notify()
        else:
            self._grow()

    def _grow(self) -> None:
        if len(self._threads) < self._limit and not self._stopping:
            thread = threading.Thread(target=self._run, name=f"vigyc-tick-{len(self._threads)}", daemon=True)
            thread.start()  # it waits for the lock
            self._threads.append(thread)

    def _run(self) -> None:
        while True:
            with self._lock:
                entry = self._next()
                if entry is None and self._leader != threading.get_ident():
                    return
            if entry is not None:
                self._tick(entry)
            else:
                self._lead()

    def _next(self) -> Entry | None:
        """An entry to tick; None when this thread is to lead, or to end."""
        while not self._stopping:
            if self._leader is None or self._leader == threading.get_ident():
                self._leader = threading.get_ident()
                return None
            if self.slow:
                return self.slow.popleft()
            self._waiting += 1  # until it is called
            self._idle.wait()
        return None
