"""From an operation and its arguments to a request of REST, and from the response to the answer or the error.

Redirects are not followed. A server on this machine is asked directly, whatever proxies the environment names.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from ipaddress import ip_address
from typing import Any, Final, NoReturn, TypeAlias
from urllib.parse import parse_qs, quote, urlsplit
from weakref import WeakSet

import httpx2

from vigyc.lang.errors import CompileError, Conflict, InternalError, Invalid, NotGranted, StoreError
from vigyc.runtime.json_value import dumps
from vigyc.surfaces.client.stream import PATIENCE, Connection, Stream
from vigyc.surfaces.wire.argument import MOST, checked_arguments
from vigyc.surfaces.wire.caller import Unauthenticated
from vigyc.surfaces.wire.door import WATCH_ROUTE
from vigyc.surfaces.wire.failure import error_of
from vigyc.surfaces.wire.operation import Operation
from vigyc.surfaces.wire.table import operation_named

SILENCE: Final = 45.0
"""The seconds after which a stream that says nothing, not even that it is alive, is one that was lost."""

_IDLE: Final = 4.0  # seconds that a connection is kept for the next request
_GOODBYE: Final = 2.0  # seconds that the threads of streams have to end
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_KEEPALIVE: Final = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
_HINT: Final = "give its token by --token or $VIGYC_TOKEN; `vigyc token show admin`, run where its store is, prints one"

Query: TypeAlias = list[tuple[str, str | int | float | bool | None]]


class HttpDoor:
    """The door of the server at `url`, `http://...`, `https://...` or `unix:/path/to.sock`.

    `timeout` is how many seconds it may take to answer, but for a tick; `patience` how many it may be away before who
    listens hears of it, and `silence` how many a stream may say nothing before it is taken for lost. `ca` is the path
    of a PEM file. Raises Invalid; it connects when it is used.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        timeout: float = 10.0,
        ca: str | None = None,
        patience: float = PATIENCE,
        silence: float = SILENCE,
    ) -> None:
        self.url = url
        self._silence = silence
        self._timeout = timeout
        self._patience = patience
        self._streams: WeakSet[Stream] = WeakSet()
        self._http = _client(url, _headers(token), ca)

    def perform(self, name: str, data: object = None) -> Any:
        """The answer of operation `name`. Raises what the operation raises, and StoreError if there is no answer."""
        operation = operation_named(name)
        checked_arguments(name, operation.arguments, data)  # so that what is refused is refused here
        arguments = dict(data) if isinstance(data, Mapping) else {}
        if name == "delete_vigy":  # whose answer is empty
            before = self.perform("get_vigy", {"id": arguments["id"]})
            self._ask(operation, {**arguments, "id": before["id"]})
            return before
        response = self._ask(operation, arguments)
        found = _json(response)
        return _page(response, found) if name == "list_vigies" else found

    def watch(self, data: object = None) -> Stream:
        """What happens, as it happens, after a number or from now on."""
        wanted = dict(data) if isinstance(data, Mapping) else {}
        after = wanted.pop("after", None)
        fields = _fields(wanted)
        start = self._newest() if after is None else after
        stream = Stream(lambda heard: self._listening(heard, fields), start, self._patience)
        self._streams.add(stream)
        return stream

    def close(self) -> None:
        """End what listens, and the connections. Again is nothing."""
        streams = list(self._streams)
        for stream in streams:
            stream.close()
        for stream in streams:
            stream.join(_GOODBYE)
        self._http.close()

    def _ask(self, operation: Operation, arguments: dict[str, Any]) -> httpx2.Response:
        method, route = operation.route
        path = _PARAMETER.sub(lambda found: _segment(operation, found[1], arguments.pop(found[1], "")), route)
        timeout = httpx2.Timeout(self._timeout, read=self._wait(operation, arguments))
        if method in {"GET", "DELETE"}:
            response = self._sent(lambda: self._http.request(method, path, params=_fields(arguments), timeout=timeout))
        else:
            body = dumps(arguments).encode("utf-8", "backslashreplace")  # as JSON writes half a pair of surrogates
            kind = {"content-type": "application/json"}
            response = self._sent(
                lambda: self._http.request(method, path, content=body, headers=kind, timeout=timeout)
            )  # fmt: skip
        if not response.is_success:
            self._refused(response, arguments.get("program"))
        return response

    def _wait(self, operation: Operation, arguments: Mapping[str, Any]) -> float | None:
        """The seconds to wait for the answer; a tick takes as long as the server lets it."""
        if not operation.slow:
            return self._timeout
        wait = arguments.get("timeout_ms")
        return None if wait is None else wait / 1000 + self._timeout

    def _sent(self, send: Callable[[], httpx2.Response]) -> httpx2.Response:
        self._check_open()
        with _trouble(self.url):
            return send()

    def _check_open(self) -> None:
        if self._http.is_closed:
            raise Conflict("this client is closed; make another")

    def _refused(self, response: httpx2.Response, program: str | None = None) -> NoReturn:
        """Raises what the server says is wrong, with `program` if that is what it is about."""
        try:
            problem = response.json()
        except ValueError:
            problem = None
        if not isinstance(problem, dict) or "kind" not in problem:
            said = f"{response.status_code} {response.reason_phrase}"
            if response.status_code in {502, 503, 504}:
                raise StoreError(f"cannot reach the server at {self.url}: {said}")
            raise InternalError(f"{self.url} answers as no server of vigyc does: {said}")
        error = error_of(problem)
        if isinstance(error, CompileError | NotGranted):
            error.text = program
        raise Unauthenticated(f"{error}; {_HINT}") if isinstance(error, Unauthenticated) else error

    def _newest(self) -> int:
        """The number of the newest notice."""
        runs = self.perform("list_runs", {"limit": 1})
        found: int = runs[0]["seq"] if runs else 0
        while page := self.perform("list_notices", {"after": found, "limit": MOST}):
            found = page[-1]["seq"]
            if len(page) < MOST:
                break
        return found

    @contextmanager
    def _listening(self, after: int, fields: Query) -> Iterator[Connection]:
        """The stream after a number."""
        headers = {"accept": "text/event-stream", "last-event-id": str(after)}
        timeout = httpx2.Timeout(self._timeout, read=self._silence)
        self._check_open()
        with _trouble(self.url):
            opened: AbstractContextManager[httpx2.Response] = self._http.stream(
                *WATCH_ROUTE, params=fields, headers=headers, timeout=timeout
            )
            with opened as response:
                if not response.is_success:
                    response.read()
                    self._refused(response)
                yield Listening(self.url, response)


