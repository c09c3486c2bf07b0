"""From a started process to what it wrote and how it ended, while nothing of it outlives its handle.

Every wait moves bytes through all three pipes at once, so neither side waits for the other for ever, and ends with the
tick, the child's own time or the time a call was given, whichever is first. When the program ends, or is ended, its
whole group is killed before it is reaped (until then no other process can have its number), and what fled the group by
its mark.

A child that should die with this process, were that killed, would have to be asked between fork and exec
(PR_SET_PDEATHSIG), where no Python may run in a process with threads: it is not.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from subprocess import Popen
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Final

from vigyc.effects.gate import Gate
from vigyc.effects.handle import Handle
from vigyc.effects.processes.environment import MARK
from vigyc.effects.processes.leftovers import end_leftovers
from vigyc.effects.result import EffectFailed
from vigyc.runtime.values import register_kind

OUT: Final = "stdout"
ERR: Final = "stderr"
_CHUNK: Final = 2**16
_REAP_MS: Final = 2000  # a killed process can be held up by the kernel


class Child(Handle):
    """A running program; `output` is what it wrote and nobody took yet, by stream, `code` how it ended, if it did.

    `code` is minus the number of the signal where one ended it. `deadline` is the monotonic time at which it is killed
    by whatever waits for it. `feed` is what it still is to read; with `ends_input` that is all.
    """

    __slots__ = (
        "_folder", "_mark", "_pidfd", "_process", "_readers", "_room",
        "code", "deadline", "ends_input", "feed", "output",
    )  # fmt: skip

    def __init__(
        self, what: str, process: Popen[bytes], mark: str, folder: TemporaryDirectory[str] | None, gate: Gate
    ) -> None:
        super().__init__(what)
        self.code: int | None = None
        self.output = {OUT: bytearray(), ERR: bytearray()}
        self.feed = memoryview(b"")
        self.ends_input = False
        self.deadline = 0.0
        self._process = process
        self._mark = mark
        self._folder = folder
        self._room = gate.limits.output_bytes
        self._readers: dict[int, tuple[str, Any]] = {}
        for name, pipe in ((OUT, process.stdout), (ERR, process.stderr)):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._readers[pipe.fileno()] = name, pipe
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
        self._pidfd = os.pidfd_open(process.pid)

    @property
    def takes_input(self) -> bool:
        """Whether anything more can be written to it."""
        return self._process.stdin is not None and not self._process.stdin.closed and not self.ends_input

    def is_open(self, stream: str) -> bool:
        """Whether more may come on `stream`."""
        return any(name == stream for name, _ in self._readers.values())

    def pump(self, gate: Gate, done: Callable[[], bool], most_ms: int | None = None) -> bool:
        """Move bytes until `done`; whether it came to that within `most_ms` and the tick.

        Raises EffectFailed `timeout` when its own time is up, `too-large` when it writes too much (both end it), and
        TickError when the budget does not have what it wrote.
        """
        began = monotonic()
        until = began + min(gate.remaining(most_ms), gate.most("ms", 2**40) / 1000)
        try:
            with gate.waiting(lambda: self.signal(signal.SIGKILL)):
                while not done():
                    now = monotonic()
                    if now >= self.deadline:
                        self.close()
                        raise EffectFailed("timeout", f"{self.what} took too long and was ended")
                    if now >= until:
                        return False
                    self._step(gate, min(until, self.deadline) - now)
            return True
        finally:
            gate.charge("ms", gate.most("ms", int((monotonic() - began) * 1000)))

    def _step(self, gate: Gate, seconds: float) -> None:
        poll = select.poll()
        for fd in self._readers:
            poll.register(fd, select.POLLIN)
        stdin = self._process.stdin
        if stdin is not None and not stdin.closed and self.feed:
            poll.register(stdin.fileno(), select.POLLOUT)
        if self.code is None:
            poll.register(self._pidfd, select.POLLIN)
        for fd, _ in poll.poll(seconds * 1000 + 1):
            if fd in self._readers:
                self._read(gate, fd)
            elif fd == self._pidfd:
                self._finish()
            else:
                self._write()

    def _read(self, gate: Gate, fd: int) -> None:
        name, pipe = self._readers[fd]
        try:
            chunk = os.read(fd, _CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            del self._readers[fd]
            pipe.close()
            return
        self._room -= len(chunk)
        if self._room < 0:
            self.close()
            raise EffectFailed("too-large", f"{self.what} wrote more than {gate.limits.output_bytes} bytes")
        self.output[name] += chunk
        gate.charge("bytes", len(chunk))

    def _write(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            self.feed = self.feed[os.write(stdin.fileno(), self.feed[:_CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.end_input()
        if self.ends_input and not self.feed:
            self.end_input()

    def end_input(self) -> None:
        """Close its standard input; what it has not read by then is dropped."""
        self.feed = memoryview(b"")
        if self._process.stdin is not None:
            self._process.stdin.close()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its group; nothing where it has ended."""
        if self.code is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _finish(self) -> None:
        """End its group and what fled it, and reap it; what is in the pipes stays to be read."""
        if self.code is not None:
            return
        with suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        waiting = select.poll()
        waiting.register(self._pidfd, select.POLLIN)
        waiting.poll(_REAP_MS)
        code = self._process.poll()
        self.code = -signal.SIGKILL if code is None else code
        os.close(self._pidfd)
        end_leftovers(f"{MARK}={self._mark}")
        self.end_input()
        if self._folder is not None:
            self._folder.cleanup()

    def drain(self, gate: Gate) -> None:
        """Once it ended: take what is in the pipes, wait for nothing more."""
        for fd, (_, pipe) in list(self._readers.items()):
            before = -1
            while fd in self._readers and before != self._room:
                before = self._room
                self._read(gate, fd)
            if self._readers.pop(fd, None) is not None:
                pipe.close()

    def close(self) -> None:
        """End it, whatever it is at; what it wrote and nobody read is lost."""
        self._finish()
        for _, pipe in self._readers.values():
            pipe.close()
        self._readers.clear()


register_kind(Child, "process")
