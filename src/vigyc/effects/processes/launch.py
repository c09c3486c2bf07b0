"""From a command line that was allowed to a running child: nothing of ours goes along but its three pipes.

It is started by an absolute path from a list of arguments, no shell between; in a session of its own, without a
terminal; with the environment of environment.py; in a granted folder, by its descriptor, or in an empty one of its own.
"""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex
from subprocess import DEVNULL, PIPE, Popen
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from vigyc.effects.decision import Decision
from vigyc.effects.files.outside import Outside
from vigyc.effects.files.walker import PASS
from vigyc.effects.gate import Gate
from vigyc.effects.operation import Options
from vigyc.effects.processes.child import Child
from vigyc.effects.processes.environment import environment
from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.program import Invocation

MOST_ARGUMENTS: Final = 1024
LONGEST_ARGUMENT: Final = 2**16
_ALIVE: Final = "processes"


class Alive(set[Child]):
    """The children of a vigy that may still run."""

    def close(self) -> None:
        """End them."""
        for child in self:
            child.close()


def start(gate: Gate, program: Invocation, options: Options, keeps_input: bool) -> Child:
    """Start `program`; with `keeps_input` its standard input stays open where nothing is given for it.

    Raises EffectFailed, OSError, TickError.
    """
    name = program.argv[0]
    _check(gate, program, options)
    alive = _alive(gate)
    mark = token_hex(16)
    variables = environment(options["env"], mark)
    given = options["stdin"]
    gate.charge("bytes", len(given or b""))
    if gate.left("ms") == 0:
        gate.charge("ms", 1)
    with _folder(gate, options["cwd"]) as (cwd, own):
        process = _popen(program, cwd, variables, PIPE if given or (keeps_input and given is None) else DEVNULL)
        try:
            child = Child(name, process, mark, own, gate)
        except BaseException:
            process.kill()
            process.communicate()
            raise
    alive.add(child)
    gate.open(child)
    child.feed, child.ends_input = memoryview(given or b""), given is not None
    child.deadline = monotonic() + min(gate.limits.process_ms, options["timeout-ms"] or 2**40) / 1000
    with suppress(OSError):
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
    return child


def _check(gate: Gate, program: Invocation, options: Options) -> None:
    name, arguments = program.argv[0], program.argv[1:]
    if not program.path:
        raise EffectFailed("not-found", f"there is no program {name}")
    if len(arguments) > MOST_ARGUMENTS:
        raise EffectFailed("too-many-arguments", f"{name}: more than {MOST_ARGUMENTS} arguments")
    if any(len(argument.encode("utf-8", "surrogatepass")) > LONGEST_ARGUMENT for argument in arguments):
        raise EffectFailed("too-large", f"{name}: an argument of more than {LONGEST_ARGUMENT} bytes")
    if len(options["stdin"] or b"") > gate.limits.write_bytes:
        raise EffectFailed("too-large", f"{name}: more than {gate.limits.write_bytes} bytes for its standard input")


def _alive(gate: Gate) -> Alive:
    alive: Alive = gate.session.kept.setdefault(_ALIVE, Alive())
    alive -= {child for child in alive if child.code is not None}
    if len(alive) >= gate.limits.processes:
        raise EffectFailed("too-many-processes", f"{len(alive)} programs run already")
    return alive


@contextmanager
def _folder(gate: Gate, asked: str | None) -> Iterator[tuple[str, TemporaryDirectory[str] | None]]:
    """The folder to start in: `asked`, by a descriptor, or an empty one, which goes with the child."""
    if asked is None:
        own = TemporaryDirectory(prefix="vigyc-", ignore_cleanup_errors=True)
        try:
            yield own.name, own
        except BaseException:
            own.cleanup()
            raise
        return
    place = gate.allow("fs.read", asked)
    try:
        fd = place.root.open(place.relative, PASS | os.O_DIRECTORY)
    except Outside as error:
        raise gate.refuse(Decision(False, "fs.read", place.text, error.rule)) from None
    try:
        yield f"/proc/self/fd/{fd}", None
    finally:
        os.close(fd)


def _popen(program: Invocation, cwd: str, variables: dict[str, str], stdin: int) -> Popen[bytes]:
    try:
        return Popen(
            program.argv, executable=program.path, cwd=cwd, env=variables, bufsize=0,
            stdin=stdin, stdout=PIPE, stderr=PIPE, close_fds=True, start_new_session=True,
        )  # fmt: skip
    except UnicodeEncodeError as error:
        raise EffectFailed("bad-argument", f"{program.argv[0]}: an argument or variable is no text") from error
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise EffectFailed("too-large", f"{program.argv[0]}: all arguments together are too large") from error
        raise
