"""From a number of seconds to a running program stopped: deadlines for any thread, at no cost to the program.

**Theory.** One daemon thread, started with the first deadline, watches the armed tokens. When one is due it has CPython
raise `Halted` in the token's thread (PyThreadState_SetAsyncExc), and again every `AGAIN` seconds for as long as the
token stays armed, because code that is not ours (a destructor, an `except BaseException`) might swallow it. The
program itself counts and checks nothing. One long call into C is not interrupted: builtins limit their sizes.

**No late shot.** Once a token is disarmed its `Halted` must not come any more. There is no lock to make sure of it; it
rests on when CPython may switch threads or deliver an exception: only between bytecodes, at the start of a function,
at a backward jump and right after a call. Hence:

- The watcher's "is it still armed? then raise" is a test of a dict and one call of C: nothing comes in between.
- `disarm` is a method of that dict, so C: it is over before anything can be delivered. What was raised before it is
  delivered at that very call, within the `try`/`finally` (or earlier).
- `arm` stores the token by an assignment, after which it calls nothing more, or takes it back if that call is hit.

So disarm with exactly `finally: disarm(token)`: a Python function around it could be hit in its first bytecode, before
it disarms. The context manager `deadline` cannot be made of C; its token is therefore struck off the moment it
fires, and fires once.

**What must not be cut in two.** An effect that has opened something must come to the line that says who closes it.
While a thread is in `held` no `Halted` is raised in it, for at most `GRACE` seconds: what is due is noted there, as
False, and whoever takes the thread out of `held` raises it. `held[thread] = True` is one operation of C, and a call of
`let_in` after it takes what was raised before.

**The price of arming.** The watcher sleeps until `_watch.wake`. A deadline beyond that (the usual case: every tick has
the same allowance) wakes nobody; the watcher looks at what is armed when it wakes.
"""

from __future__ import annotations

import ctypes
import math
import os
import threading
from itertools import count
from time import monotonic
from types import TracebackType
from typing import Final, TypeAlias

from vigyc.lang.errors import Halted

AGAIN: Final = 0.05  # seconds after which a `Halted` that was swallowed is raised again
GRACE: Final = 1.0  # seconds that a thread may be held beyond its deadline
_LONGEST_SLEEP: Final = 3600.0

# When it is due by the monotonic clock, the thread's id, a number of its own, whether it fires again.
Token: TypeAlias = tuple[float, int, int, bool]

held: dict[int, bool] = {}
"""The threads in which no `Halted` is raised for now; False: it is due."""
_armed: dict[Token, None] = {}
_serial = count()
_thread_id = threading.get_ident
_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
_raise_in.argtypes = (ctypes.c_ulong, ctypes.py_object)


class _Watch:
    """What arming threads and the watcher share: `wake` is when it means to wake, `bell`, if released, wakes it now."""

    def __init__(self) -> None:
        self.wake = math.inf
        self.lock = threading.Lock()
        self.bell = threading.Lock()
        self.bell.acquire()
        self.thread: threading.Thread | None = None
        self.cut: set[Token] = set()


_watch = _Watch()


def arm(seconds: float) -> Token:
    """Have `Halted` raised in this thread `seconds` from now, unless disarmed; several may be armed, one in another.

    >>> token = arm(0.5)
    >>> try:
    ...     pass  # the program
    ... finally:
    ...     _ = disarm(token)
    """
    due = monotonic() + seconds
    token = (due, _thread_id(), next(_serial), True)
    _armed[token] = None
    if due < _watch.wake:
        try:
            _wake_by(due)
        except BaseException:
            del _armed[token]
            raise
    return token


def cut(token: Token) -> None:
    """Have the deadline of `token` pass now; from any thread, nothing if it is disarmed."""
    _watch.cut.add(token)
    _wake_by(monotonic())


disarm = _armed.pop  # call it as `disarm(token)`, in a `finally`, once


def let_in() -> None:
    """Let a `Halted` come that was raised before: it comes where a function begins."""


class deadline:  # noqa: N801
    """`with deadline(0.5):` what runs inside is stopped by `Halted` after half a second."""

    __slots__ = ("_seconds", "_token")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._token: Token | None = None

    def __enter__(self) -> None:
        due = monotonic() + self._seconds
        self._token = token = (due, _thread_id(), next(_serial), False)
        _armed[token] = None
        if due < _watch.wake:
            try:
                _wake_by(due)
            except BaseException:
                _armed.pop(token, None)
                raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._token is not None:
            _armed.pop(self._token, None)


def _wake_by(due: float) -> None:
    with _watch.lock:
        if due >= _watch.wake:
            return
        _watch.wake = due
        if _watch.thread is None:
            thread = threading.Thread(target=_run, name="vigyc-deadlines", daemon=True)
            thread.start()
            _watch.thread = thread
        elif _watch.bell.locked():
            _watch.bell.release()


def _run() -> None:
    """The watcher: sleep until the next deadline, raise what is due, look what is next."""
    next_shot: dict[Token, float] = {}
    first_shot: dict[Token, float] = {}
    while True:
        now = monotonic()
        if now < _watch.wake:
            _watch.bell.acquire(timeout=min(_watch.wake - now, _LONGEST_SLEEP))
            continue
        with _watch.lock:
            _watch.wake = math.inf
        armed = list(_armed)
        next_shot = {token: at for token, at in next_shot.items() if token in _armed}
        first_shot = {token: at for token, at in first_shot.items() if token in _armed}
        _watch.cut.intersection_update(armed)
        for token in armed:
            at = next_shot.get(token, now if token in _watch.cut else token[0])
            if at <= now:
                late = now - first_shot.setdefault(token, now) >= GRACE
                _fire(token, armed, late)
                at = next_shot[token] = monotonic() + AGAIN
            with _watch.lock:
                _watch.wake = min(_watch.wake, at)


def _fire(token: Token, armed: list[Token], late: bool) -> None:
    """Raise `Halted` in the token's thread, if it is armed still; one that is held notes it, until it is `late`."""
    thread = token[1]
    for other in armed:
        # What was armed once inside this one ends with it; it might miss its own disarming.
        if not other[3] and other[1] == thread and other[2] > token[2]:
            _armed.pop(other, None)
    if thread in held and not late:
        _note(token)
    elif token[3]:
        if token in _armed and (late or thread not in held):
            _raise_in(thread, Halted)  # nothing may come between the test and this
    elif token in _armed and (late or thread not in held):
        del _armed[token]
        _raise_in(thread, Halted)  # nor here


def _note(token: Token) -> None:
    """Have the token's thread raise it when it is held no longer."""
    if token in _armed and token[1] in held:
        held[token[1]] = False  # nor here
        if not token[3]:
            _armed.pop(token, None)


def _after_fork() -> None:
    """A child has only the thread that forked, and no watcher."""
    _watch.__init__()  # type: ignore[misc]
    held.clear()
    for token in list(_armed):
        if token[1] != _thread_id():
            del _armed[token]
    if _armed:
        _wake_by(min(_armed)[0])


os.register_at_fork(after_in_child=_after_fork)
