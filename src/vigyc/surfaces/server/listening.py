"""From an address, a path and certificate files to sockets that listen.

Nothing is replaced but the socket a server left behind: one that nobody answers at.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
import stat
from contextlib import suppress
from typing import Final, NamedTuple

from vigyc.lang.errors import SettingsError

BACKLOG: Final = 1024
_ADDRESS: Final = re.compile(r"(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:\[\]/@\s]*)):([0-9]{1,5})")
_NO_SUCH_HERE: Final = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class Address(NamedTuple):
    """A host and a port. No host is every address of this machine."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")


def address_of(text: str) -> Address:
    """The address `text` is: `HOST:PORT`, with an IPv6 host in brackets. Raises SettingsError."""
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match[3]) > 65535:
        raise SettingsError(f"{text!r} is not an address such as 127.0.0.1:38821 or [::1]:38821")
    return Address(match[1] or match[2] or "", int(match[3]))


def listen(address: Address) -> list[socket.socket]:
    """Sockets that listen at `address`, one for each way its host can be meant. Raises SettingsError."""
    try:
        found = socket.getaddrinfo(
            address.host or None, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )  # fmt: skip
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"cannot listen at {address}: {_why(error)}") from error
    sockets: list[socket.socket] = []
    port = address.port
    try:
        for family, kind, number, _, place in dict.fromkeys(found):
            made = _bound(family, kind, number, (place[0], port, *place[2:]), optional=bool(sockets))
            if made is not None:
                sockets.append(made)
                port = made.getsockname()[1]
    except OSError as error:
        for each in sockets:
            each.close()
        raise SettingsError(f"cannot listen at {address}: {_why(error)}") from error
    return sockets


def _bound(family: int, kind: int, number: int, place: tuple[object, ...], optional: bool) -> socket.socket | None:
    """A socket that listens at `place`; an `optional` one only if this machine has such an address."""
    try:
        made = socket.socket(family, kind, number)
    except OSError:
        if optional:
            return None
        raise
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(place)
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError as error:
        made.close()
        if optional and error.errno in _NO_SUCH_HERE:
            return None
        raise
    return made


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()


def listen_unix(path: str) -> socket.socket:
    """A socket that listens at `path`, for its owner only (0600). Raises SettingsError."""
    _remove_stale(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.bind(path)
        os.chmod(path, 0o600)  # nobody can connect before it listens
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError as error:
        made.close()
        raise SettingsError(f"cannot listen at {path}: {_why(error)}") from error
    return made


def _remove_stale(path: str) -> None:
    try:
        kind = os.lstat(path).st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(kind):
        raise SettingsError(f"cannot listen at {path}: there is something else, which is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            with suppress(FileNotFoundError):
                os.unlink(path)
        except OSError as error:
            raise SettingsError(f"cannot listen at {path}: {_why(error)}") from error
        else:
            raise SettingsError(f"cannot listen at {path}: another process listens there")


def forget_unix(listening: socket.socket, inode: int) -> None:
    """Close a unix socket and remove it from its folder, if it is still the one with `inode`."""
    path = listening.getsockname()
    listening.close()
    with suppress(OSError):
        if os.lstat(path).st_ino == inode:
            os.unlink(path)


def tls_of(cert: str | None, key: str | None) -> ssl.SSLContext | None:
    """What speaks TLS with a certificate chain and its key, in PEM files. Raises SettingsError."""
    if cert is None and key is None:
        return None
    if cert is None:
        raise SettingsError("a key for TLS needs its certificate too: tls_cert")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    for path in (cert, key or cert):
        if not os.access(path, os.R_OK):
            raise SettingsError(f"cannot read {path}, for TLS")
    try:
        context.load_cert_chain(cert, key, password=_no_password)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{cert} and {key or 'the key in it'} are no certificate with its key: {error}") from error
    return context


def _no_password() -> str:
    raise ValueError("the key has a password")
