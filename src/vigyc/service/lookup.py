"""From what somebody typed to the vigy, run, issue or epoch that is meant: an id, a name, or the beginning of an id."""

from __future__ import annotations

from collections.abc import Callable, Collection
from difflib import get_close_matches
from typing import Final, TypeVar

from vigyc.lang.errors import Conflict, Invalid, NotFound, VigycError
from vigyc.model.argument import checked_text
from vigyc.model.epoch import Epoch
from vigyc.model.issue import Issue
from vigyc.model.run import Run
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import Store

N = TypeVar("N", Run, Issue, Epoch)

NEWEST: Final = 2000  # so many runs are looked through for the beginning of an id, likewise issues and epochs
_LISTED: Final = 8


def find_vigy(store: Store, ref: str) -> Vigy:
    """The vigy whose id or name is `ref`, else the only one whose id begins so. Raises NotFound, Conflict, Invalid."""
    _check_ref(ref)
    return store.vigy(ref) or store.named(ref) or _begun(store.vigies(), ref)


def find_vigies(store: Store, refs: Collection[str]) -> dict[str, Vigy | VigycError]:
    """What `find_vigy` returns or raises for each of `refs`, in few readings. Raises StoreError."""
    meant = store.meant(refs)
    ids, names = {vigy.id: vigy for vigy in meant}, {vigy.name: vigy for vigy in meant}
    known = [] if all(ref in ids or ref in names for ref in refs) else store.vigies()
    found: dict[str, Vigy | VigycError] = {}
    for ref in refs:
        try:
            _check_ref(ref)
            found[ref] = ids.get(ref) or names.get(ref) or _begun(known, ref)
        except VigycError as error:
            found[ref] = error
    return found


def _check_ref(ref: str) -> None:
    if not checked_text("the id or name of a vigy", ref):
        raise Invalid("a vigy is named by its id, its name, or the beginning of its id; this is nothing")


def _begun(known: Collection[Vigy], ref: str) -> Vigy:
    """The only one of `known` whose id begins with `ref`. Raises NotFound, Conflict."""
    near = [vigy for vigy in known if vigy.id.startswith(ref)]
    if len(near) > 1:
        raise Conflict(f"{ref!r} begins the ids of {_listed([f'{vigy.id} ({vigy.name})' for vigy in near])}")
    if not near:
        raise NotFound(f"there is no vigy {ref!r}{_hint(ref, [vigy.name for vigy in known])}")
    return near[0]


def find_run(store: Store, ref: str) -> Run:
    """The run whose id is `ref`, else the only new one whose id begins so. Raises NotFound, Conflict, Invalid."""
    return _by_beginning("a run", ref, store.run, lambda: [*store.runs(limit=NEWEST), *store.open_runs()])


def find_issue(store: Store, ref: str) -> Issue:
    """The issue whose id is `ref`, else the only new one whose id begins so. Raises NotFound, Conflict, Invalid."""
    return _by_beginning("an issue", ref, store.issue, lambda: store.issues(limit=NEWEST))


def find_epoch(store: Store, ref: str) -> Epoch:
    """The epoch whose id is `ref`, else the only new one whose id begins so. Raises NotFound, Conflict, Invalid."""
    return _by_beginning("an epoch", ref, store.epoch, lambda: store.epochs(limit=NEWEST))


def _by_beginning(what: str, ref: str, whole: Callable[[str], N | None], newest: Callable[[], list[N]]) -> N:
    if not checked_text(f"the id of {what}", ref):
        raise Invalid(f"{what} is named by its id, or by the beginning of its id; this is nothing")
    found = whole(ref)
    if found is not None:
        return found
    near = {each.id: each for each in newest() if each.id.startswith(ref)}
    if len(near) > 1:
        raise Conflict(f"{ref!r} begins the ids of {_listed(sorted(near))}")
    if not near:
        raise NotFound(f"there is no {what.partition(' ')[2]} {ref!r:.80}")
    return near.popitem()[1]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{len(names)}: {', '.join(names[:_LISTED])}{more}; say more of it"


def _hint(ref: str, names: list[str]) -> str:
    near = get_close_matches(ref, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
