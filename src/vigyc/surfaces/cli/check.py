"""From `vigyc check FILE...` to everything that is wrong in the programs, found without running them."""

from __future__ import annotations

import click

from vigyc.auditing import refusals, uses_of
from vigyc.checking import analyse
from vigyc.effects.policy import Policy
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.source import Source
from vigyc.linking import ModuleFiles
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.output import finding_json, say, say_json, show
from vigyc.surfaces.cli.policy_options import PolicyChoice, policy_options
from vigyc.surfaces.cli.program_files import read_programs


@click.command("check")
@click.argument("files", nargs=-1, required=True)
@policy_options
@options.answer
def command(files: tuple[str, ...], choice: PolicyChoice, as_json: bool) -> int:
    """Find the mistakes in the programs FILES (- for standard input): exit code 1 if there are any, warnings aside.

    With a policy, also what it is sure to refuse: exit code 3 if that is all that is wrong.
    """
    policy = choice.policy() if choice.given else None
    errors = warnings = refused = 0
    for source in read_programs(files):
        findings, denied = _findings(source, policy)
        errors += sum(finding.severity == "error" for finding in findings)
        warnings += sum(finding.severity != "error" for finding in findings)
        refused += len(denied)
        findings = sorted([*findings, *denied], key=lambda finding: (finding.start, finding.end))
        if as_json:
            for finding in findings:
                say_json(finding_json(finding, source))
        elif findings:
            show(findings, source, err=False)
            say("")
    if not as_json:
        say(_summary(errors + refused, warnings, len(files)), err=True)
    return exit_codes.FINDINGS if errors else exit_codes.NOT_ALLOWED if refused else 0


def _findings(source: Source, policy: Policy | None) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """What is wrong in a program, and what `policy` refuses."""
    findings, analysed = analyse(source.text, source.name, modules=ModuleFiles())
    if policy is None or analysed is None:
        return findings, []
    return findings, refusals(uses_of(analysed).uses, policy)


def _summary(errors: int, warnings: int, files: int) -> str:
    if not errors and not warnings:
        return f"{_count(files, 'program')}: nothing to complain of"
    return f"{_count(files, 'program')}: {_count(errors, 'error')}, {_count(warnings, 'warning')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
