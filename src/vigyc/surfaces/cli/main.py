"""From a command line to a command and an exit code: the entry point, which loads nothing but click.

A command's module is imported when that command is invoked, so `vigyc --version` costs little more than click itself.
Every failure leaves by `Vigyc.main`: one clear line on stderr and a code from `exits`; a Python traceback only with
`--debug`.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from vigyc.surfaces.cli import exit_codes

VERSION: str = importlib.import_module("vigyc").__version__

SECTIONS = {
    "Programs": {
        "check": "Find the mistakes in programs without running them.",
        "compile": "Show what a program is compiled to.",
        "eval": "Evaluate a program or an expression once and print its value.",
        "run": "Tick programs and show what they decide.",
        "policy": "Show what a policy allows and what programs need; test it.",
        "cache": "Look into the bytecode cache, verify it, clear it.",
    },
    "Registry": {
        "register": "Register a program under a name, to tick from now on.",
        "update": "Change a vigy: its program, schedule, labels, name.",
        "enable": "Let a vigy tick from now on.",
        "disable": "Let a vigy tick only when asked to.",
        "delete": "Delete vigies, with what they remember.",
        "python": "Show the Python that a vigy's program becomes.",
        "versions": "List the versions of a vigy's program, or print one.",
        "diff": "Show what differs between two versions of a program.",
        "rollback": "Go back to an earlier version of a program.",
    },
    "Running": {
        "serve": "Tick the registered vigies until told to end.",
        "token": "Manage the tokens that clients of the server use.",
        "mcp": "Serve an AI client over MCP, on standard input and output.",
        "tick": "Tick a vigy once, now; or show what that would do.",
        "resolve": "Report what came of an action that a run decided.",
        "pause": "Hold the scheduled ticks of a server back.",
        "resume": "Go on with the scheduled ticks of a server.",
        "replay": "Tick a run once more from its record, and show what differs.",
    },
    "Looking": {
        "health": "Show whether all is well, and who ticks.",
        "list": "List the registered vigies, and how it goes with them.",
        "inspect": "Show a vigy: how it is registered, its state, its last runs.",
        "state": "Show what a vigy wants and sees, and its conditions.",
        "runs": "List the runs of a vigy or of all, or show one whole.",
        "tail": "Show what happens: runs, logs, actions, events, changes.",
        "denials": "Show what the policy refused, the newest first.",
        "next": "Show which vigies tick next, and when.",
        "explain": "Say why a vigy ticks or does not, and what to do.",
        "kv": "Look into what a vigy remembers, and change it.",
        "audit": "Show what the vigies can do to the world.",
    },
    "Enhance": {
        "issue": "Ask for a better program, and see what became of that.",
        "enhance": "Work issues off, look at verdicts, change how that goes.",
    },
    "Store and settings": {
        "db": "Copy, check, shrink, migrate the file of a store.",
        "doctor": "Check that everything a runtime needs is well.",
        "service": "Write a systemd unit or a Dockerfile for the server.",
        "config": "Show the settings in force, and where each comes from.",
        "completion": "Print what lets a shell complete command lines.",
    },
}
"""The sections of the help, each with name to one line of help."""

COMMANDS = {name: line for section in SECTIONS.values() for name, line in section.items()}
"""All of them; the module of the same name in this package has the command under the same name."""


class Vigyc(click.Group):
    """The group of all commands; `debug` is set by the option of that name, wherever it stands."""

    debug = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, its module loaded now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"vigyc.surfaces.cli.{cmd_name}"), "command")  # noqa: B009
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a suggestion for a name that is nearly right."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            from vigyc.surfaces.cli.suggestion import suggestion  # only for a mistake: difflib is not free to import

            raise click.UsageError(f"there is no command {name!r}{suggestion(name, COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without loading them."""
        widest = max(map(len, COMMANDS))
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), line) for name, line in commands.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader of its output that has gone ends it without a word."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _forget_stdout()
            return ctx.exit(exit_codes.BROKEN_PIPE)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; as a program of its own (`standalone_mode`), leave the process with its code."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        self.debug = False
        try:
            result = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.Abort:
            sys.exit(exit_codes.INTERRUPTED)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except Exception as error:
            sys.exit(self._failed(error))
        sys.exit(result if isinstance(result, int) else 0)

    def _failed(self, error: Exception) -> int:
        from vigyc.surfaces.cli.failures import report  # what it needs is not free to import either

        return report(error, self.debug)


def _forget_stdout() -> None:
    """Point stdout nowhere, so that Python does not complain at exit of what it cannot flush."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(nowhere, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - it lives as long as the process


def _debug(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    root = ctx.find_root().command
    if value and isinstance(root, Vigyc):
        root.debug = True


debug_option = click.option(
    "--debug", is_flag=True, expose_value=False, callback=_debug, help="Show Python tracebacks of failures."
)
"""The option as every command has it."""


@click.command(cls=Vigyc, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, "-V", "--version", prog_name="vigyc", message="%(prog)s %(version)s")
@debug_option
def main() -> None:
    """Reconcilers in tatara-lisp, compiled to Python and ticked against a key/value store.

    Exit codes: 0 fine, 1 findings, a failed tick or bad health, 2 wrong usage or settings, or an unreadable file, 3 not
    allowed, 4 not found, or not in the state that is needed, 5 trouble with the store, 70 a fault of vigyc itself,
    130 interrupted.
    """
