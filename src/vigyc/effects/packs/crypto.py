"""From data to digests and authentication codes: the pack `crypto`.

Digests are of strings (as UTF-8) and bytes. A secret can only be a key, and using one as such is an effect, so that it
passes the gate like every other opening of a secret.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, TypeAlias

from blake3 import blake3

from vigyc.effects.gate import Gate
from vigyc.effects.operation import Options
from vigyc.effects.pack import Pack

Data: TypeAlias = bytes  # a string or bytes
Blob: TypeAlias = bytes  # these, or a secret

PACK: Final = Pack("crypto", "Digests and authentication codes.")

_BYTES: Final[Mapping[str, tuple[str, object]]] = {"bytes": ("bool", False)}
_HEX: Final[Options] = {"bytes": False}


@PACK.pure("crypto-sha256", options=_BYTES, example='(crypto-sha256 "abc")')
def crypto_sha256(data: Data, options: Options = _HEX) -> object:
    """The SHA-256 digest of a string or bytes, in hexadecimal digits; as bytes with `:bytes #t`."""
    return _form(hashlib.sha256(data).digest(), options)


@PACK.pure("crypto-sha512", options=_BYTES, example='(crypto-sha512 "abc")')
def crypto_sha512(data: Data, options: Options = _HEX) -> object:
    """The SHA-512 digest of a string or bytes, in hexadecimal digits; as bytes with `:bytes #t`."""
    return _form(hashlib.sha512(data).digest(), options)


@PACK.pure("crypto-blake3", options=_BYTES, example='(crypto-blake3 "abc")')
def crypto_blake3(data: Data, options: Options = _HEX) -> object:
    """The BLAKE3 digest (32 bytes) of a string or bytes, in hexadecimal digits; as bytes with `:bytes #t`."""
    return _form(blake3(data).digest(), options)


@PACK.pure("crypto-md5", options=_BYTES, example='(crypto-md5 "abc")')
def crypto_md5(data: Data, options: Options = _HEX) -> object:
    """The MD5 checksum of a string or bytes, in hexadecimal digits; as bytes with `:bytes #t`. Not safe: anyone can
    make two texts with the same."""
    return _form(hashlib.md5(data, usedforsecurity=False).digest(), options)


@PACK.effect("crypto-hmac-sha256", options=_BYTES, example='(crypto-hmac-sha256 "key" "message")')
def crypto_hmac_sha256(gate: Gate, key: Blob, message: Data, options: Options = _HEX) -> object:
    """The HMAC-SHA-256 of `message` under `key` (a string, bytes or a secret), in hexadecimal digits; as bytes with
    `:bytes #t`. It needs no grant."""
    return _form(hmac.digest(key, message, "sha256"), options)


@PACK.effect("crypto-hmac-sha512", options=_BYTES, example='(crypto-hmac-sha512 "key" "message")')
def crypto_hmac_sha512(gate: Gate, key: Blob, message: Data, options: Options = _HEX) -> object:
    """The HMAC-SHA-512 of `message` under `key` (a string, bytes or a secret), in hexadecimal digits; as bytes with
    `:bytes #t`. It needs no grant."""
    return _form(hmac.digest(key, message, "sha512"), options)


@PACK.pure("crypto-equal?", example='(crypto-equal? "3q2+7w" "3q2+7w")')
def crypto_equal(a: Data, b: Data) -> bool:
    """Whether two strings or bytes are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(a, b)


def _form(digest: bytes, options: Options) -> object:
    return digest if options["bytes"] else digest.hex()
