"""From what was typed of a vigy's name or id to the vigies it may mean, for a shell that completes it.

Completion is never in the way: where there is no store, or it cannot be read, there is nothing to complete.
"""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import CompletionItem

from vigyc.surfaces.cli.place import place_of
from vigyc.surfaces.cli.store_access import reached

PATIENCE: Final = 1.0  # seconds that somebody who types waits for a server
MOST: Final = 1000


def completions(ctx: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """The names that begin with `typed`, and the ids that do."""
    try:
        place = place_of(ctx.params)
        if place.server is None and not place.path.is_file():
            return []
        with reached(place, timeout=PATIENCE) as runtime:
            known = [each.vigy for each in runtime.browse(search=typed, limit=MOST).items]
    except Exception:
        return []
    names = [CompletionItem(vigy.name, help=vigy.id) for vigy in known if vigy.name.startswith(typed)]
    ids = [CompletionItem(vigy.id, help=vigy.name) for vigy in known if typed and vigy.id.startswith(typed)]
    return names + ids


ref_argument = click.argument("ref", shell_complete=completions)
"""Which vigy, as argument `ref`: its id, its name, or the unique beginning of its id."""
