"""From `vigyc compile FILE` to what becomes of a program in the compiler, stage by stage."""

from __future__ import annotations

import click

from vigyc.inspection import STAGES, render_stage
from vigyc.lang.errors import CompileError
from vigyc.linking import ModuleFiles
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.output import finding_json, say, say_json, show
from vigyc.surfaces.cli.program_files import read_program


@click.command("compile")
@click.argument("file")
@click.option(
    "--emit",
    type=click.Choice(STAGES),
    default="python",
    show_default=True,
    help="Python text, its syntax tree, the intermediate form, the program without macros, or CPython's bytecode.",
)
@options.no_cache
@options.answer
def command(file: str, emit: str, no_cache: bool, as_json: bool) -> int:
    """Show what the program in FILE (- for standard input) is compiled to.

    What is shown is made for reading and always made anew; it is never what runs.
    """
    source = read_program(file)
    try:
        text = render_stage(source.text, source.name, emit, modules=ModuleFiles())
    except CompileError as error:
        if as_json:
            for finding in error.diagnostics:
                say_json(finding_json(finding, source))
        else:
            show(error.diagnostics, source)
        return exit_codes.FINDINGS
    if as_json:
        say_json({"file": source.name, "emit": emit, "text": text})
    else:
        say(text, newline=not text.endswith("\n"))
    return 0
