"""From the port in a grant to the addresses it covers: `8080` on the loopback, `0.0.0.0:8080`, `*`."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final, NamedTuple

_PORT: Final = re.compile(r"(?:(\[[^\]]+\]|[^:]+):)?([0-9]{1,5}|\*)")
LOOPBACK: Final = "127.0.0.1"


class PortScope(NamedTuple):
    """A port of an address; port 0 is one the system chooses, None any; address `*` is any."""

    text: str
    address: str
    port: int | None

    @classmethod
    def parse(cls, text: str, base: str | None) -> PortScope:
        """The scope `text` is. Raises ValueError."""
        if text == "*":
            return cls(text, "*", None)
        match = _PORT.fullmatch(text)
        if match is None or (match[2] != "*" and int(match[2]) > 65535):
            raise ValueError("it must be PORT, ADDRESS:PORT, or * for any")
        return cls(text, _address(match[1]), None if match[2] == "*" else int(match[2]))

    def covers(self, resource: tuple[str, int]) -> bool:
        """Whether it is this address and port."""
        address, port = resource
        return self.address in {"*", address} and self.port in {None, port}

    def includes(self, other: PortScope) -> bool:
        """Whether it covers all that `other` does."""
        return self.address in {"*", other.address} and self.port in {None, other.port}


def _address(text: str | None) -> str:
    if text is None:
        return LOOPBACK
    return "*" if text == "*" else str(ip_address(text.strip("[]")))


def resource(value: object, base: str | None) -> tuple[tuple[str, int], str]:
    """The address and port of `8080` or `"0.0.0.0:8080"`, and as text. Raises ValueError."""
    match = _PORT.fullmatch(str(value)) if value.__class__ in {int, str} else None
    if match is None or match[2] == "*" or match[1] == "*" or int(match[2]) > 65535:
        raise ValueError("it is not a port from 0 to 65535")
    found = _address(match[1]), int(match[2])
    return found, str(found[1]) if found[0] == LOOPBACK else f"{found[0]}:{found[1]}"