class Listening:
    """A response that goes on."""

    def __init__(self, url: str, response: httpx2.Response) -> None:
        self._url = url
        self._response = response

    def parts(self) -> Iterator[bytes]:
        """The bytes, as they come. Raises StoreError."""
        with _trouble(self._url):
            yield from self._response.iter_bytes()

    def cut(self) -> None:
        """End it: whoever reads comes to the end."""
        network = self._response.extensions.get("network_stream")
        link = None if network is None else network.get_extra_info("socket")
        if isinstance(link, socket.socket):
            try:
                socket.socket.shutdown(link, socket.SHUT_RDWR)  # of the socket itself, where TLS is upon it
            except OSError:
                return


@contextmanager
def _trouble(url: str) -> Iterator[None]:
    """Raises StoreError for what goes wrong on the way to `url` and back."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise StoreError(f"cannot reach the server at {url}: it does not answer in time") from error
    except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
        raise StoreError(f"cannot reach the server at {url}: {_said(error)}") from error


def _said(error: Exception) -> str:
    said = str(error) or type(error).__name__
    return re.sub(r"^\[(Errno -?\d+|SSL[^\]]*)\] ", "", said).lower()


def _client(url: str, headers: Mapping[str, str], ca: str | None) -> httpx2.Client:
    """Connections to `url`. Raises Invalid for what is no URL of a server."""
    try:
        given = urlsplit(url)
        host, _ = given.hostname, given.port
    except ValueError as error:
        raise Invalid(f"the server {url!r}: {error}") from None
    limits = httpx2.Limits(max_connections=None, keepalive_expiry=_IDLE)
    if given.scheme == "unix" and given.path and not given.netloc:
        wire = httpx2.HTTPTransport(uds=given.path, verify=False, limits=limits)
        return httpx2.Client(base_url="http://localhost", headers=headers, transport=wire, trust_env=False)
    if given.scheme not in {"http", "https"} or not host or given.query or given.fragment or given.username:
        raise Invalid(f"the server {url!r}: give a URL such as http://127.0.0.1:38821 or unix:/run/vigyc.sock")
    here = _is_here(host)
    try:
        trusted = ssl.create_default_context(cafile=ca) if given.scheme == "https" or not here else False
    except OSError as error:
        raise Invalid(f"the authorities in {ca}: {_said(error)}") from None
    if here:
        wire = httpx2.HTTPTransport(verify=trusted, limits=limits, socket_options=_KEEPALIVE, trust_env=False)
        return httpx2.Client(base_url=url, headers=headers, transport=wire, trust_env=False)
    return httpx2.Client(base_url=url, headers=headers, verify=trusted, limits=limits)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _headers(token: str | None) -> dict[str, str]:
    if token is None:
        return {}
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        raise Invalid("the token cannot be one: it must be one word of ASCII")
    return {"authorization": f"Bearer {token}"}


def _segment(operation: Operation, name: str, value: object) -> str:
    """An argument as a segment of a path. Raises Invalid for nothing."""
    if value == "":
        raise Invalid(f"{operation.name}.{name}: it must not be empty")
    text = quote(str(value).encode("utf-8", "replace"), safe="")
    return text.replace(".", "%2E") if text.strip(".") == "" else text


def _fields(arguments: Mapping[str, Any]) -> Query:
    """Arguments as the fields of a query; a list is a field several times."""
    found: Query = []
    for name, value in arguments.items():
        for each in value if isinstance(value, list | tuple) else [value]:
            found.append((name, str(each).lower() if isinstance(each, bool) else str(each)))
    return found


def _json(response: httpx2.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError) as error:
        raise InternalError(f"the server's answer cannot be read: {error}") from error


def _page(response: httpx2.Response, items: Any) -> dict[str, Any]:
    """A page of vigies, of which the headers say how many there are and where the next one is."""
    following = response.links.get("next")
    cursor = None if following is None else parse_qs(urlsplit(following["url"]).query).get("cursor")
    total = response.headers.get("x-total-count", "")
    page = {"items": items, "total": int(total) if total.isdecimal() else len(items)}
    return page if not cursor else {**page, "next": cursor[0]}
