"""From a registered vigy to the policy that it ticks under, and to what that says of an effect."""

from __future__ import annotations

import click

from vigyc.effects.policy import Policy
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.output import one_line, say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.policy_text import decision_text, policy_lines
from vigyc.surfaces.cli.run_text import say_lines
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.vigy_argument import ref_argument
from vigyc.surfaces.wire.answers import policy_json


@click.command("show")
@ref_argument
@place_options
@options.answer
def show(ref: str, place: Place, as_json: bool) -> int:
    """Show the policy that the registered vigy REF ticks under: the server's, or for a file that of the settings."""
    with reached(place) as runtime:
        found = runtime.policy(ref)
    told = policy_json(found) if isinstance(found, Policy) else found
    if as_json:
        say_json(told)
    else:
        say_lines(policy_lines(told))
    return 0


@click.command("decide")
@ref_argument
@click.argument("effect")
@click.argument("resource", required=False)
@place_options
@options.answer
def decide(ref: str, effect: str, resource: str | None, place: Place, as_json: bool) -> int:
    """Show whether the policy of the registered vigy REF allows EFFECT of RESOURCE, and by which rule.

    Exit code 3 if it does not. `vigyc policy explain` asks a policy file the same.
    """
    with reached(place) as runtime:
        decision = runtime.decide(ref, effect, resource)
    if as_json:
        say_json(decision._asdict())
    else:
        say(one_line(decision_text(decision)))
    return 0 if decision.allowed else exit_codes.NOT_ALLOWED
