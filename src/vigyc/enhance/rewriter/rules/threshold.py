"""From "raise it to so much" to another number: in a definition, a binding, a comparison, or the default of a key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from vigyc.enhance.rewriter.emission import literal
from vigyc.enhance.rewriter.literal import number
from vigyc.enhance.rewriter.parameters import NAME, a_line, a_name, a_number
from vigyc.enhance.rewriter.place import Place, Subject
from vigyc.enhance.rewriter.roles import CODE
from vigyc.enhance.rewriter.rule import NoRule, Rewrite, Rule, replaced

_COMPARISONS: Final = frozenset({"<", ">", "<=", ">=", "=", "not=", "equal?", "compare"})
_BINDERS: Final = frozenset({"let", "let*", "letrec"})
_LOOK_UPS: Final = {"vigy-get": 1, "hash-map-get": 2, "hash-map-get-or": 2, "get": 2}
_DIRECTIONS: Final = ("raise", "increase", "lower", "reduce", "set", "change")
_MOST_SHOWN: Final = 20


class _Found(NamedTuple):
    """A number that goes by the name, and the form that says so."""

    at: Place
    by: Place


def _rewrite(subject: Subject, given: Mapping[str, Any]) -> Rewrite:
    name, to, direction = given["name"], given["to"], given.get("direction", "set")
    every = list(_numbers(subject, name))
    if not every:
        raise NoRule(
            f"there is no number that goes by `{name}`: none in a definition or binding of it, none it is compared "
            "with (itself, or as a key of the kv), and no default of it as a key"
        )
    found = every
    if "from" in given:
        found = [one for one in found if number(one.at.form) == given["from"]]
    if "line" in given:
        found = [one for one in found if subject.line(one.at) == given["line"]]
    if len(found) != 1:
        said = "none of these is the one described" if not found else "several numbers"
        raise NoRule(
            f"{said} for `{name}`; say which by its line (`... at line {subject.line(every[0].at)}`) or its value "
            f"(`raise {name} from ... to ...`): {_listed(subject, found or every)}{_alike(subject, found)}"
        )
    (one,) = found
    old = number(one.at.form)
    assert old is not None
    _expect_direction(subject, one, direction, old, to)
    text = str(to)
    where = f"line {subject.line(one.at)}, in `{subject.shown(one.by)}`"
    what = f"the number of `{name}` ({where}) was changed from {subject.text(one.at.form)} to {text}"
    return Rewrite([replaced(subject, one.at, text)], "patch", what)


def _a_direction(value: object, where: str) -> str:
    if not isinstance(value, str) or value.lower() not in _DIRECTIONS:
        raise NoRule(f"{where}: give one of {', '.join(_DIRECTIONS)}")
    return value.lower()


def _expect_direction(subject: Subject, one: _Found, direction: str, old: float, to: float) -> None:
    place = f"line {subject.line(one.at)}, in `{subject.shown(one.by)}`"
    if old == to:
        raise NoRule(f"it is {subject.text(one.at.form)} already: {place}")
    if (direction in ("raise", "increase") and to < old) or (direction in ("lower", "reduce") and to > old):
        verb = "lower" if to < old else "raise"
        raise NoRule(f"it is {subject.text(one.at.form)} ({place}), so {to} would {verb} it; say `{verb}`, or `set`")


def _listed(subject: Subject, found: list[_Found]) -> str:
    shown = [
        f"line {subject.line(one.at)} (path {one.at.path}): {subject.text(one.at.form)} in `{subject.shown(one.by)}`"
        for one in found[:_MOST_SHOWN]
    ]
    more = len(found) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")


def _alike(subject: Subject, found: list[_Found]) -> str:
    """What to do where neither line nor value tells these apart; "" where one does."""
    known = {(subject.line(one.at), number(one.at.form)) for one in found}
    return "" if len(known) == len(found) else "; those alike need a patch of your own: a `replace` at the path"


def _numbers(subject: Subject, name: str) -> Iterator[_Found]:
    """The numbers that go by `name`, in the order of the text."""
    for place in subject.places:
        if place.role == CODE and number(place.form) is not None and place.parent is not None:
            around = place.parent
            if _binds(around, place, name) or _defaults(around, place, name) or _compares(around, place, name):
                yield _Found(place, around)


def _binds(around: Place, place: Place, name: str) -> bool:
    if around.word == "define":
        return place.index == 2 and around.below[1].name == name
    pairs = around.parent
    binder = pairs.parent if pairs is not None else None
    if binder is None or pairs is None or binder.word not in _BINDERS or pairs.index != 1:
        return False
    return place.index == 1 and around.below[0].name == name


def _defaults(around: Place, place: Place, name: str) -> bool:
    return around.word == "vigy-get" and place.index == 2 and literal(around.below[1].form) == name


def _compares(around: Place, place: Place, name: str) -> bool:
    if around.word not in _COMPARISONS:
        return False
    return any(_is(other, name) for other in around.below[1:] if other is not place)


def _is(place: Place, name: str) -> bool:
    """Whether `place` is the variable `name`, a call of a function of that name, or looks that key up."""
    if place.name == name or (place.word == name and len(place.below) == 1):
        return True
    key = _LOOK_UPS.get(place.word or "")
    return key is not None and len(place.below) > key and literal(place.below[key].form) == name


_VALUE: Final = r"[+-]?[0-9]{1,17}(?:\.[0-9]{1,17})?"

THRESHOLD: Final = Rule(
    name="threshold",
    about="another number where a name is defined, bound or compared, or as the default of a key",
    example="raise failures from 3 to 5, or: set failures to 5 at line 47",
    pattern=re.compile(
        rf"(?P<direction>raise|increase|lower|reduce|set|change) (?:the )?(?:threshold )?[`'\"]?(?P<name>{NAME})[`'\"]?"
        rf"(?: from (?P<from>{_VALUE}))? to (?P<to>{_VALUE})(?: (?:at|on|in) line (?P<line>[0-9]{{1,9}}))?",
        re.IGNORECASE,
    ),
    near=re.compile(r"\b(?:raise|increase|lower|reduce|set|change|threshold)\b", re.IGNORECASE),
    parameters={"name": a_name, "from": a_number, "to": a_number, "direction": _a_direction, "line": a_line},
    needed=frozenset({"name", "to"}),
    rewrite=_rewrite,
)
