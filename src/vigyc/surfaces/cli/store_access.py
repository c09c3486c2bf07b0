"""From where a store is to what can be asked of it: an open runtime, with the settings in force, or a server."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

import click

from vigyc.effects.policy_book import PolicyBook
from vigyc.lang.errors import NotFound
from vigyc.model.issue import LEASED
from vigyc.service.database_path import default_path
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings, load_settings
from vigyc.surfaces.cli.place import SERVER, Place
from vigyc.surfaces.client.client import TIMEOUT, Client

Reached: TypeAlias = Runtime | Client
"""What the commands ask; both are closed at the end of a `with`."""

LEAST_MS: Final = 100
"""The shortest interval that can be registered, unless the setting `min_interval_ms` says otherwise."""


def reached(place: Place, policy: PolicyBook | None = None, *, timeout: float = TIMEOUT) -> Reached:
    """The runtime of the store at `place`, or the server there, which goes by a policy of its own.

    `timeout` is how many seconds a server has to answer.

    Raises click.UsageError for a server that is given a `policy`, Invalid, StoreError, SettingsError, OSError.
    """
    if place.server is None:
        return opened(place.path, policy)
    if policy is not None:
        raise click.UsageError(f"{place.server} goes by its own policy; one can be given for a file")
    return Client.connect(place.server, place.token, timeout=timeout)


def served(place: Place, doing: str) -> Client:
    """The server at `place`, for what only who ticks can do: `doing` is the command that asks.

    Raises click.UsageError where no server is named, Invalid.
    """
    if place.server is None:
        raise click.UsageError(
            f"vigyc {doing} takes a server (--server URL, or ${SERVER}): whoever opens the file of a store cannot hold "
            "back what another process ticks"
        )
    return Client.connect(place.server, place.token)


def names_of(runtime: Reached, ids: Iterable[str | None]) -> dict[str, str]:
    """The names of vigies by id; one that was deleted has none."""
    found = {}
    for vigy_id in dict.fromkeys(ids):
        with suppress(NotFound):
            if vigy_id is not None:
                found[vigy_id] = runtime.get(vigy_id).name
    return found


def is_worked(runtime: Reached) -> bool:
    """Whether anybody seems to work off the issues of what is asked: the server, who ticks the store of a file, or
    whoever has one just now."""
    status = runtime.enhance.status()
    if status.workers or status.queue.counts.get(LEASED):
        return True
    return not isinstance(runtime, Client) and runtime.health().owner is not None


def opened(db: Path, policy: PolicyBook | None = None, *, workers: int | None = None) -> Runtime:
    """The runtime of the store at `db`, made if there is none, under `policy` or that of the settings; close it.

    `workers` is how many issues it works off at once, if that is not what the settings say. Raises StoreError,
    SettingsError, OSError.
    """
    settings, _ = in_force()
    if workers is not None:
        settings = settings._replace(enhance_workers=workers)
    if os.environ.get("HOME") and db == default_path():
        db.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Runtime.open(db, settings=settings, policy=policy)


def in_force() -> tuple[Settings, dict[str, str]]:
    """The settings, and for each where its value came from. Raises SettingsError."""
    settings, origins = load_settings()
    if origins["min_interval_ms"] == "default":
        settings = settings._replace(min_interval_ms=LEAST_MS)
    return settings, origins
