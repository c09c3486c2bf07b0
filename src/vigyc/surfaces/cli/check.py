"""From `vigyc check FILE...` to everything that is wrong in the programs, found without running them."""

from __future__ import annotations

import click

from vigyc.checking import check
from vigyc.linking import ModuleFiles
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.output import finding_json, say, say_json, show
from vigyc.surfaces.cli.program_files import read_programs


@click.command("check")
@click.argument("files", nargs=-1, required=True)
@options.answer
def command(files: tuple[str, ...], as_json: bool) -> int:
    """Find the mistakes in the programs FILES (- for standard input): exit code 1 if there are any, warnings aside."""
    errors = warnings = 0
    for source in read_programs(files):
        findings = check(source.text, source.name, modules=ModuleFiles())
        for finding in findings:
            errors += finding.severity == "error"
            warnings += finding.severity != "error"
            if as_json:
                say_json(finding_json(finding, source))
        if findings and not as_json:
            show(findings, source, err=False)
            say("")
    if not as_json:
        say(_summary(errors, warnings, len(files)), err=True)
    return exit_codes.FINDINGS if errors else 0


def _summary(errors: int, warnings: int, files: int) -> str:
    if not errors and not warnings:
        return f"{_count(files, 'program')}: nothing to complain of"
    return f"{_count(files, 'program')}: {_count(errors, 'error')}, {_count(warnings, 'warning')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
