"""From addresses to a connection that ends in time: TCP, and TLS where the URL says so.

Every wait is bounded by one point in time, `until` (monotonic seconds), so that a peer that sends a byte now and then
gains nothing by it. No proxy is ever used. What is inside TLS is verified: the name in the URL against the certificate.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from time import monotonic
from typing import Final

from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.host import Target

CHUNK: Final = 65_536


class Link:
    """An open connection to `target`. All raise EffectFailed network | timeout | tls."""

    def __init__(self, target: Target, opened: socket.socket, until: float) -> None:
        self._target = target
        self._socket = opened
        self._until = until

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def abort(self) -> None:
        """Break it off; from any thread: whoever waits for it hears that it is closed."""
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # of TLS nothing is said, since another may read

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        view = memoryview(data)
        try:
            while view:
                self._socket.settimeout(_left(self._until))
                view = view[self._socket.send(view[:CHUNK]) :]
        except OSError as error:
            raise failure(self._target, error) from error

    def receive(self) -> bytes:
        """What came; empty when the peer has closed."""
        try:
            self._socket.settimeout(_left(self._until))
            return self._socket.recv(CHUNK)
        except OSError as error:
            raise failure(self._target, error) from error


def connect(target: Target, addresses: Sequence[str], ca: str, soon: float, until: float) -> Link:
    """A connection to the first of `addresses` that takes one before `soon`; what follows is to end at `until`.

    Each address has its share of the time that is left: one that does not answer does not hide the next.
    """
    trouble: OSError = OSError("there is no address")
    for at, address in enumerate(addresses):
        try:
            opened = socket.create_connection((address, target.port), _left(soon) / (len(addresses) - at))
        except OSError as error:
            trouble = error
            continue
        try:
            return Link(target, _secured(opened, target, ca, soon), until)
        except OSError as error:
            opened.close()
            raise failure(target, error) from error
        except BaseException:
            opened.close()
            raise
    raise failure(target, trouble) from trouble


def _secured(opened: socket.socket, target: Target, ca: str, soon: float) -> socket.socket:
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if target.scheme == "http":
        return opened
    opened.settimeout(_left(soon))
    return trust(ca).wrap_socket(opened, server_hostname=target.host, suppress_ragged_eofs=False)


@lru_cache(maxsize=8)
def trust(ca: str) -> ssl.SSLContext:
    """What decides whether a server is who it says: the authorities in file `ca`, or ("") the system's.

    Raises EffectFailed `tls`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if ca:
            context.load_verify_locations(ca)
        else:
            context.load_default_certs()
    except OSError:
        raise EffectFailed("tls", "the authorities that the policy names cannot be read") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["http/1.1"])
    return context


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def failure(target: Target, error: OSError) -> EffectFailed:
    """`error`, met on the way to `target`, as a failure of an effect."""
    if isinstance(error, TimeoutError):
        return EffectFailed("timeout", f"{target.place} did not answer in time")
    if isinstance(error, ssl.SSLEOFError):
        return EffectFailed("network", f"{target.place} broke off the connection")
    if isinstance(error, ssl.SSLCertVerificationError):
        return EffectFailed("tls", f"{target.place}: {error.verify_message.lower()}")
    if isinstance(error, ssl.SSLError):
        return EffectFailed(
            "tls", f"{target.place}: {(error.reason or 'it does not speak TLS').lower().replace('_', ' ')}"
        )
    return EffectFailed("network", f"{target.place}: {(error.strerror or 'no connection').lower()}")
