from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.runtime.secret import Secret


@given(data=st.binary())
def test_what_is_encoded_is_decoded(pure: Any, data: bytes) -> None:
    for form in ("base64", "base64url", "hex"):
        assert pure.value(f"bytes-from-{form}", pure(f"bytes-{form}", data)) == data
    assert pure.value("bytes-from-base64url", base64.urlsafe_b64encode(data).decode()) == data


def test_the_vectors_of_rfc_4648(pure: Any) -> None:
    for data, base, digits in [
        ("", "", ""),
        ("f", "Zg==", "66"),
        ("fo", "Zm8=", "666f"),
        ("foo", "Zm9v", "666f6f"),
        ("foobar", "Zm9vYmFy", "666f6f626172"),
    ]:
        assert pure("bytes-base64", data) == base
        assert pure("bytes-hex", data.encode()) == digits
    assert pure("bytes-base64url", b"\xfb\xff\xfe") == "-__-"


@pytest.mark.parametrize("text", ["Zg", "Zg=", "Zh==", "Zg==\n", "Z g==", "Zg==Zg==", "-__-", "é", "Zm9v====", "="])
def test_base64_is_strict(pure: Any, text: str) -> None:
    assert pure.error("bytes-from-base64", text) == ("decode", "not base64")


@pytest.mark.parametrize("text", ["+//+", "Zh", "Z", "Zg=", "Zg===", "Z g", "é"])
def test_base64url_is_strict(pure: Any, text: str) -> None:
    assert pure.error("bytes-from-base64url", text) == ("decode", "not base64")


@pytest.mark.parametrize("text", ["6", "6 1", "0x61", "６１", "gg", "61\n"])
def test_hex_is_strict(pure: Any, text: str) -> None:
    assert pure.error("bytes-from-hex", text) == ("decode", "not pairs of hexadecimal digits")


def test_strings(pure: Any) -> None:
    assert pure("bytes-from-string", "é😀") == "é😀".encode()
    assert pure.value("bytes-to-string", "é😀".encode()) == "é😀"
    assert pure.error("bytes-to-string", b"ab\xff") == ("decode", "byte 2: not UTF-8")
    assert pure.error("bytes-to-string", b"\xed\xa0\x80") == ("decode", "byte 0: not UTF-8")
    assert "half of a surrogate pair at 1" in pure.raised("bytes-from-string", "a\ud800")


def test_parts(pure: Any) -> None:
    data = b"abcd"
    assert pure("bytes-length", data) == 4
    assert pure("bytes-get", data, 3) == 100
    assert pure("bytes-slice", data, 1, 3) == b"bc"
    assert pure("bytes-slice", data, 4) == b""
    assert pure("bytes-append", data, b"e") == b"abcde"
    assert "there is no byte 4 of 4" in pure.raised("bytes-get", data, 4)
    assert "there is no byte -1 of 4" in pure.raised("bytes-get", data, -1)
    for bad in [(3, 2), (-1, 2), (0, 5), (0, True)]:
        assert "bad range for 4 bytes" in pure.raised("bytes-slice", data, *bad)


def test_sizes_are_bounded(pure: Any) -> None:
    half = bytes(2**25 + 1)
    assert pure.raised("bytes-append", half, half).startswith("size-exceeded")
    assert pure.raised("bytes-hex", half).startswith("size-exceeded")


def test_a_secret_is_not_opened(pure: Any) -> None:
    for name in ("bytes-base64", "bytes-hex", "bytes-from-string"):
        assert pure.raised(name, Secret("s3cr3t", "x")).startswith("type-mismatch")
