"""From a policy file to the policies it has: TOML, read strictly, so that a slip of the pen never grants anything.

Whatever is wrong is told with file and line. Relative paths begin at `base`, which begins at the file's own folder.
docs/policy.md describes the format.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from vigyc.effects.amounts import amount, count, duration
from vigyc.effects.budget import SHARED_BY, UNITS, Budget
from vigyc.effects.catalog import catalog
from vigyc.effects.grant import Grant, parse_grant
from vigyc.effects.limits import Limits
from vigyc.effects.policy import Policy, narrow
from vigyc.effects.policy_book import PolicyBook, Section
from vigyc.effects.policy_sources import address, beside, model, secret_source, server
from vigyc.effects.toml_text import At, TomlText, meant, text_of
from vigyc.lang.errors import Invalid
from vigyc.model.name import checked_name
from vigyc.model.selector import Selector

T = TypeVar("T")
Table = Mapping[str, Any]

_POLICY: Final = ("base", "grants", "limits", "costs", "budget", "secrets", "models", "mcp", "resolve", "ca")
_CEILING: Final = ("grants", "limits", "costs", "budget")
_SECTION: Final = ("vigy", "labels", *_POLICY)
_FILE: Final = (*_POLICY, "ceiling", "for")


def load_policies(path: str | os.PathLike[str]) -> PolicyBook:
    """The policies in the file at `path`. Raises SettingsError."""
    text = TomlText(path)
    data = text.table(text.data, (), _FILE)
    top = _policy(text, data, (), Policy())
    default = _narrowed(text, top, (), top.base)
    sections = list(_sections(text, data, top))
    return PolicyBook(default, sections)


def policy_from_flags(grants: Sequence[str], budgets: Sequence[str] = (), base: str | None = None) -> Policy:
    """The policy of grants and of budgets for one run (`calls=100`) as a command line has them. Raises Invalid."""
    amounts: dict[str, int] = {}
    for text in budgets:
        unit, equals, given = text.partition("=")
        if not equals or unit not in UNITS:
            raise Invalid(f"budget {text!r}: give it as UNIT=AMOUNT, the unit one of {', '.join(UNITS)}")
        try:
            amounts[unit] = amount(unit, given)
        except Invalid as error:
            raise Invalid(f"budget {text!r}: {error}") from error
    return Policy.of(*grants, base=base, budgets=(Budget(amounts),) if amounts else ())


def _policy(text: TomlText, table: Table, at: At, above: Policy) -> Policy:
    """The policy in `table`, with what it leaves unsaid, grants aside, from `above`."""
    secrets = {**above.secrets, **_entries(text, table, at, "secrets", secret_source)}
    base = beside(text, table["base"], (*at, "base")) if "base" in table else above.base
    return replace(
        above,
        grants=_grants(text, table, at, base),
        budgets=_budgets(text, table, at) if "budget" in table else above.budgets,
        limits=_limits(text, table, at, above.limits),
        costs={**above.costs, **_entries(text, table, at, "costs", _cost)},
        secrets=secrets,
        servers={**above.servers, **_entries(text, table, at, "mcp", partial(server, secrets=secrets))},
        models={**above.models, **_entries(text, table, at, "models", partial(model, secrets=secrets))},
        resolve={**above.resolve, **_entries(text, table, at, "resolve", address)},
        base=base,
        ca=beside(text, table["ca"], (*at, "ca")) if "ca" in table else above.ca,
    )


# -- sections


def _sections(text: TomlText, data: Table, top: Policy) -> Iterator[Section]:
    seen: set[str] = set()
    for number, given in enumerate(_tables(text, data, (), "for")):
        at: At = ("for", number)
        table = text.table(given, at, _SECTION)
        if ("vigy" in table) == ("labels" in table):
            raise text.fault(at, "a section is for a `vigy` or for `labels`: give one of them")
        policy = _narrowed(text, _policy(text, table, at, top), at, top.base)
        if "labels" in table:
            yield Section(None, text.read(_selector, table["labels"], (*at, "labels")), policy)
            continue
        vigy = text.read(checked_name, table["vigy"], (*at, "vigy"))
        if vigy in seen:
            raise text.fault((*at, "vigy"), f"there is a section for {vigy!r} already")
        seen.add(vigy)
        yield Section(vigy, Selector(), policy)


def _narrowed(text: TomlText, policy: Policy, at: At, base: str | None) -> Policy:
    """`policy`, if it is no wider than the ceiling, which does not bound what it does not speak of."""
    if "ceiling" not in text.data:
        return policy
    within: At = ("ceiling",)
    table = text.table(text.data["ceiling"], within, _CEILING)
    ceiling = replace(
        policy,
        grants=_grants(text, table, within, base),
        budgets=_budgets(text, table, within),
        limits=_limits(text, table, within, policy.limits),
        costs={**policy.costs, **_entries(text, table, within, "costs", _cost)},
    )
    try:
        return narrow(ceiling, policy)
    except Invalid as error:
        section = text.data["for"][at[1]] if at else {}
        called = f"the section for {section.get('vigy') or section.get('labels')}" if at else "the policy"
        raise text.fault(at, f"{called} is {error}") from error


def _selector(value: object) -> Selector:
    found = Selector.parse(text_of(value))
    if not found.terms:
        raise Invalid("it must speak of one label at least")
    return found


# -- tables


def _tables(text: TomlText, table: Table, at: At, key: str) -> Sequence[object]:
    found = table.get(key, [])
    if not isinstance(found, list):
        name = ".".join(part for part in (*at, key) if isinstance(part, str))
        raise text.fault((*at, key), f"{key} must be given as [[{name}]]")
    return found


def _entries(text: TomlText, table: Table, at: At, key: str, read: Callable[[TomlText, object, At], T]) -> dict[str, T]:
    """What is named under `[key]`, read one by one."""
    found = text.table(table.get(key, {}), (*at, key))
    return {name: read(text, value, (*at, key, name)) for name, value in found.items()}


def _grants(text: TomlText, table: Table, at: At, base: str | None) -> tuple[Grant, ...]:
    at = (*at, "grants")
    found = table.get("grants", [])
    if not isinstance(found, list):
        raise text.fault(at, 'grants must be a list of texts such as "fs.read:/data"')
    return tuple(text.read(lambda grant: parse_grant(grant, base), grant, at, prefix="") for grant in found)


def _limits(text: TomlText, table: Table, at: At, above: Limits) -> Limits:
    at = (*at, "limits")
    found = text.table(table.get("limits", {}), at, Limits._fields)
    return above._replace(**{name: text.read(partial(amount, name), found[name], (*at, name)) for name in found})


def _cost(text: TomlText, value: object, at: At) -> int:
    name = str(at[-1])
    if name not in catalog():
        raise text.fault(at, f"there is no operation {name!r}{meant(name, catalog(), few=False)}")
    return text.read(count, value, at)


def _budgets(text: TomlText, table: Table, at: At) -> tuple[Budget, ...]:
    given = _tables(text, table, at, "budget")
    return tuple(_budget(text, budget, (*at, "budget", number)) for number, budget in enumerate(given))


def _budget(text: TomlText, value: object, at: At) -> Budget:
    table = text.table(value, at, (*UNITS, "shared_by", "every"))
    amounts: dict[str, int] = {
        unit: text.read(partial(amount, unit), table[unit], (*at, unit)) for unit in UNITS if unit in table
    }
    if not amounts:
        raise text.fault(at, f"a budget must have an amount of one of {', '.join(UNITS)}")
    shared_by = table.get("shared_by", "run")
    if shared_by not in SHARED_BY:
        raise text.fault((*at, "shared_by"), f"shared_by must be one of {', '.join(SHARED_BY)}")
    every = text.read(duration, table["every"], (*at, "every")) if "every" in table else None
    if every == 0:
        raise text.fault((*at, "every"), "every must be longer than nothing")
    return Budget(amounts, shared_by, every)
