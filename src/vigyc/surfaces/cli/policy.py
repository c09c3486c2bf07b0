"""From `vigyc policy` to what a policy allows: held against programs, questions and expectations, with nothing run."""

from __future__ import annotations

import os
from pathlib import Path

import click

from vigyc.auditing import Uses, refusals, uses_of
from vigyc.checking import analyse
from vigyc.effects.policy import Policy
from vigyc.lang.source import Source
from vigyc.linking import ModuleFiles
from vigyc.service.policy_check import Case, Need, decide, failing, load_cases, needs
from vigyc.surfaces.cli import exit_codes, options, policy_vigy
from vigyc.surfaces.cli.output import finding_json, one_line, say, say_json, show
from vigyc.surfaces.cli.policy_options import PolicyChoice, policy_options
from vigyc.surfaces.cli.policy_text import decision_text, policy_lines, quoted
from vigyc.surfaces.cli.program_files import STDIN, read_programs
from vigyc.surfaces.cli.run_text import say_lines


@click.group("policy")
def command() -> None:
    """Say what programs may do to the world, and find out.

    A policy grants effects by kind and scope, such as fs.read:data or net:api.example.com:443; what nothing grants is
    refused.
    """


command.add_command(policy_vigy.show)
command.add_command(policy_vigy.decide)


@command.command("check")
@click.argument("files", nargs=-1, required=True)
@policy_options
@options.answer
def check(files: tuple[str, ...], choice: PolicyChoice, as_json: bool) -> int:
    """Show what the programs FILES (- for standard input) would be refused: exit code 3 if anything.

    Without a policy, print the grants they need, to be pasted into one. What a program asks for only as it runs is
    decided then.
    """
    policy = choice.policy() if choice.given else None
    code = 0
    for name, source in zip(files, read_programs(files), strict=True):
        findings, analysed = analyse(source.text, source.name, modules=ModuleFiles())
        if analysed is None:
            show(findings, source)
            code = exit_codes.FINDINGS
            continue
        base = os.getcwd() if name == STDIN else str(Path(name).absolute().parent)
        uses = uses_of(analysed)
        if policy is None:
            _tell_needs(source, uses, needs(uses.uses, base), as_json)
        elif _tell_refusals(source, uses, policy, as_json):
            code = code or exit_codes.NOT_ALLOWED
    return code


@command.command("explain")
@click.argument("kind", required=False)
@click.argument("resource", required=False)
@policy_options
@options.answer
def explain(kind: str | None, resource: str | None, choice: PolicyChoice, as_json: bool) -> int:
    """Show the policy of a vigy; or whether it allows KIND of RESOURCE, and by which rule: exit code 3 if not.

    Without --policy and --grant, the policy file of the settings is meant.
    """
    policy = choice.policy()
    if kind is None:
        told = policy.to_json()
        if as_json:
            say_json({**told, "id": policy.id})
        else:
            say_lines([("id", policy.id), *policy_lines(told)])
        return 0
    decision = decide(policy, kind, resource)
    if as_json:
        say_json(decision._asdict())
    else:
        say(one_line(decision_text(decision)))
    return 0 if decision.allowed else exit_codes.NOT_ALLOWED


@command.command("test")
@click.argument("cases")
@policy_options
@options.answer
def test(cases: str, choice: PolicyChoice, as_json: bool) -> int:
    """Hold a policy against the expectations in the file CASES: exit code 1 if it says otherwise in one.

    The file has tables [[case]] with kind, resource and expect (allow or deny), and, for whom, vigy or labels.
    """
    book, expected = choice.book(), load_cases(cases)
    failed = failing(expected, book)
    for case, decision in failed:
        if as_json:
            say_json({"file": cases, "line": case.line, "vigy": case.vigy, **decision._asdict()})
        else:
            say(one_line(f"{cases}:{case.line}: {_case_text(case)}, but {decision_text(decision)}"))
    if not as_json:
        say(f"{len(expected)} cases: {len(failed)} failed" if failed else f"{len(expected)} cases: all well", err=True)
    return exit_codes.FINDINGS if failed else 0


# -- programs


def _tell_refusals(source: Source, uses: Uses, policy: Policy, as_json: bool) -> bool:
    refused = refusals(uses.uses, policy)
    if as_json:
        for refusal in refused:
            say_json(finding_json(refusal, source))
        return bool(refused)
    show(refused, source, err=False)
    said = f"{len(refused)} refused" if refused else "nothing is sure to be refused"
    more = "; it also runs code that it makes up" if uses.evaluates else ""
    say(f"{source.name}: {said}{more}", err=True)
    return bool(refused)


def _tell_needs(source: Source, uses: Uses, found: list[Need], as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "file": source.name,
                "grants": [need.grant for need in found if need.grant],
                "dynamic": [need.grant for need in found if need.dynamic],
                "evaluates": uses.evaluates,
            }
        )
        return
    if any(_is_relative(need.grant) for need in found):
        say('base = "."')
    say("grants = [")
    for need in found:
        say(
            one_line(
                f"  {quoted(need.grant)},  # {_reasons(need)}" if need.grant else f"  # no grant: {_reasons(need)}"
            )
        )
    say("]")
    if uses.evaluates:
        say(f"{source.name}: it also runs code that it makes up, which may need more", err=True)


def _is_relative(grant: str) -> bool:
    kind, _, scope = grant.partition(":")
    return kind in {"fs.read", "fs.write", "kv", "sql"} and not scope.startswith(("/", "*"))


def _reasons(need: Need) -> str:
    use, ask = need.wanted[0]
    line, column = use.source.place(use.start)
    more = f" and {len(need.wanted) - 1} more" if len(need.wanted) > 1 else ""
    narrower = ": what for is known only when it runs; narrow it" if ask.dynamic else ""
    return f"{use.name} at {use.source.name}:{line}:{column}{more}{narrower}"


def _case_text(case: Case) -> str:
    whom = f"{case.vigy}: " if case.vigy else ""
    return f"{whom}{case.kind} was to be {'allowed' if case.allowed else 'refused'}"
