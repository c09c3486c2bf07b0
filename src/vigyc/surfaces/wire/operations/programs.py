"""From a program to what can be said of it without running it: mistakes, effects, what the policy makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vigyc.service.audit import wanted
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire import answers, uses
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.operation import operation
from vigyc.surfaces.wire.operations import arguments as a
from vigyc.surfaces.wire.operations.registry import modules_of


@operation("POST /v1/check", Role.READ, a.PROGRAM, a.NAME, a.LABELS_, a.MODULES_, slow=True)
def check_program(
    runtime: Runtime,
    program: str,
    name: str = "",
    labels: Mapping[str, str] | None = None,
    modules: Mapping[str, Any] | None = None,
) -> Any:
    """The mistakes in a program, each with its place; what it does to the world, and what of that the policy of a vigy
    of this name and these labels refuses. Nothing is run."""
    return uses.checked_json(runtime.check(program, name, labels or {}, modules_of(modules)), program)


@operation("GET /v1/vigies/{id}/python", Role.READ, a.ID, slow=True)
def get_python(runtime: Runtime, id: str) -> Any:
    """The Python that a vigy's program becomes, as text to read."""
    return {"python": runtime.python(id)}


@operation("GET /v1/audit", Role.READ, a.EFFECTS, a.HOSTS, a.CALLS, a.SELECTOR, slow=True)
def audit_vigies(
    runtime: Runtime,
    effects: Sequence[str] = (),
    hosts: Sequence[str] = (),
    calls: Sequence[str] = (),
    label_selector: str = "",
) -> Any:
    """What the registered programs do to the world: every operation, its place, and what for if that is known."""
    found = runtime.audit(wanted(effects, hosts, calls), label_selector)
    return [uses.audited_json(each) for each in found]


@operation("GET /v1/vigies/{id}/policy", Role.READ, a.ID)
def get_policy(runtime: Runtime, id: str) -> Any:
    """The policy that a vigy ticks under.

    Of what is sent along to servers it tells the names, and only of secrets which they are.
    """
    return answers.policy_json(runtime.policy(id))


@operation("POST /v1/vigies/{id}/policy/decide", Role.READ, a.ID, a.EFFECT, a.RESOURCE)
def decide_policy(runtime: Runtime, id: str, effect: str, resource: Any = None) -> Any:
    """Whether the policy of a vigy allows an effect, and by which rule."""
    return runtime.decide(id, effect, resource)._asdict()
