"""From an issue's intent or constraints to a patch made by rule, or to why no rule makes one.

Constraints with a `rule` say exactly what is wanted (`{"rule": "rate-limit", "action": "restart", "every": "30s"}`).
Without one the sentences of the intent are read: those that a rule knows are done, one after another, all of them or
none; the others are taken as the reason given. The intent is data: it gets into a program only through parameters that
are read strictly, and is quoted in the rationale. A patch that is given is known to fit the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from vigyc.checking import check
from vigyc.enhance.edits.apply import Refused, applied
from vigyc.enhance.edits.edit import read_edits
from vigyc.enhance.rewriter.parameters import read_parameters
from vigyc.enhance.rewriter.place import Subject
from vigyc.enhance.rewriter.rule import Edit, NoRule, Rewrite, Rule
from vigyc.enhance.rewriter.rules.table import RULES
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError, Invalid

LONGEST_INTENT: Final = 10_000
MOST_SENTENCES: Final = 5
_LONGEST_SENTENCE: Final = 400
_MOST_QUOTED: Final = 200

_END: Final = re.compile(r"[.;]+(?=\s|$)|[!?]+(?=\s+[A-Z])|\n")
_STRING: Final = re.compile(r'"[^"\n]*"')
_POLITE: Final = re.compile(r"(?:please|we should|it should|you should|should|and|then|also)[ ,:]+", re.IGNORECASE)
_BUMPS: Final = ("patch", "minor", "major")


class _Asked(NamedTuple):
    """What one sentence, or the constraints, ask of a rule."""

    rule: Rule
    given: Mapping[str, object]
    where: str
    quoted: str


def propose(
    program: str, intent: str, constraints: Mapping[str, Any], findings: Sequence[Diagnostic]
) -> dict[str, Any]:
    """The patch that does what is asked: its edits, bump and rationale. Raises NoRule, and then nothing is done.

    `findings` is what the checker finds in `program`, with the extensions and modules that it has.
    """
    asked = [_constrained(intent, constraints)] if "rule" in constraints else _sentences(intent)
    edits: list[Edit] = []
    reasons: list[str] = []
    bump = "patch"
    for one in asked:
        made = _made(_subject(program, findings), one)
        edits += made.edits
        bump = max(bump, made.bump, key=_BUMPS.index)
        reasons.append(f"{made.what[0].upper() + made.what[1:]}; asked for: {one.quoted}")
        program = _fitted(program, made.edits)
        findings = check(program) if len(asked) > 1 else ()
    return {"edits": edits, "bump": bump, "rationale": ". ".join(reasons) + "."}


def _subject(program: str, findings: Sequence[Diagnostic]) -> Subject:
    try:
        return Subject(program, findings)
    except CompileError as error:
        raise NoRule(f"the program cannot be read, so nothing in it can be changed by rule: {error}") from error


def _fitted(program: str, edits: list[Edit]) -> str:
    """The program with `edits`. Raises NoRule where they pass the limits that every patch has."""
    try:
        return applied(program, read_edits(edits))
    except (Invalid, Refused) as error:
        raise NoRule(f"the change is one that cannot be made by edits: {error}") from error


def rules_text() -> str:
    """The rules there are, a line each, with what it does and an example, for whoever writes an issue."""
    return "\n".join(f"{rule.name} ({rule.about}): {rule.example}" for rule in RULES.values())


def _made(subject: Subject, asked: _Asked) -> Rewrite:
    try:
        given = read_parameters(asked.given, asked.rule.parameters, asked.rule.needed, asked.where)
        made = asked.rule.rewrite(subject, given)
    except NoRule as error:
        raise NoRule(
            f"{asked.rule.name}: {error} (asked for: {asked.quoted}; an example: {asked.rule.example})"
        ) from None
    if "action" in asked.rule.parameters and subject.calls("require"):
        return made._replace(what=f"{made.what} (in the program itself: the modules it requires are as they were)")
    return made


def _constrained(intent: str, constraints: Mapping[str, Any]) -> _Asked:
    name = constraints["rule"]
    rule = RULES.get(name) if isinstance(name, str) else None
    if rule is None:
        raise NoRule(f"constraints.rule: there is no such rule; there are {', '.join(RULES)}")
    given = {key: value for key, value in constraints.items() if key != "rule"}
    return _Asked(rule, given, "constraints.", _quoted(intent))


def _sentences(intent: str) -> list[_Asked]:
    """What the sentences of `intent` ask for; at least one thing."""
    if len(intent) > LONGEST_INTENT:
        raise NoRule(f"the intent is {len(intent)} characters long, and at most {LONGEST_INTENT} are read for rules")
    texts = [" ".join(text.split()) for text in _split(intent)]
    texts = [text for text in texts if 0 < len(text) <= _LONGEST_SENTENCE]
    asked = [found for text in texts if (found := _recognised(text)) is not None]
    if not asked:
        raise NoRule(_nothing_known(texts))
    if len(asked) > MOST_SENTENCES:
        raise NoRule(f"the intent asks for {len(asked)} things, and at most {MOST_SENTENCES} are done in one issue")
    return asked


def _split(intent: str) -> Iterator[str]:
    """The sentences, which do not end within a string."""
    strings = [found.span() for found in _STRING.finditer(intent)]
    begin = at = 0
    for end in _END.finditer(intent):
        while at < len(strings) and strings[at][1] <= end.start():
            at += 1
        if at == len(strings) or end.start() < strings[at][0]:
            yield intent[begin : end.start()]
            begin = end.end()
    yield intent[begin:]


def _recognised(sentence: str) -> _Asked | None:
    plain = _POLITE.sub("", sentence, count=1) if _POLITE.match(sentence) else sentence
    for rule in RULES.values():
        # A name may end in `?` or `!`, and so may a sentence.
        found = rule.pattern.fullmatch(plain) or rule.pattern.fullmatch(plain.rstrip("?! "))
        if found is not None:
            given = {name.rstrip("_"): text for name, text in found.groupdict().items() if text is not None}
            return _Asked(rule, given, "", _quoted(sentence))
    return None


def _nothing_known(texts: list[str]) -> str:
    """Why no sentence is known: what came near, and what there is."""
    near = [
        f"{_quoted(text)} sounds like {rule.name}, which is written: {rule.example}"
        for text in texts[:50]
        for rule in RULES.values()
        if rule.near.search(text)
    ]
    if any(re.search(r"at most (?:[2-9]|[1-9][0-9]{1,3}) (?:times )?(?:per|every|in|an?) ", text) for text in texts):
        near.append("the language limits to once per duration: for 3 per hour, ask for once per 20m")
    told = f": {'; '.join(near[:3])}" if near else ""
    return f"no rule knows what is asked for{told}; the rules that there are:\n{rules_text()}"


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= _MOST_QUOTED else text[: _MOST_QUOTED - 3] + "...")
