"""From a name and a program to a registered reconciler.

A vigy keeps its id through every edit (decision D37); `generation` grows with each change of what is registered or of
its kv from outside, and a tick that began under an older one is not committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from vigyc.model.schedule import Schedule


class Vigy(NamedTuple):
    """A registered reconciler. Times are ms since 1970.

    `digest` names the text of `program`, `version` counts its editions from 1; `modules` is what the program requires,
    as data (linking.ModuleBundle). The schedule runs from `anchored_at`: when it was set or the vigy last enabled.
    `deadline_ms` is the time for one tick, None for the runtime's own.
    """

    id: str
    name: str
    program: str
    digest: str
    schedule: Schedule
    labels: Mapping[str, str]
    enabled: bool
    version: int
    generation: int
    created_at: int
    updated_at: int
    anchored_at: int
    deadline_ms: int | None = None
    modules: Mapping[str, Any] | None = None


class Version(NamedTuple):
    """One edition of a vigy's program; `author` is who made it (a person, `enhance`, ...), `note` says why.

    `label` is its semantic version, which `bump` raised (None: the first, or made before there were labels). `parent`
    is the number of the version it was made from. `content` names the program whatever its layout (frontend/
    canonical.py); two versions may have the same: a version's identity is its content, its place in history is that
    with `parent` and `epoch`, the id of the epoch that made it.
    """

    vigy_id: str
    number: int
    digest: str
    program: str
    created_at: int
    author: str | None = None
    note: str | None = None
    modules: Mapping[str, Any] | None = None
    label: str = "0.1.0"
    bump: str | None = None
    parent: int | None = None
    content: str | None = None
    epoch: str | None = None
