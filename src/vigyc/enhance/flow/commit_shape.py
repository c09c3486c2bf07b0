"""From the context that a flow ends with to what it claims: its commit, read under eighteen rules without a default.

Nothing is guessed: what is missing or of another kind is `CommitShape`, with the words of the first rule it breaks.
What a claim says is not yet believed; whoever commits finds the verdicts itself, on the very text.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from vigyc.model.epoch import DENY, PASS, Verdict

_MISSING: Final = object()
_DETAIL: Final = {PASS: "evidence", DENY: "reason"}
_KINDS: Final = {dict: "a map", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}


class CommitShape(Exception):
    """A flow's commit does not have its shape; the text begins with `commit shape: ` and says which rule it breaks."""

    def __init__(self, message: str) -> None:
        super().__init__(f"commit shape: {message}")


class Claim(NamedTuple):
    """What a flow says of its epoch: a commit of the text `program`, by name `new_version`, or the `reasons` for none.

    Of a commit there are no reasons; of none, `program`, `new_version` and `bump` are "".
    """

    committed: bool
    rationale: str
    verdicts: tuple[Verdict, ...]
    new_version: str = ""
    bump: str = ""
    program: str = ""
    reasons: tuple[str, ...] = ()


def read_commit(context: Any) -> Claim:
    """The commit in the final `context`, which is JSON data. Raises CommitShape: rules 1 to 14 and 16 to 18."""
    commit = _member(context, "commit")
    if commit is _MISSING:
        raise CommitShape("final_ctx missing $.commit")
    committed = _member(commit, "committed")
    if committed.__class__ is not bool:
        raise CommitShape("commit.committed missing or not bool")
    rationale = _text(commit, "rationale", "commit.rationale missing or not string")
    summary = _list(commit, "verdicts_summary", "commit.verdicts_summary missing or not array")
    claim = Claim(committed, rationale, tuple([_verdict(item) for item in summary]))
    return _applied(claim, commit) if committed else _rejected(claim, commit)


def check_version(claim: Claim, computed: str) -> None:
    """Rule 15: a commit's name must be the one `computed` of its text, before anything is written.

    Raises CommitShape.
    """
    if claim.new_version != computed:
        raise CommitShape(f"new_version mismatch: committer={claim.new_version} store={computed}")


def _verdict(item: Any) -> Verdict:
    axis = _text(item, "axis", "verdicts_summary[].axis missing")
    status = _text(item, "status", "verdicts_summary[].status missing")
    field = _DETAIL.get(status)
    if field is None:
        raise CommitShape(f"verdicts_summary[].status must be pass|deny, got {status}")
    return Verdict(axis, status, _text(item, field, f"verdicts_summary[].{field} missing for {status}"))


def _applied(claim: Claim, commit: Any) -> Claim:
    version = _text(commit, "new_version", "commit.new_version missing or not string")
    if not version:
        raise CommitShape("commit.new_version is empty (Applied)")
    bump = _text(commit, "bump", "commit.bump missing or not string")
    program = _member(commit, "new_program")
    if program is _MISSING:
        raise CommitShape("commit.new_program missing")
    return claim._replace(new_version=version, bump=bump, program=_source(program))


def _source(program: Any) -> str:
    """The text in `new_program`, which has that one field."""
    said = "commit.new_program deserialize: "
    if program.__class__ is not dict:
        raise CommitShape(f"{said}it must be a map, and is {_kind(program)}")
    if unknown := sorted(program.keys() - {"source"}):
        raise CommitShape(f"{said}unknown field `{unknown[0]}`, expected `source`")
    if "source" not in program:
        raise CommitShape(f"{said}missing field `source`")
    source = program["source"]
    if source.__class__ is not str:
        raise CommitShape(f"{said}`source` must be a string, and is {_kind(source)}")
    found: str = source
    return found


def _rejected(claim: Claim, commit: Any) -> Claim:
    reasons = _list(commit, "reasons", "commit.reasons missing or not array")
    if not all(reason.__class__ is str for reason in reasons):
        raise CommitShape("commit.reasons[] contains non-string element")
    if not reasons:
        raise CommitShape("commit.reasons is empty (Rejected requires at least 1)")
    return claim._replace(reasons=tuple(reasons))


def _member(data: Any, name: str) -> Any:
    return data.get(name, _MISSING) if data.__class__ is dict else _MISSING


def _text(data: Any, name: str, failure: str) -> str:
    found = _member(data, name)
    if found.__class__ is not str:
        raise CommitShape(failure)
    text: str = found
    return text


def _list(data: Any, name: str, failure: str) -> list[Any]:
    found = _member(data, name)
    if found.__class__ is not list:
        raise CommitShape(failure)
    items: list[Any] = found
    return items


def _kind(value: Any) -> str:
    return _KINDS.get(value.__class__, "a number")
