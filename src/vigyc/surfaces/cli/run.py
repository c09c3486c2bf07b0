"""From `vigyc run FILE...` to ticks: every program in turn, round after round, and what each tick did as it happens.

A program's kv is kept under its file's name without the suffix. A tick that fails changes nothing, is shown, and the
program ticks again on the next round; the exit code tells at the end.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from vigyc.compiler import compile as compile_program
from vigyc.effects.gated import Gated
from vigyc.effects.powers import Powers
from vigyc.effects.reach import reaches_effects
from vigyc.lang.errors import CompileError, Halted, TickError
from vigyc.lang.source import Source
from vigyc.linking import ModuleFiles
from vigyc.runtime.clock import Clock, system_clock
from vigyc.runtime.program import Program
from vigyc.runtime.store.kv import KvStore, open_kv
from vigyc.runtime.ticker import Tickable, Ticker
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.outcome import failure
from vigyc.surfaces.cli.output import show
from vigyc.surfaces.cli.policy_options import PolicyChoice, source_options
from vigyc.surfaces.cli.program_files import read_programs
from vigyc.surfaces.cli.report import Report


@dataclass(slots=True)
class Vigy:
    """A program on its way through the rounds; `ticks` counts its ticks in this run."""

    name: str
    source: Source
    ticker: Ticker
    ticks: int = 0


class SteppedClock:
    """A clock that moves by one step a round, whatever the time is."""

    def __init__(self, start_ms: int, step: float) -> None:
        self.now = float(start_ms)
        self.step = step * 1000.0

    def __call__(self) -> int:
        """The time of this round."""
        return int(self.now)

    def wait(self, _: int) -> None:
        """Go to the next round at once."""
        self.now += self.step


@click.command("run")
@click.argument("files", nargs=-1, required=True)
@click.option("--every", type=options.duration, default="1s", show_default=True, help="Time between rounds.")
@click.option("--ticks", type=click.IntRange(min=1), help="Stop after so many rounds (default: Ctrl-C).")
@click.option("--db", type=click.Path(), help="Keep what the programs remember in this SQLite file (default: nowhere).")
@click.option("--deadline", type=options.duration, default="5s", show_default=True, help="Time for one tick.")
@source_options
@click.option("--start-ms", type=click.IntRange(0, 2**53), help="Pretend to start then (ms since 1970), never waiting.")
@options.no_cache
@options.answer
def command(
    files: tuple[str, ...],
    every: float,
    ticks: int | None,
    db: str | None,
    deadline: float,
    start_ms: int | None,
    choice: PolicyChoice,
    no_cache: bool,
    as_json: bool,
) -> int:
    """Tick the programs FILES (- for standard input) and show actions, conditions, logs and changes of the kv.

    The policy of a program is that of the vigy with its name. Exit code 1 if a tick failed, 3 if because of its policy.
    """
    programs = _programs(read_programs(files), options.cache_choice(no_cache))
    if programs is None:
        return exit_codes.FINDINGS
    stepped = None if start_ms is None else SteppedClock(start_ms, every)
    with ExitStack() as stack:
        stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, _terminate))
        store = None if db is None else stack.enter_context(open_kv(db))
        powers = Powers(choice.book().policy_of)
        stack.callback(powers.close)
        gated = {name: _gated(name, program, powers, deadline) for name, program in programs.items()}
        vigies = _vigies(programs, gated, store, stepped or system_clock, deadline)
        wait = stepped.wait if stepped else _waiter(every)
        return _rounds(vigies, Report(as_json), ticks, wait)


def _programs(sources: Sequence[Source], cache: bool | None) -> dict[str, Program] | None:
    """The compiled programs by name; None, and the findings on stderr, if one is not a program."""
    programs: dict[str, Program] = {}
    sound = True
    for source in sources:
        name = "stdin" if source.name == "<stdin>" else Path(source.name).stem
        if name in programs:
            raise click.UsageError(f"two programs are called {name!r}; they would share one memory")
        try:
            programs[name] = compile_program(source.text, filename=source.name, cache=cache, modules=ModuleFiles())
        except CompileError as error:
            show(error.diagnostics, source)
            sound = False
    return programs if sound else None


def _gated(name: str, program: Program, powers: Powers, deadline: float) -> Tickable:
    if not reaches_effects(program.artifact):
        return program
    return Gated(program, powers, name, name, {}, deadline)


def _vigies(
    programs: dict[str, Program], gated: dict[str, Tickable], store: KvStore | None, clock: Clock, deadline: float
) -> list[Vigy]:
    vigies = []
    for name, program in programs.items():
        scope = None if store is None else store.scope(name)
        vigies.append(Vigy(name, program.source, Ticker(gated[name], scope, clock=clock, deadline=deadline)))
    return vigies


def _rounds(vigies: Sequence[Vigy], report: Report, rounds: int | None, wait: Callable[[int], None]) -> int:
    """Tick until the last round; the exit code: of a tick that was denied something, else of one that failed."""
    code = 0
    done = 0
    while True:
        for vigy in vigies:
            code = max(code, _tick(vigy, report))
        done += 1
        if done == rounds:
            return code
        wait(done)


def _tick(vigy: Vigy, report: Report) -> int:
    vigy.ticks += 1
    try:
        vigy.ticker.tick()
        trouble = None
    except (TickError, Halted) as error:
        trouble = failure(error, vigy.source)
    host = vigy.ticker.host
    if host is not None:
        report.tick(vigy.name, vigy.ticks, host, trouble)
    if trouble is None:
        return 0
    return exit_codes.NOT_ALLOWED if trouble.findings[0].kind == "denied" else exit_codes.FINDINGS


def _waiter(every: float) -> Callable[[int], None]:
    """Waits for a round's time, counted from the first; rounds whose time has passed are not made up for."""
    start = time.monotonic()
    behind = 0.0

    def wait(done: int) -> None:
        nonlocal behind
        left = start + behind + done * every - time.monotonic()
        if left > 0:
            time.sleep(left)
        else:
            behind -= left

    return wait


def _terminate(_: int, __: FrameType | None) -> None:
    """End as Ctrl-C does, what is counted being written."""
    raise SystemExit(exit_codes.TERMINATED)
