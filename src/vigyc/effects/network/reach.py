"""From an allowed URL to the addresses its server is at, and to whether those may be reached.

A name is resolved once and every address of it is judged: one that is not public must be named by a grant. A name that
leads to a single address that may not be reached is refused as a whole. Connections go to the addresses found here, so
a name server that answers differently the next time changes nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from time import monotonic
from typing import Final, NamedTuple

from vigyc.effects.decision import Decision
from vigyc.effects.network.names import LOCALHOST, literal
from vigyc.effects.network.special import Address, is_public, plain
from vigyc.effects.policy import Policy
from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.host import HostScope, Target

_LOOKUPS: Final = BoundedSemaphore(16)  # a look-up cannot be interrupted, so those left behind are bounded


class Reach(NamedTuple):
    """The addresses of a server in the order to try them, and whether a connection may be made."""

    addresses: tuple[str, ...]
    decision: Decision


def reach(policy: Policy, target: Target, seconds: float) -> Reach:
    """Where `target` is, as the grants of `net` have it. Raises EffectFailed `network` or `timeout`."""
    found = _addresses(target.host, policy.resolve, seconds)
    scopes = [grant.scope for grant in policy.grants if grant.kind == "net" and isinstance(grant.scope, HostScope)]
    for address in found:
        if not is_public(address) and not any(scope.admits(target, address) for scope in scopes):
            rule = "it leads to an address that is not public and that no grant names"
            return Reach((), Decision(False, "net", target.place, rule))
    return Reach(tuple(map(str, found)), Decision(True, "net", target.place, "the addresses it leads to"))


def _addresses(host: str, given: Mapping[str, str], seconds: float) -> list[Address]:
    address = literal(host)
    if address is not None:
        return [address]
    texts = given.get(host)
    if texts is None and host == LOCALHOST:
        texts = "127.0.0.1 ::1"
    found = texts.replace(",", " ").split() if texts is not None else _looked_up(host, seconds)
    try:
        addresses = [plain(ip_address(text)) for text in dict.fromkeys(found)]
    except ValueError:
        raise EffectFailed("network", f"{host}: the policy resolves it to something that is not an address") from None
    if not addresses:
        raise EffectFailed("network", f"{host}: there is no such host")
    return addresses


def _looked_up(host: str, seconds: float) -> list[str]:
    """The addresses the system finds; whoever is asked, it takes no longer than `seconds`."""
    late = EffectFailed("timeout", f"{host}: its address was not found in time")
    until = monotonic() + seconds
    if not _LOOKUPS.acquire(timeout=seconds):
        raise late
    answer: SimpleQueue[list[str]] = SimpleQueue()
    try:
        Thread(target=_ask, args=(host, answer), name="vigyc-lookup", daemon=True).start()
    except RuntimeError:
        _LOOKUPS.release()
        raise EffectFailed("network", f"{host}: there is no thread left to look it up") from None
    try:
        return answer.get(timeout=max(until - monotonic(), 0.0))
    except Empty:
        raise late from None


def _ask(host: str, answer: SimpleQueue[list[str]]) -> None:
    try:
        answer.put([str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)])
    except (OSError, UnicodeError):
        answer.put([])
    finally:
        _LOOKUPS.release()
