"""From the host in a grant to the addresses it covers: `api.example.com:443`, `*.example.com`, `10.0.0.0/8`, `*`.

A name covers the URLs that are written with it, an address or network (CIDR) those that are written with an address.
`*.example.com` is what lies below that name, `*` every public host. Wherever a name leads, an address that is not
public is reached only if some grant names it: as an address, in a network, or as `localhost` (`HostScope.admits`).
One parser reads URLs for the decision and for the connection, and takes none that two programs could read differently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

from vigyc.effects.network.names import LOCALHOST, bracketed, host_of, literal, port_of
from vigyc.effects.network.special import Address, Network, is_public, is_public_network

LONGEST: Final = 16_384
PORTS: Final = {"http": 80, "https": 443}
_URL: Final = re.compile(r"(https?)://([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?", re.IGNORECASE)
_AUTHORITY: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::(.*))?")
_STAYS: Final = "!$%&'()*+,-./:;=?@[]_|~"  # what is sent as it is written; the rest is percent-encoded


class Target(NamedTuple):
    """Where a connection goes: `url` to ask for, `host` in its normal form, `port`. The URL has no fragment."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def place(self) -> str:
        """Host and port, for people."""
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def authority(self) -> str:
        """Host and port as the server is told: without the port of the scheme."""
        return bracketed(self.host) if self.port == PORTS[self.scheme] else self.place

    @property
    def origin(self) -> tuple[str, str, int]:
        """What two URLs have in common that belong to one server."""
        return self.scheme, self.host, self.port

    @property
    def path(self) -> str:
        """What the server is asked for: path and query."""
        return self.url[len(self.scheme) + 3 + len(self.authority) :]

    def with_query(self, query: Mapping[str, str]) -> Target:
        """The same with `query` added, in the order of its names. Raises ValueError."""
        if not query:
            return self
        between = "&" if "?" in self.url else "?"
        try:
            url = self.url + between + urlencode(sorted(query.items()), quote_via=quote)
        except UnicodeEncodeError:
            raise ValueError("it holds half of a surrogate pair") from None
        if len(url) > LONGEST:
            raise ValueError(f"a URL has at most {LONGEST} characters")
        return self._replace(url=url)


class HostScope(NamedTuple):
    """A host in its normal form, the names below one (`*.`), any public one (`*`) or a network; its port or any."""

    text: str
    host: str
    port: int | None
    network: Network | None = None

    @classmethod
    def parse(cls, text: str, base: str | None) -> HostScope:
        """The scope `text` is. Raises ValueError."""
        if "/" in text:
            return cls(text, text, None, ip_network(text))
        match = _AUTHORITY.fullmatch(text)
        if match is None:
            raise ValueError("it must be a host, HOST:PORT, [IPV6]:PORT, a network, *.NAME, or * for any public host")
        port = None if match[2] is None else port_of(match[2])
        if match[1] == "*":
            return cls(text, "*", port)
        below = match[1].startswith("*.")
        host = host_of(match[1][2 * below :])
        address = literal(host)
        if below and address is not None:
            raise ValueError("nothing lies below an address; networks are written as in 10.0.0.0/8")
        return cls(text, "*." + host if below else host, port, None if address is None else ip_network(address))

    def covers(self, resource: Target) -> bool:
        """Whether it is this host and port."""
        if not self._has_port(resource.port):
            return False
        address = literal(resource.host)
        if self.network is not None:
            return address is not None and address in self.network
        if self.host == "*":
            return resource.host != LOCALHOST if address is None else is_public(address)
        return _matches(self.host, resource.host)

    def admits(self, target: Target, address: Address) -> bool:
        """Whether it names `address`, which is not public and to which `target` leads."""
        if not self._has_port(target.port):
            return False
        if self.network is not None:
            return address in self.network
        return self.host == target.host == LOCALHOST and address.is_loopback

    def includes(self, other: HostScope) -> bool:
        """Whether it covers all that `other` does."""
        if not self._has_port(other.port):
            return False
        if self.network is not None:
            return other.network is not None and _is_within(other.network, self.network)
        if self.host == "*":
            return other.host != LOCALHOST if other.network is None else is_public_network(other.network)
        return _matches(self.host, other.host)

    def _has_port(self, port: int | None) -> bool:
        return self.port in {None, port}


def _matches(pattern: str, host: str) -> bool:
    """Whether `host`, or all that pattern `host` matches, is matched by `pattern`; neither is `*`."""
    return host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def _is_within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def resource(value: object, base: str | None) -> tuple[Target, str]:
    """Where `value`, a URL, leads, and host and port as text. Raises ValueError."""
    target = parse_url(value)
    return target, target.place


def parse_url(value: object) -> Target:
    """Where `value`, a URL, leads. Raises ValueError."""
    if value.__class__ is not str:
        raise ValueError("it is not a URL")
    url: str = value
    if len(url) > LONGEST:
        raise ValueError(f"a URL has at most {LONGEST} characters")
    if "\\" in url or not url.isprintable() or any(map(str.isspace, url)):
        raise ValueError("a URL cannot hold spaces, control characters or backslashes")
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError("it is not a http or https URL")
    scheme = match[1].lower()
    host, port = _authority(match[2], PORTS[scheme])
    root = Target("", scheme, host, port)
    return root._replace(url=f"{scheme}://{root.authority}{_sent(match[3] or '/')}{_sent(match[4] or '')}")


def _authority(text: str, default: int) -> tuple[str, int]:
    if "@" in text:
        raise ValueError("a URL cannot hold a user or password")
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        raise ValueError("it is not the name of a host")
    return host_of(match[1]), default if match[2] is None else port_of(match[2])


def _sent(text: str) -> str:
    return quote(text, safe=_STAYS)
