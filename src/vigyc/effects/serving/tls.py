"""From a certificate and its key, two files that were allowed, to the TLS of a server."""

from __future__ import annotations

import os
import ssl

from vigyc.effects.decision import Decision
from vigyc.effects.files.outside import Outside
from vigyc.effects.files.regular import READ, checked
from vigyc.effects.gate import Gate
from vigyc.effects.result import EffectFailed


def server_tls(gate: Gate, cert: str, key: str) -> ssl.SSLContext:
    """TLS with the PEM files at `cert` and `key`, each judged as one that is read. Raises TickError, EffectFailed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    fds: list[int] = []
    try:
        for path in (cert, key):
            fds.append(_opened(gate, path))
        chain, secret = (f"/proc/self/fd/{fd}" for fd in fds)
        context.load_cert_chain(chain, secret, password=lambda: "")  # else it would ask at the terminal
    except ssl.SSLError as error:
        raise EffectFailed("bad-certificate", f"{cert} and {key} are no certificate with its key") from error
    finally:
        for fd in fds:
            os.close(fd)
    return context


def _opened(gate: Gate, path: str) -> int:
    place = gate.allow("fs.read", path)
    try:
        fd: int = place.root.open(place.relative, READ)
        try:
            checked(place, os.fstat(fd))
        except BaseException:
            os.close(fd)
            raise
    except Outside as error:
        raise gate.refuse(Decision(False, "fs.read", place.text, error.rule)) from None
    return fd
