"""Digests and authentication codes against published vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from vigyc.effects.packs.crypto import PACK
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.secret import Secret

BYTES = {keyword("bytes"): True}
DIGESTS = ("crypto-sha256", "crypto-sha512", "crypto-blake3", "crypto-md5")
ABC = {
    "crypto-sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "crypto-sha512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "crypto-blake3": "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    "crypto-md5": "900150983cd24fb0d6963f7d28e17f72",
}
EMPTY = {
    "crypto-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "crypto-blake3": "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    "crypto-md5": "d41d8cd98f00b204e9800998ecf8427e",
}
RFC4231_2 = {  # key "Jefe"
    "crypto-hmac-sha256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "crypto-hmac-sha512": "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
}
MESSAGE = "what do ya want for nothing?"


@pytest.mark.parametrize("name", DIGESTS)
def test_digests_of_published_texts(name: str) -> None:
    digest = PACK.functions[name]
    assert digest("abc") == digest(b"abc") == ABC[name]
    assert digest("abc", BYTES) == bytes.fromhex(ABC[name])
    assert digest("abc", {keyword("bytes"): False}) == ABC[name]
    if name in EMPTY:
        assert digest("") == EMPTY[name]


def test_text_is_digested_as_utf8() -> None:
    assert PACK.functions["crypto-sha256"]("é世") == hashlib.sha256("é世".encode()).hexdigest()
    assert len(str(PACK.functions["crypto-sha256"]("\ud800"))) == 64


@pytest.mark.parametrize("name", [*DIGESTS, "crypto-equal?"])
def test_a_secret_cannot_be_digested_or_compared(name: str) -> None:
    args = (Secret("hunter2", "key"), "x")[: 2 if name == "crypto-equal?" else 1]
    with pytest.raises(TickError, match="must be a string or bytes, got secret") as raised:
        PACK.functions[name](*args)
    assert "hunter2" not in raised.value.short
    for wrong in (None, 1, ["a"], True):
        with pytest.raises(TickError, match=rf"`{name.rstrip('?')}\??`: \w+ must be a string or bytes"):
            PACK.functions[name](*((wrong,) * len(args)))


@pytest.mark.parametrize("name", RFC4231_2)
def test_codes_of_rfc_4231_need_no_grant(effects: Callable[..., Any], name: str) -> None:
    run = effects()
    assert run.call(name, "Jefe", MESSAGE) == RFC4231_2[name]
    assert run.call(name, b"Jefe", MESSAGE.encode(), BYTES) == bytes.fromhex(RFC4231_2[name])
    assert run.call(name, b"\xaa" * 131, "") != run.call(name, b"\xaa" * 130, "")


@pytest.mark.parametrize("name", RFC4231_2)
def test_a_secret_can_be_the_key_and_the_record_does_not_show_it(effects: Callable[..., Any], name: str) -> None:
    run = effects()
    assert run.call(name, Secret("Jefe", "key"), MESSAGE) == RFC4231_2[name]
    call = run.gate.calls[-1]
    assert call.operation.name == name
    assert "Jefe" not in str(call.args)
    with pytest.raises(TickError, match="message must be a string or bytes, got secret"):
        run.call(name, "known", Secret("Jefe", "key"))


def test_equality() -> None:
    equal = PACK.functions["crypto-equal?"]
    assert equal("abc", "abc") is True
    assert equal("abc", b"abc") is True
    assert equal("é", "é") is True
    assert equal("abc", "abd") is equal("abc", "ab") is equal("", "a") is False


def test_an_option_that_is_not_there() -> None:
    with pytest.raises(TickError, match="there is no option :hex; there are :bytes"):
        PACK.functions["crypto-sha256"]("abc", {keyword("hex"): True})
    with pytest.raises(TickError, match=":bytes must be a boolean"):
        PACK.functions["crypto-sha256"]("abc", {keyword("bytes"): 1})
