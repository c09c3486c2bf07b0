"""From what was typed of a vigy's name or id to the vigies it may mean, for a shell that completes it.

Completion is never in the way: where there is no store, or it cannot be read, there is nothing to complete.
"""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from vigyc.service.database_path import database_path
from vigyc.surfaces.cli.store_access import opened


def completions(ctx: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """The names that begin with `typed`, and the ids that do."""
    try:
        path = database_path(ctx.params.get("db"))
        if not path.is_file():
            return []
        with opened(path) as runtime:
            known = runtime.list()
    except Exception:
        return []
    names = [CompletionItem(vigy.name, help=vigy.id) for vigy in known if vigy.name.startswith(typed)]
    ids = [CompletionItem(vigy.id, help=vigy.name) for vigy in known if typed and vigy.id.startswith(typed)]
    return names + ids


ref_argument = click.argument("ref", shell_complete=completions)
"""Which vigy, as argument `ref`: its id, its name, or the unique beginning of its id."""
