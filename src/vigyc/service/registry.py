"""From a program and a name to a registered vigy, and every change of it until it is deleted.

Nothing is written that was not checked: a text that does not compile, a name, a label or a schedule that breaks its
rule is refused whole, and so is a program that needs what its policy does not grant. A change says what is to be so,
not how to get there; if another process changed the vigy in between, it is made anew upon what is true now.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import Conflict, NotGranted, Stale
from vigyc.linking import Modules
from vigyc.model.argument import checked_text
from vigyc.model.name import checked_name
from vigyc.model.notice import DISABLED, ENABLED, UPDATED
from vigyc.model.schedule_rules import checked_schedule
from vigyc.model.vigy import Vigy
from vigyc.model.vigy_id import vigy_id
from vigyc.programs import Examined, Programs
from vigyc.runtime.store.port import Edition, Store
from vigyc.runtime.time_source import TimeSource
from vigyc.service.edit import DEFAULT, Edit
from vigyc.service.lookup import find_vigy
from vigyc.service.versions import find_version

ATTEMPTS: Final = 10
Texts = Mapping[str, str] | Modules


class Registration(NamedTuple):
    """A vigy as it is registered now; `findings` is what `check` says of its program."""

    vigy: Vigy
    created: bool
    changed: bool
    findings: list[Diagnostic]


class Registry:
    """The registered vigies of `store`; `changed` is called with the id of each that this registry changes."""

    def __init__(
        self, store: Store, programs: Programs, time: TimeSource, least_ms: int, changed: Callable[[str], None]
    ) -> None:
        self._store = store
        self._programs = programs
        self._time = time
        self._least_ms = least_ms
        self._changed = changed

    def register(
        self,
        program: str,
        name: str,
        edit: Edit = Edit(),  # noqa: B008 - immutable
        *,
        filename: str | os.PathLike[str] = "<program>",
        modules: Texts | None = None,
        author: str | None = None,
        note: str | None = None,
    ) -> Registration:
        """Register `program` under `name`; again is nothing, but that what `edit` gives becomes so.

        Raises Invalid, CompileError, NotGranted, and Conflict where the name belongs to another program.
        """
        checked_name(name)
        _check_signature(author, note)
        examined = self._programs.examine(program, filename, modules)
        known = self._store.named(name)
        if known is None:
            wanted = self._wanted(program, name, edit, examined)
            try:
                made = self._store.create(wanted, Edition(author, note, content=examined.content))
            except Conflict:
                known = self._store.named(name)
                if known is None:
                    raise self._id_taken(wanted) from None
            else:
                self._changed(made.id)
                return Registration(made, True, True, examined.findings)
        if (known.program, known.modules) != (program, examined.modules):
            other = "another program" if known.program != program else "other modules"
            raise Conflict(f"{name!r} is registered with {other} ({known.id}); use update to replace what is there")
        vigy = self._change(known.id, UPDATED, self._applied(edit, program, examined))
        return Registration(vigy, False, vigy.generation != known.generation, examined.findings)

    def update(
        self,
        ref: str,
        edit: Edit = Edit(),  # noqa: B008 - immutable
        *,
        program: str | None = None,
        filename: str | os.PathLike[str] = "<program>",
        modules: Texts | None = None,
        author: str | None = None,
        note: str | None = None,
        generation: int | None = None,
    ) -> Vigy:
        """Change what is given; id, kv and history stay. Raises NotFound, Conflict, Invalid, CompileError.

        With `generation` only if it is still of that one; raises Stale if not.
        """
        vigy = find_vigy(self._store, ref)
        if program is None and modules is None:
            apply, examined = self._renamed(edit), None
        else:
            text = vigy.program if program is None else program
            examined = self._programs.examine(text, filename, modules)
            apply = self._applied(edit, text, examined)
        return self._change(vigy.id, UPDATED, _unless_stale(apply, generation), author, note, examined)

    def rollback(self, ref: str, number: int, author: str | None = None, note: str | None = None) -> Vigy:
        """Make the program of version `number` the newest version. Raises NotFound, Conflict, CompileError."""
        vigy = find_vigy(self._store, ref)
        old = find_version(self._store, vigy, number)
        examined = self._programs.examine_bundled(old.program, old.modules)
        reason = note if note is not None else f"rollback to version {number}"
        return self._change(vigy.id, UPDATED, self._applied(Edit(), old.program, examined), author, reason, examined)

    def enable(self, ref: str) -> Vigy:
        """Let a vigy tick, from now on; nothing for one that does. Raises NotFound, Conflict."""
        return self._change(ref, ENABLED, self._applied(Edit(enabled=True)))

    def disable(self, ref: str) -> Vigy:
        """Let a vigy tick no more; a tick under way is not committed. Raises NotFound, Conflict."""
        return self._change(ref, DISABLED, self._applied(Edit(enabled=False)))

    def delete(self, ref: str, *, keep_data: bool = False) -> Vigy:
        """Delete a vigy, with all its data unless `keep_data`; the vigy as it was. Raises NotFound."""
        vigy = find_vigy(self._store, ref)
        self._store.remove(vigy, self._time.wall_ms(), keep_data=keep_data)
        self._changed(vigy.id)
        return vigy

    def _wanted(self, program: str, name: str, edit: Edit, examined: Examined) -> Vigy:
        now = self._time.wall_ms()
        vigy = Vigy(
            vigy_id(name, program), name, program, examined.digest, DEFAULT, {}, True, 1, 1, now, now, now,
            modules=examined.modules,
        )  # fmt: skip
        vigy = edit.apply(vigy, now, self._least_ms)
        self._check_granted(vigy, examined)
        checked_schedule(vigy.schedule, self._least_ms)
        return vigy

    def _applied(
        self, edit: Edit, program: str | None = None, examined: Examined | None = None
    ) -> Callable[[Vigy], Vigy]:
        def apply(vigy: Vigy) -> Vigy:
            if program is not None and examined is not None:
                vigy = vigy._replace(program=program, digest=examined.digest, modules=examined.modules)
            vigy = edit.apply(vigy, self._time.wall_ms(), self._least_ms)
            if examined is not None:
                self._check_granted(vigy, examined)
            return vigy

        return apply

    def _renamed(self, edit: Edit) -> Callable[[Vigy], Vigy]:
        """What applies `edit`; a name or labels with another policy are checked as a program is."""

        def apply(vigy: Vigy) -> Vigy:
            after = edit.apply(vigy, self._time.wall_ms(), self._least_ms)
            policy_of = self._programs.powers.policy_of
            if policy_of(after.name, after.labels) != policy_of(vigy.name, vigy.labels):
                self._check_granted(after, self._programs.examine_bundled(vigy.program, vigy.modules))
            return after

        return apply

    def _check_granted(self, vigy: Vigy, examined: Examined) -> None:
        try:
            examined.check_granted(self._programs.powers.policy_of(vigy.name, vigy.labels))
        except NotGranted as error:
            error.text = vigy.program
            raise

    def _change(
        self,
        ref: str,
        kind: str,
        apply: Callable[[Vigy], Vigy],
        author: str | None = None,
        note: str | None = None,
        examined: Examined | None = None,
    ) -> Vigy:
        """Make `apply` of a vigy be so, whoever else changes it; one that is so already is given back as it is."""
        _check_signature(author, note)
        before = find_vigy(self._store, ref)
        for attempt in range(ATTEMPTS):
            after = apply(before)
            if after == before:
                return before
            after = after._replace(updated_at=self._time.wall_ms())
            try:
                changed = self._store.change(before, after, kind, _edition(before, after, author, note, examined))
            except Conflict:
                found = find_vigy(self._store, before.id)
                if found.generation == before.generation or attempt == ATTEMPTS - 1:
                    raise
                before = found
            else:
                self._changed(changed.id)
                return changed
        raise AssertionError("the last attempt returns or raises")

    def _id_taken(self, wanted: Vigy) -> Conflict:
        holder = self._store.vigy(wanted.id)
        whose = f"is that of vigy {holder.name!r}, which began as these" if holder is not None else "is taken"
        return Conflict(f"the id {wanted.id} of this name and program {whose}; choose another name")


def _unless_stale(apply: Callable[[Vigy], Vigy], generation: int | None) -> Callable[[Vigy], Vigy]:
    """`apply`, for a vigy that is still of `generation`, if that is given."""

    def applied(vigy: Vigy) -> Vigy:
        if generation is not None and vigy.generation != generation:
            raise Stale(f"{vigy.name} is of generation {vigy.generation}, not {generation}: it was changed meanwhile")
        return apply(vigy)

    return applied


def _edition(before: Vigy, after: Vigy, author: str | None, note: str | None, examined: Examined | None) -> Edition:
    """What is kept with the version that `after` is, if it is one: then `examined` is its program."""
    is_new = (after.program, after.modules) != (before.program, before.modules)
    return Edition(author, note, content=examined.content if is_new and examined is not None else None)


def _check_signature(author: object, note: object) -> None:
    if author is not None:
        checked_text("author", author)
    if note is not None:
        checked_text("note", note)
