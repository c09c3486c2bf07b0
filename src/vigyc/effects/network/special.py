"""From an address to whether it is public: one of the open internet, not of this machine, network or provider.

What is not public is loopback, private, link-local (where clouds keep their metadata; Azure does
at 168.63.129.16, too), shared (CGNAT), multicast,
reserved, for documentation, or an IPv6 address that stands for such an IPv4 one (mapped, 6to4, NAT64).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_V4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
_V6: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_UNICAST: Final = IPv6Network("2000::/3")  # all that is assigned to the internet, so far
_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether `address` is one of the open internet."""
    inner = _stands_for(address)
    return is_public(inner) if inner is not None else is_public_network(ip_network(address))


def is_public_network(network: Network) -> bool:
    """Whether every address of `network` is, without a look at what IPv6 addresses stand for."""
    if isinstance(network, IPv4Network):
        return not any(network.overlaps(special) for special in _V4)
    return network.subnet_of(_UNICAST) and not any(network.overlaps(special) for special in _V6)


def plain(address: Address) -> Address:
    """`address`; the IPv4 address if it is one in IPv6 spelling (`::ffff:127.0.0.1`)."""
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _stands_for(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
