"""From actions that were stored to the host that carries them out: each at least once, those of one vigy in order.

The outbox is the truth: an action is in it from the commit of its tick until it has a result, so what an earlier
process left is taken up by the next, and what somebody resolves by hand is not carried out any more. An action that
fails is tried again after a while, and meanwhile holds back those behind it of the same vigy, and no others.

A result that could not be stored is kept and stored later: the handler is not called again for it while this process
lives.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Thread, current_thread
from typing import Final, NamedTuple, TypeAlias

from vigyc.lang.errors import Conflict, NotFound, StoreError
from vigyc.model.action import STATUSES
from vigyc.model.lease import Fence
from vigyc.model.pending import PendingAction
from vigyc.runtime.bus import Bus
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource

Answer: TypeAlias = str | tuple[str, str | None] | None
Handler: TypeAlias = Callable[[PendingAction], Answer]

DELAYS: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # seconds after the first, second, ... attempt that failed
ATTEMPTS: Final = 5
PAGE: Final = 100
PAUSE: Final = 1.0  # seconds until the next round when the store failed, or the lease is another's

_log = logging.getLogger("vigyc")


class Result(NamedTuple):
    """What a handler reported: one of `STATUSES`, and perhaps why."""

    status: str
    message: str | None = None


class Retry(NamedTuple):
    """An action that was tried `attempts` times: nothing of its vigy is delivered before `at` (monotonic seconds)."""

    run_id: str
    position: int
    attempts: int
    at: float


class Delivery:
    """Takes the actions of a store's outbox to `handler`, in a thread (`start`) or step by step (`deliver_due`).

    The handler returns None (ok), a status, or a status and a message, and raises to be called again later. `fence` is
    asked for the lease: without it nothing is delivered.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        fence: Callable[[], Fence | None],
        handler: Handler,
        time: TimeSource,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._store = store
        self._bus = bus
        self._fence = fence
        self._handler = handler
        self._time = time
        self._attempts = attempts
        self._retries: dict[str, Retry] = {}  # by vigy: of the action in front
        self._unstored: tuple[PendingAction, Result] | None = None
        self._page = PAGE
        self._news = Event()
        self._stopping = False
        self._thread: Thread | None = None

    def start(self) -> None:
        """Deliver in a thread of its own, beginning with what is there. Raises Conflict when one is at it already."""
        if self._thread is not None and self._thread.is_alive():
            raise Conflict("delivery is under way already; a handler may not have ended yet")
        self._stopping = False
        self._thread = Thread(target=self._run, name="vigyc-delivery", daemon=True)
        self._thread.start()

    def notify(self) -> None:
        """There may be something to do: actions were committed or resolved."""
        self._news.set()

    def stop(self, grace: float = 5.0) -> bool:
        """Finish the call in hand and deliver nothing more; whether it was finished within `grace` seconds."""
        self._stopping = True
        self._news.set()
        thread = self._thread
        if thread is None or thread is current_thread():
            return True
        thread.join(grace)
        if thread.is_alive():
            return False
        self._thread = None
        return True

    def deliver_due(self) -> float | None:
        """Deliver all that is due, oldest first; the seconds until more is, None if nothing will be before `notify`.

        Once it is started, its thread does that, and this does nothing.
        """
        if self._thread is not None and self._thread is not current_thread():
            return None
        try:
            self._settle()
            while not self._stopping and self._fence() is not None:
                actions = self._store.outbox(self._page)
                held = self._deliver(actions)
                if held is None:
                    continue
                if len(actions) < self._page:
                    return self._rest(held)
                self._page *= 2  # what is due may be behind all that waits
        except StoreError:
            pass  # what has a result keeps it until it can be stored
        return PAUSE

    def _run(self) -> None:
        while not self._stopping:
            pause: float | None = PAUSE
            try:
                pause = self.deliver_due()
            except Exception as error:
                _log.error("internal error: %s: %s", type(error).__name__, error, exc_info=error)
            self._news.wait(pause)
            self._news.clear()

    def _rest(self, held: set[str]) -> float | None:
        """How long nothing is due, when the actions in front of these vigies wait."""
        self._page = PAGE
        self._retries = {vigy_id: self._retries[vigy_id] for vigy_id in held}
        if not held:
            return None
        return max(0.0, min(retry.at for retry in self._retries.values()) - self._time.monotonic())

    def _deliver(self, actions: Sequence[PendingAction]) -> set[str] | None:
        """Deliver what is due of these; the vigies that wait, or None if the outbox is another now."""
        held: set[str] = set()
        progress = False
        for action in actions:
            if self._stopping or self._fence() is None:
                return None
            if action.vigy_id not in held and self._is_open(action):
                if self._waits(action) or not self._try(action):
                    held.add(action.vigy_id)
                else:
                    progress = True
        return None if progress else held

    def _is_open(self, action: PendingAction) -> bool:
        """Whether nobody resolved it, or deleted its vigy, since the outbox was read."""
        run = self._store.run(action.run_id)
        return run is not None and run.actions[action.position].result is None

    def _waits(self, action: PendingAction) -> bool:
        retry = self._retries.get(action.vigy_id)
        return retry is not None and retry[:2] == action[1:3] and self._time.monotonic() < retry.at

    def _try(self, action: PendingAction) -> bool:
        """Call the handler; whether the action has a result now."""
        try:
            result = _result(self._handler(action))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            attempts = self._tried(action) + 1
            if attempts < self._attempts:
                self._put_off(action, attempts)
                return False
            result = Result("failed", f"{type(error).__name__}: {error} (attempt {attempts} of {self._attempts})")
        self._unstored = action, result
        self._settle()
        return True

    def _tried(self, action: PendingAction) -> int:
        retry = self._retries.get(action.vigy_id)
        here = retry.attempts if retry is not None and retry[:2] == action[1:3] else 0
        return max(here, action.attempts)

    def _put_off(self, action: PendingAction, attempts: int) -> None:
        delay = DELAYS[min(attempts, len(DELAYS)) - 1]
        self._retries[action.vigy_id] = Retry(action.run_id, action.position, attempts, self._time.monotonic() + delay)
        fence = self._fence()
        if fence is not None:
            self._store.attempted(fence, action)

    def _settle(self) -> None:
        """Store the result that is known and not stored yet."""
        if self._unstored is None:
            return
        action, result = self._unstored
        # Somebody else may have resolved it, or deleted its vigy, while the handler was at it.
        with suppress(Conflict, NotFound):
            self._store.resolve(action.run_id, action.position, *result, self._time.wall_ms())
        self._unstored = None
        self._retries.pop(action.vigy_id, None)
        self._bus.poll()


def _result(returned: object) -> Result:
    """What a handler returned, understood."""
    if returned is None:
        return Result("ok")
    status, message = returned if isinstance(returned, tuple) and len(returned) == 2 else (returned, None)
    if isinstance(status, str) and status in STATUSES and (message is None or isinstance(message, str)):
        return Result(status, message)
    wanted = "None, a status (ok, failed or skipped), or a status and a message"
    return Result("failed", f"the handler returned {returned!r:.100}; it returns {wanted}")
