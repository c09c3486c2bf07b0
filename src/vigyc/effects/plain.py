"""From a program's value to JSON data as other programs name things: the keyword `:limit` is "limit", key or value.

That is what leaves the runtime (a request's body, a tool's arguments, a written file). What stays in it (kv, actions,
the run) keeps the colon, as the language has it. A secret is "***": what a tool is told, it may tell others.
"""

from __future__ import annotations

from typing import Any, Final

from vigyc.effects.data.bounds import check_data
from vigyc.lang.datum import Keyword
from vigyc.runtime.faults import size_exceeded
from vigyc.runtime.json_value import Json, key_text, to_json
from vigyc.runtime.lists import Vec, items
from vigyc.runtime.maps import SharedMap, as_dict
from vigyc.runtime.values import MAX_ITEMS

DEEPEST: Final = 100
_LISTS: Final = frozenset({list, tuple, Vec})
_MAPS: Final = frozenset({dict, SharedMap})


def plain(value: object) -> Json:
    """`value` as JSON data, keys in code-point order. Raises TickError `size-exceeded`."""
    whole: list[Any] = [value]
    stack: list[Any] = [whole]
    room = MAX_ITEMS
    while stack:
        target = stack.pop()
        for step, item in list(target.items() if target.__class__ is dict else enumerate(target)):
            target[step] = made = _shallow(item)
            if made.__class__ in {list, dict}:
                room -= len(made) + 1
                stack.append(made)
        if room < 0:
            raise size_exceeded("json", MAX_ITEMS)
    found: Json = whole[0]
    return found


def told(op: str, value: object) -> Json:
    """`value` as JSON data for an agent or a tool, which read it by recursion.

    Raises EffectFailed `encode` for what is nested more than `DEEPEST` deep, TickError `size-exceeded`.
    """
    data = plain(value)
    check_data(op, data, DEEPEST)
    return data


def _shallow(value: object) -> Any:
    """A leaf as JSON data; of a list or map a copy, its parts as they are."""
    if value.__class__ in _MAPS:
        named = {_name(key): item for key, item in as_dict(value).items()}
        return {name: named[name] for name in sorted(named)}
    if value.__class__ in _LISTS:
        return [*items(value)]
    return value.name if value.__class__ is Keyword else to_json(value)


def _name(key: object) -> str:
    return key.name if key.__class__ is Keyword else key_text(key)
