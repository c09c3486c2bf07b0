"""From the checker's findings to a program without those that have one sure remedy; the others are named.

- `ignored-forms`: the forms after the value of a `define` are put into a `(begin ...)` with it, as the finding says.
- `boolean-comparator`: `<` becomes `compare`, and `>` the same the other way round: the order they read as.
- `unbound-name` with a suggestion: that name is written at that place.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from vigyc.checking import check
from vigyc.enhance.rewriter.place import Place, Subject
from vigyc.enhance.rewriter.roles import CODE, DATA, IGNORED, OPAQUE, word
from vigyc.enhance.rewriter.rule import Edit, NoRule, Rewrite, Rule
from vigyc.lang.datum import ListForm
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.forms import SPECIAL_FORMS

_ORDERS: Final = {
    "<": "compare", "<=": "compare", ">": "(lambda (a b) (compare b a))", ">=": "(lambda (a b) (compare b a))",
}  # fmt: skip
_SUGGESTED: Final = re.compile(r"did you mean `([^`]{1,200})`\?")
_MOST_SHOWN: Final = 10


class _Splice(NamedTuple):
    """`new` instead of the bytes from `start` to `end`."""

    start: int
    end: int
    new: str


def _rewrite(subject: Subject, _given: Mapping[str, Any]) -> Rewrite:
    if not subject.findings:
        raise NoRule("the checker finds nothing in the program")
    remedies = _remedies(subject)
    if _new_findings(subject, remedies):  # only code that was never looked at before can bring any
        remedies = {finding: [] if finding.id == "ignored-forms" else made for finding, made in remedies.items()}
    mended = [finding for finding, made in remedies.items() if made]
    left = [finding for finding, made in remedies.items() if not made]
    new = _new_findings(subject, remedies)
    if new:
        told = "; ".join(found.message for found in new[:_MOST_SHOWN])
        raise NoRule(f"mending the findings would bring new ones: {told}")
    if not mended:
        raise NoRule(f"no finding has a remedy that can be applied by rule: {_listed(subject, left)}")
    what = f"mended what the checker found: {_listed(subject, mended)}"
    if left:
        what += f"; left, since they have no remedy by rule: {_listed(subject, left)}"
    return Rewrite(list(_edits(subject, _all(remedies))), "patch", what)


def _remedies(subject: Subject) -> dict[Diagnostic, list[_Splice]]:
    """What mends each finding; nothing where there is no sure remedy."""
    at = defaultdict(list)
    for place in subject.places:
        if place.role not in (DATA, IGNORED):
            at[place.form.start].append(place)
    return {finding: list(_remedy(subject, at, finding)) for finding in subject.findings}


def _all(remedies: Mapping[Diagnostic, list[_Splice]]) -> list[_Splice]:
    return sorted({splice for made in remedies.values() for splice in made})


def _remedy(subject: Subject, at: Mapping[int, list[Place]], finding: Diagnostic) -> Iterator[_Splice]:
    """What is to be written where for `finding`, if it has a sure remedy; `at` has the places by where they begin."""
    for place in at.get(finding.start, ()):
        if finding.id == "ignored-forms" and place.role == CODE and place.form.end == finding.end:
            yield from _in_begin(place)
        elif finding.id == "boolean-comparator" and place.form.end == finding.end:
            yield from _in_order(subject, place)
        elif finding.id == "unbound-name" and f"nothing is bound to `{place.name}`" == finding.message:
            found = next((match for _, text in finding.notes if (match := _SUGGESTED.fullmatch(text))), None)
            if found is not None and found[1] != place.name and (place.index == 0 or found[1] not in SPECIAL_FORMS):
                yield _Splice(finding.start, finding.end, found[1])


def _in_begin(ignored: Place) -> Iterator[_Splice]:
    around = ignored.parent
    if around is not None and around.word == "define" and ignored.index == 3 and around.below[1].name is not None:
        yield _Splice(around.below[2].form.start, around.below[2].form.start, "(begin ")
        yield _Splice(around.below[-1].form.end, around.below[-1].form.end, ")")


def _in_order(subject: Subject, call: Place) -> Iterator[_Splice]:
    if (
        word(call.form) != "sort-by"
        or call.role not in (CODE, OPAQUE)
        or len(call.below) < 2
        or subject.binds("compare")
    ):
        return
    comparator = call.below[1]
    name = comparator.name
    if comparator.word == "lambda" and isinstance(comparator.form, ListForm) and len(comparator.below) == 3:
        params, body = comparator.below[1].below, comparator.below[2].below
        if len(body) == 3 and len(params) == 2 and [p.name for p in params] == [p.name for p in body[1:]]:
            name = body[0].name
    order = _ORDERS.get(name or "")
    if order is not None:
        yield _Splice(comparator.form.start, comparator.form.end, order)


def _edits(subject: Subject, splices: list[_Splice]) -> Iterator[Edit]:
    """One replacement for each top-level form that is touched, all else in it as it was."""
    for place in subject.top:
        start, end = place.form.start, place.form.end
        within = [splice for splice in splices if start <= splice.start and splice.end <= end]
        if within:
            new = _spliced(subject, within, start, end)
            yield {"op": "replace", "path": place.path, "old": subject.text(place.form), "new": new}


def _spliced(subject: Subject, splices: list[_Splice], start: int, end: int) -> str:
    parts = []
    for splice in splices:
        parts += [subject.slice(start, splice.start), splice.new]
        start = splice.end
    return "".join(parts) + subject.slice(start, end)


def _new_findings(subject: Subject, remedies: Mapping[Diagnostic, list[_Splice]]) -> list[Diagnostic]:
    """What the checker would find in the result that it did not find before."""
    result = _spliced(subject, _all(remedies), 0, len(subject.source.data))
    before = Counter((found.id, found.message) for found in check(subject.source.text))
    return [found for found in check(result) if before[(found.id, found.message)] == 0]


def _listed(subject: Subject, findings: list[Diagnostic]) -> str:
    shown = [f"{one.id} on line {subject.line(one)} ({one.message})" for one in findings[:_MOST_SHOWN]]
    more = len(findings) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")


FIX_WARNINGS: Final = Rule(
    name="fix-warnings",
    about="every finding of the checker that has a sure remedy",
    example="fix the checker's warnings",
    pattern=re.compile(
        r"(?:fix|mend|resolve) (?:all )?(?:the )?(?:checker(?:['\u2019]?s)? )?(?:warnings|findings|diagnostics)",
        re.IGNORECASE,
    ),
    near=re.compile(r"\b(?:warning|finding|diagnostic|checker)", re.IGNORECASE),
    parameters={},
    needed=frozenset(),
    rewrite=_rewrite,
)
