"""From a command line to what a program answers: the pack `process`.

A program is started by its name or absolute path with a list of arguments, never through a shell, with nothing of this
process's environment. An argument that comes from outside and may begin with `-` is an option to many programs: put
`"--"` before it. None outlives the run that started it; nor does what it started itself.
"""

from __future__ import annotations

from collections.abc import Callable
from signal import Signals
from typing import Any, Final, TypeAlias

from vigyc.effects.gate import Gate
from vigyc.effects.operation import NO_OPTIONS, Options
from vigyc.effects.pack import Pack
from vigyc.effects.processes.child import ERR, OUT, Child
from vigyc.effects.processes.launch import start
from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.program import Invocation
from vigyc.lang.datum import keyword

PACK: Final = Pack("process", "Programs of the machine.")

Blob: TypeAlias = bytes  # what a string, bytes or a secret is to be read as

_START: Final[dict[str, tuple[str, object]]] = {
    "env": ("dict[str, Text]", {}),
    "cwd": ("str", None),
    "stdin": ("Blob", None),
    "timeout-ms": ("int", None),
}
_SIGNALS: Final = {name: Signals[f"SIG{name}"] for name in ("TERM", "KILL", "INT", "HUP", "QUIT", "STOP", "CONT")}


@PACK.effect(
    "process-run", needs="proc", result=True, changes=True, options={**_START, "bytes": ("bool", False)},
    example='(process-run (list "git" "status") (hash-map :cwd "/data/repo"))',
)  # fmt: skip
def process_run(gate: Gate, argv: Invocation, options: Options = NO_OPTIONS) -> dict[Any, Any]:
    """Run a program to its end: {:code 0 :signal nil :stdout "" :stderr ""}; :code is -1 where a signal ended it.

    Options: `:env`, a map of strings or secrets, `:cwd`, a path granted for `fs.read` (else an empty folder of its
    own), `:stdin`, `:timeout-ms`, `:bytes` for output as bytes (else text, where what is no UTF-8 shows as U+FFFD).
    Errors: `not-found`, `timeout`, `too-large` (output, an argument, stdin), `too-many-arguments`,
    `too-many-processes`, `bad-variable`, `no-permission`. It is ended on `timeout` and `too-large`.
    """
    child = start(gate, argv, options, keeps_input=False)
    try:
        _finished(gate, child, None)
        out, err = (bytes(child.output[name]) for name in (OUT, ERR))
        shown = {OUT: out, ERR: err} if options["bytes"] else {OUT: _text(out), ERR: _text(err)}
        return _ending(child) | {keyword(name): value for name, value in shown.items()}
    finally:
        gate.handles.close(child)


@PACK.effect(
    "process-spawn", needs="proc", result=True, changes=True, options=_START,
    example='(process-spawn (list "sort"))',
)  # fmt: skip
def process_spawn(gate: Gate, argv: Invocation, options: Options = NO_OPTIONS) -> object:
    """Start a program and go on: a process, which is killed when the run ends. Options and errors of `process-run`.

    Its standard input stays open for `process-write`, unless `:stdin` is given.
    """
    return start(gate, argv, options, keeps_input=True)


@PACK.effect(
    "process-write", result=True, changes=True, options={"end": ("bool", False), "timeout-ms": ("int", None)},
    example='(process-write p "b\\na\\n" (hash-map :end #t))',
)  # fmt: skip
def process_write(gate: Gate, process: Child, data: Blob, options: Options = NO_OPTIONS) -> None:
    """Give a process something to read; with `:end` that was all. Errors: `closed`, `timeout`, `too-large`."""
    gate.use(process)
    if len(process.feed) + len(data) > gate.limits.write_bytes:
        raise EffectFailed(
            "too-large", f"{process.what}: more than {gate.limits.write_bytes} bytes that it has not read"
        )
    if not process.takes_input:
        raise EffectFailed("closed", f"{process.what} reads nothing any more")
    gate.charge("bytes", len(data))
    process.feed = memoryview(bytes(process.feed) + data)
    if not process.pump(gate, lambda: not process.feed, options["timeout-ms"]):
        raise EffectFailed("timeout", f"{process.what} does not read what it is given")
    if not process.takes_input:
        raise EffectFailed("closed", f"{process.what} reads nothing any more")
    if options["end"]:
        process.end_input()


@PACK.effect(
    "process-read-line", result=True, options={"from": ("str", OUT), "timeout-ms": ("int", None)},
    example='(process-read-line p (hash-map :from "stderr"))',
)  # fmt: skip
def process_read_line(gate: Gate, process: Child, options: Options = NO_OPTIONS) -> str | None:
    """The next line a process wrote, without its end; nil after the last one.

    `:from` is "stdout" (else) or "stderr". Errors: `timeout`: no line within `:timeout-ms`, and the next call waits
    again; or, as with `too-large`, the process was ended.
    """
    gate.use(process)
    stream = options["from"]
    if stream not in process.output:
        raise EffectFailed("bad-stream", f'a process writes to "{OUT}" and "{ERR}"')
    written = process.output[stream]
    _finished(
        gate, process, options["timeout-ms"], lambda: b"\n" in written or not process.is_open(stream), "wrote no line"
    )
    if not written:
        return None
    end = written.find(b"\n")
    line = written[: end if end >= 0 else None]
    del written[: len(line) + 1]
    return _text(line.removesuffix(b"\r") if end >= 0 else line)


@PACK.effect(
    "process-wait",
    result=True,
    options={"timeout-ms": ("int", None)},
    example="(process-wait p (hash-map :timeout-ms 500))",
)
def process_wait(gate: Gate, process: Child, options: Options = NO_OPTIONS) -> dict[Any, Any]:
    """Wait until a process ends: {:code 0 :signal nil}, or {:code -1 :signal "TERM"} where a signal ended it.

    What it wrote can still be read. Errors: `timeout`, `too-large`, as for `process-read-line`.
    """
    gate.use(process)
    _finished(gate, process, options["timeout-ms"])
    return _ending(process)


@PACK.effect("process-kill", result=True, changes=True, example='(process-kill p "TERM")')
def process_kill(gate: Gate, process: Child, signal: str = "KILL") -> None:
    """Send a signal to a process and all it started: "KILL" unless said otherwise. Nothing where it has ended.

    The others are "TERM", "INT", "HUP", "QUIT", "STOP" and "CONT". Error `bad-signal`.
    """
    gate.use(process)
    if signal not in _SIGNALS:
        raise EffectFailed("bad-signal", f"a signal is one of {', '.join(_SIGNALS)}")
    process.signal(_SIGNALS[signal])


def _finished(
    gate: Gate,
    child: Child,
    most_ms: int | None,
    enough: Callable[[], bool] = lambda: False,
    what: str = "has not ended",
) -> None:
    """Wait until `child` ended, or there is `enough` of it. Raises EffectFailed, TickError."""
    if not child.pump(gate, lambda: child.code is not None or enough(), most_ms):
        raise EffectFailed("timeout", f"{child.what} {what} in time")
    if child.code is not None:
        child.drain(gate)


def _ending(child: Child) -> dict[Any, Any]:
    code = child.code or 0
    return {keyword("code"): max(code, -1), keyword("signal"): _signal_name(-code) if code < 0 else None}


def _signal_name(number: int) -> str:
    try:
        return Signals(number).name.removeprefix("SIG")
    except ValueError:
        return str(number)


def _text(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "replace")
