"""From what was typed of a name or an id to the vigies, issues or settings it may mean, for a shell that completes it.

Completion is never in the way: where there is no store, or it cannot be read, there is nothing to complete.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import click
from click.shell_completion import CompletionItem

from vigyc.surfaces.cli.issue_text import cut
from vigyc.surfaces.cli.place import place_of
from vigyc.surfaces.cli.store_access import Reached, reached

T = TypeVar("T")

PATIENCE: Final = 1.0  # seconds that somebody who types waits for a server
MOST: Final = 1000


def completions(ctx: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """The names that begin with `typed`, and the ids that do."""
    known = _asked(ctx, lambda runtime: [each.vigy for each in runtime.browse(search=typed, limit=MOST).items])
    names = [CompletionItem(vigy.name, help=vigy.id) for vigy in known if vigy.name.startswith(typed)]
    ids = [CompletionItem(vigy.id, help=vigy.name) for vigy in known if typed and vigy.id.startswith(typed)]
    return names + ids


def issue_completions(ctx: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """The ids of issues that begin with `typed`, the newest first."""
    known = _asked(ctx, lambda runtime: runtime.enhance.issues(limit=MOST))
    return [
        CompletionItem(issue.id, help=f"{issue.state}: {cut(issue.intent)}")
        for issue in known
        if issue.id.startswith(typed)
    ]


def setting_completions(ctx: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """The names of settings of the enhance pipeline that begin with `typed`."""
    known = _asked(ctx, lambda runtime: runtime.enhance.settings())
    return [CompletionItem(setting.name) for setting in known if setting.name.startswith(typed)]


def _asked(ctx: click.Context, ask: Callable[[Reached], list[T]]) -> list[T]:
    """What `ask` finds in the store or the server that is named; nothing if it cannot be asked."""
    try:
        place = place_of(ctx.params)
        if place.server is None and not place.path.is_file():
            return []
        with reached(place, timeout=PATIENCE) as runtime:
            return ask(runtime)
    except Exception:
        return []


ref_argument = click.argument("ref", shell_complete=completions)
"""Which vigy, as argument `ref`: its id, its name, or the unique beginning of its id."""
issue_argument = click.argument("issue_id", metavar="ID", shell_complete=issue_completions)
"""Which issue, as argument `issue_id`: its id, or the unique beginning of it."""
