"""From `vigyc eval` to a value: of a file, of an expression, or of every line of a batch."""

from __future__ import annotations

import time

import click

from vigyc.effects.powers import Powers
from vigyc.lang.source import Source
from vigyc.linking import ModuleFiles
from vigyc.runtime.host import Host
from vigyc.surfaces.cli import batch, exit_codes, options
from vigyc.surfaces.cli.outcome import Failure, Setting, value_of
from vigyc.surfaces.cli.output import say, say_json, show
from vigyc.surfaces.cli.policy_options import PolicyChoice, source_options
from vigyc.surfaces.cli.program_files import read_program

PATIENCE = 30.0  # seconds for a line of a batch, unless --deadline says otherwise


@click.command("eval")
@click.argument("file", required=False)
@click.option("-e", "--expression", metavar="EXPR", help="Evaluate this text instead of a file.")
@click.option(
    "--batch",
    "lines",
    metavar="FILE.jsonl",
    help="Evaluate every line, a JSON object with src; a result line for each.",
)
@click.option(
    "--deadline",
    type=options.duration,
    help=f"Time for the program (each program of a batch: {PATIENCE:g}s unless given).",
)
@source_options
@options.no_cache
@options.answer
def command(
    file: str | None,
    expression: str | None,
    lines: str | None,
    deadline: float | None,
    choice: PolicyChoice,
    no_cache: bool,
    as_json: bool,
) -> int:
    """Evaluate FILE (- for standard input) once against an empty host; print what it displays, then its value.

    Effects are performed as far as --policy or --grant allows: exit code 3 if that is what it failed for.
    """
    if [file, expression, lines].count(None) != 2:
        raise click.UsageError("give one of FILE, -e EXPR and --batch FILE.jsonl")
    cache = options.cache_choice(no_cache)
    if lines is not None:
        batch.run(lines, Setting(cache=cache, seconds=PATIENCE if deadline is None else deadline))
        return 0
    source = Source("<expression>", expression) if expression is not None else read_program(file or "")
    powers = Powers(choice.book().policy_of)
    try:
        return _answer(source, Setting(None, ModuleFiles(), cache, deadline, powers), as_json)
    finally:
        powers.close()


def _answer(source: Source, setting: Setting, as_json: bool) -> int:
    host = Host(tick_start_ms=time.time_ns() // 1_000_000)
    result = value_of(source, host, setting)
    output = "".join(host.output)
    if isinstance(result, Failure):
        if as_json:
            say_json({**result.to_json(), "stdout": output})
        else:
            say(output, newline=False)
            show(result.findings, result.source)
        return exit_codes.NOT_ALLOWED if result.findings[0].kind == "denied" else exit_codes.FINDINGS
    denied = 0 if host.gate is None else host.gate.denied
    if as_json:
        say_json({**result, "denied": denied} if denied else result)
    else:
        say(output, newline=bool(output) and not output.endswith("\n"))
        say(result["value"])
        if denied:
            say(f"denied: {denied} of its calls", err=True)
    return 0
