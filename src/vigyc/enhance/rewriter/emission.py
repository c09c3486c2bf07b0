"""From the name of an action or an event to every place that emits it, or to why they cannot all be known.

An emission is a call of an intrinsic (`vigy-restart`, `vigy-emit`, `vigy-event`) with its kind written out, standing
where it is run as it is. One whose kind is computed, that a macro makes, that is quoted or handed to another function
cannot be told from here: then nothing is changed at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from vigyc.enhance.edits.edit import MOST
from vigyc.enhance.rewriter.place import Place, Subject
from vigyc.enhance.rewriter.roles import CODE, DATA, IGNORED, NAMES, word
from vigyc.enhance.rewriter.rule import NoRule
from vigyc.lang.datum import Atom, Form, Keyword, ListForm, PrefixForm, Symbol
from vigyc.model.action import KINDS

EMITTERS: Final[dict[str, str]] = {f"vigy-{kind}": kind for kind in KINDS if kind != "custom"} | {
    "vigy-delete-action": "delete"
}
"""The intrinsics that emit one kind of action."""

ACTION: Final = "action"
EVENT: Final = "event"

_PUT_AROUND: Final = ("when", "unless", "begin")
_BY_NAME: Final = {"vigy-emit": ACTION, "vigy-event": EVENT}


class Target(NamedTuple):
    """What is emitted: `sort` is `action` or `event`; `name` None: it is computed."""

    sort: str
    name: str | None

    @property
    def shown(self) -> str:
        """For messages."""
        return f"`{self.name}`" if self.sort == ACTION else f"the event `{self.name}`"

    @property
    def key(self) -> str:
        """For keys of the kv."""
        return str(self.name) if self.sort == ACTION else f"event:{self.name}"


def target_of(given: Mapping[str, Any]) -> Target:
    """What the parameters `action` or `event` name."""
    if ("action" in given) == ("event" in given):
        raise NoRule("give one of `action` and `event`")
    return Target(ACTION, given["action"]) if "action" in given else Target(EVENT, given["event"])


def literal(form: Form) -> str | None:
    """The name that `form` is as it stands: a string, a keyword or a quoted symbol."""
    if isinstance(form, PrefixForm) and form.kind == "quote":
        form = form.form
    elif word(form) == "quote" and isinstance(form, ListForm) and len(form.items) == 2:
        form = form.items[1]
    elif isinstance(form, Atom) and isinstance(form.value, Symbol):
        return None
    if isinstance(form, Atom) and isinstance(form.value, Symbol | Keyword):
        return form.value.name
    return form.value if isinstance(form, Atom) and isinstance(form.value, str) else None


def emitted(form: Form) -> Target | None:
    """What a list emits if it is run."""
    head = word(form) or ""
    if head in EMITTERS:
        return Target(ACTION, EMITTERS[head])
    if head in _BY_NAME and isinstance(form, ListForm):
        return Target(_BY_NAME[head], literal(form.items[1]) if len(form.items) > 1 else None)
    return None


def emissions(subject: Subject, target: Target) -> list[Place]:
    """Every place that emits `target`, in the order of the text; at least one, none inside another."""
    _refuse_what_cannot_be_seen(subject, target)
    for head in _PUT_AROUND:
        macro = subject.binds(head)
        if macro is not None:
            raise NoRule(f"the program makes `{head}` a name of its own, on line {subject.line(macro)}")
    found = [place for place in subject.places if place.role == CODE and emitted(place.form) == target]
    if not found:
        raise NoRule(_there_is_none(subject, target))
    if len(found) > MOST:
        raise NoRule(f"{target.shown} is emitted in {len(found)} places, and a patch has at most {MOST} edits")
    sites = set(found)
    for place in found:
        if any(outer in sites for outer in place.around()):
            raise NoRule(f"{target.shown} is emitted within an emission of its own, on line {subject.line(place)}")
    return found


def _refuse_what_cannot_be_seen(subject: Subject, target: Target) -> None:
    heads = {head for head, kind in EMITTERS.items() if (ACTION, kind) == target}
    heads.add("vigy-emit" if target.sort == ACTION else "vigy-event")
    for place in subject.places:
        if place.word == "eval":
            raise NoRule(
                f"the program runs data as code (`eval`, line {subject.line(place)}), which may emit {target.shown} "
                "unseen"
            )
        if place.name in heads and place.role != IGNORED:
            why = _doubt(place, target)
            if why is not None:
                raise NoRule(
                    f"`{place.name}` on line {subject.line(place)} {why}, so not every emission of {target.shown} "
                    "can be found: change the program by hand, or have the emission written out"
                )


def _doubt(place: Place, target: Target) -> str | None:
    """Why `place`, an emitter's name, may emit `target` in a way that cannot be seen; None: it does not."""
    call = place.parent if place.index == 0 and place.parent is not None else None
    made = emitted(call.form) if call is not None else None
    if place.role == CODE and call is not None and call.role == CODE:
        computed = made is not None and made.name is None
        return f"emits an {target.sort} whose kind is computed" if computed else None
    if place.role == NAMES:
        return "is given another meaning by the program"
    if made is not None and made.name is not None and made != target:
        return None
    if place.role == DATA:
        return "is in quoted data"
    return "is handed on as a function" if place.role == CODE else "is in a macro or in the call of one"


def _there_is_none(subject: Subject, target: Target) -> str:
    made = [emitted(place.form) for place in subject.places if place.role == CODE]
    names = {
        sort: sorted({one.name for one in made if one and one.sort == sort and one.name}) for sort in (ACTION, EVENT)
    }
    text = f"there is no {target.sort} `{target.name}` in the program; it emits: "
    text += ", ".join(names[target.sort]) or f"no {target.sort}s"
    other = EVENT if target.sort == ACTION else ACTION
    if target.name in names[other]:
        text += f". There is an {other} of that name: write `{other} {target.name}`"
    elif target.name in {word(place.below[1].form) for place in subject.calls("define") if len(place.below) > 1}:
        text += f". `{target.name}` is a function of the program: name what it emits"
    return text
