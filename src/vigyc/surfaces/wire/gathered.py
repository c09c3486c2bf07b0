"""From many askings of one operation to their answers, found together: what `Operation.work_each` is.

An answer is what the operation gives to one that asks alone, or the error that it raises. The arguments are checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from vigyc.lang.errors import VigycError
from vigyc.model.codec import Noun, to_json
from vigyc.model.run import Run
from vigyc.service.gathering import Found, T
from vigyc.service.runtime import Runtime

Asked: TypeAlias = Sequence[Mapping[str, Any]]


class _Stretch(NamedTuple):
    """What list_runs is asked for besides the vigy."""

    before: int | None
    limit: int
    results: tuple[str, ...]


def vigies(runtime: Runtime, asked: Asked) -> list[Any]:
    """What get_vigy answers."""
    found = runtime.gathering.vigies(_ids(asked))
    return [_told(found[given["id"]], to_json) for given in asked]


def states(runtime: Runtime, asked: Asked) -> list[Any]:
    """What get_vigy_state answers."""
    found = runtime.gathering.states(_ids(asked))
    return [_told(found[given["id"]], to_json) for given in asked]


def standings(runtime: Runtime, asked: Asked) -> list[Any]:
    """What get_standing answers."""
    found = runtime.gathering.standings(_ids(asked))
    return [_told(found[given["id"]], to_json) for given in asked]


def runs(runtime: Runtime, asked: Asked) -> list[Any]:
    """What list_runs answers; those that ask for as many, of the same kinds, from the same number on are alike."""
    alike: dict[_Stretch, list[str]] = {}
    for given in asked:
        if given.get("vigy") is not None:
            alike.setdefault(_stretch(given), []).append(given["vigy"])
    found: dict[_Stretch, Found[list[Run]]] = {
        stretch: runtime.gathering.runs(refs, **stretch._asdict()) for stretch, refs in alike.items()
    }
    return [
        _told(found[_stretch(given)][given["vigy"]], _runs_json)
        if given.get("vigy") is not None
        else _runs_json(runtime.runs(**_stretch(given)._asdict()))
        for given in asked
    ]


def _stretch(given: Mapping[str, Any]) -> _Stretch:
    return _Stretch(given.get("before"), given.get("limit", 20), tuple(given.get("results", ())))


def _ids(asked: Asked) -> list[str]:
    return [given["id"] for given in asked]


def _told(found: T | VigycError, tell: Callable[[T], Any]) -> Any:
    return found if isinstance(found, VigycError) else tell(found)


def _runs_json(found: Sequence[Noun]) -> list[Any]:
    return [to_json(run) for run in found]
