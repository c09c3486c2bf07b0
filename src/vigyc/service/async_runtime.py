"""From a runtime to the same for asyncio: what blocks is awaited, what is listened to is an async iterator.

    async with AsyncRuntime.open("vigyc.db") as runtime:
        await runtime.register('(vigy-incr "ticks")', name="counter", every="10s")
        await runtime.start()
        async for notice in await runtime.subscribe(kinds=["run"]):
            print(notice.run)

Ticks run in threads of the runtime, or with `drive="loop"` in the event loop's own, one at a time, and the loop does
nothing else meanwhile. Handlers of actions may be coroutine functions: they run in the event loop either way.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal, TypeAlias

from vigyc.codegen.cache import Cache
from vigyc.effects.policy import Policy
from vigyc.effects.policy_book import PolicyBook
from vigyc.lang.errors import Conflict, Invalid, VigycError
from vigyc.linking import Modules
from vigyc.model.pending import PendingAction
from vigyc.model.run import Run
from vigyc.runtime.delivery import Answer, Handler
from vigyc.runtime.extension import Extension
from vigyc.runtime.program import Program
from vigyc.runtime.reconciler import Reconciler
from vigyc.runtime.time_source import TimeSource
from vigyc.service.async_enhancement import AsyncEnhancement
from vigyc.service.async_kv import AsyncKv
from vigyc.service.async_subscription import AsyncSubscription
from vigyc.service.awaited import Awaited, P, awaited
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings

AsyncHandler: TypeAlias = Callable[[PendingAction], Answer | Coroutine[Any, Any, Answer]]

_log = logging.getLogger("vigyc")

PAUSE = 1.0  # seconds until the next step when one failed


class AsyncRuntime(Awaited[Runtime]):
    """`Runtime` for asyncio; `AsyncRuntime.open` gives one, as an async context manager that closes it.

    The methods are those of `Runtime`, awaited, and raise what those raise.
    """

    register = awaited(Runtime.register)
    update = awaited(Runtime.update)
    enable = awaited(Runtime.enable)
    disable = awaited(Runtime.disable)
    delete = awaited(Runtime.delete)
    versions = awaited(Runtime.versions)
    version = awaited(Runtime.version)
    diff = awaited(Runtime.diff)
    rollback = awaited(Runtime.rollback)
    get = awaited(Runtime.get)
    list = awaited(Runtime.list)
    overview = awaited(Runtime.overview)
    next = awaited(Runtime.next)
    explain = awaited(Runtime.explain)
    state = awaited(Runtime.state)
    standing = awaited(Runtime.standing)
    run = awaited(Runtime.run)
    runs = awaited(Runtime.runs)
    notices = awaited(Runtime.notices)
    denials = awaited(Runtime.denials)
    browse = awaited(Runtime.browse)
    check = awaited(Runtime.check)
    python = awaited(Runtime.python)
    audit = awaited(Runtime.audit)
    policy = awaited(Runtime.policy)
    decide = awaited(Runtime.decide)
    health = awaited(Runtime.health)
    stats = awaited(Runtime.stats)
    dry_run = awaited(Runtime.dry_run)
    replay = awaited(Runtime.replay)
    resolve = awaited(Runtime.resolve)
    pause = awaited(Runtime.pause)
    resume = awaited(Runtime.resume)
    drain = awaited(Runtime.drain)

    def __init__(self, runtime: Runtime, drive: Literal["thread", "loop"] = "thread") -> None:
        super().__init__(runtime)
        self._drive = drive
        self.enhance = AsyncEnhancement(runtime.enhance)
        self._driver: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: str | os.PathLike[str] = ":memory:",
        *,
        drive: Literal["thread", "loop"] = "thread",
        settings: Settings | None = None,
        extensions: Iterable[Extension] | None = None,
        modules: Mapping[str, str] | Modules | None = None,
        reconciler: Callable[[Program], Reconciler] | None = None,
        handler: AsyncHandler | None = None,
        policy: PolicyBook | Policy | str | os.PathLike[str] | None = None,
        time: TimeSource | None = None,
        cache: Cache | bool | None = None,
    ) -> AsyncIterator[AsyncRuntime]:
        """A runtime on the store at `path`, closed at the end; `Runtime.open` says what the options mean.

        `handler` is called in another thread, and what it returns, if that is a coroutine, awaited in the event loop.
        """
        if drive not in {"thread", "loop"}:
            raise Invalid(f"drive is 'thread' or 'loop'; not {drive!r}")
        carry_out = None if handler is None else _in_loop(handler, asyncio.get_running_loop())
        opened = await _opened(
            lambda: Runtime.open(
                path, settings=settings, extensions=extensions, modules=modules, reconciler=reconciler,
                handler=carry_out, policy=policy, time=time, cache=cache,
            )
        )  # fmt: skip
        runtime = cls(opened, drive)
        try:
            yield runtime
        finally:
            await runtime.close()

    async def close(self) -> None:
        """Stop ticking and close the store; again is nothing."""
        await self._end(self._blocking.close)

    async def kv(self, ref: str) -> AsyncKv:
        """Its kv."""
        return AsyncKv(await asyncio.to_thread(self._blocking.kv, ref))

    async def subscribe(
        self,
        after: int | None = None,
        *,
        vigy: str | None = None,
        kinds: Collection[str] | None = None,
        capacity: int = 1024,
        refill: bool = False,
    ) -> AsyncSubscription:
        """What happens from now on, or after sequence number `after`: of all or one vigy, of all or some kinds."""
        subscription = await asyncio.to_thread(
            self._blocking.subscribe, after, vigy=vigy, kinds=kinds, capacity=capacity, refill=refill
        )
        return AsyncSubscription(subscription)

    async def tick(self, ref: str, timeout: float | None = None) -> Run:
        """Tick it now, here or in the process that ticks this store; its run, once stored. `timeout` is in seconds."""
        if self._driver is not None and self._blocking._engine.owns:
            return self._blocking.tick(ref, timeout)
        return await asyncio.to_thread(self._blocking.tick, ref, timeout)

    async def start(self) -> None:
        """Tick by itself from now on, unless another runtime ticks this store; then stand by for it."""
        self._blocking._check_open()
        if self._drive == "thread":
            await asyncio.to_thread(self._blocking.start)
        elif self._driver is not None:
            raise Conflict("the runtime is started already")
        else:
            if self._blocking._delivery is not None:
                self._blocking._delivery.start()
            self._driver = asyncio.create_task(self._steps())
            self._blocking._driven = True
            await asyncio.to_thread(self._blocking.enhance.start)
        self._ended.clear()

    async def stop(self, grace: float = 5.0) -> None:
        """End: no tick begins any more, and those under way have `grace` seconds to end."""
        await self._end(self._blocking.stop, grace)

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait until the runtime is stopped, for at most `timeout` seconds; whether it was."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._ended.wait()
        return self._ended.is_set()

    async def step(self) -> float:
        """Do what is due; the seconds until something is. For a runtime that is not started."""
        if self._driver is not None:
            raise Conflict("the runtime is started; it ticks by itself")
        self._blocking._check_open()
        engine, delivery = self._blocking._engine, self._blocking._delivery
        wait = engine.step() if self._drive == "loop" else await asyncio.to_thread(engine.step)
        due = await asyncio.to_thread(delivery.deliver_due) if delivery is not None else None
        return wait if due is None else min(wait, due)

    async def _end(self, end: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Have the event loop tick nothing any more, and `end` the rest."""
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.cancel()
            self._blocking._driven = False
        try:
            await asyncio.to_thread(end, *args, **kwargs)
        finally:
            self._ended.set()

    async def _steps(self) -> None:
        """Do what is due, for ever; only between two steps can this be cancelled."""
        while True:
            try:
                wait = self._blocking.step()
            except Exception:
                _log.exception("the engine failed; it goes on in a second")
                wait = PAUSE
            await asyncio.sleep(wait)


async def _opened(open_it: Callable[[], Runtime]) -> Runtime:
    """Open a runtime in another thread; if that is cancelled meanwhile, close it again."""
    opening = asyncio.ensure_future(asyncio.to_thread(open_it))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        with suppress(VigycError):
            await asyncio.to_thread((await opening).close)
        raise


def _in_loop(handler: AsyncHandler, loop: asyncio.AbstractEventLoop) -> Handler:
    """A handler that has what `handler` returns awaited in `loop`, if it is a coroutine."""

    def carry_out(action: PendingAction) -> Answer:
        answer = handler(action)
        if isinstance(answer, Coroutine):
            return asyncio.run_coroutine_threadsafe(answer, loop).result()
        return answer

    return carry_out
