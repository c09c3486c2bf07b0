"""From the options of `vigyc serve` to what runs beside its runtime: HTTP, gRPC, traces, and what is said of them.

HTTP is there by default if what it needs is installed. What is asked for in so many words and cannot be had is an
error; the same by default is a line on stderr.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click

from vigyc.lang.errors import SettingsError
from vigyc.service.runtime import Runtime
from vigyc.service.settings import OFF, Settings
from vigyc.surfaces.cli.opening import open_in_browser
from vigyc.surfaces.cli.output import is_terminal, say
from vigyc.surfaces.cli.store_access import in_force
from vigyc.surfaces.server.listening import address_of
from vigyc.surfaces.server.server_settings import GRPC, ServerSettings
from vigyc.surfaces.server.tokens import Tokens, tokens_path

F = TypeVar("F", bound=Callable[..., Any])

HTTP_NEEDS: Final = ("uvicorn", "httptools", "starlette", "websockets")
OPENING: Final = 60.0  # seconds a browser has to open the dashboard
GRPC_NEEDS: Final = ("grpc", "grpc_health", "grpc_reflection")
OTEL_NEEDS: Final = ("opentelemetry",)


class Wanted(NamedTuple):
    """What was asked for on the command line; None is left to the settings."""

    http: str | None
    no_http: bool
    socket: str | None
    grpc: str | None
    mcp: bool
    tls_cert: str | None
    tls_key: str | None
    allowed_hosts: tuple[str, ...]
    open_browser: bool
    login_link: bool
    otel: str | None


class Chosen(NamedTuple):
    """What is to be served, with the settings taken in; `explicit` says that HTTP was asked for."""

    server: ServerSettings
    grpc: str | None
    explicit: bool
    open_browser: bool
    login_link: bool

    @property
    def has_http(self) -> bool:
        """Whether there is anything over HTTP."""
        return self.server.http is not None or self.server.socket is not None


def server_options(function: F) -> F:
    """Give `vigyc serve` its options for servers, as argument `wanted`."""
    file = click.Path(dir_okay=False)
    listed = (
        click.option(
            "--http",
            "--addr",
            "--bind",
            "http",
            metavar="HOST:PORT",
            help="Serve HTTP there (default: the setting `http`, 127.0.0.1:38821), or `off`.",
        ),
        click.option("--no-http", is_flag=True, help="Do not serve HTTP."),
        click.option("--socket", type=file, metavar="PATH", help="Serve HTTP on a unix socket, for yourself only."),
        click.option(
            "--grpc", is_flag=False, flag_value=GRPC, metavar="[HOST:PORT]", help=f"Serve gRPC too (there, or {GRPC})."
        ),
        click.option("--mcp", is_flag=True, help="Serve the Model Context Protocol too, at /mcp."),
        click.option("--tls-cert", type=file, metavar="FILE", help="Speak TLS, with this certificate chain (PEM)."),
        click.option("--tls-key", type=file, metavar="FILE", help="The key of that certificate (PEM)."),
        click.option(
            "--allow-host",
            "allowed_hosts",
            multiple=True,
            metavar="NAME",
            help="Another name by which clients call the server, such as vigyc.example.org.",
        ),
        click.option("--open", "open_browser", is_flag=True, help="Open the dashboard in a browser, logged in."),
        click.option("--login-link", is_flag=True, help="Print the login link even if stderr is no terminal."),
        click.option(
            "--otel",
            is_flag=False,
            flag_value="",
            metavar="[URL]",
            help="Trace every tick to an OpenTelemetry collector, there or where $OTEL_EXPORTER_OTLP_ENDPOINT says.",
        ),
    )

    @wraps(function)
    def collected(**given: Any) -> Any:
        return function(wanted=Wanted(**{name: given.pop(name) for name in Wanted._fields}), **given)

    for option in reversed(listed):
        collected = option(collected)
    return collected  # type: ignore[return-value]


class Listeners:
    """The servers that run."""

    def __init__(self) -> None:
        self._stops: list[Callable[[float], None]] = []
        self._ending: list[threading.Thread] = []

    def add(self, stop: Callable[[float], None]) -> None:
        """One more, which `stop` ends within the seconds it is given."""
        self._stops.append(stop)

    def end(self, grace: float) -> None:
        """Begin to end all of them."""
        self._ending += [threading.Thread(target=stop, args=(grace,)) for stop in self._stops]
        self._stops = []
        for each in self._ending:
            each.start()

    def join(self) -> None:
        """Wait until all of them ended."""
        for each in self._ending:
            each.join()
        self._ending = []


@contextmanager
def listening(runtime: Runtime, db: Path, wanted: Wanted) -> Iterator[Listeners]:
    """Serve `runtime` as it is wanted. Raises SettingsError."""
    settings, origins = in_force()
    chosen = _chosen(wanted, settings, explicit=origins["http"] != "default")
    listeners = Listeners()
    try:
        tokens = Tokens(settings.tokens or tokens_path(db))
        if chosen.has_http:
            _serve_http(runtime, chosen, tokens, listeners)
        if chosen.grpc is not None:
            _serve_grpc(runtime, chosen, tokens, listeners)
        if wanted.otel is not None:
            _trace(runtime, wanted.otel, listeners)
        yield listeners
    finally:
        listeners.end(1.0)
        listeners.join()


def _chosen(wanted: Wanted, settings: Settings, explicit: bool) -> Chosen:
    http = None if wanted.no_http else wanted.http or settings.http
    server = ServerSettings(
        http=None if http == OFF else http,
        socket=wanted.socket,
        tls_cert=wanted.tls_cert or settings.tls_cert,
        tls_key=wanted.tls_key or settings.tls_key,
        allowed_hosts=(*filter(None, settings.allowed_hosts.split(",")), *wanted.allowed_hosts),
        mcp=wanted.mcp,
    )
    grpc = wanted.grpc or settings.grpc
    asked = explicit or wanted.http is not None or wanted.socket is not None or wanted.mcp or wanted.open_browser
    if wanted.no_http and wanted.http is not None:
        raise click.UsageError("--http and --no-http exclude each other")
    if server.http is None and wanted.open_browser:
        raise click.UsageError("--open needs --http")
    if server.http is None and server.socket is None and wanted.mcp:
        raise click.UsageError("--mcp needs --http or --socket")
    return Chosen(server, None if grpc == OFF else grpc, asked, wanted.open_browser, wanted.login_link)


def _lacks(packages: tuple[str, ...]) -> bool:
    return any(importlib.util.find_spec(package) is None for package in packages)


def _serve_http(runtime: Runtime, chosen: Chosen, tokens: Tokens, listeners: Listeners) -> None:
    if _lacks(HTTP_NEEDS):
        lacking = "the server needs more to be installed: pip install 'vigyc[server]'"
        if chosen.explicit:
            raise SettingsError(lacking)
        say(f"vigyc: no HTTP: {lacking}", err=True)
        return
    server = importlib.import_module("vigyc.surfaces.server.serving").HttpServer(runtime, chosen.server, tokens)
    try:
        bound = server.start()
    except SettingsError as error:
        how = "; name another address with --http, or have none with --no-http"
        raise SettingsError(f"{error}{how if 'address already in use' in str(error) else ''}") from error
    listeners.add(server.stop)
    if bound.socket is not None:
        say(f"vigyc: unix socket {bound.socket}", err=True)
    if bound.url is not None:
        say(f"vigyc: {bound.url} ; {_way_in(server, chosen)}", err=True)
        if not bound.address.is_loopback and chosen.server.tls_cert is None:
            say(f"vigyc: warning: {bound.address} can be reached from elsewhere, unencrypted; see --tls-cert", err=True)
        if chosen.open_browser:
            open_in_browser(server.login_link(OPENING))


def _way_in(server: Any, chosen: Chosen) -> str:
    """How to log in. The link is for people: a log keeps what it is told, and the link is good until it is used."""
    if chosen.login_link or is_terminal(sys.stderr):
        return f"to log in, once: {server.login_link()}"
    return "to log in: a token (`vigyc token show admin`), or a link with --login-link"


def _serve_grpc(runtime: Runtime, chosen: Chosen, tokens: Tokens, listeners: Listeners) -> None:
    if _lacks(GRPC_NEEDS):
        raise SettingsError("gRPC needs more to be installed: pip install 'vigyc[grpc]'")
    address = address_of(str(chosen.grpc))
    cert, key = chosen.server.tls_cert, chosen.server.tls_key
    tokens.ensure()
    made = importlib.import_module("vigyc.surfaces.grpc.serving")
    server = made.GrpcServer(runtime, str(address), tokens.authenticate, None if cert is None else (cert, key or cert))
    say(f"vigyc: gRPC at {server.start()}", err=True)
    listeners.add(server.stop)
    if not address.is_loopback and cert is None:
        say(f"vigyc: warning: {address} can be reached from elsewhere, unencrypted; see --tls-cert", err=True)


def _trace(runtime: Runtime, endpoint: str, listeners: Listeners) -> None:
    if _lacks(OTEL_NEEDS):
        raise SettingsError("traces need more to be installed: pip install 'vigyc[otel]'")
    tracing = importlib.import_module("vigyc.surfaces.otel.tracing").start_tracing(runtime, endpoint or None)
    listeners.add(tracing.stop)
