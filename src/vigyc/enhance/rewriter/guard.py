"""From a place to the conditions it stands behind, and to what else stands behind them.

A function of the program that is called from one place stands where that call does; from several, behind what each of
its calls stands behind, none of which is then sure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from vigyc.enhance.rewriter.emission import ACTION, Target, emitted
from vigyc.enhance.rewriter.place import Place, Subject
from vigyc.enhance.rewriter.roles import CLAUSE, CODE, IGNORED, OPAQUE, word

_BRANCHES: Final = {"when": True, "unless": False}
_TELLING: Final = frozenset({"noop", "defer"})


class Guard(NamedTuple):
    """A call of a predicate that decides whether a place is reached.

    `scope` is what it decides on, `instead` what is run where that is not. `plain`: it alone is the test; `sure`: no
    way to the place leads past it.
    """

    call: Place
    scope: list[Place]
    instead: list[Place]
    plain: bool
    sure: bool

    def guards_only(self, subject: Subject, target: Target) -> bool:
        """Whether another test in its place would change no action but `target`, and those that say nothing is done."""
        others = [made for made in emitted_within(subject, self.instead) if made.sort == ACTION]
        if any(made.name not in _TELLING for made in others):
            return False
        return self.plain and self.sure and emitted_within(subject, self.scope) == {target}


class _Test(NamedTuple):
    """A test on the way to a place: it is passed when its value is as `wanted`; `instead` is run where it is not."""

    test: Place
    wanted: bool
    scope: list[Place]
    instead: list[Place]


def guards(subject: Subject, place: Place, predicate: str, wanted: bool) -> list[Guard]:
    """The calls of `predicate` that `place` stands behind, innermost first; a plain one lets through when `wanted`."""
    found: list[Guard] = []
    waiting: list[tuple[Place, bool]] = [(place, True)]
    entered: set[Place] = set()
    while waiting:
        place, sure = waiting.pop(0)
        for test in _tests(place):
            found += _calls(test, predicate, wanted, sure)
        outermost = [place, *place.around()][-1]
        function = _defined(outermost)
        if function is not None and outermost not in entered and outermost is not place:
            entered.add(outermost)
            calls = [use.parent for use in subject.uses(function) if use.role == CODE and use.index == 0 and use.parent]
            sure = sure and len(subject.uses(function)) == len(subject.bindings(function)) == 1
            waiting += [(call, sure) for call in calls]
    return found


def emitted_within(subject: Subject, scope: list[Place]) -> set[Target]:
    """What the places of `scope` may emit, with what the names in it stand for: rather too much than too little.

    What a macro is given may emit anything: a target whose name is None.
    """
    found: set[Target] = set()
    waiting, seen = list(scope), set(scope)
    while waiting:
        for place in waiting.pop().all():
            made = emitted(place.form) if place.role != IGNORED else None
            if made is not None:
                found.add(made)
            if place.role == OPAQUE:
                found.add(Target(ACTION, None))
            for binding in subject.bindings(place.name) if place.name is not None and place.role == CODE else ():
                if binding not in seen:
                    seen.add(binding)
                    waiting.append(binding)
    return found


def stands_alone_in(place: Place, head: str, test: str) -> Place | None:
    """The `(head (test ...) place)` that `place` is the whole body of."""
    around = place.parent
    if around is None or around.word != head or len(around.below) != 3 or place.index != 2:
        return None
    return around if around.below[1].word == test else None


def _defined(place: Place) -> str | None:
    """The function that a top-level form defines."""
    if place.parent is not None or place.word != "define" or len(place.below) < 2:
        return None
    return word(place.below[1].form)


def _tests(place: Place) -> Iterator[_Test]:
    while place.parent is not None:
        around = place.parent
        head = around.word
        if head in _BRANCHES and place.index >= 2:
            yield _Test(around.below[1], _BRANCHES[head], around.below[2:], [])
        elif head == "if" and place.index in (2, 3):
            others = [other for other in around.below[2:] if other is not place]
            yield _Test(around.below[1], place.index == 2, [place], others)
        elif head in ("and", "or"):
            for earlier in around.below[1 : place.index]:
                yield _Test(earlier, head == "and", around.below[earlier.index + 1 :], [])
        elif around.role == CLAUSE and around.parent is not None:
            clauses = around.parent.below
            if place.index >= 1:
                yield _Test(around.below[0], True, around.below[1:], clauses[around.index + 1 :])
            for clause in clauses[1 : around.index]:
                if clause.below:
                    yield _Test(clause.below[0], False, clauses[clause.index + 1 :], clause.below[1:])
        place = around


def _calls(test: _Test, predicate: str, wanted: bool, sure: bool) -> Iterator[Guard]:
    place, passes = test.test, test.wanted
    while place.word == "not" and len(place.below) == 2:
        place, passes = place.below[1], not passes
    if place.word == predicate:
        yield Guard(place, test.scope, test.instead, passes == wanted, sure)
        return
    for call in place.all():
        if call.word == predicate:
            yield Guard(call, test.scope, test.instead, False, sure)
