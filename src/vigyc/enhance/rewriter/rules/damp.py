"""From "only when it holds for so many ticks" to a counter before every emission; a tick that misses starts it again.

The counter and the number of the tick it was last counted in are kept in the kv. Ticks that failed leave neither and
are no gap: they decided nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from vigyc.enhance.rewriter.emission import Target, emissions, target_of
from vigyc.enhance.rewriter.guard import guards, stands_alone_in
from vigyc.enhance.rewriter.literal import string_of, whole_number
from vigyc.enhance.rewriter.parameters import a_name, a_text, some_ticks, target
from vigyc.enhance.rewriter.place import Place, Subject
from vigyc.enhance.rewriter.roles import CLAUSE
from vigyc.enhance.rewriter.rule import Edit, NoRule, Rewrite, Rule, lines, replaced, wrapped
from vigyc.frontend.canonical import canonical
from vigyc.lang.datum import Atom

HELD: Final = "held-for-ticks?"

_DEFINITION: Final = f"""(define ({HELD} key ticks)
  (let* ((now (vigy-tick-count))
         (last (vigy-get (string-append key ":tick") -2))
         (before (vigy-get key 0))
         (count (cond ((= last now) before)
                      ((= last (- now 1)) (min ticks (+ before 1)))
                      (else 1))))
    (vigy-set key count)
    (vigy-set (string-append key ":tick") now)
    (>= count ticks)))"""
_USED: Final = ("vigy-tick-count", "vigy-get", "vigy-set", "string-append", "min", "=", "-", "+", ">=")
_RARE: Final = (("unless", "vigy-rate-limited?", False), ("when", "vigy-once", True))
_ITSELF: Final = frozenset({"it", "this", "that", "its condition", "the condition", "its reason", "the reason"})


def _rewrite(subject: Subject, given: Mapping[str, Any]) -> Rewrite:
    asked, ticks = target_of(given), given["ticks"]
    sites = emissions(subject, asked)
    if "condition" in given:
        _expect_condition(subject, sites, given["condition"])
    present = _present(subject, sites, asked)
    edits: list[Edit] = []
    bare = [site for site in sites if site not in present]
    for site, key in zip(bare, _new_keys(subject, asked, len(sites)), strict=False):
        held = f"(when ({HELD} {string_of(key)} {ticks}) _)"
        edits.append(wrapped(subject, _what_to_hold(subject, site, asked), held))
    for call in dict.fromkeys(present.values()):
        if whole_number(call.below[2].form) != ticks:
            edits.append(replaced(subject, call.below[2], str(ticks)))
    if not edits:
        call = next(iter(present.values()))
        raise NoRule(
            f"{asked.shown} waits for {ticks} ticks already: `{subject.shown(call)}`, line {subject.line(call)}"
        )
    if _needs_definition(subject):
        edits.append({"op": "insert", "path": [0], "new": _DEFINITION})
    what = (
        f"{asked.shown} on {lines(subject, sites)} is emitted only when it was due there in {ticks} ticks one after "
        f"another, counted in the kv under `held:{asked.key}`"
    )
    return Rewrite(edits, "minor" if bare else "patch", what)


def _present(subject: Subject, sites: list[Place], asked: Target) -> dict[Place, Place]:
    """The call of the counter that each site is behind, where it is."""
    found: dict[Place, Place] = {}
    for site in sites:
        for guard in guards(subject, site, HELD, wanted=True):
            call = guard.call
            own = len(call.below) == 3 and guard.guards_only(subject, asked)
            if _needs_definition(subject) or not own or whole_number(call.below[2].form) is None:
                raise NoRule(
                    f"{asked.shown} on line {subject.line(site)} is held back already, with other things or by a "
                    f"number that is computed: `{subject.shown(call)}` on line {subject.line(call)}; change it there"
                )
            found.setdefault(site, call)
    return found


def _new_keys(subject: Subject, asked: Target, count: int) -> Iterator[str]:
    """Keys that the program does not use: one for each place, since each must be due by itself."""
    used = {place.form.value for place in subject.places if isinstance(place.form, Atom)}
    first = f"held:{asked.key}"
    keys = itertools.chain([first] if count == 1 else [], (f"{first}:{number}" for number in itertools.count(1)))
    return (key for key in keys if key not in used and key + ":tick" not in used)


def _what_to_hold(subject: Subject, site: Place, asked: Target) -> Place:
    """`site`, with the limits around it that let it through only now and then: what is counted must be outside them."""
    place = site
    while True:
        around = next((found for head, test, _ in _RARE if (found := stands_alone_in(place, head, test))), None)
        if around is None:
            break
        place = around
    for _, test, wanted in _RARE:
        for guard in guards(subject, place, test, wanted):
            raise NoRule(
                f"{asked.shown} on line {subject.line(site)} stands behind `{subject.shown(guard.call)}` on line "
                f"{subject.line(guard.call)}, with other things, so it would never be due in two ticks one after "
                "another: take it out of there first, or change that limit"
            )
    return place


def _needs_definition(subject: Subject) -> bool:
    """Whether the counting function is still to be defined. Raises NoRule if its name is taken."""
    wanted = canonical(_DEFINITION)
    bound = subject.bindings(HELD)
    if len(bound) == 1 and bound[0].parent is None and canonical(subject.text(bound[0].form)) == wanted:
        return False
    for symbol in (HELD, *_USED):
        place_of_another = subject.binds(symbol)
        if place_of_another is not None:
            raise NoRule(f"the program gives `{symbol}` another meaning, on line {subject.line(place_of_another)}")
    return True


def _expect_condition(subject: Subject, sites: list[Place], text: str) -> None:
    """Raise NoRule unless every site is run exactly where the condition `text` is tested."""
    if text.strip().lower() in _ITSELF:
        return
    wanted = canonical(text)
    for site in sites:
        tests = [outer.below[1] for outer in site.around() if outer.word in ("if", "when") and len(outer.below) > 1]
        tests += [outer.below[0] for outer in site.around() if outer.role == CLAUSE]
        if wanted is None or wanted not in [canonical(subject.text(test.form)) for test in tests]:
            raise NoRule(
                f"the emission on line {subject.line(site)} does not stand under the condition {text[:100]!r}; write "
                "the test as the program has it, or `require it to hold` for whatever leads to the emission"
            )


DAMP: Final = Rule(
    name="damp",
    about="an action (or event) only when due at its place in so many ticks one after another; mends what flaps",
    example="debounce restart by 3 ticks, or: require it to hold for 3 ticks before restart",
    pattern=re.compile(
        f"(?:debounce|damp) {target()} (?:by|for) (?P<ticks>[0-9]{{1,9}}) (?:consecutive )?ticks?"
        "|require (?P<condition>.{1,200}?) to (?:hold|last) for (?P<ticks_>[0-9]{1,9}) (?:consecutive )?ticks? before "
        + target("_"),
        re.IGNORECASE,
    ),
    near=re.compile(r"\b(?:debounce|damp|hysteresis|flap|to hold for|ticks before)", re.IGNORECASE),
    parameters={"action": a_name, "event": a_name, "ticks": some_ticks, "condition": a_text},
    needed=frozenset({"ticks"}),
    rewrite=_rewrite,
)
