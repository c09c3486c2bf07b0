"""From a mistake in a program to a finding: an id, a place, what is wrong and what to do.

`id` is a kebab phrase (`unbound-name`), the same in docs/errors.md and in tests. `kind` is the error kind a run
would give (`unbound-symbol`); spans are UTF-8 byte offsets.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `severity` is `error` or `warning`; `notes` are `(label, text)` such as `("help", "...")`.

    `thrown` is the printed value where a macro body threw one.
    """

    id: str
    message: str
    start: int
    end: int
    kind: str = "reader"
    severity: str = "error"
    notes: tuple[tuple[str, str], ...] = ()
    thrown: str | None = None
