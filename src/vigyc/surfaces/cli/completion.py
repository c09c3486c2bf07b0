"""From `vigyc completion SHELL` to the script that lets a shell complete command lines."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from vigyc.surfaces.cli.main import debug_option, main
from vigyc.surfaces.cli.output import say


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@debug_option
def command(shell: str) -> int:
    """Print what lets SHELL complete vigyc's commands, options and choices.

    \b
    bash: add to ~/.bashrc: eval "$(vigyc completion bash)"
    zsh:  add to ~/.zshrc:  eval "$(vigyc completion zsh)"
    fish: vigyc completion fish > ~/.config/fish/completions/vigyc.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    say(kind(main, {}, "vigyc", "_VIGYC_COMPLETE").source())
    return 0
