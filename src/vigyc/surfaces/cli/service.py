"""From `vigyc service` to the files by which a machine runs a server: printed, or written where it is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from vigyc.lang.errors import Conflict
from vigyc.surfaces.cli import options, service_files
from vigyc.surfaces.cli.output import say, say_json

F = TypeVar("F", bound=Callable[..., Any])

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def _name(_: click.Context, __: click.Parameter, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not a name for a service: small letters, digits and dashes, 63 at most")
    return value


_name_option = click.option(
    "--name",
    default="vigyc",
    show_default=True,
    callback=_name,
    help="What the service is called.",
)


def _target_options(function: F) -> F:
    """Give a command `--write PATH`, `--force` and `-o`."""
    force = click.option("--force", is_flag=True, help="Replace the file if it is there.")
    write = click.option("--write", metavar="PATH", type=click.Path(path_type=Path), help="Write to PATH.")
    return write(force(options.answer(function)))


@click.group("service")
def command() -> None:
    """Write what runs the server: a unit of systemd, a Dockerfile, Compose, Kubernetes.

    The server then runs with as few rights as it can, and is watched by whoever runs it.
    """


@command.command("systemd")
@click.option("--user", is_flag=True, help="For the services of one user, in ~/.config/systemd/user.")
@_name_option
@_target_options
def systemd(user: bool, name: str, **target: Any) -> int:
    """Write a unit of systemd, hardened, with a watchdog.

    \b
    vigyc service systemd --write /etc/systemd/system/vigyc.service
    systemctl daemon-reload && systemctl enable --now vigyc
    """
    return _give("systemd", service_files.unit(name, user=user), **target)


@command.command("dockerfile")
@_target_options
def dockerfile(**target: Any) -> int:
    """Write a Dockerfile: not root, nothing to write to but /data, with a health check."""
    return _give("dockerfile", service_files.dockerfile(), **target)


@command.command("compose")
@_target_options
def compose(**target: Any) -> int:
    """Write a file of Docker Compose for the image of that Dockerfile."""
    return _give("compose", service_files.compose(), **target)


@command.command("kubernetes")
@_name_option
@_target_options
def kubernetes(name: str, **target: Any) -> int:
    """Write a StatefulSet of Kubernetes, with its Service, probes and volume."""
    return _give("kubernetes", service_files.kubernetes(name), **target)


def _give(kind: str, text: str, write: Path | None, force: bool, as_json: bool) -> int:
    """Print `text`, or write it to a file. Raises Conflict if the file is there, unless `force`."""
    if write is None:
        say_json({"kind": kind, "text": text}) if as_json else say(text, newline=False)
        return 0
    try:
        with write.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Conflict(f"{write} is there already; --force replaces it") from None
    except OSError as error:
        raise click.FileError(str(write), error.strerror or "it cannot be written") from error
    say_json({"kind": kind, "path": str(write)}) if as_json else say(f"{write} written")
    return 0
