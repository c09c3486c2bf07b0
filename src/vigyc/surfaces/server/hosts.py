"""From the Host and Origin of a request to whether it is meant for this server, and comes from its own pages.

A page of another site can make a browser send requests here, also by a name of its own that it has resolve to this
machine. The name gives the second away, the origin the first. A program that is no browser tells no origin.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Mapping
from typing import Final

from vigyc.lang.errors import NotAllowed
from vigyc.surfaces.server.listening import Address
from vigyc.surfaces.server.refusal import Refusal

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
OURS: Final = frozenset({b"same-origin", b"none"})
_FOREIGN: Final = "a page of another origin may not do this"
_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")


class Hosts:
    """The names of a server that listens at `bound` and is called by the names `allowed` as well."""

    def __init__(self, bound: Address | None = None, allowed: Iterable[str] = (), *, tls: bool = False) -> None:
        self._names = set(LOOPBACK) | {name for each in allowed if (name := name_of(each)) is not None}
        self._any_number = bound is not None and bound.host in {"", "0.0.0.0", "::"}
        if bound is not None and bound.host:
            self._names.add(bound.host.lower())
        if self._any_number:
            self._names.add(socket.gethostname().lower())
        self._schemes = (b"https://",) if tls else (b"http://", b"https://")

    def check_host(self, host: bytes) -> None:
        """Raises Refusal (421) if the request is meant for somebody else."""
        name = name_of(host.decode("latin-1"))
        if name is None or not (name in self._names or (self._any_number and _is_number(name))):
            raise Refusal(421, NotAllowed("this server is not called that; see `vigyc serve --allow-host`"))

    def check_origin(self, headers: Mapping[bytes, bytes]) -> None:
        """Raises Refusal (403) for what a page of another origin sends."""
        origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
        same = origin is not None and self._is_ours(origin, headers.get(b"host", b""))
        ours = site in OURS if site is not None else origin is None or same
        foreign = origin not in {None, b"null"} and not same
        if not ours or foreign:
            raise Refusal(403, NotAllowed(_FOREIGN))

    def check_page(self, headers: Mapping[bytes, bytes], *, unsafe: bool) -> None:
        """Raises Refusal (403) unless a cookie comes from our own pages, or from somebody who goes to one of them.

        Browsers send a cookie to every port of a host: a page at another port can have ours sent along.
        """
        origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site")
        same = origin is not None and self._is_ours(origin, headers.get(b"host", b""))
        goes = headers.get(b"sec-fetch-mode") == b"navigate"
        if not (same or site == b"same-origin") and (unsafe or not (site is None or site in OURS or goes)):
            raise Refusal(403, NotAllowed(_FOREIGN))

    def _is_ours(self, origin: bytes, host: bytes) -> bool:
        return any(origin.lower() == scheme + host.lower() for scheme in self._schemes)


def name_of(host: str) -> str | None:
    """The name in the value of a Host header, without its port; None if it is no such value."""
    match = _HOST.fullmatch(host)
    return None if match is None else (match[1] or match[2]).lower().removesuffix(".")


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
