"""From runs that were ticked again to what is different now: each kind of difference once, with a run as example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from vigyc.enhance.verifiers.telling import counted, listed, shortened
from vigyc.rehearsal.replay import Again, Difference
from vigyc.runtime.json_value import dumps

_VALUE: Final = 60  # characters of a value that is told
_BY_NAME: Final = frozenset({"desired", "observed", "trace", "metrics"})


def explained(runs: Iterable[Again]) -> str:
    """The differences of these runs, the most frequent kinds first."""
    kinds: dict[str, tuple[int, str, str]] = {}
    for again in runs:
        for kind, example in dict(_kinds(again)).items():
            count, _, _ = kinds.get(kind, (0, "", ""))
            kinds[kind] = (count + 1, example, again.run.id)  # the oldest run there is: they come newest first
    told = [
        f"{kind} in {counted(count, 'run')} (as in {run_id}{': ' + example if example else ''})"
        for kind, (count, example, run_id) in sorted(kinds.items(), key=lambda item: (-item[1][0], item[0]))
    ]
    return listed(told)


def _kinds(again: Again) -> Iterator[tuple[str, str]]:
    """What is different in one run: the kind of difference, and how it was and is."""
    for difference in again.differences:
        what, was, now = difference
        if what == "actions":
            yield from _actions(was or [], now or [])
        elif what == "conditions":
            yield from _named("condition", _by_name(was), _by_name(now))
        elif what in _BY_NAME:
            yield from _named(what, was or {}, now or {})
        elif what.startswith("kv "):
            yield f'kv "{what[3:]}"', _change(was, now)
        elif what == "effects":
            yield "effects that are not called any more", _effects(difference)
        elif what == "kv_deleted":
            yield "the keys that are deleted", _change(was, now)
        elif what == "result":
            yield f"{was} before and {now} now", again.run.error or ""
        elif what != "error" or (was and now):
            yield f"the {what}", _change(was, now)


def _actions(was: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    before, after = Counter(map(dumps, was)), Counter(map(dumps, now))
    gone, new = before - after, after - before
    kinds = {dumps(action): action["kind"] for action in (*was, *now)}
    for kind in sorted({kinds[text] for text in (gone | new)}):
        less, more = [t for t in gone if kinds[t] == kind], [t for t in new if kinds[t] == kind]
        if less and more:
            yield f"action `{kind}` with other data", f"{_shown(less[0])} -> {_shown(more[0])}"
        elif less:
            yield f"action `{kind}` gone", _shown(less[0])
        else:
            yield f"action `{kind}` new", _shown(more[0])
    if not gone and not new:
        yield "the order of the actions", ""


def _named(what: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted(was.keys() | now.keys()):
        if name not in now:
            yield f'{what} "{name}" gone', ""
        elif name not in was:
            yield f'{what} "{name}" new', _shown(dumps(now[name]))
        elif dumps(was[name]) != dumps(now[name]):
            yield f'{what} "{name}"', _change(was[name], now[name])


def _by_name(conditions: list[dict[str, Any]] | None) -> dict[str, Any]:
    """What each states, without its name and its stamp."""
    return {
        condition["name"]: {key: part for key, part in condition.items() if key not in {"name", "last_transition"}}
        for condition in conditions or []
    }


def _effects(difference: Difference) -> str:
    return shortened(str(difference.recorded), _VALUE)


def _change(was: object, now: object) -> str:
    return f"{_shown(dumps(was))} -> {_shown(dumps(now))}"  # type: ignore[arg-type]


def _shown(text: str) -> str:
    return shortened(text, _VALUE)
