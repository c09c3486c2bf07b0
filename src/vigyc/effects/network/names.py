"""From the ways to write a host to its normal form: one spelling for grants, for decisions and for connections.

Names are lower case, in ASCII (IDNA), without the dot at their end. Addresses are as `ipaddress` writes them, IPv6 ones
without brackets. What other programs might read as an address (`127.1`, `0x7f.1`, `2130706433`) is refused.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from vigyc.effects.network.special import Address, plain

LOCALHOST: Final = "localhost"
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_AMBIGUOUS: Final = frozenset("ßẞς\u200c\u200d")  # IDNA 2003 and 2008 make different names of them


def host_of(text: str) -> str:
    """The normal form of host `text`. Raises ValueError."""
    if text.startswith("["):
        return _ipv6(text)
    if "%" in text:
        raise ValueError("a host cannot hold %")
    name = (text if text.isascii() else _idna(text)).lower().removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(name)
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError("it is not the name of a host" if name else "it names no host")
    return name


def literal(host: str) -> Address | None:
    """The address that `host`, in its normal form, is; None: it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def bracketed(host: str) -> str:
    """`host`, in its normal form, as it stands before a port."""
    return f"[{host}]" if ":" in host else host


def port_of(text: str) -> int:
    """The port `text` is. Raises ValueError."""
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise ValueError("a port is a number from 1 to 65535")
    return int(text)


def _ipv4(name: str) -> str:
    try:
        return str(IPv4Address(name))
    except ValueError:
        raise ValueError("an IPv4 address is written as four decimal numbers") from None


def _ipv6(text: str) -> str:
    if not text.endswith("]") or "%" in text:
        raise ValueError("an IPv6 address is written in brackets, without a zone")
    try:
        return str(plain(IPv6Address(text[1:-1])))
    except ValueError:
        raise ValueError("what is in brackets is not an IPv6 address") from None


def _idna(text: str) -> str:
    if _AMBIGUOUS.intersection(text):
        raise ValueError("the name means different hosts to different programs: write it in its xn-- form")
    try:
        return text.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("it is not the name of a host") from None
