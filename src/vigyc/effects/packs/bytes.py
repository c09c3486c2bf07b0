"""From bytes to texts and back: the pack `bytes`. Positions count from 0."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final, TypeAlias

from vigyc.effects.data.bounds import check_text
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.runtime.faults import native_fault

Data: TypeAlias = bytes  # a string or bytes

PACK: Final = Pack("bytes", "Bytes, base64, hexadecimal digits.")

_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})*")


@PACK.pure("bytes-length", example='(bytes-length (bytes-from-string "é")) => 2')
def bytes_length(data: bytes) -> int:
    """The number of bytes."""
    return len(data)


@PACK.pure("bytes-get", example='(bytes-get (bytes-from-string "a") 0) => 97')
def bytes_get(data: bytes, index: int) -> int:
    """The byte at an index, from 0 to 255. An index beyond the bytes is an error."""
    if not 0 <= index < len(data):
        raise native_fault("bytes-get", f"there is no byte {index} of {len(data)}")
    return data[index]


@PACK.pure(
    "bytes-slice", example='(bytes-to-string (bytes-slice (bytes-from-string "abc") 1)) => {:ok #t, :value "bc"}'
)
def bytes_slice(data: bytes, start: int, end: object = None) -> bytes:
    """The bytes from `start` up to, not including, `end` (left out: the end of the bytes).

    An error unless 0 <= start <= end <= length.
    """
    last = len(data) if end is None else end
    if last.__class__ is not int or not 0 <= start <= last <= len(data):
        raise native_fault("bytes-slice", f"bad range for {len(data)} bytes")
    return data[start:last]


@PACK.pure(
    "bytes-append", example='(bytes-hex (bytes-append (bytes-from-string "a") (bytes-from-string "b"))) => "6162"'
)
def bytes_append(first: bytes, second: bytes) -> bytes:
    """The bytes of both, one after the other."""
    check_text("bytes-append", len(first) + len(second))
    return first + second


@PACK.pure("bytes-from-string", example='(bytes-hex (bytes-from-string "é")) => "c3a9"')
def bytes_from_string(text: str) -> bytes:
    """The string in UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise native_fault("bytes-from-string", f"half of a surrogate pair at {error.start}") from None


@PACK.pure("bytes-to-string", result=True, example='(bytes-to-string (bytes-from-string "é")) => {:ok #t, :value "é"}')
def bytes_to_string(data: bytes) -> str:
    """The string of which these bytes are the UTF-8. Error `decode`."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise EffectFailed("decode", f"byte {error.start}: not UTF-8") from None


@PACK.pure("bytes-hex", example='(bytes-hex "az") => "617a"')
def bytes_hex(data: Data) -> str:
    """A string or bytes in hexadecimal digits, in lower case."""
    check_text("bytes-hex", 2 * len(data))
    return data.hex()


@PACK.pure(
    "bytes-from-hex",
    result=True,
    example='(bytes-to-string (ok-value (bytes-from-hex "617A"))) => {:ok #t, :value "az"}',
)
def bytes_from_hex(text: str) -> bytes:
    """The bytes of hexadecimal digits; nothing but these. Error `decode`."""
    if not _HEX.fullmatch(text):
        raise EffectFailed("decode", "not pairs of hexadecimal digits")
    return bytes.fromhex(text)


@PACK.pure("bytes-base64", example='(bytes-base64 "a?") => "YT8="')
def bytes_base64(data: Data) -> str:
    """A string or bytes in base64, padded (RFC 4648)."""
    check_text("bytes-base64", len(data) * 4 // 3)
    return base64.b64encode(data).decode()


@PACK.pure("bytes-from-base64", result=True, example='(bytes-length (ok-value (bytes-from-base64 "YT8="))) => 2')
def bytes_from_base64(text: str) -> bytes:
    """The bytes of base64, padded, on one line. Error `decode`."""
    return _decoded(text, base64.b64decode, base64.b64encode)


@PACK.pure("bytes-base64url", example='(bytes-base64url "a?") => "YT8"')
def bytes_base64url(data: Data) -> str:
    """A string or bytes in the base64 for URLs, with - and _, not padded."""
    check_text("bytes-base64url", len(data) * 4 // 3)
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@PACK.pure("bytes-from-base64url", result=True, example='(bytes-length (ok-value (bytes-from-base64url "YT8"))) => 2')
def bytes_from_base64url(text: str) -> bytes:
    """The bytes of the base64 for URLs, padded or not. Error `decode`."""
    return _decoded(
        text if "=" in text else text + "=" * (-len(text) % 4), base64.urlsafe_b64decode, base64.urlsafe_b64encode
    )


def _decoded(text: str, decode: Callable[[str], bytes], encode: Callable[[bytes], bytes]) -> bytes:
    """What `encode` made `text` of; Python's decoders pass over what is no base64."""
    try:
        data = decode(text)
    except (binascii.Error, ValueError):
        data = b""
    if encode(data).decode() != text:
        raise EffectFailed("decode", "not base64")
    return data
